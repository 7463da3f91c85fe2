"""The model's process: loads one captioner and answers the window's process over stdin and stdout.

Started by `engine.guard` as ``python -P -m roi_assistant.engine.child``; not for people. It ends when stdin ends; where
it cannot, its guard kills it, so it never outlives the window. The pipes are moved to private descriptors first: what a
library prints to stdout goes to stderr, which the guard writes to the log, and cannot damage the messages.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn, get_args

from roi_assistant.captioners.asking import detect_checked, propose_checked, proposer_info
from roi_assistant.captioners.reading import TextReading
from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.records import BoxSearch, Capability
from roi_assistant.engine.messages import (
    Chat,
    Command,
    Describe,
    Done,
    Load,
    Loaded,
    Note,
    Piece,
    Prepare,
    Problem,
    Propose,
    Proposed,
    Report,
    Stop,
    Stopped,
    Text,
    read_command,
    write_message,
)
from roi_assistant.engine.state_cache import ByteCache
from roi_assistant.errors import EngineError, ModelFileError, RoiAssistantError
from roi_assistant.interfaces import can_be_interrupted
from roi_assistant.sentences import Sentence

if TYPE_CHECKING:
    from PIL.Image import Image

    from roi_assistant.interfaces import Captioner, ImageState, Proposer

EMBEDDED = "gpt4roi-mini"
"""The folder of the model that ships."""
BAD_MESSAGE_EXIT = 70
"""Exit code after a message that could not be read (EX_SOFTWARE of sysexits.h)."""

FileKey = tuple[str, int, int]
"""Path, time of last change in ns, and size: another picture under the same name is another key."""

_BYTES_PER_PIXEL = 4
"""What Pillow needs for RGB."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Encoded:
    """What the captioner made of a picture, and the picture's size."""

    state: ImageState
    width: int
    height: int

    def inside(self, boxes: Sequence[Box]) -> tuple[Box, ...]:
        """``boxes`` as captioners are promised them. Raises: BoxError when one is outside."""
        return tuple(clip_box(box, width=self.width, height=self.height) for box in boxes)


class _StopRequested(Exception):
    """The job at hand is to be left."""


class _PipeClosed(Exception):
    """Nobody reads the answers any more."""


class Server:
    """Answers commands one at a time, in the order of ``commands``.

    ``stop`` may be called from another thread while `run` is at work. It takes hold between boxes and pieces of chat,
    and inside a box where the captioner has the capability ``interruptible``.
    """

    def __init__(self, output: IO[bytes]) -> None:
        self.commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._output = output
        self._job = self._stopped = 0
        self._captioner: Captioner | None = None
        self._load_proposer: Callable[[], Proposer] | None = None
        self._proposer: Proposer | None = None
        self._proposer_id = ""
        self._pictures: ByteCache[FileKey, Image] = ByteCache(0)
        self._states: ByteCache[FileKey, _Encoded] = ByteCache(0)
        self._reading: TextReading | None = None

    def stop(self, job: int) -> None:
        """Leave ``job`` soon, or at once when it begins."""
        self._stopped = job

    def run(self) -> None:
        """Work until ``commands`` gives None or loading fails."""
        while (command := self.commands.get()) is not None:
            if isinstance(command, Load):
                if not self._load(command):
                    return
            elif not isinstance(command, Stop):
                self._answer(command)
        if self._captioner is not None:
            self._captioner.close()

    def _send(self, report: Report) -> None:
        try:
            write_message(self._output, report)
        except OSError as error:
            raise _PipeClosed from error

    def _load(self, command: Load) -> bool:
        from roi_assistant.plugins import PluginManager

        plugins = PluginManager()
        try:
            captioner = plugins.create_captioner(command.model, device=command.device, threads=command.threads)
            if command.companion:
                captioner = _with_embedded(captioner, threads=command.threads)
            if command.proposer:
                self._load_proposer = partial(
                    PluginManager().create_proposer, command.proposer, device=command.device, threads=command.threads
                )
                self._proposer_id = command.proposer
        except RoiAssistantError as error:
            _log.exception("loading %s", command.model)
            self._send(Problem(0, error.sentence.to_text()))
            return False
        self._captioner = captioner
        self._reading = TextReading(
            lambda: plugins.create_text_reader(threads=command.threads),
            note=lambda sentence: self._send(Note(self._job, sentence.to_text())),
            interrupt=self._check,
        )
        if can_be_interrupted(captioner):
            captioner.interrupt = self._check
        self._states.limit = command.cache_bytes
        self._pictures.limit = command.cache_bytes // 4
        known = captioner.info.capabilities & frozenset(get_args(Capability))  # a newer plugin's others are left out
        if command.proposer:
            known |= {"proposes"}
        self._send(Loaded(replace(captioner.info, capabilities=known)))
        return True

    def _check(self) -> None:
        if self._job == self._stopped:
            raise _StopRequested

    def _answer(self, command: Describe | Chat | Propose | Prepare) -> None:
        self._job = command.job
        try:
            self._check()
            assert self._captioner is not None, "Load comes first"
            if isinstance(command, Describe):
                self._describe(self._captioner, command)
            elif isinstance(command, Chat):
                self._chat(self._captioner, command)
            elif isinstance(command, Propose):
                self._propose(self._captioner, command)
            else:
                self._encoded(self._captioner, command.image)
            self._send(Done(command.job))
        except _StopRequested:
            self._send(Stopped(command.job))
        except RoiAssistantError as error:
            _log.info("job %s: %s", command.job, error)
            self._send(Problem(command.job, error.sentence.to_text()))
        except MemoryError:
            _log.exception("job %s", command.job)
            full = Sentence.of("{image}: there is not enough memory to describe it.", image=command.image)
            self._send(Problem(command.job, full.to_text()))
        except _PipeClosed:
            raise
        except (Exception, SystemExit) as error:  # a captioner may raise anything
            _log.exception("job %s", command.job)
            why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            name = self._captioner.info.id if self._captioner else Sentence("The model")
            if isinstance(command, Propose) and self._proposer_id:
                name = self._proposer_id
            told = Sentence.of("{name} failed on {image} ({reason}).", name=name, image=command.image, reason=why)
            self._send(Problem(command.job, told.to_text()))

    def _describe(self, captioner: Captioner, command: Describe) -> None:
        key, encoded = self._encoded(captioner, command.image)
        boxes = encoded.inside(command.boxes)
        assert self._reading is not None, "Load comes first"
        texts = self._reading.describe(
            *(captioner, encoded.state, boxes, command.request),
            image=command.image,
            pixels=lambda: self._picture(command.image, key),
            draft=command.draft,
        )
        for index, text in enumerate(texts):
            self._send(Text(command.job, index, replace(text, box=command.boxes[index])))
            if index + 1 < len(boxes):
                self._check()
        self._keep(key, encoded)  # its size may have grown

    def _chat(self, captioner: Captioner, command: Chat) -> None:
        key, encoded = self._encoded(captioner, command.image)
        for piece in captioner.chat(encoded.state, encoded.inside(command.boxes), command.turns):
            self._send(Piece(command.job, str(piece)))
            self._check()
        self._keep(key, encoded)

    def _detect(self, proposer: Proposer, command: Propose) -> None:
        """The picture is not encoded for the captioner: it may not be asked about it at all."""
        picture = self._picture(command.image, _file_key(command.image))
        self._check()
        search = BoxSearch(most=command.most, words=command.words, categories=command.categories)
        found = detect_checked(proposer, picture, search, image=command.image)
        self._send(Proposed(command.job, found, proposer_info(proposer, self._proposer_id)))

    def _propose(self, captioner: Captioner, command: Propose) -> None:
        if self._load_proposer is not None:
            if self._proposer is None:
                self._proposer = self._load_proposer()
            self._detect(self._proposer, command)
            return
        key, encoded = self._encoded(captioner, command.image)
        found = propose_checked(
            *(captioner, encoded.state),
            most=command.most,
            width=encoded.width,
            height=encoded.height,
            image=command.image,
        )
        self._send(Proposed(command.job, found))
        self._keep(key, encoded)

    def _encoded(self, captioner: Captioner, path: str) -> tuple[FileKey, _Encoded]:
        """What the captioner made of the file ``path``, from the cache if the file is the same.

        Raises:
            ImageError: the file is gone or is not a picture.
        """
        key = _file_key(path)
        encoded = self._states.get(key)
        if encoded is None:
            picture = self._picture(path, key)
            self._check()
            encoded = _Encoded(captioner.set_image(picture), picture.width, picture.height)
            self._keep(key, encoded)
        return key, encoded

    def _picture(self, path: str, key: FileKey) -> Image:
        picture = self._pictures.get(key)
        if picture is None:
            from roi_assistant.imaging.decode import decode_image

            picture = decode_image(Path(path)).pixels
            self._pictures.put(key, picture, picture.width * picture.height * _BYTES_PER_PIXEL)
        return picture

    def _keep(self, key: FileKey, encoded: _Encoded) -> None:
        """Put ``encoded`` into the cache with its present size; one that does not tell is taken for large."""
        nbytes = getattr(encoded.state, "nbytes", None)
        if not isinstance(nbytes, int):
            nbytes = self._states.limit // 8
        self._states.put(key, encoded, nbytes)


def _with_embedded(captioner: Captioner, *, threads: int | None) -> Captioner:
    from roi_assistant.api import load_embedded
    from roi_assistant.captioners.companion import with_companion
    from roi_assistant.captioners.model_folder import combined_sha256, read_manifest
    from roi_assistant.resources_path import resource

    try:
        weights = combined_sha256(read_manifest(resource("models", EMBEDDED))["files"])
    except ModelFileError:  # the embedded model was taken away: the other one is enough
        return captioner
    return with_companion(captioner, lambda: load_embedded(device="cpu", threads=threads), weights_sha256=weights)


def _file_key(path: str) -> FileKey:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return path, 0, 0  # decoding will say what is wrong
    return path, status.st_mtime_ns, status.st_size


def _read_commands(stream: IO[bytes], server: Server) -> None:
    """Pass commands on until the other side closes the pipe, then end the process, whatever it is at."""
    try:
        while (command := read_command(stream)) is not None:
            if isinstance(command, Stop):
                server.stop(command.job)
            else:
                server.commands.put(command)
    except EngineError:
        _log.exception("bad message")
        os._exit(BAD_MESSAGE_EXIT)
    except OSError:
        pass
    os._exit(0)


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """stdin and stdout for the messages alone; what others print goes to stderr, what they read is empty."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if os.name == "nt":
        import msvcrt

        for descriptor in (incoming, outgoing):
            msvcrt.setmode(descriptor, os.O_BINARY)  # type: ignore[attr-defined]
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def main() -> NoReturn:
    """Serve until stdin ends."""
    incoming, outgoing = _private_pipes()
    # Ctrl+C in the terminal is for the window's process, which then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s engine %(process)d %(levelname)s %(message)s"
    )
    server = Server(outgoing)
    threading.Thread(target=_read_commands, args=(incoming, server), name="commands", daemon=True).start()
    code = 0
    try:
        server.run()
    except _PipeClosed:
        pass
    except BaseException:
        _log.exception("the model's process ends")
        code = 1
    sys.stderr.flush()
    os._exit(code)  # native libraries may hang or crash when they are unloaded


if __name__ == "__main__":
    main()
