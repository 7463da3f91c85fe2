"""The published GPT4RoI on torch, from a folder that ``roi-assistant models import-gpt4roi`` wrote.

torch and the model are imported when a captioner is loaded; listing which ones there are needs neither.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from PIL import Image

from roi_assistant.captioners.decoding import Hypothesis
from roi_assistant.captioners.devices import choose_device
from roi_assistant.captioners.gpt4roi.short_answers import (
    CAPTION,
    CATEGORY,
    attribute_questions,
    attribute_values,
    category_name,
)
from roi_assistant.captioners.mini.ranking import PhraseSimilarity, consensus
from roi_assistant.captioners.model_folder import ListedFiles, listed_files, read_manifest
from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.records import (
    AttributeDefinition,
    CaptionerInfo,
    DescribeRequest,
    RegionText,
    ScoredText,
    SuggestedAttribute,
    Turn,
)
from roi_assistant.errors import CaptionerError, MissingDependencyError, ModelFileError
from roi_assistant.sentences import Sentence

if TYPE_CHECKING:
    from roi_assistant.interfaces import CaptionerFactory
    from roi_assistant.models.gpt4roi.generation import Continuation, ImageState, Question
    from roi_assistant.models.gpt4roi.loading import Precision

DEFAULT_ID = "gpt4roi-7b"
ARCHITECTURE = "gpt4roi"
ROWS = 16
"""Questions that are answered in one batch; each needs 0.18 GB of cache in GPT4RoI-7B."""
LONGEST = {"phrase": 40, "description": 60, "sentence": 120, "category": 16, "attribute": 24, "chat": 512}
AHEAD_ON_GPU = 2
"""Steps that a GPU is given before the host looks at the token of an earlier one; on a CPU each would cost its time."""
ALTERNATIVE_TEMPERATURE, ALTERNATIVE_TOP_P = 0.8, 0.9
SEED = 20230707
_WORD = re.compile(r"(?<![<\w])region[ ]?(\d{1,4})\b(?!>)", re.IGNORECASE)


def models_folder() -> Path:
    """Where imported models are looked for, one folder each."""
    from roi_assistant.settings import data_folder

    return data_folder() / "models"


def imported_models(folder: Path | None = None) -> dict[str, Path]:
    """Name -> folder of the imported models, by their manifests; no weights are looked at."""
    folder = folder or models_folder()
    folders = {}
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            with contextlib.suppress(ModelFileError):
                if not path.name.startswith(".") and read_manifest(path).get("architecture") == ARCHITECTURE:
                    folders[path.name] = path
    return folders


def captioner_factories(folder: Path | None = None) -> dict[str, CaptionerFactory]:
    """Id -> factory: each imported model as it is, with int8 and int4 weights, and with compiled steps; and GPT4RoI-7B
    in any case, which then says how it is imported."""
    factories: dict[str, CaptionerFactory] = {}
    for name, path in imported_models(folder).items():
        factories[name] = partial(Gpt4RoiCaptioner.load, path, id=name)
        for precision in ("int8", "int4"):
            id_ = f"{name}-{precision}"
            factories[id_] = partial(Gpt4RoiCaptioner.load, path, id=id_, precision=precision)
        id_ = f"{name}-compiled"
        factories[id_] = partial(Gpt4RoiCaptioner.load, path, id=id_, compiled=True)
    factories.setdefault(DEFAULT_ID, _not_imported)
    return factories


def _not_imported(*, device: str = "auto", threads: int | None = None) -> Gpt4RoiCaptioner:
    raise ModelFileError(
        "{model} is not in {folder}: its weights may not be shipped; get the published delta, "
        "LLaMA-7B and CLIP, then run 'roi-assistant models import-gpt4roi'.",
        model=DEFAULT_ID,
        folder=models_folder(),
    )


@dataclass(frozen=True)
class PhotoState:
    """A photo's size and what the model keeps of it."""

    width: int
    height: int
    shared: ImageState

    @property
    def nbytes(self) -> int:
        """What the model keeps of the photo, in bytes."""
        return self.shared.nbytes


@dataclass(frozen=True)
class _Task:
    """A question about a region; ``name`` is a key of `LONGEST`. ``sampled`` ones are alternatives."""

    name: str
    text: str
    attribute: AttributeDefinition | None = None
    sampled: bool = False


@dataclass(frozen=True)
class _Answer:
    text: str
    hypothesis: Hypothesis

    @property
    def score(self) -> float:
        return math.exp(self.hypothesis.mean) if self.hypothesis.log_probabilities else 0.0


class Gpt4RoiCaptioner:
    """See `roi_assistant.interfaces.Captioner`. Scores are the geometric means of the tokens' probabilities."""

    def __init__(
        self,
        files: ListedFiles,
        *,
        id: str,
        device: str,
        precision: Precision,
        compiled: bool = False,
        notes: Sequence[str] = (),
    ) -> None:
        import torch

        from roi_assistant.models.gpt4roi import generation, loading, prompting
        from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
        from roi_assistant.models.gpt4roi.steps import CompiledSteps

        self._torch, self._generation, self._prompting = torch, generation, prompting
        self._processor = Gpt4RoiProcessor.from_files(files)
        self._model = loading.load_model(files, device=device, precision=precision)
        self._device = device
        self._ahead = AHEAD_ON_GPU if device == "cuda" else 0
        self._compiled = CompiledSteps(self._model) if compiled else None
        if compiled:
            notes = ("Each size of a batch is compiled when it first occurs, which takes a minute or more.", *notes)
        self._conversation: tuple[PhotoState, Any] | None = None
        self.interrupt: Callable[[], None] = lambda: None
        """See `roi_assistant.interfaces.Captioner`."""
        self.info = CaptionerInfo(
            id=id,
            name=files.manifest["name"],
            weights_sha256=files.sha256,
            device="CUDA" if device == "cuda" else "CPU",
            precision=_precision_text(precision, loading.compute_dtype(precision, device=device)),
            notes=("Scores are the model's own and not calibrated.", *notes),
            capabilities=frozenset(
                {"multi_region", "chat", "attributes", "alternatives", "streams", "interruptible", "scores_options"}
            ),
        )

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        id: str,
        precision: Precision | None = None,
        compiled: bool = False,
        device: str = "auto",
        threads: int | None = None,
    ) -> Gpt4RoiCaptioner:
        """Load the model in ``folder``; each file is checked as it is read, and a wrong one ends it.

        ``precision`` None is fp32 on a CPU and fp16, in which the weights are published, on a GPU. ``compiled`` runs
        the steps of writing through ``torch.compile``.

        Raises:
            MissingDependencyError: torch or transformers is not installed.
            ModelFileError: a file is missing, damaged or altered.
            CaptionerError: the device cannot be used or has too little memory.
        """
        try:
            import torch

            from roi_assistant.models.gpt4roi import loading
        except ImportError as error:
            raise MissingDependencyError(
                "{id} needs torch and transformers ({reason}): pip install 'roi-assistant[torch]'.", id=id, reason=error
            ) from error
        if precision is not None and precision not in get_args(loading.Precision):
            raise CaptionerError(
                "There is no precision {precision}: choose {choices}.",
                precision=repr(precision),
                choices=", ".join(get_args(loading.Precision)),
            )
        if threads:
            torch.set_num_threads(threads)
        files = listed_files(folder)
        config = loading.read_config(files)

        def needs(where: str) -> int:
            return loading.weight_bytes(config, precision or _default_precision(where), device=where)

        advice = Sentence.of("use {model}", model="gpt4roi-mini" if id.endswith("int4") else f"{id}-int4")
        chosen, notes = choose_device(device, needs=needs, advice=advice)
        precision = precision or _default_precision(chosen)
        return cls(files, id=id, device=chosen, precision=precision, compiled=compiled, notes=notes)

    def set_image(self, image: Image.Image) -> PhotoState:
        """Encode a photo (mode RGB, orientation applied)."""
        self.interrupt()
        with self._memory_errors():
            shared = self._generation.prepare_image(self._model, self._processor, self._processor.pixels(image))
        return PhotoState(image.width, image.height, shared)

    def describe(self, state: PhotoState, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """Caption, category and attributes of ``boxes``, in their order. The caption is the likeliest answer, word by
        word, whatever ``request.decoding`` says, but ``consensus`` chooses among it and sampled ones."""
        tasks = _tasks(request)
        together = max(1, ROWS // len(tasks))
        for start in range(0, len(boxes), together):
            part = boxes[start : start + together]
            answers = self._answers(state, part, tasks)
            for number, box in enumerate(part):
                yield _region_text(box, request, tasks, answers[number * len(tasks) : (number + 1) * len(tasks)])

    def chat(self, state: PhotoState, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        """Answer the last turn in pieces, with regard to the turns before it.

        Raises:
            RegionReferenceError: a question refers to a box that does not exist.
            CaptionerError: the conversation is too long.
        """
        turns = [Turn(t.role, name_regions(t.text, len(boxes)) if t.role == "user" else t.text) for t in turns]
        inputs = self._processor.conversation(
            turns, boxes=self._clipped(state, boxes), width=state.width, height=state.height
        )
        cache = self._conversation_cache(state)
        tokens: list[int] = []
        shown = ""
        self.interrupt()
        with self._memory_errors():
            for token in cache.reply(
                self._processor.tokenizer, inputs.input_ids, inputs.boxes, longest=LONGEST["chat"]
            ):
                tokens.append(token)
                text = self._prompting.answer_text(self._processor.tokenizer.decode(tokens), finished=False)
                if len(text) > len(shown):
                    yield text[len(shown) :]
                    shown = text
                self.interrupt()
        text = self._prompting.answer_text(self._processor.tokenizer.decode(tokens), finished=True)
        if text[len(shown) :]:
            yield text[len(shown) :]

    def score_options(
        self, state: PhotoState, boxes: Sequence[Box], turns: Sequence[Turn], options: Sequence[str]
    ) -> list[float]:
        """For each of ``options`` the log-probability that the answer to the last turn begins with it.

        Raises:
            RegionReferenceError: a question refers to a box that does not exist.
            CaptionerError: the conversation is too long.
        """
        clipped = self._clipped(state, boxes)
        inputs, continuations = self._processor.answers(
            turns, options, boxes=clipped, width=state.width, height=state.height
        )
        self.interrupt()
        with self._memory_errors():
            vectors = self._generation.region_vectors(self._model, state.shared, inputs.boxes)
            return self._generation.score_continuations(
                self._model, state.shared, inputs.input_ids, vectors, continuations
            )

    def close(self) -> None:
        """Drop the weights."""
        self._conversation = None
        self._compiled = None
        del self._model
        if self._device == "cuda":
            self._torch.cuda.empty_cache()

    def _conversation_cache(self, state: PhotoState) -> Any:
        """That of the last conversation, if it was about the same photo: what both begin with is not read again."""
        if self._conversation is None or self._conversation[0] is not state:
            self._conversation = (state, self._new_conversation(state))
        return self._conversation[1]

    def _new_conversation(self, state: PhotoState) -> Any:
        return self._generation.ConversationCache(self._model, state.shared, ahead=self._ahead, compiled=self._compiled)

    def _answers(self, state: PhotoState, boxes: Sequence[Box], tasks: Sequence[_Task]) -> list[_Answer]:
        """The answers to all ``tasks`` about all ``boxes``, those of a box next to each other."""
        clipped = self._clipped(state, boxes)
        relative = self._processor.relative_boxes(clipped, width=state.width, height=state.height)
        with self._memory_errors():
            self.interrupt()
            vectors = self._generation.region_vectors(self._model, state.shared, relative)
            questions = [
                self._question(state, box, task, vectors[number : number + 1])
                for number, box in enumerate(clipped)
                for task in tasks
            ]
            continuations: list[Continuation] = []
            for start in range(0, len(questions), ROWS):
                continuations += self._generation.generate(
                    self._model,
                    self._processor.tokenizer,
                    state.shared,
                    questions[start : start + ROWS],
                    ahead=self._ahead,
                    compiled=self._compiled,
                    generator=self._torch.Generator(self._device).manual_seed(SEED),
                    interrupt=self.interrupt,
                )
        return [self._read(continuation) for continuation in continuations]

    def _question(self, state: PhotoState, box: Box, task: _Task, vector: Any) -> Question:
        inputs = self._processor.conversation(
            [Turn("user", task.text)], boxes=[box], width=state.width, height=state.height
        )
        return self._generation.Question(
            inputs.input_ids,
            vector[: len(inputs.regions)],  # a schema's question may name no region
            LONGEST[task.name],
            temperature=ALTERNATIVE_TEMPERATURE if task.sampled else 0.0,
            top_p=ALTERNATIVE_TOP_P if task.sampled else 1.0,
        )

    def _read(self, continuation: Continuation) -> _Answer:
        text = self._prompting.answer_text(self._processor.tokenizer.decode(continuation.tokens), finished=True)
        return _Answer(text, Hypothesis(continuation.tokens, continuation.log_probabilities))

    def _clipped(self, state: PhotoState, boxes: Sequence[Box]) -> list[Box]:
        return [clip_box(box, width=state.width, height=state.height) for box in boxes]

    @contextlib.contextmanager
    def _memory_errors(self) -> Iterator[None]:
        try:
            yield
        except self._torch.OutOfMemoryError as error:
            raise CaptionerError(
                "The GPU has too little memory left for {id}: close other programs, or use its int8 or int4 form.",
                id=self.info.id,
            ) from error


def name_regions(text: str, n_boxes: int) -> str:
    """``region 1`` and ``region1`` in a question as ``<region1>``, where there is such a box."""
    return _WORD.sub(lambda m: f"<region{int(m[1])}>" if 1 <= int(m[1]) <= n_boxes else m[0], text)


def _tasks(request: DescribeRequest) -> list[_Task]:
    caption = CAPTION[request.style]
    tasks = [_Task(request.style, caption)]
    tasks += [_Task(request.style, caption, sampled=True)] * request.alternatives
    if request.category:
        tasks.append(_Task("category", CATEGORY))
    tasks += [_Task("attribute", text, attribute) for attribute, text in attribute_questions(request.attributes)]
    return tasks


def _region_text(box: Box, request: DescribeRequest, tasks: Sequence[_Task], answers: Sequence[_Answer]) -> RegionText:
    captions: dict[str, _Answer] = {}
    category = None
    attributes = []
    for task, answer in zip(tasks, answers, strict=True):
        if task.attribute is not None:
            values = attribute_values(task.attribute, answer.text)
            if values:
                attributes.append(SuggestedAttribute(task.attribute.name, values, answer.score))
        elif task.name == "category":
            category = ScoredText(category_name(answer.text), answer.score)
        elif answer.text:
            captions.setdefault(answer.text, answer)
    best = answers[0]
    ranked = [best.text, *sorted((t for t in captions if t != best.text), key=lambda t: -captions[t].score)]
    if request.decoding == "consensus":
        decoded = [(text, captions[text].hypothesis) for text in ranked if text in captions]
        ranked = [text for text, _ in consensus(decoded, PhraseSimilarity({}))] or ranked
    scored = [ScoredText(text or "an object", captions[text].score if text in captions else 0.0) for text in ranked]
    return RegionText(
        box=box,
        caption=scored[0],
        alternatives=tuple(scored[1 : request.alternatives + 1]),
        category=category,
        attributes=tuple(attributes),
        prompt=CAPTION[request.style],
        raw_output=best.text,
    )


def _default_precision(device: str) -> Precision:
    return "fp16" if device == "cuda" else "fp32"


def _precision_text(precision: Precision, dtype: Any) -> str:
    if precision in ("int8", "int4"):
        return f"{precision} weights, {str(dtype).removeprefix('torch.')} arithmetic"
    return precision
