"""Pictures of more than 8 bits a sample: what becomes white."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.unit.imaging.encoded_pictures import encoded, pixels_of, png_chunk, tiff


def grey16(values: list[list[int]], format_name: str = "PNG") -> bytes:
    return encoded(Image.fromarray(np.array(values, np.uint16)), format_name)


@pytest.mark.parametrize("format_name", ["PNG", "TIFF", "PPM"])
def test_sixteen_bit_grey_is_divided_by_257(format_name: str) -> None:
    result = pixels_of(grey16([[0, 128, 129, 257, 32768, 65535]], format_name))
    # 128 / 257 = 0.498, 129 / 257 = 0.502, 32768 / 257 = 127.502
    assert result[0, :, 0].tolist() == [0, 0, 1, 1, 128, 255]
    assert (result[..., 0] == result[..., 1]).all() and (result[..., 1] == result[..., 2]).all()


@pytest.mark.parametrize("value", [0, 257 * 70, 65535])
def test_constant_sixteen_bit_picture_keeps_its_level(value: int) -> None:
    assert pixels_of(grey16([[value] * 3] * 2)).tolist() == [[[value // 257] * 3] * 3] * 2


@pytest.mark.parametrize(
    ("brightest", "white"), [(100, 255), (255, 255), (256, 1023), (1023, 1023), (3000, 4095), (9000, 16383)]
)
@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_white_of_sixteen_bit_files_is_that_of_the_bits_in_use(brightest: int, white: int, format_name: str) -> None:
    shown = pixels_of(grey16([[0, brightest]], format_name))[0, :, 0].tolist()
    assert shown == [0, int(brightest * 255 / white + 0.5)]


@pytest.mark.parametrize(("kind", "channels"), [(2, 3), (6, 4)])
@pytest.mark.parametrize("white", [1023, 4095, 16383])
def test_white_of_sixteen_bit_color_is_that_of_the_bits_in_use(white: int, kind: int, channels: int) -> None:
    samples = [0, white // 2, white, 65535][:channels]
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 16, kind, 0, 0, 0))
    data += png_chunk(b"IDAT", zlib.compress(b"\0" + struct.pack(f">{channels}H", *samples)))
    assert pixels_of(data + png_chunk(b"IEND", b"")).tolist() == [[[0, 127, 255]]]


def test_ten_bits_of_color_in_an_uncompressed_tiff() -> None:
    entries = [
        (256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 3, 180), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 200),
        (277, 3, 1, 3), (278, 3, 1, 1), (279, 4, 1, 6),
    ]  # fmt: skip
    data = tiff(entries).ljust(180, b"\0") + struct.pack("<3H", 16, 16, 16)
    assert pixels_of(data.ljust(200, b"\0") + struct.pack("<3H", 0, 100, 1023)).tolist() == [[[0, 25, 255]]]


def test_sixteen_bit_grey_in_tiff_of_the_other_byte_order() -> None:
    samples = np.array([[0, 257 * 3, 65535]], ">u2")
    entries = [
        (256, 3, 1, 3), (257, 3, 1, 1), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 200),
        (277, 3, 1, 1), (278, 3, 1, 1), (279, 4, 1, 6),
    ]  # fmt: skip
    head = b"MM\0\x2a" + struct.pack(">I", 8) + struct.pack(">H", len(entries))
    for tag, kind, count, value in entries:
        head += struct.pack(">HHI", tag, kind, count)
        head += struct.pack(">HH", value, 0) if kind == 3 else struct.pack(">I", value)
    data = (head + struct.pack(">I", 0)).ljust(200, b"\0") + samples.tobytes()
    assert pixels_of(data)[0, :, 0].tolist() == [0, 3, 255]


def test_tiff_whose_zero_is_white_is_inverted() -> None:
    image = Image.fromarray(np.array([[0, 257 * 55, 65535]], np.uint16))
    assert pixels_of(encoded(image, "TIFF", tiffinfo={262: 0}))[0, :, 0].tolist() == [255, 200, 0]


def test_twelve_bit_tiff_uses_its_own_white() -> None:
    samples = bytes([0x00, 0x0F, 0xFF, 0x80, 0x00, 0x00])  # twelve bits each: 0, 4095, 2048, 0
    entries = [
        (256, 3, 1, 4), (257, 3, 1, 1), (258, 3, 1, 12), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 200),
        (277, 3, 1, 1), (278, 3, 1, 1), (279, 4, 1, 6),
    ]  # fmt: skip
    head = b"II\x2a\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        head += struct.pack("<HHI", tag, kind, count)
        head += struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
    data = (head + struct.pack("<I", 0)).ljust(200, b"\0") + samples
    assert pixels_of(data)[0, :, 0].tolist() == [0, 255, 128, 0]


def test_sixteen_bit_color_keeps_its_high_bytes() -> None:
    row = struct.pack(">9H", 0x0000, 0x8040, 0xFFFF, 0x01FF, 0x7F00, 0x1234, 0xFF00, 0x00FF, 0xABCD)
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 1, 16, 2, 0, 0, 0))
    data += png_chunk(b"IDAT", zlib.compress(b"\0" + row)) + png_chunk(b"IEND", b"")
    assert pixels_of(data).tolist() == [[[0, 0x80, 0xFF], [0x01, 0x7F, 0x12], [0xFF, 0x00, 0xAB]]]


def test_sixteen_bit_transparent_grey_becomes_white() -> None:
    row = struct.pack(">3H", 257 * 10, 257 * 20, 257 * 90)
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 1, 16, 0, 0, 0, 0))
    data += png_chunk(b"tRNS", struct.pack(">H", 257 * 20))
    data += png_chunk(b"IDAT", zlib.compress(b"\0" + row)) + png_chunk(b"IEND", b"")
    assert pixels_of(data)[0, :, 0].tolist() == [10, 255, 90]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 257, 65535], [0, 1, 255]),  # fits 16 bits: taken as 16 bits
        ([0, 500_000, 1_000_000], [0, 128, 255]),  # does not: stretched from least to greatest
        ([-100, 0, 100], [0, 128, 255]),
        ([70_000, 70_000, 70_000], [255, 255, 255]),
    ],
)
def test_32_bit_integers(values: list[int], expected: list[int]) -> None:
    data = encoded(Image.fromarray(np.array([values], np.int32)), "TIFF")
    assert pixels_of(data)[0, :, 0].tolist() == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.2, 0.2, 0.2], [51, 51, 51]),
        ([0.0, 99.6, 255.0], [0, 100, 255]),
        ([0.0, 257.0, 65535.0], [0, 1, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, 50_000.0, 100_000.0], [0, 128, 255]),
        ([float("nan"), 0.5, 1.0], [0, 128, 255]),
        ([float("-inf"), 1.0, float("inf")], [0, 255, 255]),
        ([float("nan")] * 3, [0, 0, 0]),
    ],
)
@pytest.mark.filterwarnings("error")
def test_floats(values: list[float], expected: list[int]) -> None:
    data = encoded(Image.fromarray(np.array([values], np.float32)), "TIFF")
    assert pixels_of(data)[0, :, 0].tolist() == expected


def test_tall_float_picture_is_scaled_as_one() -> None:
    values = np.linspace(0, 1, 700, dtype=np.float32)[:, None].repeat(2, axis=1)
    result = pixels_of(encoded(Image.fromarray(values), "TIFF"))
    np.testing.assert_array_equal(result[:, 0, 0], np.floor(values[:, 0].astype(float) * 255 + 0.5))
