"""Caption metrics, their standard errors and the human baseline: pure functions of texts.

CIDEr, BLEU and ROUGE-L are pycocoevalcap's, METEOR is the jar it ships. Values are given as that package returns them:
CIDEr (the CIDEr-D variant) runs from 0 to 10 and is *not* multiplied by 100, all others from 0 to 1. CIDEr averages
over 1- to 4-grams, so a caption equal to its only reference scores 10 when it has four words or more, 5 when it has
two. Its word weights come from the references that are evaluated: figures of different sets of items are not
comparable, and a single item always scores 0.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import random
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from roi_assistant.core.phrase_comparison import bare_words
from roi_assistant.errors import BadInputError, MissingDependencyError

TokenizerChoice = Literal["auto", "plain"]
TokenizerUsed = Literal["ptb", "plain"]

_PLAIN_TOKENS = re.compile(
    r"\d+(?:[.,]\d+)+"  # 1,000 and 2.5 stay whole
    r"|\w+(?=n['\u2019]t\b)|n['\u2019]t\b"  # does n't
    r"|['\u2019](?:s|m|d|ll|re|ve)\b"
    r"|[\w&]+(?:[-/][\w&]+)*"
    r"|[#$%@+*=]"
)
_PTB_PUNCTUATION = frozenset(
    ["''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"]
)
_EMPTY_TOKEN = "emptycaption"
"""Stands in for an empty text where METEOR's line protocol needs a word; it matches nothing."""


def normalise_phrase(text: str) -> str:
    """Lower case, runs of whitespace as one space: two human phrases equal under this are the same reference."""
    return " ".join(text.lower().split())


def distinct_phrases(phrases: Iterable[str]) -> list[str]:
    """The phrases under :func:`normalise_phrase`, each once, in order of first occurrence, without empty ones."""
    return list(dict.fromkeys(text for text in map(normalise_phrase, phrases) if text))


def is_exact_match(caption: str, references: Iterable[str]) -> bool:
    """True when ``caption`` has the same words as one of ``references``, case and punctuation aside."""
    words = bare_words(caption)
    return bool(words) and any(words == bare_words(reference) for reference in references)


def plain_tokenize(text: str) -> str:
    """Lower-cased tokens joined by spaces, punctuation dropped: the stand-in for the PTB tokenizer, which needs Java.

    Clitics are split (``man's`` -> ``man 's``) and hyphenated words kept whole, as the PTB tokenizer does.
    """
    return " ".join(_PLAIN_TOKENS.findall(text.lower().replace("\u2019", "'")))


def java_missing() -> str | None:
    """Why Java cannot be used, or None when a ``java`` command is there."""
    return None if shutil.which("java") else "no java command was found (Debian: apt-get install default-jre-headless)"


def _pycocoevalcap(module: str) -> Any:
    try:
        return importlib.import_module(f"pycocoevalcap.{module}")
    except ImportError as error:
        raise MissingDependencyError(
            f"Caption metrics need the package pycocoevalcap ({error}): pip install 'roi-assistant[evaluation]'."
        ) from error


def _ptb_tokenize(texts: Sequence[str]) -> list[str]:
    """The Stanford PTB tokenizer of pycocoevalcap, one line a text, its punctuation tokens dropped.

    The jar is run directly, with its input on a pipe: the package's own wrapper writes a temporary file beside itself,
    which fails in an environment that is read-only to the user.
    """
    package = _pycocoevalcap("tokenizer.ptbtokenizer")
    jar = Path(package.__file__).with_name(package.STANFORD_CORENLP_3_4_1_JAR)
    command = ["java", "-Dfile.encoding=UTF-8", "-cp", str(jar), "edu.stanford.nlp.process.PTBTokenizer"]
    lines = "\n".join(" ".join(text.split()) for text in texts) + "\n"
    command += ["-preserveLines", "-lowerCase"]
    done = subprocess.run(command, input=lines.encode(), capture_output=True, check=False)
    tokenized = done.stdout.decode("utf-8", errors="replace").split("\n")[: len(texts)]
    if done.returncode or len(tokenized) != len(texts):
        problem = (done.stderr.decode("utf-8", errors="replace").strip().splitlines() or ["no message"])[-1]
        raise MissingDependencyError(f"The PTB tokenizer failed ({problem}): check the Java installation.")
    return [" ".join(word for word in line.split() if word not in _PTB_PUNCTUATION) for line in tokenized]


def tokenize(texts: Iterable[str], *, tokenizer: TokenizerChoice = "auto") -> tuple[dict[str, str], TokenizerUsed]:
    """Every distinct text with its tokens joined by spaces, and which tokenizer made them.

    ``auto`` takes the PTB tokenizer when Java is there and :func:`plain_tokenize` otherwise.

    Raises:
        MissingDependencyError: Java is there but the PTB tokenizer fails.
    """
    unique = [text for text in dict.fromkeys(texts) if text.strip()]
    if tokenizer == "plain" or java_missing() or not unique:
        used: TokenizerUsed = "plain"
        tokens = {text: plain_tokenize(text) for text in unique}
    else:
        used, tokens = "ptb", dict(zip(unique, _ptb_tokenize(unique), strict=True))
    return tokens, used


class CaptionFigures(TypedDict):
    """Figures of all items together. ``cider`` is 0..10, the others 0..1. ``meteor`` is None, with ``meteor_reason``,
    when it was not computed."""

    items: int
    cider: float
    meteor: float | None
    meteor_reason: str | None
    bleu4: float
    bleu1: float
    rouge_l: float
    exact_match: float
    tokenizer: TokenizerUsed


class CaptionErrors(TypedDict):
    """Standard errors of the figures that are means over the items, see :func:`standard_error`."""

    cider: float | None
    exact_match: float | None


class HumanBaseline(TypedDict):
    """Figures of a person and of the model (leave-one-out), both None when no item has two phrases.

    ``difference_standard_error`` is that of the model's CIDEr minus the person's; it is left out with them.
    """

    seed: int
    items: int
    human: CaptionFigures | None
    model: CaptionFigures | None
    difference_standard_error: NotRequired[float | None]


@dataclass(frozen=True, slots=True)
class CaptionScores:
    """Figures of all items together, and each item's own."""

    figures: CaptionFigures
    item_cider: dict[str, float]
    item_exact: dict[str, bool]

    def standard_errors(self, photos: Mapping[str, str]) -> CaptionErrors:
        """Those of the mean CIDEr and exact match; ``photos`` by item."""
        return {
            "cider": standard_error(self.item_cider, photos),
            "exact_match": standard_error(self.item_exact, photos),
        }


def caption_scores(
    predictions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    *,
    meteor: bool = False,
    tokenizer: TokenizerChoice = "auto",
) -> CaptionScores:
    """Score one caption per item against all references of that item.

    Items are the keys of ``references``; further predictions are ignored. An empty caption is scored, with 0.

    Raises:
        BadInputError: there is no item, an item has no prediction, or no reference that is not empty.
        MissingDependencyError: pycocoevalcap is not installed.
    """
    if not references:
        raise BadInputError("There is nothing to score: no item has a reference.")
    missing = [item for item in references if item not in predictions]
    if missing:
        raise BadInputError(
            f"{len(missing)} of {len(references)} items have no prediction, for example {missing[0]!r}."
        )
    kept = {item: [text for text in texts if text.strip()] for item, texts in references.items()}
    bare = [item for item, texts in kept.items() if not texts]
    if bare:
        raise BadInputError(f"{len(bare)} items have no reference text, for example {bare[0]!r}.")

    cider = _pycocoevalcap("cider.cider").Cider()
    bleu = _pycocoevalcap("bleu.bleu").Bleu(4)
    rouge = _pycocoevalcap("rouge.rouge").Rouge()
    texts = [*(text for phrases in kept.values() for text in phrases), *(predictions[item] for item in kept)]
    tokens, used = tokenize(texts, tokenizer=tokenizer)
    gts = {item: [tokens[text] for text in texts] for item, texts in kept.items()}
    res = {item: [tokens.get(predictions[item], "")] for item in kept}

    cider_value, cider_items = cider.compute_score(gts, res)
    bleu_values, _ = bleu.compute_score(gts, res, verbose=0)
    rouge_value, _ = rouge.compute_score(gts, res)
    meteor_value, reason = _meteor(gts, res) if meteor else (None, "left out on request")
    exact = {item: is_exact_match(predictions[item], texts) for item, texts in kept.items()}
    figures: CaptionFigures = {
        "items": len(kept),
        "cider": float(cider_value),
        "meteor": meteor_value,
        "meteor_reason": reason,
        "bleu4": float(bleu_values[3]),
        "bleu1": float(bleu_values[0]),
        "rouge_l": float(rouge_value),
        "exact_match": sum(exact.values()) / len(exact),
        "tokenizer": used,
    }
    return CaptionScores(figures, dict(zip(kept, map(float, cider_items), strict=True)), exact)


class _MeteorHolder:
    """The METEOR jar, once started; starting it takes seconds, since it reads its paraphrase table."""

    def __init__(self) -> None:
        self.wrapper: Any = None

    def score(self, gts: dict[str, list[str]], res: dict[str, list[str]]) -> float:
        if self.wrapper is None:
            self.wrapper = _pycocoevalcap("meteor.meteor").Meteor()
        try:
            value, _ = self.wrapper.compute_score(gts, res)
        except BaseException:
            # The wrapper holds its lock when the jar dies, and would wait for it for ever when it is collected.
            if self.wrapper.lock.locked():
                self.wrapper.lock.release()
            self.wrapper = None
            raise
        return float(value)


_shared_meteor: list[_MeteorHolder] = []


@contextlib.contextmanager
def one_meteor_process() -> Iterator[None]:
    """All METEOR figures inside the ``with`` block come from one process, which ends with the block."""
    _shared_meteor.append(_MeteorHolder())
    try:
        yield
    finally:
        _shared_meteor.pop()


def _meteor(gts: Mapping[str, list[str]], res: Mapping[str, list[str]]) -> tuple[float | None, str | None]:
    reason = java_missing()
    if reason:
        return None, reason
    holder = _shared_meteor[-1] if _shared_meteor else _MeteorHolder()
    try:
        value = holder.score(
            {item: [text or _EMPTY_TOKEN for text in texts] for item, texts in gts.items()},
            {item: [text or _EMPTY_TOKEN for text in texts] for item, texts in res.items()},
        )
    except (OSError, ValueError) as error:
        return None, f"the METEOR jar failed ({error}); it needs Java and 2 GB of memory"
    return value, None


def standard_error(values: Mapping[str, float], photos: Mapping[str, str]) -> float | None:
    """How far the mean of ``values``, by item, is off because these ``photos``, by item, were drawn and not others.

    Regions of one photo are alike, so that photos count, not regions: they are clusters of unequal sizes, and the mean
    is a ratio estimate (Cochran, Sampling Techniques, 1977, chapter 9A). Word weights of CIDEr are taken as given. None
    with fewer than two photos.
    """
    totals, counts = defaultdict[str, float](float), Counter[str]()
    for item, value in values.items():
        totals[photos[item]] += value
        counts[photos[item]] += 1
    clusters = len(counts)
    if clusters < 2:
        return None
    mean = sum(totals.values()) / len(values)
    spread = sum((totals[photo] - mean * count) ** 2 for photo, count in counts.items())
    return math.sqrt(spread * clusters / (clusters - 1)) / len(values)


def leave_one_out(references: Mapping[str, Sequence[str]], *, seed: int) -> dict[str, tuple[str, list[str]]]:
    """For every item with two or more distinct phrases: one of them, chosen with ``seed``, and the others.

    The choice for an item depends on nothing but the seed, its key and its phrases, so it stays the same when other
    items are added or left out.
    """
    chosen: dict[str, tuple[str, list[str]]] = {}
    for item, texts in references.items():
        distinct = distinct_phrases(texts)
        if len(distinct) >= 2:
            pick = random.Random(f"{seed}/{item}").choice(sorted(distinct))
            chosen[item] = (pick, [text for text in distinct if text != pick])
    return chosen


def human_baseline(
    predictions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    *,
    seed: int,
    photos: Mapping[str, str],
    meteor: bool = False,
    tokenizer: TokenizerChoice = "auto",
) -> HumanBaseline:
    """Human baseline (leave-one-out): a person's phrase and the model's, each against a region's other phrases.

    Both are scored on the same items with the same references, hence the same CIDEr word weights.

    Args:
        predictions: the model's caption by item.
        references: all human phrases by item; items with fewer than two are left out.
        seed: draws the phrase that stands for a person.
        photos: the photo of each item, which the standard error clusters by.
        meteor: whether METEOR is computed.
        tokenizer: see :func:`tokenize`.

    Raises:
        BadInputError: an item has no prediction.
        MissingDependencyError: pycocoevalcap is not installed.
    """
    chosen = leave_one_out(references, seed=seed)
    if not chosen:
        return {"seed": seed, "items": 0, "human": None, "model": None}
    rest = {item: others for item, (_, others) in chosen.items()}
    person = {item: pick for item, (pick, _) in chosen.items()}
    human = caption_scores(person, rest, meteor=meteor, tokenizer=tokenizer)
    model = caption_scores(predictions, rest, meteor=meteor, tokenizer=tokenizer)
    differences = {item: model.item_cider[item] - human.item_cider[item] for item in rest}
    return {
        "seed": seed,
        "items": len(chosen),
        "human": human.figures,
        "model": model.figures,
        "difference_standard_error": standard_error(differences, photos),
    }
