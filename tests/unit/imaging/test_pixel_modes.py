"""Conversions in bands: the joints are not seen, and no copy is made that need not be."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from roi_assistant.errors import ImageError
from roi_assistant.imaging import pixel_modes
from roi_assistant.imaging.decode import decode_image, read_size
from roi_assistant.imaging.pixel_modes import to_rgb

SIZE = (40, 30)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "L", "RGB", "I;16", "I", "F", "CMYK"])
def test_bands_give_what_a_whole_gives(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (SIZE[1], SIZE[0], 4), np.uint8)
    whole = Image.fromarray(noise, "RGBA")
    if mode in ("I;16", "I", "F"):
        image = Image.fromarray(noise[..., 0].astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]) * 200)
    else:
        image = (whole if mode in ("RGBA", "LA") else whole.convert("RGB")).convert(mode)
    if mode in ("P", "L", "RGB"):
        image.info["transparency"] = (9, 9, 9) if mode == "RGB" else 9
    expected = to_rgb(image.copy())
    monkeypatch.setattr(pixel_modes, "_PIXELS_AT_ONCE", 7 * SIZE[0])
    assert to_rgb(image.copy()).tobytes() == expected.tobytes()
    assert expected.mode == "RGB"


def peak(path: Path) -> int:
    """Bytes that decoding ``path`` takes, in a process of its own, beyond those of the program."""
    code = (
        "import resource, sys; from roi_assistant.imaging.decode import decode_image\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; decode_image(sys.argv[1])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.skipif(not hasattr(resource, "RUSAGE_SELF") or sys.platform == "win32", reason="tells no memory")
@pytest.mark.parametrize(
    ("mode", "name", "bytes_a_pixel"),
    [("RGB", "a.png", 4), ("RGB", "a.jpg", 4), ("P", "a.gif", 5), ("RGBA", "a.png", 8), ("LA", "a.png", 8)],
)
def test_memory_of_a_picture(tmp_path: Path, mode: str, name: str, bytes_a_pixel: int) -> None:
    side = 5000
    Image.new(mode, (side, side)).save(tmp_path / name)
    assert peak(tmp_path / name) < (bytes_a_pixel + 1) * side * side


def test_a_webp_that_says_to_be_large_is_refused_before_a_canvas_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    frames = [Image.new("RGB", (64, 48), color) for color in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    data = bytearray(path.read_bytes())
    place = data.index(b"VP8X") + 12
    data[place : place + 6] = (12_999).to_bytes(3, "little") * 2
    path.write_bytes(data)
    for read in (read_size, decode_image):
        with pytest.raises(ImageError, match="convert it to JPEG or PNG"):
            read(path)
