"""Servers of other people, started on a free port of this machine with a small model of random weights."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

STARTS = 120.0
"""Seconds: torch is imported and the model loaded first."""
CONVERT = """
import sys
from pathlib import Path
tree = Path(sys.argv[1])
sys.path[:0] = [str(tree), str(tree / "gguf-py")]
import conversion.base
import convert_hf_to_gguf

def no_sentencepiece(self):
    raise FileNotFoundError

# A tokenizer that was made on the spot is none of those that it knows by their hash.
conversion.base.TextModel.get_vocab_base_pre = lambda self, tokenizer: "qwen2"
conversion.base.TextModel._create_vocab_sentencepiece = no_sentencepiece
sys.argv = ["convert", *sys.argv[2:]]
convert_hf_to_gguf.main()
"""


@contextmanager
def transformers_serve(checkpoint: Path, folder: Path) -> Iterator[str]:
    """The address of `transformers serve` with ``checkpoint``; its log goes to ``folder``."""

    def command(port: int) -> list[str]:
        program = [sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve"]
        return [*program, str(checkpoint), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]

    with _running(command, folder) as address:
        yield address


@contextmanager
def llama_server(tree: Path, checkpoint: Path, folder: Path) -> Iterator[str]:
    """The address of llama.cpp's server with ``checkpoint``, which is converted into ``folder``. ``tree`` is its source
    code with ``build/bin/llama-server``."""
    files = [folder / "model.gguf", folder / "mmproj.gguf"]
    for file, more in zip(files, ([], ["--mmproj"]), strict=True):
        arguments = [str(checkpoint), "--outtype", "f32", "--outfile", str(file), *more]
        subprocess.run([sys.executable, "-c", CONVERT, str(tree), *arguments], check=True, capture_output=True)

    def command(port: int) -> list[str]:
        program = [str(tree / "build" / "bin" / "llama-server"), "-m", str(files[0]), "--mmproj", str(files[1])]
        return [*program, "-c", "8192", "--parallel", "2", "--reasoning", "off", "--port", str(port)]

    with _running(command, folder) as address:
        yield address


@contextmanager
def _running(command: Callable[[int], Sequence[str]], folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(port),
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
            start_new_session=True,
        )
    try:
        until = time.monotonic() + STARTS
        while not _is_up(port):
            assert process.poll() is None and time.monotonic() < until, log.read_text(errors="replace")[-2000:]
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
