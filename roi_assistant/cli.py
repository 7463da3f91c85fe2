"""The command line: which commands there are, and what becomes of an error.

Exit codes: 0 done; 1 it did not work; 2 bad input or bad usage; 3 model; 4 plugin; 5 a missing library; 6 project;
70 a fault of the program itself; 130 interrupted.
"""

from __future__ import annotations

import errno
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from roi_assistant import __version__
from roi_assistant.commands import console
from roi_assistant.core.text_bounds import with_both_ends
from roi_assistant.error_log import log_trace
from roi_assistant.errors import BadInputError, MissingDependencyError, RoiAssistantError

EXIT_FAULT = 70
EXIT_INTERRUPTED = 130
_OUTPUT_ERRORS = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What ``print`` fails with when the reader has gone, as in ``| head``, or the disk behind stdout is full."""

COMMANDS: dict[str, tuple[str, str]] = {
    "open": ("roi_assistant.commands.open", "Open the window on a folder of images."),
    "caption": ("roi_assistant.commands.caption", "Write captions and attributes for boxes on photos."),
    "chat": ("roi_assistant.commands.chat", "Ask about boxes on a photo in plain words."),
    "demo": ("roi_assistant.commands.demo", "Caption the sample photos; a first look, needs nothing."),
    "project": (
        "roi_assistant.commands.project",
        "Check, save, restore, merge, fill and export the project of a folder.",
    ),
    "lint": ("roi_assistant.commands.lint", "Find doubtful captions, boxes and categories of a project."),
    "compare": ("roi_assistant.commands.compare", "Ask a second model about the same boxes; how far both agree."),
    "models": ("roi_assistant.commands.models", "Which models there are."),
    "plugins": ("roi_assistant.commands.plugins", "Which plugins there are and which of them work."),
    "doctor": ("roi_assistant.commands.doctor", "Check the installation and say what to do about each failure."),
    "evaluate": ("roi_assistant.commands.evaluate", "Score a model against what people wrote."),
    "datasets": ("roi_assistant.commands.datasets", "Check the data sets that the full GPT4RoI is trained on."),
    "train": ("roi_assistant.commands.train", "Train GPT4RoI, or the embedded model (needs the extra 'training')."),
}
"""Name -> module with an ``app`` of type ``typer.Typer``, and the line that ``--help`` shows without importing it."""

GUIDE = """\
RoI Assistant {version}: draw a box on a photo and a local model writes its caption and attributes.

  roi-assistant open photos/                                open the window (needs a display)
  roi-assistant demo                                        caption the sample photos
  roi-assistant caption photo.jpg --box 120,80,260,300      caption a box: x1,y1,x2,y2 in pixels
  roi-assistant caption photos/ --boxes boxes.json --coco out.json
                                                            caption the boxes of a COCO file
  roi-assistant chat photo.jpg --box 120,80,260,300 "what is <region1> doing?"
  roi-assistant doctor                                      check the installation
  roi-assistant --help                                      all commands"""


class _LazyCommands(TyperGroup):
    """Shows the commands by the table above and imports the one that runs."""

    _running = False

    def list_commands(self, ctx: Any) -> list[str]:
        return [*(name for name in COMMANDS if _exists(name)), *_plugin_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if not self._running:
            help_text = COMMANDS[cmd_name][1] if cmd_name in COMMANDS else _plugin_commands(ctx)[cmd_name]
            return _stub(cmd_name, help_text)
        app = _load(cmd_name, ctx)
        return None if app is None else _command(app)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        self._running = True
        try:
            return super().resolve_command(ctx, args)
        finally:
            self._running = False


def _exists(name: str) -> bool:
    return importlib.util.find_spec(COMMANDS[name][0]) is not None


def _stub(name: str, help_text: str) -> Any:
    app = typer.Typer()
    app.command(name, help=help_text)(lambda: None)
    return typer.main.get_command(app)


def _command(app: typer.Typer) -> Any:
    """``app`` as one command of ours; the options that install shell completion belong to programs, not to commands."""
    command = typer.main.get_command(app)
    command.params = [param for param in command.params if param.name not in ("install_completion", "show_completion")]
    return command


def _load(name: str, context: typer.Context) -> typer.Typer | None:
    """The app of the command ``name``, None when there is no such command.

    Raises:
        MissingDependencyError: a library that the command needs is not installed, or the command itself is not.
        PluginError: the plugin that has the command cannot be used.
    """
    if name not in COMMANDS:
        plugins = console.plugins_of(context)
        return plugins.command(name) if name in plugins.ids("commands") else None
    module = COMMANDS[name][0]
    if not _exists(name):
        raise MissingDependencyError(f"The command {name!r} is not part of this installation of RoI Assistant.")
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"The command {name!r} needs the Python package {error.name!r}, which is not installed: "
            f'install the extra, pip install "roi-assistant[{"training" if name == "train" else "evaluation"}]".'
        ) from error
    app: typer.Typer = loaded.app
    return app


def _plugin_commands(context: typer.Context) -> dict[str, str]:
    """Name -> description of the commands that plugin manifests announce; no plugin code is run."""
    return {
        name: f"{plugin.manifest.description or 'A command'} (plugin {plugin.manifest.name})"
        for plugin in console.plugins_of(context).plugins
        for name in plugin.manifest.ids_of("commands")
        if name not in COMMANDS
    }


def _version(value: bool) -> None:
    if value:
        print(f"roi-assistant {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=_LazyCommands,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    verbose: console.Verbose = False,
) -> None:
    """Draw a box on a photo and a local model writes its caption and attributes."""
    if context.invoked_subcommand is None:
        from roi_assistant.commands.open import has_display, open_window

        if not has_display():
            print(GUIDE.format(version=__version__))
        elif code := open_window(None):
            raise typer.Exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``arguments`` are those after the program's name."""
    console.prepare_streams()
    console.set_verbose(False)
    code = 0
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except OSError as error:
        _discard_output()
        code = code or 1
        if error.errno != errno.EPIPE:
            console.say(f"The output cannot be written ({error.strerror}): free some space, or send it elsewhere.")
    return code


def _discard_output() -> None:
    """Send what is still to be printed nowhere, or Python would complain about the same at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    """The exit code. Raises: OSError: stdout takes no more."""
    try:
        app(args=arguments, prog_name="roi-assistant")
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if code == EXIT_INTERRUPTED:
            console.say("Interrupted: no file was written by halves.")
        return code
    except KeyboardInterrupt:
        console.say("Interrupted: no file was written by halves.")
        return EXIT_INTERRUPTED
    except RoiAssistantError as error:
        log_trace(error)
        console.say(str(error))
        if console.is_verbose():
            console.show_trace(error)
        return error.exit_code
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _OUTPUT_ERRORS:
            raise
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            console.say(f"{with_both_ends(str(error.filename), 200)} is longer than a name can be: give a shorter one.")
            return BadInputError.exit_code
        if isinstance(error, ValueError) and str(error).startswith("embedded null "):  # of any function of a path
            console.say("A path on the command line has a NUL character, which no path can have: give another one.")
            return BadInputError.exit_code
        log = log_trace(error)
        where = f"the trace is in {log}" if log else "run it again with -v to see the trace"
        console.say(f"RoI Assistant failed unexpectedly ({type(error).__name__}: {error}); {where}.")
        if console.is_verbose():
            console.show_trace(error)
        return EXIT_FAULT
    return 0
