"""Whether somebody else than the user may change a plugin, whose code would then be run as the user's.

As ssh does with its keys: a plugin, everything in it and the folders above it must belong to the user or to the
system's administrator and be writable by nobody else. See docs/adr/0027-plugins-that-others-may-change.md.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.settings import config_folder, object_in, write_json

ALLOWED_NAME = "allowed-plugins.json"
_KEY = "plugins"


def why_refused(folder: Path, name: str, parts: Sequence[Path]) -> Sentence:
    """Why the plugin ``name`` in ``folder``, made of the files or folders ``parts``, is not to be run.

    The sentence is empty when nobody else may change the plugin, or when the user has allowed it (`allow`).
    """
    if not _can_tell():
        return NOTHING
    cause = _cause_above(folder) or next((cause for part in parts if (cause := _cause_in(part, folder))), NOTHING)
    if not cause or str(folder.absolute() / name) in allowed():
        return NOTHING
    return Sentence.of(
        "The plugin {name} in {folder} is not run: {cause}. Mend that, or run 'roi-assistant plugins allow {name}' if "
        "you trust everybody who may change it.",
        name=name,
        folder=folder,
        cause=cause,
    )


def allowed_file() -> Path:
    """Where the plugins are noted that run although others may change them."""
    return config_folder() / ALLOWED_NAME


def allowed() -> frozenset[str]:
    """The paths of these plugins; none when others may change the file itself."""
    path = allowed_file()
    if not path.is_file() or why_others_may_change(path):
        return frozenset()
    noted = object_in(path).get(_KEY)
    return frozenset(path for path in noted if isinstance(path, str)) if isinstance(noted, list) else frozenset()


def allow(plugin: Path, *, allow: bool = True) -> None:
    """Let the plugin at the path ``plugin`` run whoever may change it, or no longer.

    Raises:
        FileWriteError: it cannot be noted.
    """
    path = str(plugin.absolute())
    others = allowed() - {path}
    write_json(allowed_file(), {_KEY: sorted(others | {path} if allow else others)})


def why_others_may_change(path: Path) -> Sentence:
    """Who else may change the file or folder ``path``, by itself or by a folder above it; an empty sentence when nobody
    may, or where this cannot be told."""
    if not _can_tell():
        return NOTHING
    return _cause_above(path.parent) or _cause_in(path, path.parent)


def _can_tell() -> bool:
    # Windows has lists of rights instead; the user's folder is there closed to others unless she opens it.
    return sys.platform != "win32"


def _cause_above(folder: Path) -> Sentence:
    """About ``folder`` and those above it, up to the user's home folder. Who may change one of them may exchange what
    is below."""
    for place in _places_above(folder):
        try:
            status = os.lstat(place)
        except FileNotFoundError:
            continue
        except OSError as error:
            return Sentence.of("{path} cannot be read ({reason})", path=place, reason=error)
        # In a folder such as /tmp nobody can rename what belongs to others.
        keeps_names = stat.S_ISDIR(status.st_mode) and bool(status.st_mode & stat.S_ISVTX)
        if cause := _cause(place, status, keeps_names=keeps_names):
            return cause
    return NOTHING


def _places_above(folder: Path) -> Iterator[Path]:
    """``folder`` and those above it, as they are named and as they are once links are followed."""
    homes = []
    with contextlib.suppress(RuntimeError, OSError):
        homes = [Path.home(), Path.home().resolve()]
    seen = set()
    for start in (folder.absolute(), folder.resolve()):
        for place in (start, *start.parents):
            if place not in seen:
                seen.add(place)
                yield place
            if place in homes:
                break


def _cause_in(part: Path, folder: Path) -> Sentence:
    """About the file or folder ``part`` of ``folder`` and everything below it."""
    todo = [part]
    while todo:
        place = todo.pop()
        try:
            status = os.lstat(place)
            if cause := _cause(place, status):
                return cause
            if stat.S_ISLNK(status.st_mode):
                if not place.resolve().is_relative_to(part.resolve() if place != part else folder.resolve()):
                    return Sentence.of("{path} is a link that leads out of the folder", path=place)
                if place == part:
                    todo.append(place.resolve())
            elif stat.S_ISDIR(status.st_mode):
                with os.scandir(place) as entries:
                    todo += [Path(entry.path) for entry in entries]
        except FileNotFoundError:
            continue
        except (OSError, RuntimeError) as error:
            return Sentence.of("{path} cannot be read ({reason})", path=place, reason=error)
    return NOTHING


def _cause(path: Path, status: os.stat_result, *, keeps_names: bool = False) -> Sentence:
    """Why somebody else may change ``path`` itself. The rights of a link mean nothing, its owner may exchange it."""
    if status.st_uid not in (os.geteuid(), 0):
        return Sentence.of("{path} belongs to {owner}, who may write to it", path=path, owner=_user(status.st_uid))
    if keeps_names or stat.S_ISLNK(status.st_mode):
        return NOTHING
    if status.st_mode & stat.S_IWOTH:
        return Sentence.of("everybody may write to {path}", path=path)
    if status.st_mode & stat.S_IWGRP and not _is_alone_in(status.st_gid, path):
        return Sentence.of("the group {group} may write to {path}", path=path, group=_group(status.st_gid))
    return NOTHING


def _is_alone_in(gid: int, path: Path) -> bool:
    """Whether the group is the user's private one: on many systems files are writable by it unless one asks otherwise.
    Where a list of further rights is attached, the rights of the group tell about the list."""
    import grp
    import pwd

    if gid == 0 or gid != os.getegid():
        return False
    try:
        group, user = grp.getgrgid(gid), pwd.getpwuid(os.geteuid()).pw_name
        rights = os.listxattr(path) if sys.platform == "linux" else []
    except (KeyError, OSError):
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user} and "system.posix_acl_access" not in rights


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
