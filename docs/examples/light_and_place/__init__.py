"""A captioner without a model: how bright a box is, how large, and where it lies."""

from collections.abc import Callable, Iterator, Sequence

from PIL import ImageStat
from PIL.Image import Image

from roi_assistant.api import (
    Box,
    Captioner,
    CaptionerError,
    CaptionerFactory,
    CaptionerInfo,
    DescribeRequest,
    RegionText,
    ScoredText,
    SuggestedAttribute,
    Turn,
    hookimpl,
)


class LightAndPlace:
    info = CaptionerInfo(id="light-and-place", name="Light and place", device="cpu", precision="exact")

    def set_image(self, image: Image) -> Image:
        return image.convert("L")  # once per image; describe() gets it back as `state`

    def describe(self, state: Image, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        for box in boxes:
            left, top, right, bottom = (round(value) for value in box.xyxy)
            patch = state.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
            level = ImageStat.Stat(patch).mean[0]
            light = "dark" if level < 85 else "bright" if level > 170 else "medium bright"
            size = "large" if box.area > state.width * state.height / 4 else "small"
            side = "left" if box.center[0] < state.width / 2 else "right"
            caption = ScoredText(f"a {size} {light} area on the {side}", score=0.3)
            attributes = (
                SuggestedAttribute("size", (size,), score=0.9, source="pixels"),
                SuggestedAttribute("light", (light,), score=0.9, source="pixels"),
            )
            no_attributes = request.attributes is not None and not request.attributes.attributes
            yield RegionText(box, caption, attributes=() if no_attributes else attributes, unsure=True)

    def chat(self, state: Image, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        raise CaptionerError("light-and-place cannot chat.")

    def close(self) -> None:
        pass


def load(*, device: str = "auto", threads: int | None = None) -> Captioner:
    return LightAndPlace()  # a real model imports its libraries and reads its weights here, not above


@hookimpl
def register_captioners(register: Callable[[str, CaptionerFactory], None]) -> None:
    register("light-and-place", load)
