"""Plugins that somebody else may change are not run, and are named with the cause and with what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roi_assistant import plugin_trust
from roi_assistant.errors import BadInputError
from roi_assistant.plugin_manifest import refused_plugins
from roi_assistant.plugin_trust import allow, allowed, allowed_file, why_others_may_change
from roi_assistant.plugins import PluginManager
from tests.unit.test_plugins import add

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rights of this kind")

SOMEBODY = 54_321


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of plugins, in a home that nobody else may write to."""
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(plugin_trust, "_is_alone_in", lambda gid, path: False)
    folder = tmp_path / "home" / "data" / "plugins"
    folder.mkdir(parents=True)
    for place in (tmp_path / "home", tmp_path / "home" / "data", folder):
        place.chmod(0o755)
    return folder


@pytest.fixture
def owned_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Say that a path belongs to somebody else, without being allowed to give it away."""
    others: set[str] = set()
    lstat = os.lstat

    def told(path: Any) -> os.stat_result:
        status = lstat(path)
        return os.stat_result((*status[:4], SOMEBODY, *status[5:10])) if str(path) in others else status

    monkeypatch.setattr(plugin_trust.os, "lstat", told)
    return lambda path: others.add(str(path))


def manager(user: Path) -> PluginManager:
    return PluginManager(built_in=user.parent / "none", user=user, packages=False)


def plugin(user: Path) -> Path:
    """A plugin with a module, data and a cache of byte code."""
    place = add(user, "x")
    (place / "data" / "deep").mkdir(parents=True)
    (place / "data" / "deep" / "module.py").write_text("")
    (place / "__pycache__").mkdir()
    (place / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"")
    for path in (place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return place


def refusal(user: Path) -> str:
    """The one sentence about the plugin ``x``, of which nothing is offered."""
    plugins = manager(user)
    assert plugins.plugins == () and plugins.ids("captioner") == {}
    [problem] = plugins.problems
    assert problem.name == "x" and problem.message == str(problem.refused)
    assert [str(sentence) for sentence in refused_plugins()] == [problem.message]
    assert problem.message.startswith(f"The plugin x in {user} is not run: ")
    assert "roi-assistant plugins allow x" in problem.message
    with pytest.raises(BadInputError, match="is not run"):
        plugins.create_captioner("x")
    return problem.message


def test_what_nobody_else_may_change_runs(user: Path) -> None:
    plugin(user)
    plugins = manager(user)
    assert plugins.create_captioner("x") == ("auto", None)
    assert plugins.problems == () and refused_plugins() == ()


PARTS = [
    "x",
    "x/plugin.json",
    "x/__init__.py",
    "x/data",
    "x/data/deep/module.py",
    "x/__pycache__",
    "x/__pycache__/x.cpython-311.pyc",
    ".",
    "..",
    "../..",
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("rights", "who"), [(0o002, "everybody may write to"), (0o020, "may write to")])
def test_rights_of_others(part: str, rights: int, who: str, user: Path) -> None:
    """On the plugin, anything in it, and the folders above it."""
    plugin(user)
    path = (user / part).resolve()
    path.chmod(path.stat().st_mode | rights)
    message = refusal(user)
    assert who in message and f" {path}. " in message
    path.chmod(path.stat().st_mode & ~rights)
    assert manager(user).create_captioner("x")


@pytest.mark.parametrize("part", PARTS)
def test_owners(part: str, user: Path, owned_by: Callable[[Path], None]) -> None:
    plugin(user)
    path = (user / part).resolve()
    owned_by(path)
    assert f"{path} belongs to {SOMEBODY}, who may write to it" in refusal(user)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser gives files away")
def test_a_plugin_that_was_really_given_away(user: Path) -> None:
    os.chown(plugin(user), SOMEBODY, SOMEBODY)
    assert f"belongs to {SOMEBODY}" in refusal(user)


def test_a_folder_like_tmp_above_is_well(user: Path, owned_by: Callable[[Path], None]) -> None:
    """Others may put things beside, but not exchange these."""
    place = plugin(user)
    user.parent.chmod(0o1777)
    user.chmod(0o1777)
    assert manager(user).create_captioner("x")
    place.chmod(0o1777)  # in the plugin they may put a module
    assert "everybody may write to" in refusal(user)


@pytest.mark.parametrize("part", ["x.py", "x.plugin.json"])
def test_plugin_of_one_file(part: str, user: Path) -> None:
    place = add(user, "x")
    (place / "plugin.json").rename(user / "x.plugin.json")
    (place / "__init__.py").rename(user / "x.py")
    place.rmdir()
    assert manager(user).create_captioner("x")
    (user / part).chmod(0o666)
    assert f"everybody may write to {user / part}" in refusal(user)


def test_others_go_on(user: Path) -> None:
    add(user, "y")
    plugin(user).chmod(0o777)
    plugins = manager(user)
    assert list(plugins.ids("captioner")) == ["y"] and len(plugins.problems) == 1


@pytest.mark.parametrize("part", ["module", "data/folder", "plugin.json"])
def test_links_that_lead_out(part: str, user: Path, tmp_path: Path) -> None:
    place, target = plugin(user), tmp_path / "elsewhere"
    if part == "plugin.json":
        (place / part).rename(target)
    else:
        target.mkdir()
    (place / part).symlink_to(target)
    assert f"{place / part} is a link that leads out of the folder" in refusal(user)


def test_plugin_that_is_a_link(user: Path, tmp_path: Path) -> None:
    plugin(tmp_path)
    (user / "x").symlink_to(tmp_path / "x")
    assert f"{user / 'x'} is a link that leads out of the folder" in refusal(user)
    allow(user / "x")
    assert manager(user).create_captioner("x")


def test_links_inside(user: Path) -> None:
    place = plugin(user)
    (place / "again").symlink_to("data")
    (place / "loop").symlink_to(".")
    (place / "gone").symlink_to("nothing")
    assert manager(user).create_captioner("x")
    (user / "y").symlink_to("x")
    (place / "data").chmod(0o777)
    assert len(manager(user).problems) == 2, "by both names"


def test_folder_that_is_a_link(user: Path, tmp_path: Path) -> None:
    """What counts is where it lies, and who could exchange the link."""
    real = tmp_path / "disk" / "plugins"
    plugin(real)
    user.rmdir()
    user.symlink_to(real)
    assert manager(user).create_captioner("x")
    real.parent.chmod(0o777)
    assert f"everybody may write to {real.parent}" in refusal(user)
    real.parent.chmod(0o755)
    user.parent.chmod(0o777)
    assert f"everybody may write to {user.parent}" in refusal(user)


def test_above_the_home_folder_nothing_is_asked(user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ssh: in a container what lies above may belong to a number that stands for nobody."""
    plugin(user)
    tmp_path.chmod(0o777)
    assert f"everybody may write to {tmp_path}" in refusal(user)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert manager(user).create_captioner("x")
    (tmp_path / "home").chmod(0o777)
    assert f"everybody may write to {tmp_path / 'home'}" in refusal(user)


def test_the_users_own_group_may_write(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin(user).chmod(0o775)
    assert "the group" in refusal(user)
    monkeypatch.setattr(plugin_trust, "_is_alone_in", lambda gid, path: True)
    assert manager(user).create_captioner("x")


def test_which_group_is_the_users_own(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import grp
    import pwd

    monkeypatch.undo()
    name = pwd.getpwuid(os.geteuid()).pw_name
    group = {"name": name, "members": [], "gid": 1000}
    monkeypatch.setattr(os, "getegid", lambda: 1000)
    monkeypatch.setattr(
        grp, "getgrgid", lambda gid: grp.struct_group((group["name"], "x", group["gid"], group["members"]))
    )
    assert plugin_trust._is_alone_in(1000, user)
    assert not plugin_trust._is_alone_in(1001, user), "another one that she is in"
    group["members"] = [name, "eve"]
    assert not plugin_trust._is_alone_in(1000, user)
    group.update(name="lab", members=[])
    assert not plugin_trust._is_alone_in(1000, user)


def test_allowing(user: Path) -> None:
    place = plugin(user)
    add(user, "y").chmod(0o777)
    place.chmod(0o777)
    allow(place)
    plugins = manager(user)
    assert list(plugins.ids("captioner")) == ["x"] and plugins.create_captioner("x")
    assert allowed() == {str(place)}
    allow(user / "y")
    assert set(manager(user).ids("captioner")) == {"x", "y"}
    allow(place, allow=False)
    assert list(manager(user).ids("captioner")) == ["y"]


def test_what_others_wrote_allows_nothing(user: Path, owned_by: Callable[[Path], None]) -> None:
    place = plugin(user)
    place.chmod(0o777)
    allow(place)
    assert allowed() == {str(place)}
    allowed_file().chmod(0o666)
    assert allowed() == frozenset() and "everybody may write" in str(why_others_may_change(allowed_file()))
    allowed_file().chmod(0o644)
    allowed_file().parent.chmod(0o777)
    assert allowed() == frozenset()
    allowed_file().parent.chmod(0o755)
    for text in ("[]", "{", '{"plugins": 3}', '{"plugins": [3]}', '{"plugins": "x"}', "[" * 100_000):
        allowed_file().write_text(text)
        assert allowed() == frozenset()
    allow(place)
    owned_by(allowed_file())
    assert allowed() == frozenset()
    assert "everybody may write" in refusal(user)


def test_built_in_plugins_are_the_programs(user: Path) -> None:
    """Who may write to them may write to the program."""
    plugin(user).chmod(0o777)
    plugins = PluginManager(built_in=user, user=user.parent / "none", packages=False)
    assert plugins.create_captioner("x")
