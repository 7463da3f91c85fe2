"""Two invented data sets in their official layouts, features drawn at random, and a model of a few thousand weights."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tokenizers import Tokenizer

FLICKR_TRAIN, FLICKR_VAL = 8, 2
VALUES = 8
NGRAMS = 45
"""Classes of the attribute head."""
THINGS = ("red kite", "blue ball", "brown dog", "wooden chair")
PLACES = ("a meadow", "a beach", "a street")
GENERAL = (
    ("g1.jpg", "val", ("dog", "person")),
    ("g2.jpg", "train", ("kite", "chair")),
    ("g3.jpg", "train", ("dog", "ball")),
    ("g4.jpg", "train", ("chair", "person")),
    ("g5.jpg", "train", ("couch", "dog")),
)

_OBJECT = (
    "<object><name>{name}</name><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>"
    "</object>"
)


def _sentences(number: int) -> str:
    thing, place = THINGS[number % len(THINGS)], PLACES[number % len(PLACES)]
    return (
        f"[/EN#1/people A clown] in [/EN#3/clothing a striped hat] is chasing [/EN#2/other a {thing}] on {place} .\n"
        f"[/EN#1/people Someone] chases [/EN#2/other the {thing.split()[1]}] .\n"
        f"[/EN#2/other A {thing}] near [/EN#1/people a running clown] , while [/EN#0/notvisual it] is warm .\n"
    )


def picture(seed: int, *, width: int, height: int) -> bytes:
    """A JPEG of blurred noise."""
    noise = np.random.default_rng(seed).integers(0, 256, (5, 10, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def make_flickr(root: Path) -> None:
    for folder in ("Annotations", "Sentences", "images"):
        (root / folder).mkdir(parents=True)
    names = [f"{100 + n}" for n in range(FLICKR_TRAIN + FLICKR_VAL + 1)]
    for number, name in enumerate(names):
        corners = ((1, 5, 10, 60, 90), (2, 50 + number, 20, 90 + number, 70), (3, 11, 11, 40, 30))
        objects = "".join(_OBJECT.format(name=chain, x1=x1, y1=y1, x2=x2, y2=y2) for chain, x1, y1, x2, y2 in corners)
        size = "<size><width>200</width><height>100</height></size>"
        (root / "Annotations" / f"{name}.xml").write_text(f"<annotation>{size}{objects}</annotation>")
        (root / "Sentences" / f"{name}.txt").write_text(_sentences(number))
        (root / "images" / f"{name}.jpg").write_bytes(picture(number, width=200, height=100))
    (root / "val.txt").write_text("\n".join(names[:FLICKR_VAL]))
    (root / "train.txt").write_text("\n".join(names[FLICKR_VAL:-1]))  # the last one has text but is in no split


def make_general(root: Path) -> None:
    (root / "images").mkdir(parents=True)
    lines = []
    for number, (image, split, categories) in enumerate(GENERAL):
        regions = [
            {"bbox": [5 + 20 * k, 5, 30, 25], "category": name, "fine": name} for k, name in enumerate(categories)
        ]
        record = {"image": image, "width": 80, "height": 40, "split": split, "regions": regions}
        lines.append(json.dumps(record))
        (root / "images" / image).write_bytes(picture(50 + number, width=80, height=40))
    (root / "regions.jsonl").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from roi_assistant.training.mini.corpus import Corpus

    root = tmp_path_factory.mktemp("corpora")
    make_flickr(root / "flickr")
    make_general(root / "general")
    return Corpus(root / "flickr", [root / "general"])


@pytest.fixture(scope="session")
def mix(corpus: Any) -> Any:
    """With the measured color of one general kite."""
    from roi_assistant.training.mini.corpus import InstructionMix

    (kite,) = (
        photo.first_region + k
        for photo in corpus.photos
        if photo.source == "general"
        for k, region in enumerate(photo.human.regions)
        if region.category == "kite"
    )
    return InstructionMix(corpus, colors={kite: ("green",)}, extra=2)


@pytest.fixture(scope="session")
def tokenizer(corpus: Any) -> Tokenizer:
    from roi_assistant.core.prompts import QUESTIONS
    from roi_assistant.training.mini.tokenizer import train_tokenizer

    questions = [wording.format(article="a") for several in QUESTIONS.values() for wording in several]
    categories = [name for _, _, names in GENERAL for name in names]
    lines = [*corpus.text_lines(), *questions * 3, *categories * 3, *["a-b, c. dogs' hats"] * 3]
    return train_tokenizer(lines, vocab_size=600)


@pytest.fixture(scope="session")
def config(torch: Any, tokenizer: Tokenizer) -> Any:
    """The smallest network of the library; photos and close-ups of 64 pixels."""
    from roi_assistant.models.gpt4roi.config import Gpt4RoiConfig, LanguageConfig
    from roi_assistant.models.gpt4roi.region_encoder import RegionEncoderConfig

    sizes: dict[str, Any] = {
        "input_channels": (48, 64),
        "level_sizes": (4, 2),
        "width": 16,
        "groups": 4,
        "fusion_rounds": 1,
        "roi_size": 3,
        "flatten_width": 16,
        "position_width": 8,
        "output_width": 32,
    }
    return Gpt4RoiConfig(
        backbone="test_efficientnet",
        backbone_stages=(3, 4),
        stage_channels=(48, 64),
        head_channels=256,
        image_size=64,
        image_grid=2,
        view_size=64,
        region=RegionEncoderConfig(tokens=2, **sizes),
        view=RegionEncoderConfig(tokens=1, **sizes),
        language=LanguageConfig(
            vocab_size=tokenizer.get_vocab_size(), hidden_size=32, layers=2, heads=4, intermediate_size=48
        ),
        dropout=0.1,
    )


@pytest.fixture(scope="session")
def new_model(torch: Any, config: Any, tokenizer: Tokenizer) -> Callable[[], Any]:
    """``new_model()``: the same untrained model each time."""

    def make() -> Any:
        from roi_assistant.core.prompts import special_token_ids
        from roi_assistant.models.gpt4roi.modeling import Gpt4Roi

        torch.manual_seed(7)
        return Gpt4Roi(config, token_ids=special_token_ids(tokenizer.token_to_id))

    return make


@pytest.fixture(scope="session")
def features(corpus: Any) -> dict[str, np.ndarray]:
    """Numbers drawn at random in place of the backbone's, and boxes in 0..1."""
    rng = np.random.default_rng(0)
    photos, regions = len(corpus.photos), corpus.region_count
    shapes = {
        "img4": (photos, 48, 4, 4),
        "img5": (photos, 64, 2, 2),
        "imgh": (photos, 256),
        "crop4": (regions, 48, 4, 4),
        "crop5": (regions, 64, 2, 2),
        "croph": (regions, 256),
    }
    arrays = {name: rng.normal(size=shape).astype(np.float16) for name, shape in shapes.items()}
    for name in ("boxes", "cbox"):
        corners = np.sort(rng.random((regions, 2, 2)), axis=1)
        arrays[name] = corners.reshape(regions, 4).astype(np.float32)
    return arrays


@pytest.fixture(scope="module")
def tokens(torch: Any, corpus: Any, config: Any) -> Any:
    """Cached tokens at random."""
    from roi_assistant.training.mini.region_tokens import TokenSource

    rng, width = np.random.default_rng(1), config.language.hidden_size
    return TokenSource(
        image=rng.normal(size=(len(corpus.photos), config.image_tokens, width)).astype(np.float16),
        region=rng.normal(size=(corpus.region_count, config.region_tokens, width)).astype(np.float16),
        pooled_vectors=np.zeros((corpus.region_count, config.head_channels), np.float16),
        mirrored=np.zeros(len(corpus.photos), np.bool_),
    )


@pytest.fixture(scope="session")
def text_encoder(torch: Any, config: Any, tokenizer: Tokenizer) -> Any:
    from roi_assistant.training.mini.batching import TextEncoder

    return TextEncoder(tokenizer, image_tokens=config.image_tokens, region_tokens=config.region_tokens)


@pytest.fixture
def quiet(capsys: pytest.CaptureFixture[str]) -> SimpleNamespace:
    """Keeps the log of the stages out of the report."""
    return SimpleNamespace(read=lambda: capsys.readouterr().out)


@pytest.fixture(scope="module")
def tunable(torch: Any, config: Any, tokenizer: Any, mix: Any) -> Callable[[], Any]:
    """``tunable()``: an untrained model whose close-ups have a backbone of their own, and with all heads."""
    from roi_assistant.core.prompts import special_token_ids
    from roi_assistant.models.gpt4roi.modeling import Gpt4Roi

    def make() -> Any:
        torch.manual_seed(7)
        nouns = len(mix.nouns(at_least=1))
        sizes = {"own_view_backbone": True, "categories": nouns, "attribute_values": VALUES, "phrase_ngrams": NGRAMS}
        return Gpt4Roi(dataclasses.replace(config, **sizes), token_ids=special_token_ids(tokenizer.token_to_id))

    return make
