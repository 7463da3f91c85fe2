"""Names of images in annotation files of other tools, in a form in which they can be compared with names of photos."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

NameMatch = Literal["spelling", "letter case", "prefix"]
"""What two names may differ in, from the smallest difference to the largest; each includes those before it.

``spelling``: ``\\\\`` for ``/``, a leading ``./``, percent signs, a URL, letters with their accents as one or two
characters. ``letter case``: ``A.JPG`` for ``a.jpg``. ``prefix``: what tools add to the names of uploaded files.
"""
NAME_MATCHES: tuple[NameMatch, ...] = ("spelling", "letter case", "prefix")

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_LABEL_STUDIO_SERVED = re.compile(r"/?data/(?:local-files|upload)/")
_LABEL_STUDIO_UPLOAD = re.compile(r"[0-9a-f]{8}-(?=.)")
_ROBOFLOW = re.compile(r"(.+)_(jpe?g|png|webp|bmp|tiff?|heic)\.rf\.[0-9A-Za-z]{16,}\.\w+", re.IGNORECASE)


def name_parts(name: str, allowed: NameMatch) -> tuple[str, ...]:
    """The folders and the file name in ``name``; equal for names that differ in nothing but what is ``allowed``."""
    parts = [part for part in _path_of(name).split("/") if part not in ("", ".")]
    parts = [unicodedata.normalize("NFC", part) for part in parts]
    if allowed != "spelling":
        parts = [unicodedata.normalize("NFC", part.casefold()) for part in parts]
    if allowed == "prefix" and parts:
        base = _without_prefix(parts[-1])
        if base != parts[-1] or parts[:2] == ["data", "upload"]:
            return (base,)  # the folders are those of the tool
    return tuple(parts)


def _path_of(name: str) -> str:
    """The path in a URL or in what Label Studio serves, unquoted and with ``/``."""
    if _URL.match(name) or (_LABEL_STUDIO_SERVED.match(name) and "?" in name):
        try:
            url = urlsplit(name)
        except ValueError:  # such as http://[
            return _unquoted(name).replace("\\", "/")
        asked = parse_qs(url.query).get("d")  # /data/local-files/?d=photos/a.jpg
        if asked and (not url.path or url.path.endswith("/")):
            return asked[0].replace("\\", "/")
        name = url.path
    return _unquoted(name).replace("\\", "/")


def _unquoted(name: str) -> str:
    if not _PERCENT.search(name):
        return name
    try:
        return unquote(name, errors="strict")
    except UnicodeError:
        return name


def _without_prefix(base: str) -> str:
    roboflow = _ROBOFLOW.fullmatch(base)  # photo_jpg.rf.0123456789abcdef.jpg
    if roboflow:
        return f"{roboflow[1]}.{roboflow[2]}"
    return _LABEL_STUDIO_UPLOAD.sub("", base, count=1) if _LABEL_STUDIO_UPLOAD.match(base) else base
