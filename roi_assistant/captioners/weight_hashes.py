"""The sha256 of weight files that no manifest lists. Each file is hashed once and the digest kept in the data folder,
by path, size and time of the last change: hashing ten gigabytes takes as long as reading them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from roi_assistant.captioners.model_folder import HASHERS, combined_sha256, file_sha256
from roi_assistant.core.plain_files import read_plain
from roi_assistant.errors import FileWriteError
from roi_assistant.formats.atomic import write_atomically

KEPT = "weight-hashes.json"
_LONGEST = 1 << 22


def weights_sha256(files: Sequence[Path]) -> str:
    """One value for all ``files``: that of their sorted names and whole sha256. A file that was changed without a new
    size or time is not noticed.

    Raises:
        ModelFileError: a file cannot be read.
    """
    from roi_assistant.settings import data_folder

    kept_in = data_folder() / KEPT
    kept = _kept(kept_in)
    # Folders that a hub's client keeps hold links.
    keys = {path.resolve(): _key(path.resolve()) for path in files}
    new = [path for path, key in keys.items() if key not in kept]
    with ThreadPoolExecutor(HASHERS) as pool:
        kept.update({keys[path]: digest for path, digest in zip(new, pool.map(file_sha256, new), strict=True)})
    if new:
        # A folder that cannot be written costs the time again, nothing else.
        with contextlib.suppress(FileWriteError, OSError):
            kept_in.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(kept_in, json.dumps(kept, indent=0))
    return combined_sha256({path.name: kept[keys[path.resolve()]] for path in files})


def _key(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return str(path)  # reading it says what is wrong
    return f"{path}|{status.st_size}|{status.st_mtime_ns}"


def _kept(path: Path) -> dict[str, str]:
    try:
        found = json.loads(read_plain(path, longest=_LONGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()) else {}
