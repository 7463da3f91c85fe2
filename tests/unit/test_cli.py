"""The command line as a whole: help, exit codes, what becomes of errors, commands that are missing or of plugins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from roi_assistant import __version__, cli
from roi_assistant.cli import COMMANDS, main
from roi_assistant.errors import BadInputError, ModelFileError, PluginError, RoiAssistantError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's own folders, empty."""
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make ``roi-assistant try`` do something."""

    def define(action: Any) -> None:
        app = typer.Typer()
        app.command()(action)
        module = type(sys)("roi_assistant.commands.trial")
        module.app = app
        monkeypatch.setitem(sys.modules, "roi_assistant.commands.trial", module)
        monkeypatch.setitem(COMMANDS, "try", ("roi_assistant.commands.trial", "Try something."))
        monkeypatch.setattr(cli, "_exists", lambda name: True)

    return define


def test_without_arguments_it_says_what_can_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"RoI Assistant {__version__}: ")
    assert "roi-assistant demo" in out
    assert err == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"roi-assistant {__version__}\n"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_the_commands_that_are_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    monkeypatch.setitem(COMMANDS, "absent", ("roi_assistant.commands.absent", "Not in this installation."))
    assert main([flag]) == 0
    out = capsys.readouterr().out
    for name in ("caption", "chat", "demo", "models", "plugins", "doctor"):
        assert f" {name} " in out
        assert COMMANDS[name][1].partition(":")[0].split(",")[0] in " ".join(out.split())
    assert "absent" not in out


@pytest.mark.parametrize("name", ["caption", "chat", "demo", "models", "plugins", "doctor"])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"Usage: roi-assistant {name}" in out
    assert "--install-completion" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["--nonsense"], "--nonsense"),
        (["caption"], "Missing argument"),
        (["models", "nonsense"], "No such command 'nonsense'"),
    ],
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err


def test_a_command_that_is_not_installed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "absent", ("roi_assistant.commands.absent", "Not in this installation."))
    assert main(["absent"]) == 5
    assert capsys.readouterr().err == "The command 'absent' is not part of this installation of RoI Assistant.\n"
    assert main(["plugins", "list"]) == 0


def test_a_command_whose_library_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "needy_command.py").write_text("import no_such_module_here\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(COMMANDS, "needy", ("needy_command", "Needs something."))
    assert main(["needy"]) == 5
    err = capsys.readouterr().err
    assert "The command 'needy' needs the Python package 'no_such_module_here', which is not installed" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RoiAssistantError("It did\nnot work."), 1),
        (BadInputError("It did\nnot work."), 2),
        (ModelFileError("It did\nnot work."), 3),
        (PluginError("It did\nnot work."), 4),
    ],
)
def test_an_error_of_ours_is_one_line_and_its_exit_code(
    capsys: pytest.CaptureFixture[str], command: Any, home: Path, error: RoiAssistantError, code: int
) -> None:
    def fail() -> None:
        raise error

    command(fail)
    assert main(["try"]) == code
    assert capsys.readouterr() == ("", "It did\\nnot work.\n")
    assert "Traceback" in (home / "log" / "roi-assistant.log").read_text()
    assert main(["-v", "try"]) == code
    assert "Traceback" in capsys.readouterr().err
    assert main(["try"]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_fault_of_the_program_is_one_sentence_and_its_trace_is_in_the_log(
    capsys: pytest.CaptureFixture[str], command: Any, home: Path
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("oh no")

    command(fail)
    assert main(["try"]) == 70
    log = home / "log" / "roi-assistant.log"
    assert capsys.readouterr().err == (
        f"RoI Assistant failed unexpectedly (ZeroDivisionError: oh no); the trace is in {log}.\n"
    )
    text = log.read_text()
    assert "Traceback" in text
    assert "in fail" in text
    assert main(["--verbose", "try"]) == 70
    assert "in fail" in capsys.readouterr().err


def test_a_log_that_cannot_be_written(capsys: pytest.CaptureFixture[str], command: Any, home: Path) -> None:
    home.write_text("a file where the folder should be")

    def fail() -> None:
        raise ZeroDivisionError

    command(fail)
    assert main(["try"]) == 70
    assert "run it again with -v to see the trace" in capsys.readouterr().err


def test_the_log_does_not_grow_for_ever(command: Any, home: Path) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    command(fail)
    log = home / "log" / "roi-assistant.log"
    log.parent.mkdir(parents=True)
    log.write_text("x" * ((1 << 20) + 1))
    assert main(["try"]) == 70
    assert log.stat().st_size < 10_000
    assert log.with_suffix(".1.log").stat().st_size == 1 << 20


def test_an_interruption(capsys: pytest.CaptureFixture[str], command: Any) -> None:
    def fail() -> None:
        raise KeyboardInterrupt

    command(fail)
    assert main(["try"]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_the_code_of_a_command_is_that_of_the_program(command: Any) -> None:
    def stop(code: int) -> None:
        raise typer.Exit(code)

    command(stop)
    assert main(["try", "0"]) == 0
    assert main(["try", "7"]) == 7


def add_command_plugin(home: Path, name: str, code: str) -> None:
    folder = home / "data" / "plugins" / name
    folder.mkdir(parents=True)
    manifest = {
        "name": name,
        "version": "1",
        "kinds": ["commands"],
        "module": name,
        "commands": [name],
        "description": "Counts boxes",
    }
    (folder / "plugin.json").write_text(json.dumps(manifest))
    (folder / "__init__.py").write_text(code)


def test_commands_of_plugins(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    add_command_plugin(
        home,
        "count",
        "import typer\n"
        "from roi_assistant.api import hookimpl\n"
        "app = typer.Typer()\n"
        "@app.command()\n"
        "def count(number: int): print('counted', number + 1)\n"
        "@hookimpl\n"
        "def register_commands(register): register('count', app)\n",
    )
    add_command_plugin(home, "broken", "raise ValueError('for a reason')")
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "Counts boxes (plugin count)" in out
    assert "Counts boxes (plugin broken)" in out
    assert main(["count", "4"]) == 0
    assert capsys.readouterr().out == "counted 5\n"
    assert main(["broken"]) == 4
    assert "ValueError: for a reason" in capsys.readouterr().err


# -------------------------------------------------------------------------------------------------------- as a process


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "roi_assistant", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, **options)


def run_in_shell(line: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, shell=True, capture_output=True, text=True, timeout=240, cwd=cwd)


def test_as_a_module(tmp_path: Path) -> None:
    done = run("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"roi-assistant {__version__}\n", "")
    done = run("caption", "nowhere.jpg", "--box", "1,2,3,4", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "nowhere.jpg does not exist: check the path.\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_reader_that_has_gone_is_no_fault(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "roi_assistant", "plugins", "list"]
    with os.fdopen(writer, "w") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, timeout=240, cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_behind_stdout_is_one_sentence(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "roi_assistant", "plugins", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=240, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "The output cannot be written (No space left on device): free some space, or send it elsewhere."
    )
    assert "Exception" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_fault(tmp_path: Path, closed: str) -> None:
    done = run_in_shell(f'"{sys.executable}" -m roi_assistant plugins list --json {closed}', cwd=tmp_path)
    assert done.returncode == 0
    assert bool(done.stdout) == (closed == "2>&-")


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_an_interruption_while_modules_are_read_shows_no_trace(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    paths = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = run("--help", cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths})
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("arguments", [["--help"], ["caption", "--help"], ["caption", "nowhere.jpg", "--box", "1,2"]])
def test_help_and_errors_load_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    code = (
        "import json, sys\n"
        "from roi_assistant.cli import main\n"
        f"main({arguments!r})\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240, cwd=tmp_path)
    loaded = set(json.loads(done.stderr.splitlines()[-1]))
    assert "roi_assistant" in loaded
    assert not loaded & {"numpy", "PIL", "onnxruntime", "torch", "tokenizers", "PyQt6"}
