"""RapidOCR as a reader of boxes: finds lines in a crop, reads each at the photo's own resolution, upright or turned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import rapidocr
from numpy.typing import NDArray

from roi_assistant.api import ModelFileError, ReadLine, ReadText, TextReaderInfo

from .layout import Line, Quad, Turn, detection_scale, in_reading_order, joined, quad_size, upright_turns

if TYPE_CHECKING:
    from PIL.Image import Image

    from roi_assistant.api import Box

_DETECTOR, _RECOGNIZER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_MARGIN = 0.05
"""Part of a box's shorter side that is looked at around it: letters at its very edge are found, too."""
_SMALLEST = 4.0
"""Pixels of a side below which nothing can be read."""
_BORDER = 32
"""Pixels around what the detector is given: it finds no text that touches the edge."""
_LEAST_INSIDE = 0.5
_LEAST_SCORE = 0.6
_LEAST_OF_FEW = {1: 0.995, 2: 0.9, 3: 0.9}
"""Of a line with so many letters or digits: whiskers, handles and shadows are read as one, with scores up to 0.99. Real
ones, such as the number of a house or a player, mostly have 0.998 and more."""
_SURE = 0.9
"""Mean score from which on the other ways in which letters may stand are not tried."""
_ROW_HEIGHT = 48
_LONGEST_ROW = 40
"""Height of what the recognizer is given, and how many times as wide it is at most."""


class RapidOcrReader:
    """See `roi_assistant.api.TextReader`."""

    def __init__(self, engine: Any, info: TextReaderInfo) -> None:
        self.info = info
        self._engine = engine

    @classmethod
    def load(cls, *, threads: int | None = None) -> RapidOcrReader:
        """RapidOCR with the weights in its wheel; nothing is downloaded. Raises: ModelFileError."""
        folder = Path(rapidocr.__file__).parent / "models"
        files = [folder / _DETECTOR, folder / _RECOGNIZER]
        digest = hashlib.sha256()
        for file in files:
            try:
                digest.update(hashlib.sha256(file.read_bytes()).digest())
            except OSError as error:
                raise ModelFileError(
                    "{path} cannot be read ({reason}): install rapidocr 3.10 again.", path=file, reason=error
                ) from error
        # What this program does itself (sizes, borders, turned lines, thresholds) is switched off. With paths RapidOCR
        # does not look for weights on the network.
        engine = rapidocr.RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.text_score": 0.0,
                "Global.use_preprocess_img": False,
                "Global.use_vertical_padding": False,
                "Det.limit_type": "max",
                "Det.limit_side_len": 1 << 16,
                "Det.model_path": str(files[0]),
                "Rec.model_path": str(files[1]),
                "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1,
            }
        )
        version = str(getattr(rapidocr, "__version__", "")) or _version()
        return cls(engine, TextReaderInfo("rapidocr", f"RapidOCR {version}, PP-OCRv6 small", digest.hexdigest()))

    def read(self, image: Image, boxes: Sequence[Box]) -> Iterator[ReadText | None]:
        """One answer per box, in their order."""
        for box in boxes:
            yield self._read(image, box)

    def _read(self, image: Image, box: Box) -> ReadText | None:
        if min(box.x2 - box.x1, box.y2 - box.y1) < _SMALLEST:
            return None
        crop, left, top = _cropped(image, box)
        corner = np.array([left, top])
        quads = [quad for quad in self._found(crop) if _inside(quad + corner, box) >= _LEAST_INSIDE]
        lines, turn = self._recognized(crop, quads)
        rows = in_reading_order([line for line in lines if _is_text(line)], turn)
        kept = [line for row in rows for line in row]
        if not kept:
            return None
        letters = [len(line.text) for line in kept]
        score = sum(line.score * count for line, count in zip(kept, letters, strict=True)) / sum(letters)
        return ReadText(
            lines=tuple(ReadLine(line.text, line.score) for line in kept),
            text=joined([[line.text for line in row] for row in rows]),
            score=score,
        )

    def _found(self, crop: NDArray[np.uint8]) -> list[Quad]:
        """Where lines may be, in pixels of ``crop``."""
        height, width = crop.shape[:2]
        scale = detection_scale(width, height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        resized = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        bordered = cv2.copyMakeBorder(resized, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_REPLICATE)
        answer = self._engine(bordered, use_det=True, use_cls=False, use_rec=False)
        found = () if answer.boxes is None else answer.boxes
        factors = np.array([width / size[0], height / size[1]])
        return [(np.asarray(quad, dtype=np.float64) - _BORDER) * factors for quad in found]

    def _recognized(self, crop: NDArray[np.uint8], quads: Sequence[Quad]) -> tuple[list[Line], Turn]:
        """What stands in ``quads``, and how most of the letters stand.

        A line upside down gives letters, too, of less score. One line may be mistaken, so all lines of the same shape
        vote, each with its letters, and are read as the majority says.
        """
        lines: list[Line] = []
        turns: dict[Turn, float] = {}
        for choices in sorted({upright_turns(quad) for quad in quads}):
            group = [quad for quad in quads if upright_turns(quad) == choices]
            best: list[Line] = []
            best_turn, best_score = choices[0], -1.0
            for turn in choices:
                read = [line for quad in group if (line := self._line(crop, quad, turn)) is not None]
                letters = sum(len(line.text) for line in read)
                score = sum(line.score * len(line.text) for line in read) / letters if letters else 0.0
                if score > best_score:
                    best, best_turn, best_score = read, turn, score
                if best_score >= _SURE:
                    break
            lines += best
            turns[best_turn] = turns.get(best_turn, 0.0) + sum(line.score * len(line.text) for line in best)
        return lines, max(turns, key=lambda turn: turns[turn], default=0)

    def _line(self, crop: NDArray[np.uint8], quad: Quad, turn: Turn) -> Line | None:
        row = _straightened(crop, quad, turn)
        if row is None:
            return None
        answer = self._engine(row, use_det=False, use_cls=False, use_rec=True)
        if not answer.txts:
            return None
        text = " ".join(answer.txts[0].split())
        return Line(quad, text, min(1.0, max(0.0, float(answer.scores[0])))) if text else None


def _is_text(line: Line) -> bool:
    letters = sum(letter.isalnum() for letter in line.text)
    return letters > 0 and line.score >= _LEAST_OF_FEW.get(letters, _LEAST_SCORE)


def _version() -> str:
    from importlib.metadata import version

    return version("rapidocr")


def _cropped(image: Image, box: Box) -> tuple[NDArray[np.uint8], int, int]:
    """The pixels of ``box`` and a margin as rows of BGR, and the place of the first one in the image."""
    margin = max(2.0, _MARGIN * min(box.x2 - box.x1, box.y2 - box.y1))
    left, top = max(0, int(box.x1 - margin)), max(0, int(box.y1 - margin))
    right, bottom = min(image.width, int(box.x2 + margin) + 1), min(image.height, int(box.y2 + margin) + 1)
    rgb = np.asarray(image.crop((left, top, right, bottom)).convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1]), left, top


def _inside(quad: Quad, box: Box) -> float:
    """Part of the area of ``quad`` that lies in ``box``, 0 to 1."""
    corners = np.array([[box.x1, box.y1], [box.x2, box.y1], [box.x2, box.y2], [box.x1, box.y2]], dtype=np.float32)
    own = quad.astype(np.float32)
    area = cv2.contourArea(own)
    if area <= 0:
        return 0.0
    shared, _ = cv2.intersectConvexConvex(cv2.convexHull(own), corners)
    return float(shared) / float(area)


def _straightened(crop: NDArray[np.uint8], quad: Quad, turn: Turn) -> NDArray[np.uint8] | None:
    """The pixels of ``quad`` as an upright row of letters, if the picture is turned by ``turn``."""
    width, height = quad_size(quad)
    if min(width, height) < 1:
        return None
    lying = turn in (0, 180)
    long, high = (width, height) if lying else (height, width)
    row_width = min(max(1, round(long * _ROW_HEIGHT / high)), _LONGEST_ROW * _ROW_HEIGHT)
    size = (row_width, _ROW_HEIGHT)
    first = {0: 0, 270: 3, 180: 2, 90: 1}[turn]  # the corner of the quad where the letters begin
    source = np.roll(quad, -first, axis=0).astype(np.float32)
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=np.float32)
    shrinks = high > _ROW_HEIGHT * 2
    matrix = cv2.getPerspectiveTransform(source, target)
    if shrinks:  # no aliasing of large letters: shrink in two steps
        factor = high / _ROW_HEIGHT
        large = (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
        target = np.array([[0, 0], [large[0], 0], [large[0], large[1]], [0, large[1]]], dtype=np.float32)
        matrix = cv2.getPerspectiveTransform(source, target)
        row = cv2.warpPerspective(crop, matrix, large, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(row, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    row = cv2.warpPerspective(crop, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(row, dtype=np.uint8)
