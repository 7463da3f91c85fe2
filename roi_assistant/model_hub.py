"""Downloading a model from a hub, by `huggingface_hub`: what a repository holds, whether it fits on the disk, the
transfer that can be interrupted and goes on, and the pin: commit and sha256 of every file, kept beside the files.

Files come into ``NAME.partial`` beside the folder ``NAME``, which is there only when all of them are complete and have
the sha256 that the hub tells. Nothing is fetched unless one of these functions is called.

Raised by all of them: `MissingDependencyError` (the library is not installed), `HubError` (the hub, or the way to it).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from roi_assistant.captioners.model_folder import file_sha256
from roi_assistant.core.plain_files import open_plain, read_small
from roi_assistant.core.record_json import decode, encode
from roi_assistant.errors import BadInputError, FormatError, HubError, MissingDependencyError, ModelFileError
from roi_assistant.machine import free_disk
from roi_assistant.settings import data_folder, write_json

PIN = "roi-assistant-pin.json"
PARTIAL = ".partial"
PART = ".part"
KINDS = (".json", ".jinja", ".model", ".safetensors", ".txt")
"""Ends of the names of files that a checkpoint needs: config, tokenizer, processor, weights. Never ``.bin``, ``.pt`` or
``.py``, which can hold code."""
DISK_SPARE = 200_000_000
"""Bytes that stay free."""
TRIES = 5
"""Times that the hub is asked for something while it fails in a way that may pass."""
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
WAIT = 1.0
"""Seconds before the second try; doubled before each further one."""

CHUNK = 1 << 20
"""Bytes that a broken connection loses at most."""
_COMMIT = re.compile(r"[0-9a-f]{40}")
_WEIGHTS = re.compile(r"model(-\d+-of-\d+)?\.safetensors")
"""As transformers names them; others beside them are the same weights in another form."""

Told = Callable[[int], None]
"""Is called with bytes as they come, less than 0 where bytes are thrown away."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository. ``sha256`` is known of large files, ``blob`` (git's sha1) of the others; both hex."""

    name: str
    size: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteModel:
    """What a hub says of a repository at the commit ``revision``. ``files`` are those that are needed."""

    repository: str
    revision: str
    files: tuple[RemoteFile, ...]
    licence: str = ""
    is_gated: bool = False

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Pin:
    """Which files a downloaded model consists of: sha256 by name, of the ``repository`` at the commit ``revision``."""

    repository: str
    revision: str
    files: dict[str, str] = field(default_factory=dict)


def models_folder() -> Path:
    """Where models are downloaded to unless another folder is said."""
    return data_folder() / "models"


def read_pin(folder: Path) -> Pin | None:
    """The pin of the model in ``folder``; None where no download made it.

    Raises:
        ModelFileError: it is damaged.
    """
    path = folder / PIN
    if not path.exists():
        return None
    try:
        pin = decode(Pin, json.loads(read_small(path)))
        if not pin.files or not all(_is_wanted(name) for name in pin.files):
            raise ValueError("it names no files, or others than a model has")
    except (OSError, ValueError, RecursionError, FormatError) as error:
        raise ModelFileError(
            "{path} cannot be read ({reason}): download the model again.", path=path, reason=error
        ) from error
    return pin


def damaged_files(folder: Path, pin: Pin) -> list[str]:
    """A sentence for each file of ``folder`` that is missing, unreadable, or not as ``pin`` says; all are read."""
    wrong = []
    for name, sha256 in pin.files.items():
        try:
            digest = file_sha256(folder / name)
        except ModelFileError as error:
            wrong.append(str(error))
            continue
        if digest != sha256:
            wrong.append(f"{folder / name} has the sha256 {digest[:12]}..., not {sha256[:12]}...")
    return wrong


def look_up(repository: str, *, revision: str | None = None) -> RemoteModel:
    """What the hub says of ``repository`` (``owner/name``) at ``revision``: a branch, a tag or a commit;
    None: the newest.

    Raises:
        BadInputError: it has no checkpoint in safetensors.
    """
    require_online()
    hub = _library()
    api = hub.HfApi(endpoint=endpoint())
    with _explained(repository):
        info = _again(lambda: api.model_info(repository, revision=revision, files_metadata=True, timeout=_timeout()))
        if not _COMMIT.fullmatch(info.sha or ""):
            raise ValueError("it tells no commit")
        wanted = [sibling for sibling in info.siblings or () if _is_wanted(sibling.rfilename)]
        files = _without_copies(
            RemoteFile(
                sibling.rfilename,
                int(sibling.size),
                sha256=str(sibling.lfs.sha256) if sibling.lfs else "",
                blob=str(sibling.blob_id or ""),
            )
            for sibling in wanted
        )
    names = {file.name for file in files}
    if "config.json" not in names or not any(name.endswith(".safetensors") for name in names):
        raise BadInputError(
            "{repository} holds no config.json or no safetensors, so it is no checkpoint that this program can load.",
            repository=repository,
        )
    licences = [tag.partition(":")[2] for tag in info.tags or () if tag.startswith("license:")]
    return RemoteModel(
        repository=repository,
        revision=str(info.sha),
        files=files,
        licence=licences[0] if licences else "",
        is_gated=bool(info.gated),
    )


def _without_copies(files: Iterable[RemoteFile]) -> tuple[RemoteFile, ...]:
    """Without weights under other names, where those with the usual names are there."""
    all_files = tuple(files)
    usual = {file.name for file in all_files if _WEIGHTS.fullmatch(file.name)}
    return tuple(
        file for file in all_files if not usual or file.name in usual or not file.name.endswith(".safetensors")
    )


def begun_revision(folder: Path, repository: str) -> str | None:
    """The commit of a download of ``repository`` into ``folder`` that was interrupted; None where there is none.
    Parts of files fit only the commit of which they are."""
    try:
        begun = read_pin(partial_folder(folder))
    except ModelFileError:
        return None
    return begun.revision if begun is not None and begun.repository == repository else None


def bytes_there(model: RemoteModel, folder: Path) -> int:
    """Bytes of ``model`` that an interrupted download into ``folder`` left."""
    partial = partial_folder(folder)
    if begun_revision(folder, model.repository) != model.revision:
        return 0
    return sum(min(file.size, max(_size(partial / file.name), _size(_part(partial, file)))) for file in model.files)


def check_disk(needed: int, folder: Path) -> None:
    """Raises: BadInputError: ``needed`` bytes more have no room on the disk of ``folder``."""
    free = free_disk(folder)
    if free is not None and needed + DISK_SPARE > free:
        raise BadInputError(
            "The download needs {needed} GB and the disk of {folder} has {free} GB free: make room, or give another "
            "folder with --to.",
            needed=f"{(needed + DISK_SPARE) / 1e9:.1f}",
            folder=folder,
            free=f"{free / 1e9:.1f}",
        )


def download(model: RemoteModel, folder: Path, *, pinned: dict[str, str] | None = None, told: Told) -> Pin:
    """Bring all files of ``model`` into ``folder``, which must not be there, and pin them. What an interrupted download
    of the same commit left is used.

    Args:
        pinned: sha256 by name that files must have whatever the hub tells.
        told: Is called with bytes as they come.

    Raises:
        BadInputError: ``folder`` holds something else, or the disk has no room.
        ModelFileError: a file is not the one that the hub, or ``pinned``, tells; it was removed.
        HubError: see above; parts stay and are used by the next download.
        FileWriteError: the folder cannot be written.
    """
    require_online()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInputError("{folder} is there already: give another folder with --to, or remove it.", folder=folder)
    check_disk(model.size - bytes_there(model, folder), folder)
    with _alone(partial_folder(folder)):
        return _download(model, folder, pinned or {}, told)


def _download(model: RemoteModel, folder: Path, pinned: dict[str, str], told: Told) -> Pin:
    partial = partial_folder(folder)
    if partial.exists() and begun_revision(folder, model.repository) != model.revision:
        shutil.rmtree(partial)
    hashes = {file.name: file.sha256 or pinned.get(file.name, "") for file in model.files}
    # Written first: it says of which commit the parts are.
    write_json(partial / PIN, encode(Pin(model.repository, model.revision, hashes)))
    for file in model.files:
        target = partial / file.name
        if not target.exists():
            _fetch(model, file, partial, told)
        hashes[file.name] = _checked(file, target, _part(partial, file), pinned.get(file.name, ""))
    pin = Pin(model.repository, model.revision, hashes)
    write_json(partial / PIN, encode(pin))
    if folder.exists():
        folder.rmdir()  # an empty one that the user made
    os.replace(partial, folder)
    return pin


def partial_folder(folder: Path) -> Path:
    """Where a download into ``folder`` is while it is not complete."""
    return folder.with_name(folder.name + PARTIAL)


def require_online() -> None:
    """Raises: HubError: the user's environment says that nothing is to be fetched."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(variable, "").upper() in ("1", "ON", "YES", "TRUE"):
            raise HubError(
                "{variable} is set, so nothing is downloaded: unset it, or give a folder that you have with "
                "roi-assistant models add.",
                variable=variable,
            )


def endpoint() -> str:
    """The address of the hub, or of the mirror that ``HF_ENDPOINT`` names."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


# One file.


class _Counted:
    """A file that tells how many bytes are written to it, for a library that writes to whatever it is given."""

    def __init__(self, stream: BinaryIO, told: Told) -> None:
        self._stream, self._told = stream, told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, data: bytes) -> int:
        """Write and tell."""
        written = self._stream.write(data)
        self._told(len(data))
        return written

    def truncate(self, size: int | None = None) -> int:
        """Cut, and tell what is gone: a server that knows no ranges begins anew."""
        self._stream.flush()
        before = os.fstat(self._stream.fileno()).st_size
        after = self._stream.truncate(size)
        self._told(after - before)
        return after


def _fetch(model: RemoteModel, file: RemoteFile, partial: Path, told: Told) -> None:
    """Bring the file into its part; the rest of it, where a part is there."""
    from huggingface_hub.file_download import get_hf_file_metadata, hf_hub_url, http_get
    from huggingface_hub.utils import build_hf_headers

    url = hf_hub_url(model.repository, file.name, revision=model.revision, endpoint=endpoint())
    part = _part(partial, file)
    part.parent.mkdir(parents=True, exist_ok=True)

    def once() -> None:
        headers = build_hf_headers()
        with os.fdopen(open_plain(part, os.O_RDWR | os.O_CREAT), "r+b") as stream:
            counted = cast("BinaryIO", _Counted(stream, told))
            stream.seek(0, os.SEEK_END)
            if stream.tell() > file.size:
                stream.seek(0)
                counted.truncate()
            if stream.tell() == file.size:
                return
            # Its answer says where the bytes are: a store on another host, which must not see the token.
            where = get_hf_file_metadata(url, headers=headers, timeout=_timeout(), endpoint=endpoint()).location
            if urlsplit(where).netloc != urlsplit(endpoint()).netloc:
                headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            http_get(
                where,
                counted,
                resume_size=stream.tell(),
                headers=headers,
                expected_size=file.size,
                displayed_filename=file.name,
            )

    with _explained(model.repository), _quiet():
        _again(once, there=lambda: _size(part))


def _checked(file: RemoteFile, target: Path, part: Path, pinned: str) -> str:
    """The sha256 of the file, which gets its name when it is the right one.

    Raises:
        ModelFileError: it is not; it was removed.
    """
    found = target if target.exists() else part
    digest = file_sha256(found)
    expected = [sha256 for sha256 in (pinned, file.sha256) if sha256]
    if expected:
        is_right = all(sha256 == digest for sha256 in expected)
    else:
        is_right = not file.blob or git_blob_sha1(found) == file.blob
    if not is_right or _size(found) != file.size:
        found.unlink()
        raise ModelFileError(
            "{name} came with another content than the hub tells (its hash differs), and was removed: start the "
            "download again, and use another network or mirror if it happens again.",
            name=file.name,
        )
    if found is part:
        os.replace(part, target)
    return digest


def git_blob_sha1(path: Path) -> str:
    """The hash by which git, and a hub for its small files, knows the content of ``path``."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _part(partial: Path, file: RemoteFile) -> Path:
    return partial / (file.name + PART)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_wanted(name: str) -> bool:
    """Whether a checkpoint needs the file ``name``; files in folders are other forms of the same weights."""
    return (
        PurePosixPath(name).name == name
        and name.lower().endswith(KINDS)
        and name.isprintable()
        and not set(name) & set('\\:*?"<>|')
        and name != PIN
        and not name.startswith(".")
    )


# The hub and its errors.


def _library() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingDependencyError(
            "A download needs huggingface_hub ({reason}): pip install 'roi-assistant[torch]', which the models need, "
            "too.",
            reason=error,
        ) from error
    return huggingface_hub


def _timeout() -> float:
    from huggingface_hub import constants

    return float(constants.HF_HUB_ETAG_TIMEOUT)


def _again(ask: Callable[[], Any], *, there: Callable[[], int] = lambda: 0) -> Any:
    """What ``ask`` answers. It is asked again while the hub answers with a failure that may pass, and after a broken
    connection as long as ``there``, the bytes that came, grow: the library itself has tried that often."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError  # HTTPError: of the library that it speaks HTTP with

    failures = 0
    while True:
        before = there()
        try:
            return ask()
        except (HTTPError, OSError) as error:
            if isinstance(error, HfHubHTTPError):
                failures += 1
                if failures == TRIES or _status(error) not in PASSING:
                    raise
            elif there() <= before or (isinstance(error, OSError) and error.errno is not None):
                raise  # nothing came, or the disk is full
        time.sleep(WAIT * 2 ** max(0, failures - 1))


def _status(error: Any) -> int:
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)


@contextlib.contextmanager
def _explained(repository: str) -> Iterator[None]:
    """Errors of the library as sentences. Raises: HubError."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise HubError(
            "{repository} is gated: open {url}, accept its terms there, make an access token, and set HF_TOKEN to it.",
            repository=repository,
            url=f"{endpoint()}/{repository}",
        ) from error
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise _unknown(repository) from error
    except errors.RevisionNotFoundError as error:
        raise HubError("{repository} has no such revision: leave --revision out.", repository=repository) from error
    except errors.HfHubHTTPError as error:
        if _status(error) == 401:  # so do hubs answer for what is not there
            raise _unknown(repository) from error
        if _status(error) == 403:
            raise HubError(
                "{endpoint} refuses {repository} (HTTP 403): accept its terms at {url} and set HF_TOKEN to an access "
                "token of yours.",
                endpoint=endpoint(),
                repository=repository,
                url=f"{endpoint()}/{repository}",
            ) from error
        raise HubError(
            "{endpoint} does not answer as it should (HTTP {status}): start the download again later, it goes on where "
            "it was.",
            endpoint=endpoint(),
            status=_status(error),
        ) from error
    except errors.HTTPError as error:
        raise HubError(
            "{endpoint} cannot be reached ({reason}): start the download again, it goes on where it was; HF_ENDPOINT "
            "names a mirror.",
            endpoint=endpoint(),
            reason=str(error) or type(error).__name__,
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HubError(
            "{endpoint} answers, but not as a model hub does ({reason}): check HF_ENDPOINT.",
            endpoint=endpoint(),
            reason=str(error)[:200],
        ) from error
    except OSError as error:
        if error.errno is not None:
            raise HubError(
                "The download cannot be written ({reason}): make room, then start it again; it goes on where it was.",
                reason=error,
            ) from error
        raise HubError(
            "A file of {repository} ended too early: start the download again, it goes on where it was.",
            repository=repository,
        ) from error


def _unknown(repository: str) -> HubError:
    return HubError(
        "{endpoint} has no model {repository} that everybody may read: check the name, and set HF_TOKEN if it is "
        "private.",
        endpoint=endpoint(),
        repository=repository,
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's own bars and lines, and with chunks that a slow line fills in seconds."""
    from huggingface_hub import constants
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars, logging

    level, were_off, chunk = logging.get_verbosity(), are_progress_bars_disabled(), constants.DOWNLOAD_CHUNK_SIZE
    logging.set_verbosity_error()
    disable_progress_bars()
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK
    try:
        yield
    finally:
        constants.DOWNLOAD_CHUNK_SIZE = chunk
        logging.set_verbosity(level)
        if not were_off:
            enable_progress_bars()


@contextlib.contextmanager
def _alone(partial: Path) -> Iterator[None]:
    """Raises: BadInputError: another process downloads into ``partial``."""
    from filelock import FileLock, Timeout  # huggingface_hub needs it, too

    partial.parent.mkdir(parents=True, exist_ok=True)
    lock = partial.with_name(partial.name + ".lock")
    try:
        with FileLock(lock, timeout=0.5):
            try:
                yield
            finally:
                with contextlib.suppress(OSError):  # Windows deletes no open file
                    lock.unlink()
    except Timeout as error:
        raise BadInputError(
            "Another window or command is downloading into {folder}: wait for it, or stop it.", folder=partial
        ) from error
