"""The folder of an exported model: its files beside the ONNX graphs, and the manifest that lists them all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roi_assistant.captioners.model_folder import MANIFEST, file_sha256
from roi_assistant.imaging.colors import COLOR_NAMES

TOKENIZER, NOUNS, VALUES, NGRAMS = "tokenizer.json", "nouns.json", "attributes.json", "ngrams.json"
CLASSES = (NOUNS, VALUES, NGRAMS)
"""Files with the classes of the category, the attribute and the phrase head."""
CALIBRATION, CONFIG = "calibration.json", "config.json"
DEFAULT_CALIBRATION: dict[str, Any] = {
    "curves": {},
    "unsure_below": 0.0,
    "general_from": 0.0,
    "ranking": {
        "length_power": 0.9,
        "category": 0.2,
        "color": 0.2,
        "people": 0.3,
        "others": 0.3,
        "recolor_below": 0.25,
        "recolor_from": 0.25,
    },
    "color": {"names": list(COLOR_NAMES), "pixel_weight": 0.4, "second_from": 0.3},
}
"""Scores as the model gives them: what a folder has until they are fitted."""


def write_calibration(folder: Path, calibration: Mapping[str, Any]) -> Path:
    """Write ``calibration.json``, and the manifest, which has its hash."""
    path = folder / CALIBRATION
    path.write_text(json.dumps(calibration, indent=2) + "\n", encoding="utf-8")
    write_manifest(folder)
    return path


def write_manifest(folder: Path) -> None:
    """List every file of a model folder with its sha256."""
    files = {path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    manifest = {
        "id": "gpt4roi-mini",
        "name": "GPT4RoI mini",
        "licence": "Weights trained on Flickr photos and research image sets: research and education, not commercial.",
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
