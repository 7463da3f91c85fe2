"""Pictures of every kind, made here, come out as the RGB that a viewer shows."""

from __future__ import annotations

import io
import struct
import sys
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from roi_assistant.errors import BadInputError, ImageError
from roi_assistant.imaging.decode import DecodedImage, decode_bytes, decode_image, read_size
from tests.unit.imaging.encoded_pictures import encoded, photo, pixels_of, png_chunk, tiff

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)

# EXIF 2.3, tag 0x0112, says on which side of the displayed picture (h x w) the first stored row and column lie; hence
# the displayed (row, column) of the stored (r, c).
STORED_AT = {
    1: lambda r, c, h, w: (r, c),
    2: lambda r, c, h, w: (r, w - 1 - c),
    3: lambda r, c, h, w: (h - 1 - r, w - 1 - c),
    4: lambda r, c, h, w: (h - 1 - r, c),
    5: lambda r, c, h, w: (c, r),
    6: lambda r, c, h, w: (c, w - 1 - r),
    7: lambda r, c, h, w: (h - 1 - c, w - 1 - r),
    8: lambda r, c, h, w: (h - 1 - c, r),
}


def png_claiming(width: int, height: int) -> bytes:
    """A tiny valid PNG whose header claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = png_chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + data + png_chunk(b"IEND", b"")


# ------------------------------------------------------------------------------------------------------------ formats


@pytest.mark.parametrize("format_name", ["PNG", "TIFF", "BMP", "PPM"])
def test_lossless_formats_keep_every_pixel(format_name: str) -> None:
    np.testing.assert_array_equal(pixels_of(encoded(photo(), format_name)), np.asarray(photo()))


@pytest.mark.parametrize(
    ("format_name", "options"),
    [("JPEG", {"quality": 95}), ("WEBP", {"quality": 95}), ("JPEG2000", {}), ("AVIF", {"quality": 95})],
)
def test_lossy_formats_come_close(format_name: str, options: dict[str, object]) -> None:
    difference = np.abs(pixels_of(encoded(photo(), format_name, **options)).astype(int) - np.asarray(photo()))
    assert difference.mean() < 4


def test_path_and_size_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "Bild mit Leerzeichen ü.png"
    photo(60, 40).save(path)
    decoded = decode_image(path)
    assert (decoded.width, decoded.height, decoded.path) == (60, 40, path)
    assert decode_image(str(path)).path == path
    assert decode_bytes(path.read_bytes(), name="x").path is None


def test_the_file_is_closed_and_may_be_deleted_while_the_picture_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    photo().save(path)
    decoded = decode_image(path)
    path.write_bytes(b"")
    np.testing.assert_array_equal(np.asarray(decoded.pixels), np.asarray(photo()))


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "really-a-png.jpg"
    path.write_bytes(encoded(photo(), "PNG"))
    assert decode_image(path).width == 60


# -------------------------------------------------------------------------------------------------------- orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_exif_orientation_is_applied(orientation: int, format_name: str, tmp_path: Path) -> None:
    height, width = 16, 24
    displayed = np.zeros((height, width, 3), np.uint8)
    displayed[:8, :8], displayed[:8, 16:], displayed[8:, :8], displayed[8:, 8:] = RED, GREEN, BLUE, WHITE
    turned = orientation >= 5
    stored = np.zeros((width, height, 3) if turned else (height, width, 3), np.uint8)
    for row in range(stored.shape[0]):
        for column in range(stored.shape[1]):
            stored[row, column] = displayed[STORED_AT[orientation](row, column, height, width)]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, object] = {"quality": 100, "subsampling": 0} if format_name == "JPEG" else {}
    if format_name == "WEBP":
        options = {"lossless": True}
    data = encoded(Image.fromarray(stored), format_name, exif=exif, **options)

    result = pixels_of(data)
    (tmp_path / "a").write_bytes(data)

    assert read_size(tmp_path / "a") == (width, height)
    assert result.shape == displayed.shape
    assert np.abs(result.astype(int) - displayed).max() <= (12 if format_name == "JPEG" else 0)


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


def test_exif_behind_the_pixels_of_a_png(tmp_path: Path) -> None:
    data = encoded(photo(60, 40), "PNG")
    path = tmp_path / "late.png"
    path.write_bytes(data[:-12] + png_chunk(b"eXIf", exif_of(8)) + data[-12:])
    assert decode_image(path).pixels.size == (40, 60)
    assert read_size(path) == (40, 60)


def test_size_comes_from_the_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded a picture to read its size"))
    for format_name in ("PNG", "JPEG", "TIFF", "BMP", "WEBP"):
        path = tmp_path / f"a.{format_name}"
        path.write_bytes(encoded(photo(60, 40).copy(), format_name))
        assert read_size(path) == (60, 40)
    path.write_bytes(png_claiming(50_000, 40_000))
    assert read_size(path) == (50_000, 40_000)


@pytest.mark.parametrize(
    ("data", "message"), [(b"", "empty"), (b"text", "not a picture"), (b"\x89PNG\r\n\x1a\n", "truncated")]
)
def test_size_of_what_is_no_picture(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=message):
        read_size(path)
    with pytest.raises(ImageError, match="does not exist"):
        read_size(tmp_path / "nowhere.png")


def test_orientation_is_not_left_behind_to_be_applied_twice() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    decoded = decode_bytes(encoded(photo(), "JPEG", exif=exif), name="x")
    assert decoded.pixels.size == (40, 60)
    assert decoded.pixels.getexif().get(0x0112) is None
    assert decoded.pixels.info == {}


@pytest.mark.parametrize("value", [0, 9, 255])
def test_orientation_out_of_range_is_ignored(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    assert decode_bytes(encoded(photo(), "PNG", exif=exif), name="x").pixels.size == (60, 40)


@pytest.mark.filterwarnings("ignore:.*EXIF:UserWarning")
def test_broken_exif_does_not_spoil_the_picture() -> None:
    data = encoded(photo(), "PNG", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff")
    assert decode_bytes(data, name="x").pixels.size == (60, 40)


# ---------------------------------------------------------------------------------------------------- color and alpha


def test_cmyk_tiff() -> None:
    image = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    assert pixels_of(encoded(image, "TIFF"))[0, 0].tolist() == list(RED)


def test_cmyk_jpeg_with_adobe_inverted_inks() -> None:
    data = encoded(Image.new("CMYK", (16, 16), (255, 0, 255, 0)), "JPEG", quality=100)
    assert b"Adobe" in data, "Photoshop's marker, under which 255 means no ink"
    assert np.abs(pixels_of(data)[8, 8].astype(int) - GREEN).max() <= 3


def test_ycbcr_tiff() -> None:
    image = Image.new("RGB", (16, 16), (200, 30, 60)).convert("YCbCr")
    assert np.abs(pixels_of(encoded(image, "TIFF"))[0, 0].astype(int) - (200, 30, 60)).max() <= 2


def test_lab_tiff() -> None:
    image = Image.new("LAB", (4, 4), (138, 209, 198))  # CIELAB (D50) 54.3, 80.8, 69.9: the red of sRGB
    assert np.abs(pixels_of(encoded(image, "TIFF"))[0, 0].astype(int) - RED).max() <= 6


def test_profiles_that_say_nothing_about_rgb_change_nothing() -> None:
    image = Image.new("RGB", (4, 4), (120, 60, 30))
    other = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    same = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert pixels_of(encoded(image, "PNG", icc_profile=same))[0, 0].tolist() == [120, 60, 30]
    assert pixels_of(encoded(image, "PNG", icc_profile=other))[0, 0].tolist() == [120, 60, 30], "not an RGB profile"
    assert pixels_of(encoded(image, "PNG", icc_profile=b"not a profile"))[0, 0].tolist() == [120, 60, 30]


def test_wide_gamut_profile_changes_the_numbers() -> None:
    image = Image.new("RGB", (4, 4), (100, 200, 100))
    result = pixels_of(encoded(image, "PNG", icc_profile=wide_gamut_profile()))[0, 0].astype(int)
    assert result[0] < 60 and result[1] >= 200, "the same numbers mean a stronger green there than in sRGB"


def wide_gamut_profile() -> bytes:
    """sRGB's own profile with its red and green colorants moved outwards: a larger gamut, another name."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", data, 128)[0]
    for index in range(count):
        tag, offset, _size = struct.unpack_from(">4sII", data, 132 + 12 * index)
        if tag == b"desc":
            at = data.find("sRGB".encode("utf-16-be"), offset)
            at, name = (at, "wide".encode("utf-16-be")) if at >= 0 else (data.find(b"sRGB", offset), b"wide")
            data[at : at + len(name)] = name
        elif tag == b"rXYZ":  # Adobe RGB (1998), adapted to D50
            struct.pack_into(">iii", data, offset + 8, *(round(v * 65536) for v in (0.60974, 0.31111, 0.01947)))
        elif tag == b"gXYZ":
            struct.pack_into(">iii", data, offset + 8, *(round(v * 65536) for v in (0.20528, 0.62567, 0.06087)))
        elif tag == b"bXYZ":
            struct.pack_into(">iii", data, offset + 8, *(round(v * 65536) for v in (0.14919, 0.06322, 0.74457)))
    return bytes(data)


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_bilevel(mode: str) -> None:
    image = Image.new(mode, (3, 1), 0)
    image.putpixel((1, 0), 255)
    assert pixels_of(encoded(image, "PNG"))[0, :, 1].tolist() == [0, 255, 0]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("RGBA", (2, 2), (255, 0, 0, 255)), (255, 0, 0)),
        (Image.new("RGBA", (2, 2), (255, 0, 0, 0)), (255, 255, 255)),
        (Image.new("RGBA", (2, 2), (0, 0, 0, 51)), (204, 204, 204)),  # a fifth black, four fifths white
        (Image.new("LA", (2, 2), (0, 0)), (255, 255, 255)),
        (Image.new("LA", (2, 2), (100, 255)), (100, 100, 100)),
    ],
)
@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_alpha_is_composited_on_white(image: Image.Image, expected: tuple[int, int, int], format_name: str) -> None:
    assert pixels_of(encoded(image, format_name))[0, 0].tolist() == list(expected)


def palette_image() -> Image.Image:
    image = Image.new("P", (3, 1))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])
    return image


@pytest.mark.parametrize("format_name", ["PNG", "GIF", "BMP", "TIFF"])
def test_palette(format_name: str) -> None:
    assert pixels_of(encoded(palette_image(), format_name))[0].tolist() == [[10, 20, 30], [40, 50, 60], [70, 80, 90]]


@pytest.mark.parametrize("format_name", ["PNG", "GIF"])
def test_palette_with_one_transparent_color(format_name: str) -> None:
    result = pixels_of(encoded(palette_image(), format_name, transparency=1))[0].tolist()
    assert result == [[10, 20, 30], [255, 255, 255], [70, 80, 90]]


@pytest.mark.filterwarnings("error")
def test_palette_with_alpha_per_entry() -> None:
    result = pixels_of(encoded(palette_image(), "PNG", transparency=bytes([255, 0, 51])))[0].tolist()
    assert result == [[10, 20, 30], [255, 255, 255], [218, 220, 222]]  # 70 * 0.2 + 255 * 0.8 = 218


def test_transparent_key_color_of_rgb() -> None:
    image = Image.new("RGB", (2, 1), (1, 2, 3))
    image.putpixel((1, 0), (4, 5, 6))
    assert pixels_of(encoded(image, "PNG", transparency=(4, 5, 6)))[0].tolist() == [[1, 2, 3], [255, 255, 255]]


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_first_frame_of_several(format_name: str) -> None:
    frames = [Image.new("RGB", (20, 10), color) for color in (RED, GREEN, BLUE)]
    options = {"lossless": True} if format_name == "WEBP" else {}
    data = encoded(frames[0], format_name, save_all=True, append_images=frames[1:], **options)
    assert (pixels_of(data) == RED).all()


# --------------------------------------------------------------------------------------------------------------- errors


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"nowhere\.jpg does not exist"):
        decode_image(tmp_path / "nowhere.jpg")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is a folder"):
        decode_image(tmp_path)


def test_name_with_nul_character() -> None:
    with pytest.raises(ImageError, match="does not exist"):
        decode_image("a\0b.png")


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    path.touch()
    with pytest.raises(ImageError, match=r"empty\.png is empty \(0 bytes\)"):
        decode_image(path)
    with pytest.raises(ImageError, match="upload is empty"):
        decode_bytes(b"", name="upload")


@pytest.mark.parametrize(
    "data", [b"x", b"hello, this is text and no picture at all", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"%PDF-1.7"]
)
def test_not_a_picture(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"notes\.png is not a picture of a known format \(JPEG, PNG"):
        decode_image(path)


def two_bit_bitmap() -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 2, 0, 32, 2835, 2835, 4, 0)
    body = head + bytes(16) + bytes.fromhex("1b1b0000") * 8
    return b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, 14 + 40 + 16) + body


def tiff_compressed_as(compression: int) -> bytes:
    entries = [
        (256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, compression), (262, 3, 1, 1), (273, 4, 1, 200),
        (277, 3, 1, 1), (278, 3, 1, 1), (279, 4, 1, 6),
    ]  # fmt: skip
    return tiff(entries).ljust(206, b"\0")


@pytest.mark.parametrize(
    "data", [two_bit_bitmap(), tiff_compressed_as(50001), tiff_compressed_as(34712)], ids=["bmp", "webp", "jpeg2000"]
)
def test_a_sound_file_of_a_kind_that_is_not_read_is_not_called_damaged(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"x\.img is a (BMP|TIFF) picture of a kind that is not supported .*: convert"):
        decode_bytes(data, name="x.img")


def test_a_bitmap_without_file_header(tmp_path: Path) -> None:
    (tmp_path / "clip.dib").write_bytes(
        struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 24, 0, 192, 2835, 2835, 0, 0) + bytes([16, 32, 240]) * 64
    )
    assert decode_image(tmp_path / "clip.dib").pixels.getpixel((3, 3)) == (240, 32, 16)
    assert read_size(tmp_path / "clip.dib") == (8, 8)


def test_heic_is_read_or_what_reads_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match=r"IMG_1\.HEIC is a HEIC picture, which needs pillow-heif: install"):
        decode_bytes(head, name="IMG_1.HEIC")
    monkeypatch.undo()
    pillow_heif = pytest.importorskip("pillow_heif")
    with pytest.raises(ImageError, match=r"IMG_1\.HEIC starts as HEIF but is truncated or damaged"):
        decode_bytes(head, name="IMG_1.HEIC")
    stream = io.BytesIO()
    pillow_heif.from_pillow(photo(64, 40)).save(stream, quality=95)
    shown = pixels_of(stream.getvalue())
    assert np.abs(shown.astype(int) - np.asarray(photo(64, 40))).mean() < 4


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "AVIF", "PPM"])
@pytest.mark.parametrize("part", [0.03, 0.3, 0.6])
@pytest.mark.filterwarnings("ignore:.*EXIF:UserWarning")
def test_truncated_file(format_name: str, part: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), format_name)
    with pytest.raises(ImageError, match=r"half\.img .*truncated"):
        decode_bytes(data[: max(18, int(len(data) * part))], name="half.img")


def test_damaged_middle_of_a_png() -> None:
    data = bytearray(encoded(photo(), "PNG"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(ImageError, match="damaged"):
        decode_bytes(bytes(data), name="x.png")


def test_message_is_one_line() -> None:
    with pytest.raises(ImageError) as caught:
        decode_bytes(encoded(photo(), "JPEG")[:300], name="x.jpg")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, BadInputError) and caught.value.exit_code == 2


@pytest.mark.filterwarnings("error")
def test_bomb_is_refused_from_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded a picture that is too large"))
    with pytest.raises(ImageError, match=r"bomb\.png has 50000 x 50000 pixels, more than the limit of 200 million"):
        decode_bytes(png_claiming(50_000, 50_000), name="bomb.png")


def test_limit_is_the_callers_and_inclusive() -> None:
    data = encoded(photo(60, 40), "PNG")
    assert decode_bytes(data, name="x", max_pixels=2400).width == 60
    with pytest.raises(ImageError, match=r"x has 60 x 40 pixels, more than the limit of 0\.002399 million"):
        decode_bytes(data, name="x", max_pixels=2399)


@pytest.mark.filterwarnings("error")
def test_limit_may_be_above_pillows_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert decode_bytes(encoded(photo(60, 40), "PNG"), name="x").width == 60


def test_pillows_switches_stay_as_they_are() -> None:
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters))
    for data in (encoded(photo(), "PNG"), encoded(photo(), "PNG")[:300], png_claiming(50_000, 50_000)):
        try:
            decode_bytes(data, name="x")
        except ImageError:
            continue
    assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters)) == before


def test_long_text_in_a_png_is_not_expanded_without_end() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "x" * 30_000_000, zip=True)
    with pytest.raises(ImageError, match="damaged"):
        decode_bytes(encoded(photo(), "PNG", pnginfo=info), name="x.png")


def test_many_threads_at_once(tmp_path: Path) -> None:
    colors = [(7 * n % 256, 31 * n % 256, 101 * n % 256) for n in range(24)]
    for number, color in enumerate(colors):
        exif = Image.Exif()
        exif[0x0112] = 1 + number % 8
        Image.new("RGB", (40, 30), color).save(tmp_path / f"{number}.png", exif=exif)
    start = threading.Barrier(6)

    def decode_some(first: int) -> list[DecodedImage]:
        start.wait()
        return [decode_image(tmp_path / f"{number}.png") for number in range(first, 24, 6)]

    with ThreadPoolExecutor(6) as pool:
        groups = list(pool.map(decode_some, range(6)))
    for first, group in enumerate(groups):
        for number, decoded in zip(range(first, 24, 6), group, strict=True):
            assert decoded.pixels.getpixel((3, 3)) == colors[number]
            assert decoded.pixels.size == ((40, 30) if number % 8 < 4 else (30, 40))
