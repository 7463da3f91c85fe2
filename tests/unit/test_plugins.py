"""Plugins: manifests read without running code, the three places they come from, and what becomes of broken ones."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roi_assistant.api import Box, BoxError, DescribeRequest, load_embedded
from roi_assistant.cli import main
from roi_assistant.core.records import AttributeSchema
from roi_assistant.errors import BadInputError, CaptionerError, MissingDependencyError, PluginError, RoiAssistantError
from roi_assistant.plugin_manifest import FoundPlugin, Manifest, parse_manifest
from roi_assistant.plugins import PluginManager
from roi_assistant.storage.project import Project
from tests.unit.region_records import create, suggested

MANIFEST: dict[str, Any] = {
    "name": "mine", "version": "1.0", "kinds": ["captioner"], "module": "mine", "captioners": ["mine"],
}  # fmt: skip
CODE = """
from roi_assistant.api import hookimpl

@hookimpl
def register_captioners(register):
    register({id!r}, lambda *, device="auto", threads=None: (device, threads))
"""


def add(folder: Path, name: str, code: str | None = None, **changes: Any) -> Path:
    """A plugin ``name`` in ``folder`` that registers the captioner ``name``, with ``changes`` to its manifest."""
    place = folder / name
    place.mkdir(parents=True)
    manifest = {**MANIFEST, "name": name, "module": name, "captioners": [name], **changes}
    (place / "plugin.json").write_text(json.dumps({k: v for k, v in manifest.items() if v is not None}))
    (place / "__init__.py").write_text(CODE.format(id=name) if code is None else code)
    return place


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Empty folders for built-in plugins and those of the user."""
    built_in, user = tmp_path / "built-in", tmp_path / "user"
    built_in.mkdir()
    user.mkdir()
    return built_in, user


@pytest.fixture
def manager(folders: tuple[Path, Path]) -> Callable[..., PluginManager]:
    def make(*, packages: bool = False) -> PluginManager:
        return PluginManager(built_in=folders[0], user=folders[1], packages=packages)

    return make


def messages(manager: PluginManager) -> list[str]:
    return [problem.message for problem in manager.problems]


# ------------------------------------------------------------------------------------------------------- manifests


def test_a_full_manifest_is_read() -> None:
    manifest = parse_manifest(
        {
            **MANIFEST,
            "kinds": ["captioner", "format", "captioner"],
            "formats": ["voc", "yolo"],
            "description": "Two things",
            "requires": ["PIL"],
            "vram_mb": 800,
            "weights_licence": "CC0",
        },
        place="plugin.json",
    )
    assert manifest == Manifest(
        name="mine",
        version="1.0",
        kinds=("captioner", "format"),
        module="mine",
        description="Two things",
        requires=("PIL",),
        vram_mb=800,
        weights_licence="CC0",
        ids=(("captioner", ("mine",)), ("format", ("voc", "yolo"))),
    )
    assert manifest.ids_of("format") == ("voc", "yolo")
    assert manifest.ids_of("proposer") == ()
    assert not manifest.may_have("format")
    assert not manifest.may_have("proposer")


def test_one_kind_may_be_given_as_a_word_and_ids_left_out() -> None:
    data = {key: value for key, value in MANIFEST.items() if key not in ("kinds", "captioners")}
    manifest = parse_manifest({**data, "kind": "commands"}, place="plugin.json")
    assert manifest.kinds == ("commands",)
    assert manifest.may_have("commands")
    assert not manifest.may_have("captioner")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": None}, "The field 'name' is missing"),
        ({"name": ""}, "letters, digits"),
        ({"name": "../up"}, "letters, digits"),
        ({"version": 1.0}, "version: A text is needed, not 1.0"),
        ({"kinds": None}, "'kinds' is empty"),
        ({"kinds": []}, "'kinds' is empty"),
        ({"kinds": ["model"]}, "kinds[0]: One of captioner, format, attributes, proposer, opener, text_reader, comm"),
        ({"kinds": "captioner"}, "kinds: A list is needed"),
        ({"module": None}, "'module'"),
        ({"module": "os.system('x')"}, "not a module name"),
        ({"captioners": "mine"}, "captioners: A list is needed"),
        ({"captioners": [1]}, "captioners[0]: A text is needed, not 1"),
        ({"formats": ["voc"]}, "'kinds' has no 'format'"),
        ({"requires": [""]}, "a name in a list is empty"),
        ({"vram_mb": -1}, "'vram_mb'"),
        ({"vram_mb": True}, "vram_mb: A whole number"),
        ({"vram_mb": "1 GB"}, "vram_mb: A whole number"),
        ({"description": 3}, "description: A text"),
    ],
)
def test_a_wrong_manifest_is_refused_by_field(change: dict[str, Any], words: str) -> None:
    data = {key: value for key, value in {**MANIFEST, **change}.items() if value is not None}
    with pytest.raises(PluginError) as caught:
        parse_manifest(data, place="here/plugin.json")
    assert words in str(caught.value)
    assert str(caught.value).startswith("here/plugin.json: ")


def test_a_manifest_is_an_object() -> None:
    with pytest.raises(PluginError, match="An object is needed"):
        parse_manifest([], place="plugin.json")


# --------------------------------------------------------------------------------------------------- the three doors


def test_the_embedded_model_comes_through_the_same_door() -> None:
    manager = PluginManager(user=Path("nowhere"), packages=False)
    plugin = manager.ids("captioner")["gpt4roi-mini"]
    assert plugin.origin == "built-in"
    assert "not commercial" in plugin.manifest.weights_licence
    manager.load_all()
    assert manager.problems == ()


def test_the_embedded_model_is_loaded_by_the_facade(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    called: list[Any] = []

    class MiniCaptioner:
        @staticmethod
        def load(folder: Path, *, device: str, threads: int | None) -> str:
            called.append((folder, device, threads))
            return "loaded"

    module = type(sys)("roi_assistant.captioners.mini.captioner")
    module.MiniCaptioner = MiniCaptioner
    monkeypatch.setitem(sys.modules, "roi_assistant.captioners.mini.captioner", module)
    manager = PluginManager(user=Path("nowhere"), packages=False)
    assert manager.create_captioner("gpt4roi-mini", device="cpu", threads=2) == "loaded"
    assert load_embedded() == "loaded"
    folder = repository / "resources" / "models" / "gpt4roi-mini"
    assert called == [(folder, "cpu", 2), (folder, "auto", None)]


def test_looking_for_plugins_runs_no_code(folders: tuple[Path, Path], manager: Callable[..., PluginManager]) -> None:
    add(folders[1], "loud", "raise AssertionError('was run')")
    add(folders[1], "quiet")
    plugins = manager()
    assert [plugin.manifest.name for plugin in plugins.plugins] == ["loud", "quiet"]
    assert list(plugins.ids("captioner")) == ["loud", "quiet"]
    assert plugins.create_captioner("quiet", device="cpu", threads=3) == ("cpu", 3)
    assert plugins.problems == ()


def test_a_plugin_is_run_once(
    folders: tuple[Path, Path], manager: Callable[..., PluginManager], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    code = f"open({str(trace)!r}, 'a').write('x')\n" + CODE.format(id="a")
    add(folders[0], "a", code)
    plugins = manager()
    plugins.create_captioner("a")
    plugins.create_captioner("a")
    plugins.load_all()
    assert trace.read_text() == "x"


def test_a_plugin_of_one_file(folders: tuple[Path, Path], manager: Callable[..., PluginManager]) -> None:
    (folders[1] / "single.py").write_text(CODE.format(id="single"))
    (folders[1] / "single.plugin.json").write_text(
        json.dumps({**MANIFEST, "name": "single", "module": "single", "captioners": ["single"]})
    )
    assert manager().create_captioner("single") == ("auto", None)


def test_a_plugin_whose_code_is_in_a_module_of_its_folder(
    folders: tuple[Path, Path], manager: Callable[..., PluginManager]
) -> None:
    place = add(folders[1], "deep", "", module="deep.inner.main")
    (place / "inner").mkdir()
    (place / "inner" / "__init__.py").write_text("")
    (place / "inner" / "main.py").write_text("from ..helper import NAME\n" + CODE.format(id="deep"))
    (place / "helper.py").write_text("NAME = 'deep'\n")
    assert manager().create_captioner("deep") == ("auto", None)


def test_a_folder_plugin_shadows_no_package(folders: tuple[Path, Path], manager: Callable[..., PluginManager]) -> None:
    add(folders[1], "json", CODE.format(id="json") + "import json\nassert json.dumps(1) == '1'\n")
    manager().create_captioner("json")
    assert sys.modules["json"] is json


def test_other_files_in_the_folder_are_ignored(
    folders: tuple[Path, Path], manager: Callable[..., PluginManager]
) -> None:
    for name in ("__pycache__", ".git", "notes"):
        (folders[1] / name).mkdir()
    (folders[1] / "_private.py").write_text("raise SystemExit")
    (folders[1] / "README.txt").write_text("hello")
    plugins = manager()
    assert plugins.plugins == ()
    assert plugins.problems == ()


def test_a_missing_user_folder_is_no_problem(tmp_path: Path) -> None:
    plugins = PluginManager(built_in=tmp_path / "no", user=tmp_path / "neither", packages=False)
    assert plugins.plugins == ()
    assert plugins.problems == ()


def install(site: Path, name: str, *, entry: str, files: dict[str, str]) -> None:
    """A distribution as a package manager leaves it on ``sys.path``."""
    info = site / f"{name}-2.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.5\n")
    (info / "entry_points.txt").write_text(f"[roi_assistant.plugins]\n{name} = {entry}\n")
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in (*files, f"{info.name}/METADATA")))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of installed packages."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]


@pytest.mark.parametrize("recorded", [True, False])
def test_an_installed_plugin_is_found_without_being_imported(
    site: Path, manager: Callable[..., PluginManager], recorded: bool
) -> None:
    manifest = {**MANIFEST, "name": "acme", "module": "acme_roi.sub.plugin", "captioners": ["acme"]}
    install(
        site,
        "acme",
        entry="acme_roi.sub.plugin",
        files={
            "acme_roi/__init__.py": "",
            "acme_roi/sub/__init__.py": "",
            "acme_roi/sub/plugin.py": CODE.format(id="acme"),
            "acme_roi/sub/plugin.json": json.dumps(manifest),
        },
    )
    if not recorded:  # as after an editable installation
        (site / "acme-2.5.dist-info" / "RECORD").write_text("")
    plugins = manager(packages=True)
    plugin = plugins.ids("captioner")["acme"]
    assert plugin.origin == "package"
    assert plugin.place == "acme 2.5 (acme_roi.sub.plugin)"
    assert not [name for name in sys.modules if name.startswith("acme_roi")]
    assert plugins.create_captioner("acme") == ("auto", None)
    assert "acme_roi.sub.plugin" in sys.modules


def test_an_installed_plugin_without_a_manifest(site: Path, manager: Callable[..., PluginManager]) -> None:
    install(site, "bare", entry="bare_roi", files={"bare_roi.py": CODE.format(id="bare-model")})
    plugins = manager(packages=True)
    assert [(p.manifest.name, p.manifest.version, p.manifest.kinds) for p in plugins.plugins] == [("bare", "2.5", ())]
    assert "bare_roi" not in sys.modules
    assert list(plugins.ids("captioner")) == ["bare-model"]  # only its code can tell
    assert plugins.create_captioner("bare-model") == ("auto", None)


def test_an_installed_plugin_may_be_an_object(site: Path, manager: Callable[..., PluginManager]) -> None:
    code = (
        "from roi_assistant.api import hookimpl\n"
        "class Plugin:\n"
        "    @hookimpl\n"
        "    def register_captioners(self, register):\n"
        "        register('object', lambda **options: 'made')\n"
        "plugin = Plugin()\n"
    )
    install(site, "object", entry="object_roi:plugin", files={"object_roi.py": code})
    assert manager(packages=True).create_captioner("object") == "made"


def test_an_installed_plugin_that_is_gone_or_damaged_is_reported(
    site: Path, manager: Callable[..., PluginManager]
) -> None:
    install(site, "gone", entry="gone_roi", files={})
    install(site, "odd", entry="odd_roi", files={"odd_roi/__init__.py": "", "odd_roi/plugin.json": "{"})
    plugins = manager(packages=True)
    assert ["odd_roi" in message for message in messages(plugins)] == [True]
    plugins.load_all()
    assert "gone_roi" in messages(plugins)[1]


# ---------------------------------------------------------------------------------------------------- broken plugins


@pytest.mark.parametrize(
    ("code", "changes", "words"),
    [
        ("import no_such_module_here", {}, "No module named 'no_such_module_here'"),
        ("def broken(:", {}, "SyntaxError"),
        ("raise ValueError('odd\\nlines')", {}, "ValueError: odd lines"),
        ("raise SystemExit(3)", {}, "ends the program (exit 3)"),
        (None, {"requires": ["no_such_module_here"]}, "it needs no_such_module_here, which is not installed"),
        (CODE.format(id="another"), {}, "'captioners' does not list"),
        (CODE.format(id=""), {}, "not an id"),
        (CODE.replace("register(", "register([1], 2); register(", 1).format(id="x"), {}, "not an id"),
        (CODE.format(id="bad") + "    register('bad', 1)\n", {}, "'bad' twice"),
        (
            "from roi_assistant.api import hookimpl\n@hookimpl\ndef register_captioners(regster): ...",
            {},
            "regster",
        ),
    ],
)
def test_a_broken_plugin_is_reported_and_the_rest_go_on(
    folders: tuple[Path, Path],
    manager: Callable[..., PluginManager],
    code: str | None,
    changes: dict[str, Any],
    words: str,
) -> None:
    add(folders[0], "bad", code, **changes)
    add(folders[0], "good")
    plugins = manager()
    assert plugins.problems == ()
    with pytest.raises(PluginError, match="The plugin bad in ") as caught:
        plugins.create_captioner("bad")
    assert words in str(caught.value)
    with pytest.raises(PluginError):  # also when asked again
        plugins.create_captioner("bad")
    assert messages(plugins) == [str(caught.value)]
    assert plugins.problem_of("bad") == str(caught.value)
    assert plugins.problem_of("good") is None
    assert plugins.create_captioner("good") == ("auto", None)


def test_a_promise_that_the_code_does_not_keep(
    folders: tuple[Path, Path], manager: Callable[..., PluginManager]
) -> None:
    add(folders[0], "empty", "")
    with pytest.raises(PluginError, match="its code does not register it"):
        manager().create_captioner("empty")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: (folder / "plugin.json").write_text("{"), "not valid JSON"),
        (lambda folder: (folder / "plugin.json").write_text("[" * 100_000), "not valid JSON"),
        (lambda folder: (folder / "plugin.json").write_bytes(b"\xff\xfe{"), "not valid JSON"),
        (lambda folder: (folder / "plugin.json").write_text(" " * (1 << 20) + "{}"), "larger than"),
        (lambda folder: (folder / "plugin.json").write_text('{"name": "bad"}'), "plugin.json: "),
        (lambda folder: (folder / "plugin.json").unlink(), "has no manifest"),
        (lambda folder: (folder / "__init__.py").unlink(), "has no code"),
    ],
)
def test_a_broken_manifest_is_reported_and_the_rest_go_on(
    folders: tuple[Path, Path], manager: Callable[..., PluginManager], make: Callable[[Path], Any], words: str
) -> None:
    make(add(folders[1], "bad"))
    add(folders[1], "good")
    plugins = manager()
    assert list(plugins.ids("captioner")) == ["good"]
    [message] = messages(plugins)
    assert words in message
    assert str(folders[1] / "bad") in message


def test_a_manifest_whose_module_is_elsewhere(
    folders: tuple[Path, Path], manager: Callable[..., PluginManager]
) -> None:
    add(folders[1], "bad", module="os.path")
    [message] = messages(manager())
    assert "'module' must be 'bad' or a module in it, not 'os.path'" in message


def test_a_single_manifest_without_code(folders: tuple[Path, Path], manager: Callable[..., PluginManager]) -> None:
    (folders[1] / "lonely.plugin.json").write_text(json.dumps(MANIFEST))
    (folders[1] / "wordless.py").write_text("")
    lonely, wordless = messages(manager())
    assert "lonely.py is missing" in lonely
    assert "wordless.plugin.json is missing" in wordless


def test_the_first_plugin_keeps_a_name_and_an_id(
    folders: tuple[Path, Path], manager: Callable[..., PluginManager], site: Path
) -> None:
    add(folders[0], "first", captioners=["shared"], code=CODE.format(id="shared"))
    add(folders[1], "first", captioners=["other"], code=CODE.format(id="other"))
    add(folders[1], "second", captioners=["mine", "shared"])
    add(folders[1], "third")
    install(site, "late", entry="late_roi", files={"late_roi.py": CODE.format(id="shared")})
    plugins = manager(packages=True)
    assert list(plugins.ids("captioner")) == ["shared", "third"]
    assert plugins.ids("captioner")["shared"].origin == "built-in"
    texts = messages(plugins)
    assert len(texts) == 3
    assert "its name is taken by " in texts[0]
    assert "The plugin second " in texts[1] and "model 'shared' is that of first" in texts[1]
    assert "The plugin late " in texts[2] and "model 'shared' is that of first" in texts[2]


def test_an_unknown_id_names_the_known_ones_and_the_problems(
    folders: tuple[Path, Path], manager: Callable[..., PluginManager]
) -> None:
    plugins = manager()
    with pytest.raises(BadInputError, match="There is no model 'x'; there are none"):
        plugins.create_captioner("x")
    add(folders[0], "known")
    (add(folders[0], "bad") / "plugin.json").write_text("{")
    with pytest.raises(BadInputError, match=r"there are known\. .*bad.*not valid JSON"):
        manager().create_captioner("x")


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (
            "ValueError('no such device')",
            CaptionerError,
            "could not be started: ValueError: no such device. roi-.* doctor",
        ),
        ("ModuleNotFoundError('x', name='torch')", MissingDependencyError, "needs the Python package 'torch'"),
        ("api.ModelFileError('weights.onnx is missing.')", RoiAssistantError, "^weights.onnx is missing.$"),
    ],
)
def test_a_model_that_does_not_start(
    folders: tuple[Path, Path],
    manager: Callable[..., PluginManager],
    raised: str,
    kind: type[RoiAssistantError],
    words: str,
) -> None:
    code = (
        "from roi_assistant import api\n"
        f"def load(**options): raise {raised}\n"
        "@api.hookimpl\n"
        "def register_captioners(register): register('sick', load)\n"
    )
    add(folders[0], "sick", code)
    with pytest.raises(kind, match=words):
        manager().create_captioner("sick", device="cuda")


def test_the_other_hooks(folders: tuple[Path, Path], manager: Callable[..., PluginManager]) -> None:
    code = (
        "import typer\n"
        "from roi_assistant.api import AttributeSchema, hookimpl\n"
        "@hookimpl\n"
        "def register_formats(register): register('voc', 'a format')\n"
        "@hookimpl\n"
        "def register_attribute_presets(register): register('shop', AttributeSchema('shop'))\n"
        "@hookimpl\n"
        "def register_proposers(register): register('edges', lambda **options: options)\n"
        "@hookimpl\n"
        "def register_commands(register): register('count', typer.Typer())\n"
    )
    add(
        folders[0],
        "many",
        code,
        kinds=["format", "attributes", "proposer", "commands"],
        captioners=None,
        formats=["voc"],
        attributes=["shop"],
        commands=["count"],
    )
    plugins = manager()
    assert list(plugins.ids("commands")) == ["count"]
    assert plugins.format("voc") == "a format"
    assert plugins.attribute_preset("shop") == AttributeSchema("shop")
    assert plugins.create_proposer("edges", device="cpu") == {"device": "cpu", "threads": None}
    assert type(plugins.command("count")).__name__ == "Typer"
    with pytest.raises(BadInputError, match="There is no attribute preset 'x'; there are shop"):
        plugins.attribute_preset("x")


# ----------------------------------------------------------------------------------------------------- the tutorial


@pytest.fixture
def tutorial(repository: Path) -> Path:
    return repository / "docs" / "examples" / "light_and_place"


@pytest.mark.parametrize(
    ("name", "most", "words"),
    [("light_and_place", 60, "{} lines of Python"), ("csv_regions", 30, "A format in {} lines")],
)
def test_the_tutorial_shows_the_plugins_as_they_are(repository: Path, name: str, most: int, words: str) -> None:
    page = (repository / "docs" / "plugin-tutorial.md").read_text(encoding="utf-8")
    folder = repository / "docs" / "examples" / name
    code = (folder / "__init__.py").read_text(encoding="utf-8")
    assert f"```python\n{code}```" in page
    assert f"```json\n{(folder / 'plugin.json').read_text(encoding='utf-8')}```" in page
    lines = len(code.splitlines())
    assert lines <= most
    assert words.format(lines) in page


def test_the_tutorial_format_is_written_by_the_command_line(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    own = tmp_path / "home" / "data" / "plugins" / "csv_regions"
    shutil.copytree(repository / "docs" / "examples" / "csv_regions", own)
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.new("RGB", (80, 70)).save(photos / "a, b.png")
    Image.new("RGB", (80, 70)).save(photos / "empty.png")
    with Project.open(photos) as project:
        project.add_images(["a, b.png", "empty.png"])
        project.apply(create("a, b.png", suggested("r1"), replace(suggested("r2"), state="rejected")))
    assert main(["project", "export", str(photos), str(tmp_path / "out.csv"), "--format", "csv"]) == 0
    told = capsys.readouterr().err
    assert "1 image, 1 region written." in told
    assert "its review state is rejected (a, b.png, region r2)" in told
    assert "it has no region that can be written (empty.png)" in told
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines() == [
        "image,x1,y1,x2,y2,category,caption",
        '"a, b.png",10.0,20.0,40.5,60.0,cup,a red cup',
    ]


def test_the_tutorial_plugin_works(tutorial: Path, folders: tuple[Path, Path]) -> None:
    plugins = PluginManager(built_in=folders[0], user=tutorial.parent, packages=False)
    assert plugins.problems == ()
    captioner = plugins.create_captioner("light-and-place")
    picture = Image.new("RGB", (200, 100), "black")
    picture.paste("white", (150, 0, 200, 100))
    state = captioner.set_image(picture)
    boxes = [Box(0, 0, 150, 100), Box(160, 10, 190, 20), Box(199.2, 99.1, 199.9, 99.8)]
    texts = list(captioner.describe(state, boxes, DescribeRequest()))
    assert [text.box for text in texts] == boxes
    assert [text.caption.text for text in texts] == [
        "a large dark area on the left",
        "a small bright area on the right",
        "a small bright area on the right",
    ]
    assert [attribute.name for attribute in texts[0].attributes] == ["size", "light"]
    without = DescribeRequest(attributes=AttributeSchema("none"))
    assert next(captioner.describe(state, boxes, without)).attributes == ()
    with pytest.raises(CaptionerError, match="cannot chat"):
        captioner.chat(state, boxes, ())
    captioner.close()


def test_the_facade_hands_out_what_the_program_uses() -> None:
    with pytest.raises(BoxError):
        Box(2, 2, 1, 1)
    plugin = PluginManager(user=Path("nowhere"), packages=False).plugins[0]
    assert isinstance(plugin, FoundPlugin)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("part", ["plugin.json", "__init__.py"])
def test_nobody_waits_for_a_pipe_in_a_plugin(
    part: str, manager: Callable[..., PluginManager], folders: tuple[Path, Path]
) -> None:
    path = add(folders[1], "mine") / part
    path.unlink()
    os.mkfifo(path)
    plugins = manager()
    plugins.load_all()
    assert plugins.plugins == () and len(plugins.problems) == 1
