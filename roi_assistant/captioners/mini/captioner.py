"""The embedded model `gpt4roi-mini` on onnxruntime: no torch, no network."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer

from roi_assistant.captioners.decoding import search
from roi_assistant.captioners.mini.answers import (
    ALTERNATIVES,
    ASKED_ANYWAY,
    CAPTION_TASKS,
    COLOR,
    AnswerReader,
    RegionAnswers,
    measured_shares,
    schema_questions,
)
from roi_assistant.captioners.mini.projection import PROJECTION, RegionProjection
from roi_assistant.captioners.mini.proposals import ProposalReader
from roi_assistant.captioners.mini.questions import PlainQuestion, plain_question, references
from roi_assistant.captioners.mini.replies import ASKED, Known, reply, reply_from_boxes
from roi_assistant.captioners.mini.token_tree import TokenTree
from roi_assistant.captioners.mini.wording import written
from roi_assistant.captioners.model_folder import ModelFolder, open_model_folder
from roi_assistant.captioners.onnx_session import Device, choose_device, open_graphs
from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.prompts import (
    BOX,
    END,
    IMAGE_PATCH,
    MAX_REGIONS,
    PAD,
    QUESTIONS,
    REGION_NAMES,
    Task,
    ask,
    normalise_question,
    prefix,
    special_token_ids,
)
from roi_assistant.core.records import (
    Capability,
    CaptionerInfo,
    DescribeRequest,
    RegionText,
    ScoredBox,
    ScoredText,
    Turn,
)
from roi_assistant.errors import CaptionerError, ModelFileError
from roi_assistant.imaging.views import box_in_window, image_view, region_view, region_window, to_network
from roi_assistant.memory.vectors import packed

GRAPHS = ("vision", "image", "region", "language")
MORE_GRAPHS = ("view", "propose")
"""Graphs that a model may lack."""
BOXES_PER_BATCH = 16
VIEWS_PER_BATCH = 4
LONGEST = {"sentence": 18, "description": 16, "image": 28}
LONGEST_ANSWER = 10
CATEGORY_BEAMS = 5
DESCRIPTION_BEAMS = 3
CAPABILITIES: frozenset[Capability] = frozenset(
    {"multi_region", "chat", "attributes", "alternatives", "streams", "drafts", "interruptible"}
)
"""Of every model; one with ``propose.onnx`` proposes, one with ``projection.npz`` has features, too."""
LIKELIEST_NOUNS = 20
"""How many of the category head's nouns are looked at; the others hardly ever matter."""
DRAFTS = 64
"""Regions with a caption whose attributes may still be asked for; each takes about 150 kB."""


@dataclass(frozen=True)
class MiniImageState:
    """What all boxes of a photo share: the picture, its fused pyramid and the decoder's cache of the image tokens."""

    image: Image.Image
    maps: tuple[NDArray[np.float32], NDArray[np.float32]]
    cache: NDArray[np.float32]
    tokens: NDArray[np.float32]
    """Image tokens [image tokens, width]."""
    features: tuple[NDArray[np.float16], ...]
    """Fine and coarse map and pooled vector of the photo's backbone, [1, ...] each: what boxes are proposed on."""
    number: int = field(default_factory=itertools.count(1).__next__)

    @property
    def nbytes(self) -> int:
        """Memory of the picture, its maps and the cache, in bytes."""
        arrays = (*self.maps, self.cache)
        return (
            sum(a.nbytes for a in arrays)
            + sum(f.nbytes for f in self.features)
            + self.image.width * self.image.height * 3
        )


class MiniCaptioner:
    """See `roi_assistant.interfaces.Captioner`."""

    def __init__(self, files: ModelFolder, *, device: Device) -> None:
        config = files.json("config.json")
        self._image_size, self._view_size = config["image_size"], config["view_size"]
        self._image_tokens = config["image_grid"] ** 2 + 1
        self._region_tokens = config["region"]["tokens"] + config["view"]["tokens"] + 1
        try:
            self.tokenizer = Tokenizer.from_buffer(files.file("tokenizer.json").data)
        except Exception as error:  # the library raises plain Exception
            raise ModelFileError(
                "{path} cannot be read ({reason}): copy it again.", path=files.path / "tokenizer.json", reason=error
            ) from error
        names = [*GRAPHS, *(name for name in MORE_GRAPHS if f"{name}.onnx" in files)]
        graphs = dict(zip(names, open_graphs([files.file(f"{name}.onnx") for name in names], device), strict=True))
        self._vision, self._image, self._region, self._language = (graphs[name] for name in GRAPHS)
        self._view, self._propose = graphs.get("view", self._vision), graphs.get("propose")
        self._nouns: tuple[str, ...] = tuple(files.json("nouns.json")) if "nouns.json" in files else ()
        self._vocabulary = frozenset(self._nouns)
        self._values: dict[str, list[str]] = files.json("attributes.json") if "attributes.json" in files else {}
        language = config["language"]
        self._cache_shape = (2 * language["layers"], language["heads"], language["hidden_size"] // language["heads"])
        self._width = language["hidden_size"]
        self._positions = int(language["max_positions"])
        self._special = special_token_ids(self.tokenizer.token_to_id)
        self.pad, self._end = self._special[PAD], self._special[END]
        self.ngrams: dict[str, float] = files.json("ngrams.json") if "ngrams.json" in files else {}
        """The phrase head's n-grams and their weights."""
        calibration = files.json("calibration.json")
        self._reader = AnswerReader(calibration, tokenizer=self.tokenizer, weights=self.ngrams)
        self._proposals = ProposalReader(calibration)
        self._projection = RegionProjection.read(files.file(PROJECTION)) if PROJECTION in files else None
        self._encoded: dict[str, list[int]] = {}
        self._drafts: dict[tuple[int, Box, DescribeRequest], _Draft] = {}
        self.interrupt: Callable[[], None] = lambda: None
        """Called before every step of work; whoever sets it may raise an exception there to leave what is going on."""
        self.info = CaptionerInfo(
            id=files.id,
            name=files.name,
            weights_sha256=files.sha256,
            device=device.name,
            precision="fp32 (weights stored as fp16)",
            notes=(device.note,) if device.note else (),
            capabilities=self._capabilities(),
        )

    def _capabilities(self) -> frozenset[Capability]:
        more: dict[Capability, object] = {"proposes": self._propose, "features": self._projection}
        return CAPABILITIES | {name for name, part in more.items() if part is not None}

    @classmethod
    def load(cls, folder: Path, *, device: str = "auto", threads: int | None = None) -> MiniCaptioner:
        """Check and load the model in ``folder``.

        Raises:
            ModelFileError: a file is missing, damaged or altered.
            CaptionerError: the device cannot be used.
        """
        files = open_model_folder(folder)
        return cls(files, device=choose_device(device, threads=threads, probe=files.file("image.onnx")))

    def set_image(self, image: Image.Image) -> MiniImageState:
        """Encode a photo (mode RGB, orientation applied)."""
        self.interrupt()
        fine, coarse, pooled = self._vision(pixels=to_network(image_view(image, size=self._image_size))[None])
        self.interrupt()
        map0, map1, tokens = self._image(fine=fine, coarse=coarse, pooled=pooled)
        text = prefix(regions=0, image_tokens=self._image_tokens, region_tokens=self._region_tokens)
        cache = self._run([self._encode(text)], tokens[0], self._empty_cache(1)).cache
        features = tuple(values.astype(np.float16) for values in (fine, coarse, pooled))
        return MiniImageState(image, (map0, map1), cache, tokens[0], features)

    def propose(self, state: MiniImageState, *, most: int = 50) -> list[ScoredBox]:
        """See `roi_assistant.interfaces.Proposes`.

        Raises:
            CaptionerError: the model has no ``propose.onnx``.
        """
        if self._propose is None:
            raise CaptionerError("{id} cannot propose boxes: draw them.", id=self.info.id)
        self.interrupt()
        fine, coarse, pooled = (values.astype(np.float32) for values in state.features)
        boxes, scores = self._propose(fine=fine, coarse=coarse, pooled=pooled)
        return self._proposals.read(boxes, scores, width=state.image.width, height=state.image.height, most=most)

    def describe(self, state: MiniImageState, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """Caption, category and attributes of ``boxes`` (pixels of the photo), in their order."""
        for start in range(0, len(boxes), BOXES_PER_BATCH):
            part = boxes[start : start + BOXES_PER_BATCH]
            drafts = {box: self._drafts.pop((state.number, box, request), None) for box in part}
            begun = [draft for draft in drafts.values() if draft is not None]
            answers = dict(zip((d.box for d in begun), self._finish(begun, request), strict=True))
            fresh = [box for box, draft in drafts.items() if draft is None]
            answers |= zip(fresh, self.answers(state, fresh, request), strict=True)
            for box in part:
                yield self._read(answers[box], box=box, request=request, image=state.image)

    def draft(self, state: MiniImageState, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """The captions and categories that `describe` will give, and those attributes that need no more questions.

        `describe` of the same boxes with the same request then takes up where this ended, unless `DRAFTS` others came
        between.
        """
        for start in range(0, len(boxes), BOXES_PER_BATCH):
            part = list(dict.fromkeys(boxes[start : start + BOXES_PER_BATCH]))
            regions = self._regions(state, part)
            region_answers, caches = self._ask(state.cache, self._first_tasks(request), request, regions=regions)
            texts = {}
            for number, (box, answers) in enumerate(zip(part, region_answers, strict=True)):
                draft = _Draft(box, caches[:, number : number + 1].copy(), answers)
                self._drafts[state.number, box, request] = draft
                texts[box] = self._read(draft.answers, box=box, request=request, image=state.image)
            while len(self._drafts) > DRAFTS:
                del self._drafts[next(iter(self._drafts))]
            yield from (texts[box] for box in boxes[start : start + BOXES_PER_BATCH])

    def _finish(self, drafts: Sequence[_Draft], request: DescribeRequest) -> list[RegionAnswers]:
        """The answers of which the first part is in ``drafts``."""
        tasks = self._later_tasks(request)
        if not drafts or not tasks:
            return [draft.answers for draft in drafts]
        later, _ = self._ask(np.concatenate([draft.cache for draft in drafts], axis=1), tasks, request)
        return [
            replace(draft.answers, attributes={**draft.answers.attributes, **rest.attributes})
            for draft, rest in zip(drafts, later, strict=True)
        ]

    def _read(self, answers: RegionAnswers, *, box: Box, request: DescribeRequest, image: Image.Image) -> RegionText:
        shares = measured_shares(image, box)
        return self._reader.read(answers, box=box, request=request, prompt=_question(request), shares=shares)

    def answers(self, state: MiniImageState, boxes: Sequence[Box], request: DescribeRequest) -> list[RegionAnswers]:
        """What the decoder wrote for each of at most `BOXES_PER_BATCH` boxes, before it is read and scored."""
        if not boxes:
            return []
        tasks = [*self._first_tasks(request), *self._later_tasks(request)]
        return self._ask(state.cache, tasks, request, regions=self._regions(state, boxes))[0]

    def _ask(
        self,
        past: NDArray[np.float32],
        tasks: Sequence[_Task],
        request: DescribeRequest,
        *,
        regions: _Regions | None = None,
    ) -> tuple[list[RegionAnswers], NDArray[np.float32]]:
        """The answers to ``tasks`` about regions, all in one batch, and the decoder's cache up to the regions.

        ``past`` is such a cache, one batch row per region; or that of the photo, with ``regions`` to follow.
        """
        region: list[int] = []
        features = None
        if regions is not None:
            region = self._encode(REGION_NAMES[0] + BOX * self._region_tokens)
            features = regions.tokens.reshape(-1, self._width)
            past = np.repeat(past, len(regions.tokens), axis=1)
        prompt = self._run([region + self._encode(ask(task.question)) for task in tasks], features, past)
        count, questions, vocabulary = prompt.log_probabilities.shape
        first = prompt.log_probabilities.reshape(count * questions, vocabulary)
        hypotheses = search(
            first,
            _Stepper(self, prompt),
            widths=np.array([task.beams for task in tasks] * count),
            end=self._end,
            longest=max(LONGEST.get(request.style, 0), LONGEST_ANSWER),
        )
        result: list[RegionAnswers] = []
        for start in range(0, len(hypotheses), len(tasks)):
            rows = list(
                zip(tasks, hypotheses[start : start + len(tasks)], first[start : start + len(tasks)], strict=True)
            )
            captions = {task.name: answers for task, answers, _ in rows if not task.is_attribute}
            attributes = {task.name: answers for task, answers, _ in rows if task.is_attribute}
            colors = [row.copy() for task, _, row in rows if task.is_attribute and task.name == COLOR]
            answers = RegionAnswers(captions, {COLOR: colors[0]} if colors else {}, attributes)
            result.append(answers if regions is None else self._with_heads(answers, regions, len(result)))
        return result, prompt.cache[:, :, :, : past.shape[3] + len(region)]

    def _with_heads(self, answers: RegionAnswers, regions: _Regions, number: int) -> RegionAnswers:
        """What the heads say of region ``number``, beside the decoder's ``answers``."""
        nouns: tuple[ScoredText, ...] = ()
        if regions.nouns is not None:
            nouns = _ranked(self._nouns, regions.nouns[number], most=LIKELIEST_NOUNS)
        values, start = {}, 0
        if regions.values is not None:
            for name, named in self._values.items():
                logits = regions.values[number, start : start + len(named)]
                values[name] = _ranked(named, logits - np.logaddexp.reduce(logits))
                start += len(named)
        ngrams = None if regions.ngrams is None else regions.ngrams[number].copy()
        features = "" if self._projection is None else packed(self._projection(*regions.looks(number))[0])
        return replace(answers, nouns=nouns, values=values, ngrams=ngrams, features=features)

    def _first_tasks(self, request: DescribeRequest) -> list[_Task]:
        """What caption and category need; the color is used to put captions in order."""
        beams = 1 + request.alternatives
        task, style = CAPTION_TASKS[request.style], _question(request)
        tasks = [_Task(task, style, 1 if request.decoding == "greedy" else beams)]
        if request.decoding == "greedy" and request.alternatives:
            # The caption is the greedy answer; alternatives still come from a search.
            tasks.append(_Task(ALTERNATIVES, style, beams))
        if request.category:
            tasks.append(_Task("category", QUESTIONS["category"][0], CATEGORY_BEAMS))
        questions = dict(schema_questions(request.attributes))
        if request.style == "description":
            questions |= {name: QUESTIONS[name][0] for name in _DECODED_FIRST}
            if self._reader.clause_from <= 1:
                tasks.append(_Task("description", QUESTIONS[self._reader.clause_task][0], DESCRIPTION_BEAMS))
        tasks += [_attribute_task(name, questions[name]) for name in _first_asked(request) if name in questions]
        return tasks

    def _later_tasks(self, request: DescribeRequest) -> list[_Task]:
        """The attributes that no caption depends on, without those that the attribute head knows better."""
        return [
            _attribute_task(name, question)
            for name, question in schema_questions(request.attributes)
            if name not in _first_asked(request) and (name not in self._values or name in ASKED_ANYWAY)
        ]

    def region_tokens(self, state: MiniImageState, boxes: Sequence[Box]) -> NDArray[np.float32]:
        """Region embeddings [boxes, region tokens, width]."""
        return self._regions(state, boxes).tokens

    def region_features(
        self, state: MiniImageState, boxes: Sequence[Box]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Region embeddings [boxes, region tokens, width], and the close-ups' pooled vectors [boxes, channels]."""
        regions = self._regions(state, boxes)
        return regions.tokens, regions.pooled

    def _regions(self, state: MiniImageState, boxes: Sequence[Box]) -> _Regions:
        image = state.image
        clipped = [clip_box(box, width=image.width, height=image.height) for box in boxes]
        windows = [region_window(box, width=image.width, height=image.height) for box in clipped]
        outputs = []
        for start in range(0, len(boxes), VIEWS_PER_BATCH):
            self.interrupt()
            part = windows[start : start + VIEWS_PER_BATCH]
            pixels = np.stack([region_view(image, window, size=self._view_size) for window in part])
            outputs.append(self._view(pixels=to_network(pixels)))
        fine, coarse, pooled = (np.concatenate(arrays) for arrays in zip(*outputs, strict=True))
        scale = np.array([image.width, image.height] * 2, np.float32)
        relative = np.array([b.xyxy for b in clipped], np.float32) / scale
        inside = np.array([box_in_window(b, w) for b, w in zip(clipped, windows, strict=True)], np.float32)
        heads = {"image": state.tokens[None]} if self._nouns else {}
        tokens, *of_heads = self._region(
            map0=state.maps[0],
            map1=state.maps[1],
            boxes=relative,
            fine=fine,
            coarse=coarse,
            pooled=pooled,
            view_boxes=inside,
            **heads,
        )
        return _Regions(tokens, pooled, *of_heads)

    def chat(self, state: MiniImageState, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        """Answer the last turn, word by word. Earlier turns are not read: the model was trained on single questions.

        Plain questions (`plain_question`) are answered from what is known of the region, and a question that names one
        region with that region alone.

        Raises:
            CaptionerError: no question, one that is longer than the model can read, or more boxes than it knows names
                for.
        """
        if not turns or turns[-1].role != "user" or not turns[-1].text.strip():
            raise CaptionerError("There is no question to answer: write one about <region1> or the image.")
        if len(boxes) > MAX_REGIONS:
            raise CaptionerError(
                "{id} answers about at most {most} regions at a time.", id=self.info.id, most=MAX_REGIONS
            )
        question = normalise_question(turns[-1].text)
        plain = plain_question(question, regions=len(boxes))
        if plain is not None:
            yield self._reply(state, plain, boxes)
            return
        named = references(question)
        if len(named) == 1 and named[0] <= len(boxes):  # other regions in the prefix only spoil the answer
            boxes, question = [boxes[named[0] - 1]], question.replace(f"<region{named[0]}>", "<region1>")
        yield from self._decoded(state, boxes, question)

    def _reply(self, state: MiniImageState, question: PlainQuestion, boxes: Sequence[Box]) -> str:
        image = state.image
        told = reply_from_boxes(question, boxes, width=image.width, height=image.height)
        if told is not None:
            return told
        others = [box for k, box in enumerate(boxes, start=1) if k != question.region and question.kind == "beside"]
        asked = [boxes[question.region - 1], *others]
        request = DescribeRequest(style="description", alternatives=4, attributes=ASKED)
        known = [
            Known(box, self._read(answers, box=box, request=request, image=image), answers.nouns, self._vocabulary)
            for box, answers in zip(asked, self.answers(state, asked, request), strict=True)
        ]
        return reply(question, known[0], known[1:])

    def _decoded(self, state: MiniImageState, boxes: Sequence[Box], text: str) -> Iterator[str]:
        """What the decoder answers, word by word."""
        cache = state.cache
        if boxes:
            tokens = self.region_tokens(state, boxes).reshape(-1, self._width)
            names = "".join(name + BOX * self._region_tokens for name in REGION_NAMES[: len(boxes)])
            cache = self._run([self._encode(names)], tokens, cache).cache
        question = self._encode(ask(text))
        room = self._positions - cache.shape[3] - LONGEST["image"]
        if len(question) > room:
            raise CaptionerError(
                "The question has {count} tokens and {id} reads {most} at most: make it shorter.",
                count=len(question),
                id=self.info.id,
                most=room,
            )
        prompt = self._run([question], None, cache)
        written_tokens: list[int] = []
        shown = ""
        while len(written_tokens) < LONGEST["image"]:
            token = int(prompt.log_probabilities[0, 0].argmax())
            if token == self._end:
                break
            written_tokens.append(token)
            # A space or an apostrophe is held back until it is known what it belongs to.
            text = written(self.tokenizer.decode(written_tokens, skip_special_tokens=False)).rstrip(" '")
            if text[len(shown) :]:
                yield text[len(shown) :]
            shown = text
            prompt = self._run([[token]], None, prompt.cache)

    def close(self) -> None:
        """Drop the sessions and with them their memory."""
        del self._vision, self._view, self._image, self._region, self._language, self._propose

    def _encode(self, text: str) -> list[int]:
        if text not in self._encoded:
            if len(self._encoded) > 4096:
                self._encoded.clear()
            self._encoded[text] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return self._encoded[text]

    def _empty_cache(self, rows: int) -> NDArray[np.float32]:
        layers, heads, width = self._cache_shape
        return np.zeros((layers, rows, heads, 0, width), np.float32)

    def _run(
        self, paths: Sequence[Sequence[int]], features: NDArray[np.float32] | None, past: NDArray[np.float32]
    ) -> _Prompt:
        """Every path of tokens after each row of ``past``; what paths begin with in common is computed once.

        ``features`` replace the places of image and region in order, row by row.
        """
        tree = TokenTree(paths)
        batch, before = past.shape[1], past.shape[3]
        ids = np.tile(tree.tokens, (batch, 1))
        places = (ids == self._special[IMAGE_PATCH]) | (ids == self._special[BOX])
        index = np.where(places, np.cumsum(places.ravel()).reshape(places.shape) - 1, -1)
        visible = np.concatenate([np.ones((len(tree.tokens), before), bool), tree.visible], axis=1)
        log_probabilities, cache = self.language_step(
            ids,
            features,
            index,
            np.tile(before + tree.depths, (batch, 1)),
            np.tile(visible, (batch, 1, 1)),
            np.tile(tree.leaves, (batch, 1)),
            past,
        )
        return _Prompt(log_probabilities, cache, visible[tree.leaves], before + tree.depths[tree.leaves])

    def language_step(
        self,
        ids: NDArray[np.int64],
        features: NDArray[np.float32] | None,
        index: NDArray[np.int64],
        positions: NDArray[np.int64],
        mask: NDArray[np.bool_],
        wanted: NDArray[np.int64],
        past: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run the language graph; see `models.gpt4roi.export_onnx.LanguageGraph` for the shapes."""
        self.interrupt()
        given = features if features is not None else np.zeros((1, self._width), np.float32)
        log_probabilities, present = self._language(
            ids=ids, features=given, feature_index=index, positions=positions, mask=mask, wanted=wanted, past=past
        )
        return log_probabilities, present


_DECODED_FIRST: tuple[Task, ...] = ("color", "wearing")


def _question(request: DescribeRequest) -> str:
    return QUESTIONS[CAPTION_TASKS[request.style]][0]


def _first_asked(request: DescribeRequest) -> tuple[Task, ...]:
    """The attributes that the caption depends on."""
    return _DECODED_FIRST if request.style == "description" else ("color",)


@dataclass(frozen=True)
class _Task:
    """A question about a region. ``beams`` 1 is a greedy search, 0 wants the first token's probabilities only."""

    name: str
    question: str
    beams: int
    is_attribute: bool = False


def _attribute_task(name: str, question: str) -> _Task:
    return _Task(name, question, 0 if name == COLOR else 1, is_attribute=True)


def _ranked(
    texts: Sequence[str], log_probabilities: NDArray[np.float32], *, most: int | None = None
) -> tuple[ScoredText, ...]:
    best = np.argsort(-log_probabilities)[:most]
    probabilities = np.exp(log_probabilities[best]).tolist()
    return tuple(ScoredText(texts[k], probability) for k, probability in zip(best.tolist(), probabilities, strict=True))


@dataclass(frozen=True)
class _Regions:
    """Region embeddings [boxes, region tokens, width], the pooled vectors of the close-ups [boxes, channels], and what
    the heads say where the model has them: the category head's log-probabilities [boxes, nouns], the attribute head's
    logits [boxes, values], and what the phrase head expects [boxes, n-grams]."""

    tokens: NDArray[np.float32]
    pooled: NDArray[np.float32]
    nouns: NDArray[np.float32] | None = None
    values: NDArray[np.float32] | None = None
    ngrams: NDArray[np.float32] | None = None

    def looks(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What `RegionProjection` needs of one region."""
        return self.pooled[number : number + 1], self.tokens[number : number + 1]


@dataclass(frozen=True)
class _Draft:
    """A region whose caption is known: the decoder's cache up to it, one row, and the answers so far."""

    box: Box
    cache: NDArray[np.float32]
    answers: RegionAnswers


@dataclass(frozen=True)
class _Prompt:
    """Paths of tokens after each batch row, as the decoder left them.

    ``log_probabilities`` [batch, paths, vocabulary] of the next token; for each path its ``visible`` columns [paths,
    columns] of ``cache`` and its last ``positions`` [paths].
    """

    log_probabilities: NDArray[np.float32]
    cache: NDArray[np.float32]
    visible: NDArray[np.bool_]
    positions: NDArray[np.int64]


class _Stepper:
    """Feeds one token per live beam to the decoder. All beams of all questions about a region are one batch row and
    share one cache: each sees the columns that it descends from."""

    def __init__(self, model: MiniCaptioner, prompt: _Prompt) -> None:
        regions, questions, _ = prompt.log_probabilities.shape
        self._model, self._cache = model, prompt.cache
        self._visible = np.tile(prompt.visible, (regions, 1))
        self._positions = np.tile(prompt.positions, regions)
        self._region = np.repeat(np.arange(regions), questions)

    def __call__(self, tokens: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        visible, positions = self._visible[rows], self._positions[rows] + 1
        live, region, counts = np.unique(self._region[rows], return_inverse=True, return_counts=True)
        used = visible.any(axis=0)
        past = self._cache if len(live) == self._cache.shape[1] else self._cache[:, live]
        past, visible = np.ascontiguousarray(past[:, :, :, used]), visible[:, used]
        # Beams come sorted by region, so a beam's place in its region's row is its distance from the first of them.
        place = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        shape, before = (len(live), int(counts.max())), past.shape[3]
        ids, at = np.full(shape, self._model.pad), np.zeros(shape, np.int64)
        ids[region, place], at[region, place] = tokens, positions
        mask = np.zeros((*shape, before + shape[1]), bool)
        mask[region, place, :before] = visible
        mask[region, place, before + place] = True
        wanted = np.tile(np.arange(shape[1]), (shape[0], 1))
        log_probabilities, self._cache = self._model.language_step(
            ids, None, np.full(shape, -1), at, mask, wanted, past
        )
        self._visible, self._positions, self._region = mask[region, place], positions, region
        return log_probabilities[region, place]
