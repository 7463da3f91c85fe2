"""A configuration, folders of data and a start -> a trained checkpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from roi_assistant.captioners.gpt4roi.captioner import ARCHITECTURE
from roi_assistant.captioners.model_folder import MANIFEST, file_sha256
from roi_assistant.datasets.dataset import RegionDataset
from roi_assistant.datasets.records import segments
from roi_assistant.datasets.registry import Missing, dataset_spec
from roi_assistant.datasets.sampling import DatasetMix, Part
from roi_assistant.errors import BadInputError, FormatError
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.models.gpt4roi.checkpoint_files import PlainCheckpoint
from roi_assistant.models.gpt4roi.loading import read_config
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.models.gpt4roi.prompting import ASSISTANT, HUMAN, SYSTEM
from roi_assistant.training.gpt4roi.settings import TrainingSettings
from roi_assistant.training.gpt4roi.sharing import processes
from roi_assistant.training.gpt4roi.stages import assemble, require_quantization
from roi_assistant.training.gpt4roi.start import model_from_parts, new_model, save_start
from roi_assistant.training.gpt4roi.trainer import DTYPES, Run, Trained, train

START, MODEL = "start", "model"


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """Where the weights come from: the folder ``checkpoint``, or ``llama`` and ``clip`` with or without ``projector``,
    or nothing of it, which makes a new model of the configuration's sizes."""

    checkpoint: Path | None = None
    llama: Path | None = None
    clip: Path | None = None
    projector: Path | None = None

    def __post_init__(self) -> None:
        """Raises: BadInputError, the options contradict each other."""
        parts = (self.llama, self.clip, self.projector)
        if self.checkpoint is not None and any(parts):
            raise BadInputError("Give --start, or --llama and --clip, not both.")
        if any(parts) and (self.llama is None or self.clip is None):
            raise BadInputError("A model is put together of --llama and --clip: give both.")


def load_datasets(settings: TrainingSettings, data: Path) -> tuple[list[Part], list[RegionDataset]]:
    """The data sets to train on with their shares, and those to evaluate on.

    Raises:
        BadInputError: there is no such data set.
        FormatError: files are missing; all that are, are named.
    """
    parts, missing = [], []
    for name, share in settings.data.datasets.items():
        location = dataset_spec(name).find(data, "train")
        if isinstance(location, Missing):
            missing.append(str(location))
        else:
            source, paths = location
            parts.append(Part(limited(source.load(paths, "train"), settings.data.limit), float(share)))
    if missing:
        raise FormatError(" ".join(missing))
    evaluated = []
    if settings.evaluation.split:
        for name in settings.data.datasets:
            location = dataset_spec(name).find(data, settings.evaluation.split)
            if not isinstance(location, Missing):
                source, paths = location
                evaluated.append(source.load(paths, settings.evaluation.split))
    return parts, evaluated


def limited(dataset: RegionDataset, limit: int) -> RegionDataset:
    """The first ``limit`` conversations; 0 for all."""
    return replace(dataset, entries=dataset.entries[:limit]) if limit else dataset


def run_training(
    settings: TrainingSettings,
    *,
    parts: Sequence[Part],
    evaluated: Sequence[RegionDataset],
    source: DataSource,
    out: Path,
    stop_after: int | None = None,
) -> Trained:
    """Train, and once all steps are done write the checkpoint ``out/model``, which `from_pretrained` and the captioner
    load. Run again, it goes on where it stopped.

    Raises:
        TrainingError, BadInputError, ModelFileError, FormatError, FileWriteError: see `trainer.train`.
    """
    if settings.lora is not None and settings.lora.quantized:
        require_quantization()
    mix = DatasetMix(parts, seed=settings.seed)
    with processes() as state:
        with state.main_process_first():  # the others find what it made
            start = prepare_start(settings, source, [part.dataset for part in parts], out)
        counted = [(part.dataset.name, len(part.dataset), part.share) for part in parts]
        described = json.dumps([settings.fingerprint(), counted, read_config(PlainCheckpoint(start)).to_json_string()])
        run = Run(
            settings=settings,
            start=start,
            mix=mix,
            held_out=evaluated,
            out=out,
            fingerprint=hashlib.sha256(described.encode()).hexdigest(),
        )
        trained = train(run, stop_after=stop_after)
    if trained.finished and trained.is_first:
        write_checkpoint(settings, start, trained, out / MODEL)
    return trained


def prepare_start(settings: TrainingSettings, source: DataSource, datasets: Iterable[RegionDataset], out: Path) -> Path:
    """The checkpoint to start from; one that must be made first is made once, in ``out/start``.

    Raises:
        BadInputError: nothing says what to start from.
    """
    if source.checkpoint is not None:
        return source.checkpoint
    start = out / START
    if start.is_dir():
        return start
    if source.llama is not None and source.clip is not None:
        made = model_from_parts(llama=source.llama, clip=source.clip, projector=source.projector, seed=settings.seed)
    elif settings.model is not None:
        made = new_model(settings.model, _texts(datasets, seed=settings.seed), seed=settings.seed)
    else:
        raise BadInputError(
            "Nothing says what to start from: give --start, or --llama and --clip, or a configuration with [model]."
        )
    return save_start(*made, start)


def _texts(datasets: Iterable[RegionDataset], *, seed: int) -> Iterable[str]:
    for dataset in datasets:
        for sample in dataset.samples(seed=seed):
            for piece in segments(sample.turns, system=SYSTEM, human=HUMAN, assistant=ASSISTANT):
                yield piece.text


def write_checkpoint(settings: TrainingSettings, start: Path, trained: Trained, folder: Path) -> None:
    """The trained model with tokenizer, sizes and manifest, whole or not at all."""
    if folder.is_dir():
        return
    model = assemble(start, trained.weights, lora=settings.lora, dtype=DTYPES[settings.optimization.save_as])
    processor = Gpt4RoiProcessor.from_pretrained(start)
    processor.space_after_separator = False
    partial = folder.with_name(f".{folder.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(partial)
    processor.save_pretrained(partial)
    manifest = {
        "id": folder.name,
        "name": f"GPT4RoI, stage {settings.stage}",
        "architecture": ARCHITECTURE,
        "weights_licence": "that of the weights it was trained from, and of the data",
        "files": {path.name: file_sha256(path) for path in sorted(partial.iterdir()) if path.name != MANIFEST},
    }
    write_atomically(partial / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    partial.replace(folder)
