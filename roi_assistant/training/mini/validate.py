"""Quick figures on val while training, from cached features. The figures to report come from ``roi-assistant
evaluate``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from roi_assistant.core.phrases import is_more_general, parse_phrase, same_category
from roi_assistant.core.prompts import ANSWER, END, PAD, QUESTIONS, Task, ask, prefix
from roi_assistant.evaluation.metrics import caption_scores
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.mini.corpus import InstructionMix, Sample
from roi_assistant.training.mini.heads import NO_CLASSES, HeadClasses, ngram_loss, ngram_targets

Row = tuple[int, int]
"""Photo, region row."""
Encode = Callable[[Sequence[Sample]], tuple[Tensor, Tensor, Tensor]]
"""Image tokens [samples, image tokens, width], region tokens [samples, region tokens, width] and pooled vectors
[samples, channels] of samples of one region each."""


def _encoded(rows: Sequence[Row], encode: Encode, batch: int) -> Iterator[tuple[Sequence[Row], Tensor, Tensor, Tensor]]:
    """``rows``, ``batch`` at a time, with what `Encode` gives of them."""
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        yield part, *encode([Sample(photo, (row,), 0, ()) for photo, row in part])


@torch.no_grad()
def answer(
    model: Gpt4Roi,
    tokenizer: Tokenizer,
    encode: Encode,
    rows: Sequence[Row],
    task: Task,
    *,
    beams: int = 1,
    sequences: int = 1,
    longest: int = 12,
    batch: int = 96,
) -> list[list[str]]:
    """Answers to the task's first wording for (photo, region row) pairs, best first."""
    answers: list[list[str]] = []
    text = prefix(regions=1, image_tokens=model.config.image_tokens, region_tokens=model.config.region_tokens)
    ids = tokenizer.encode(text + ask(QUESTIONS[task][0]), add_special_tokens=False).ids
    assert ids[-1] == tokenizer.token_to_id(ANSWER)
    for part, image, regions, _ in _encoded(rows, encode, batch):
        embeddings = model.embed(torch.tensor([ids] * len(part), device=model.device), image=image, regions=regions)
        out = model.language.generate(
            inputs_embeds=embeddings,
            attention_mask=torch.ones(embeddings.shape[:2], dtype=torch.long, device=model.device),
            max_new_tokens=longest,
            do_sample=False,
            num_beams=beams,
            num_return_sequences=sequences,
            eos_token_id=tokenizer.token_to_id(END),
            pad_token_id=tokenizer.token_to_id(PAD),
        )
        texts = [tokenizer.decode(row.tolist(), skip_special_tokens=True).strip() for row in out]
        answers += [texts[k : k + sequences] for k in range(0, len(texts), sequences)]
    return answers


@torch.no_grad()
def head_answers(
    model: Gpt4Roi,
    encode: Encode,
    rows: Sequence[Row],
    nouns: Sequence[str],
    *,
    count: int = 5,
    batch: int = 96,
) -> list[list[str]]:
    """The likeliest ``count`` nouns of the category head for (photo, region row) pairs."""
    answers: list[list[str]] = []
    for _, image, regions, pooled in _encoded(rows, encode, batch):
        best = model.category_logits(regions, image, pooled).topk(count).indices
        answers += [[nouns[k] for k in row] for row in best.tolist()]
    return answers


@torch.no_grad()
def attributes_right(
    model: Gpt4Roi,
    mix: InstructionMix,
    encode: Encode,
    rows: Sequence[Row],
    values: Mapping[str, Sequence[str]],
    *,
    batch: int = 96,
) -> dict[str, float]:
    """By attribute, how often the attribute head's likeliest value is one that people named, where they named any."""
    assert model.attribute_head is not None
    sizes = [len(named) for named in values.values()]
    right: dict[str, list[bool]] = {name: [] for name in values}
    for part, image, regions, _ in _encoded(rows, encode, batch):
        for name, scores in zip(values, model.attribute_head(regions, image).split(sizes, dim=1), strict=True):
            for (_, row), best in zip(part, scores.argmax(1).tolist(), strict=True):
                if human := mix.named_values(row, name):
                    right[name].append(values[name][best] in human)
    return {name: _mean(answers) for name, answers in right.items()}


@torch.no_grad()
def phrase_loss(
    model: Gpt4Roi,
    mix: InstructionMix,
    encode: Encode,
    rows: Sequence[Row],
    weights: Mapping[str, float],
    *,
    batch: int = 96,
) -> float:
    """`ngram_loss` of the phrase head, a region."""
    assert model.phrase_head is not None
    targets = ngram_targets(mix, weights)
    known = [(photo, row) for photo, row in rows if targets.shares[row]]
    losses = 0.0
    for part, image, regions, _ in _encoded(known, encode, batch):
        expected = targets.of([row for _, row in part]).to(regions.device)
        losses += ngram_loss(model.phrase_head, regions, image, expected).item() * len(part)
    return round(losses / max(1, len(known)), 4)


@dataclass(frozen=True)
class ValRows:
    """(photo, region row) of val regions of both corpora; ``frequent``: the category has five or more training
    photos."""

    flickr: list[Row]
    general: list[Row]
    frequent: list[bool]


def val_rows(mix: InstructionMix) -> ValRows:
    """The val regions of the corpora of ``mix``."""
    photos_with: Counter[str] = Counter()
    rows: dict[str, list[Row]] = {"flickr30k": [], "general": []}
    for index, photo in enumerate(mix.corpus.photos):
        if photo.split == "train":
            if photo.source == "general":
                photos_with.update({r.category for r in photo.human.regions if r.category})
        else:
            rows[photo.source] += [(index, row) for row in photo.rows]
    frequent = [photos_with[mix.facts[row].category] >= 5 for _, row in rows["general"]]
    return ValRows(rows["flickr30k"], rows["general"], frequent)


def validate(
    model: Gpt4Roi,
    tokenizer: Tokenizer,
    mix: InstructionMix,
    encode: Encode,
    *,
    classes: HeadClasses = NO_CLASSES,
) -> dict[str, float]:
    """CIDEr, exact match, head noun and color on Flickr30k val; category top-1 and top-5 on general val, and how often
    the phrase's noun is the category there (``general_head``).

    With ``classes`` also what the heads say: of the category head ``noun_head`` on Flickr30k, ``head_top1`` and
    ``head_top5`` on general val; of the attribute head ``head_color`` and so on; of the phrase head its loss on
    Flickr30k, ``phrase_loss``.
    """
    rows = val_rows(mix)
    phrases = answer(model, tokenizer, encode, rows.flickr, "phrase")
    predictions = {str(row): text[0] for (_, row), text in zip(rows.flickr, phrases, strict=True)}
    references = {str(row): list(dict.fromkeys(_human(mix, photo, row))) for photo, row in rows.flickr}
    heads = [
        parse_phrase(predictions[key]).head in {parse_phrase(r).head for r in references[key]} for key in predictions
    ]
    colors = [
        bool(
            set(mix.facts[row].attributes["color"])
            & set(parse_phrase(predictions[str(row)]).attributes.get("color", ()))
        )
        for _, row in rows.flickr
        if "color" in mix.facts[row].attributes
    ]
    categories = answer(model, tokenizer, encode, rows.general, "category", beams=5, sequences=5)
    general_phrases = answer(model, tokenizer, encode, rows.general, "phrase")
    frequent = [(row, c) for (_, row), c, f in zip(rows.general, categories, rows.frequent, strict=True) if f]

    def right(row: int, text: str) -> bool:
        return text == mix.facts[row].category

    def asked_about(task: Task) -> list[tuple[set[str], str]]:
        """The values of an attribute that people named and the answer to its question, where they named any."""
        asked = [(photo, row) for photo, row in rows.flickr if task in mix.facts[row].attributes]
        texts = answer(model, tokenizer, encode, asked, task)
        return [(set(mix.facts[row].attributes[task]), text[0]) for (_, row), text in zip(asked, texts, strict=True)]

    head = head_figures(model, mix, encode, classes)
    return head | {
        "cider": round(caption_scores(predictions, references).figures["cider"], 4),
        "exact": _mean([predictions[k] in references[k] for k in predictions]),
        "head": _mean(heads),
        "color_in_caption": _mean(colors),
        "color": _mean([bool(named & set(text.split())) for named, text in asked_about("color")]),
        "action": _mean([text in named for named, text in asked_about("action")]),
        "top1": _mean([right(row, c[0]) for row, c in frequent]),
        "top5": _mean([any(right(row, x) for x in c) for row, c in frequent]),
        "top1_synonym": _mean([same_category(mix.facts[row].category, c[0]) for row, c in frequent]),
        "general_head": _mean(
            [
                same_category(parse_phrase(p[0]).head, mix.facts[r].category)
                for (_, r), p in zip(rows.general, general_phrases, strict=True)
            ]
        ),
        "top1_general": _mean([is_more_general(c[0], mix.facts[row].category) for row, c in frequent]),
    }


def head_figures(
    model: Gpt4Roi,
    mix: InstructionMix,
    encode: Encode,
    classes: HeadClasses,
) -> dict[str, float]:
    """What the heads know of val, by themselves: see `validate`."""
    rows, figures = val_rows(mix), {}
    if model.category_head is not None and classes.nouns:
        answers = head_answers(model, encode, [*rows.flickr, *rows.general], classes.nouns)
        facts = [mix.facts[row] for _, row in (*rows.flickr, *rows.general)]
        of_flickr = len(rows.flickr)
        named = [
            (set(dict(f.nouns)), a) for f, a in zip(facts[:of_flickr], answers[:of_flickr], strict=True) if f.nouns
        ]
        asked = [
            (f.category, a)
            for f, a, often in zip(facts[of_flickr:], answers[of_flickr:], rows.frequent, strict=True)
            if often
        ]
        figures = {
            "noun_head": _mean([a[0] in human for human, a in named]),
            "noun_head_top5": _mean([bool(set(a) & human) for human, a in named]),
            "head_top1": _mean([category == a[0] for category, a in asked]),
            "head_top5": _mean([category in a for category, a in asked]),
        }
    if model.attribute_head is not None and classes.values:
        right = attributes_right(model, mix, encode, rows.flickr, classes.values)
        figures |= {f"head_{name}": share for name, share in right.items()}
    if model.phrase_head is not None and classes.weights:
        figures["phrase_loss"] = phrase_loss(model, mix, encode, rows.flickr, classes.weights)
    return figures


def _human(mix: InstructionMix, photo: int, row: int) -> list[str]:
    human = mix.corpus.photos[photo]
    return [" ".join(p.lower().split()) for p in human.human.regions[row - human.first_region].phrases]


def _mean(values: Sequence[bool]) -> float:
    return round(float(np.mean(values)), 4) if len(values) else float("nan")
