"""Conversations about images that vision-language models are trained on, with boxes as each family wants them.

    {"id": "1", "image": "a/1.jpg", "width": 640, "height": 480, "asked": ["caption"], "conversations": [
     {"from": "human", "value": "<image>\\nWhat is in {\\"bbox_2d\\": [100, 250, 500, 1000]}?"},
     {"from": "gpt", "value": "a red cup"}]}

Each image becomes a record with questions and answers about its regions, one with the questions where they are, and
one for each conversation of the chat.
``asked`` says for each question what was asked, ``width`` and ``height`` are what the boxes were computed with.
Trainers pass over them; the reader tells categories from captions by ``asked``. Boxes are read from the text alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from roi_assistant.api import (
    AnnotatedImage,
    AnnotationSet,
    ExportReport,
    LossCounter,
    Questions,
    atomic_file,
    json_text,
)

from .asking import Asker, Pair
from .conversation_reading import ConversationReader
from .dialects import Dialect, Listed
from .marked_texts import written


class Conversations:
    """Writes and reads one dialect."""

    takes_conversations = True
    takes_questions = True

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.label = dialect.label.template
        self.suffixes = (".jsonl",) if dialect.lines else (".json",)

    def write(
        self, path: Path, images: Iterable[AnnotatedImage], *, questions: Questions | None = None
    ) -> ExportReport:
        losses = LossCounter()
        asked_images = regions = number = 0
        begin, between, end = ("", "", "\n") if self.dialect.lines else ("[\n", ",\n", "")
        with atomic_file(path) as stream:
            stream.write(begin.encode())
            for image in images:
                asker = Asker(image, self.dialect, questions or Questions(), losses)
                talks = asker.about_chat()
                records = [pairs for pairs in (*asker.about_regions(), *talks) if pairs]
                for pairs in records:
                    number += 1
                    record = self._record(str(number), image, pairs)
                    stream.write(((between if number > 1 else "") + json_text(record) + end).encode())
                asked_images += bool(records)
                regions += len(asker.region_ids)
                if not records:
                    losses.add("image", "dropped", "it has no region that can be written", example=image.file_name)
            stream.write(b"" if self.dialect.lines else b"\n]\n")
        return losses.report(images=asked_images, regions=regions)

    def read(self, path: Path) -> AnnotationSet:
        return ConversationReader(path, self.dialect).read()

    def rounding(self, size: tuple[int, int]) -> tuple[float, float]:
        """By how many pixels x and y of a corner may come back elsewhere than the project has them."""
        return (0.0, 0.0) if isinstance(self.dialect.boxes, Listed) else self.dialect.boxes.rounding(size)

    def _record(self, id_: str, image: AnnotatedImage, pairs: Sequence[Pair]) -> dict[str, Any]:
        assert image.width and image.height
        turns = [turn for pair in pairs for turn in (pair.question, pair.answer)]
        texts, beside = written(turns, self.dialect, size=(image.width, image.height))
        texts[0] = self.dialect.opening + texts[0]
        head: dict[str, Any] = {"id": id_}
        if self.dialect.layout == "conversations":
            head["image"] = image.file_name
            talk = [{"from": ("human", "gpt")[n % 2], "value": text} for n, text in enumerate(texts)]
        else:
            head["images"] = [image.file_name]
            talk = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]
        head |= {"width": image.width, "height": image.height, "asked": [pair.asked for pair in pairs]}
        return head | {self.dialect.layout: talk} | beside
