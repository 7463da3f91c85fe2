"""Servers as vLLM, SGLang, llama.cpp, Ollama and LM Studio behave, on a free port of this machine.

A desk answers what it sees: the color in the middle of the last picture, so that a test can tell which region an answer
is about. Its rules are written by hand from what the servers document, not from the plugin: `complaints`.
"""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

KINDS = ("vllm", "sglang", "llama.cpp", "ollama", "lmstudio", "openai")
SIGNS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp"}
MODEL = "qwen3-vl"
FIELDS = {
    "openai": {
        "model",
        "messages",
        "stream",
        "temperature",
        "max_tokens",
        "response_format",
        "logprobs",
        "top_logprobs",
    },
    "ollama": {"model", "messages", "stream", "think", "format", "options", "logprobs", "top_logprobs"},
}
THINKING: dict[str, dict[str, Any]] = {
    "vllm": {"chat_template_kwargs": {"enable_thinking": False}},
    "sglang": {"chat_template_kwargs": {"enable_thinking": False}, "reasoning_effort": "none"},
    "llama.cpp": {"chat_template_kwargs": {"enable_thinking": False}},
    "ollama": {"think": False},
    "lmstudio": {},
    "openai": {"chat_template_kwargs": {"enable_thinking": False}},
}
REASONING = {"vllm": "reasoning", "sglang": "reasoning_content", "llama.cpp": "reasoning_content", "ollama": "thinking"}


@dataclass
class Fault:
    """What a desk does with one question instead of answering it: ``text`` with ``status``, ``kind`` and
    ``headers``; ``breaks_after`` bytes; ``message``: an answer with these fields."""

    status: int = 200
    text: str = ""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    breaks_after: int | None = None
    seconds: float = 0.0
    message: dict[str, Any] | None = None
    finish: str = "stop"


@dataclass
class Desk:
    """A server of ``kind``. ``faults`` are used up one a question; ``wrong`` is what questions did against the rules.
    ``refuses`` (a function of the body) gives the words of a 400. ``left`` counts clients that hung up.
    Without ``looks`` nothing is checked, which takes the time of a benchmark. ``letters`` are the likeliest tokens of
    an answer that is one letter, with their log probabilities; without them it answers such a question in other words.
    ``decides`` answers at /v1/systemone, where there is nothing without it. Both are counted in ``reads`` and not in
    ``bodies``, and fail by ``read_faults``. ``kept`` are pictures by their names, ``by_name`` those that came as a name
    only; one that ``keeps_pictures`` no more has lost them."""

    kind: str
    slots: int = 8
    seconds: float = 0.0
    models: tuple[str, ...] = (MODEL,)
    sees: bool = True
    key: str = ""
    cached_tokens: int | None = None
    tells_probabilities: bool = True
    looks: bool = True
    refuses: Callable[[dict[str, Any]], str] = lambda body: ""
    letters: dict[str, float] | None = None
    decides: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    keeps_pictures: bool = True
    kept: dict[str, str] = field(default_factory=dict)
    by_name: int = 0
    reads: list[dict[str, Any]] = field(default_factory=list)
    read_faults: deque[Fault] = field(default_factory=deque)
    faults: deque[Fault] = field(default_factory=deque)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    clients: set[Any] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0
    left: int = 0
    answer: Callable[[dict[str, Any], tuple[int, int, int]], str] | None = None
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    gate: threading.Semaphore = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def is_ollama(self) -> bool:
        return self.kind == "ollama"


def pictures_of(body: dict[str, Any], kind: str) -> list[bytes]:
    """The bytes of all pictures in ``body``."""
    found = []
    for message in body["messages"]:
        if kind == "ollama":
            found += [base64.b64decode(text, validate=True) for text in message.get("images", ())]
        elif isinstance(message["content"], list):
            for part in message["content"]:
                if part["type"] == "image_url":
                    head, _, data = part["image_url"]["url"].partition(",")
                    assert re.fullmatch(r"data:image/(jpeg|png);base64", head), head
                    raw = base64.b64decode(data, validate=True)
                    assert SIGNS[next(sign for sign in SIGNS if raw.startswith(sign))] in head, head
                    found.append(raw)
    return found


def with_kept(body: dict[str, Any], desk: Desk) -> str:
    """Put the pictures that ``body`` only names into it, and keep those that come with a name; the words of a refusal
    where one is not kept."""
    for message in body["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else ():
            name = part.get("uuid")
            if part["type"] != "image_url" or name is None:
                continue
            if part["image_url"] is None:
                desk.by_name += 1
                if name not in desk.kept:
                    return f"image {name} is not in the cache"
                part["image_url"] = {"url": desk.kept[name]}
            else:
                if desk.kept.get(name, part["image_url"]["url"]) != part["image_url"]["url"]:
                    desk.wrong.append("two pictures with one name")
                if desk.keeps_pictures:
                    desk.kept[name] = part["image_url"]["url"]
    return ""


def decision_complaints(body: dict[str, Any]) -> list[str]:
    """What in ``body`` /v1/systemone does not take."""
    wrong = [f"{name} is no field" for name in sorted(body.keys() - {"model", "state", "images", "questions"})]
    for url in body["images"]:
        head, _, data = url.partition(",")
        if head not in ("data:image/jpeg;base64", "data:image/png;base64") or not base64.b64decode(data, validate=True):
            wrong.append(f"a picture is {head}")
    if not 1 <= len(body["questions"]) <= 64 or not body["state"]:
        wrong.append("no state, or too many questions")
    for question in body["questions"].values():
        criteria = question.get("criteria")
        good = question["type"] == "noul" and criteria is None
        good |= question["type"] == "choice" and isinstance(criteria, dict) and 2 <= len(criteria) <= 26
        if not good or not question["instructions"] or question.keys() - {"type", "instructions", "criteria"}:
            wrong.append(f"the question {question}")
    return wrong


def complaints(body: dict[str, Any], kind: str) -> list[str]:
    """What in ``body`` a server of ``kind`` does not take, does not do, or would take for something else."""
    wrong = []
    ollama = kind == "ollama"
    allowed = FIELDS["ollama" if ollama else "openai"] | THINKING[kind].keys()
    wrong += [f"{name} is no field of {kind}" for name in sorted(body.keys() - allowed)]
    wrong += [f"{name} is {body.get(name)}" for name, value in THINKING[kind].items() if body.get(name, value) != value]
    if "guided" in json.dumps(list(body)):
        wrong.append("guided decoding is ignored since it was renamed")
    if kind == "lmstudio" and "logprobs" in body:
        wrong.append("LM Studio tells none")
    most = body["options"]["num_predict"] if ollama else body["max_tokens"]
    if not 1 <= most <= 2800:
        wrong.append(f"{most} tokens")
    form = body.get("format" if ollama else "response_format")
    if form is not None:
        if ollama or kind == "llama.cpp":
            schema = form if ollama else form["schema"]
            good = schema["type"] == "object" and (ollama or form["type"] == "json_object")
        else:
            schema = form["json_schema"]["schema"]
            good = form["type"] == "json_schema" and bool(form["json_schema"]["name"]) and schema["type"] == "object"
        about_one = schema["properties"].get("regions", {}).get("items", schema)
        if not good or "caption" not in about_one["properties"]:
            wrong.append(f"the schema is {form}")
    if kind != "vllm" and '"uuid"' in json.dumps(body):
        wrong.append("only vLLM takes names of pictures")
    if body.get("top_logprobs", 0) > 20 or ("top_logprobs" in body and not body.get("logprobs")):
        wrong.append("too many probabilities")
    for message in body["messages"]:
        if ollama:
            if not isinstance(message["content"], str):
                wrong.append("Ollama's content is a text")
        elif isinstance(message["content"], list):
            kinds = [part["type"] for part in message["content"]]
            if kinds != ["image_url"] * (len(kinds) - 1) + ["text"]:
                wrong.append(f"the text comes last, not {kinds}")
    for raw in pictures_of(body, kind):
        with Image.open(io.BytesIO(raw)) as picture:
            if picture.format not in (("JPEG", "PNG") if kind == "llama.cpp" else ("JPEG",)):
                wrong.append(f"a picture is {picture.format}")
            if dict(picture.getexif()) or picture.mode != "RGB" or max(picture.size) > 1280:
                wrong.append(f"a picture has {dict(picture.getexif())}, {picture.mode}, {picture.size}")
    return wrong


def seen(body: dict[str, Any], kind: str) -> tuple[int, int, int]:
    """The color in the middle of the last picture."""
    with Image.open(io.BytesIO(pictures_of(body, kind)[-1])) as picture:
        pixel = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return (int(pixel[0]), int(pixel[1]), int(pixel[2]))


def described(body: dict[str, Any], color: tuple[int, int, int]) -> str:
    """The answer of a good model."""
    name = f"a thing of color {'-'.join(str(round(value / 40)) for value in color)}"
    return json.dumps({"caption": name, "category": "thing", "alternatives": [], "attributes": {"material": "wood"}})


def tokens_of(text: str) -> list[dict[str, Any]]:
    """``text`` in pieces; the model is less sure of wood than of all else."""
    pieces = re.findall(r"\w+|\W", text)
    return [
        {"token": piece, "logprob": -1.2 if piece == "wood" else -0.1, "bytes": list(piece.encode())}
        for piece in pieces
    ]


class Handler(BaseHTTPRequestHandler):
    """One connection to the desk of the server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as real servers: else each answer takes 40 ms more
    desk: Desk

    def log_message(self, *arguments: object) -> None: ...

    def do_GET(self) -> None:
        desk = self.desk
        desk.paths.append(self.path)
        if desk.key and self.headers.get("Authorization") != f"Bearer {desk.key}":
            return self._send(401, {"error": {"message": f"Incorrect API key: {self.headers.get('Authorization')}"}})
        owner = {"vllm": "vllm", "sglang": "sglang", "llama.cpp": "llamacpp", "lmstudio": "organization_owner"}
        found: Any = None
        if self.path == "/v1/models":
            found = {
                "object": "list",
                "data": [{"id": name, "owned_by": owner.get(desk.kind, "library")} for name in desk.models],
            }
        elif self.path == "/props" and desk.kind == "llama.cpp":
            found = {
                "modalities": {"vision": desk.sees},
                "total_slots": desk.slots,
                "default_generation_settings": {"n_ctx": 4096},
            }
        elif self.path == "/api/tags" and desk.kind in ("ollama", "llama.cpp"):
            found = {"models": [{"name": name} for name in desk.models]}
        elif self.path == "/version" and desk.kind == "vllm":
            found = {"version": "0.33.0"}
        elif self.path == "/api/v0/models" and desk.kind == "lmstudio":
            found = {
                "data": [{"id": name, "type": "vlm" if desk.sees else "llm", "state": "loaded"} for name in desk.models]
            }
        self._send(200 if found else 404, found or {"error": "not found"})

    def do_POST(self) -> None:
        desk = self.desk
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/show":
            return self._send(200, {"capabilities": ["completion", *(["vision"] if desk.sees else [])]})
        decides = self.path == "/v1/systemone"
        if (decides and desk.decides is None) or (
            not decides and self.path != ("/api/chat" if desk.is_ollama else "/v1/chat/completions")
        ):
            desk.paths.append(self.path)
            return self._send(404, {"error": "not found"})
        reads = decides or "top_logprobs" in body
        with desk.lock:
            (desk.reads if reads else desk.bodies).append(body)
            refusal = "" if decides or desk.is_ollama else with_kept(body, desk)
            desk.clients.add(self.client_address)
            if desk.looks and not refusal:
                desk.wrong += decision_complaints(body) if decides else complaints(body, desk.kind)
            faults = desk.read_faults if reads else desk.faults
            fault = faults.popleft() if faults and not refusal else None
            desk.at_once += 1
            desk.most_at_once = max(desk.most_at_once, desk.at_once)
        try:
            refusal = refusal or ("" if decides else desk.refuses(body))
            if refusal:
                return self._send(400, {"error": {"message": refusal, "type": "invalid_request_error"}})
            if not self._works(fault.seconds if fault else 0.0):
                return
            if fault is not None and fault.message is None:
                return self._fail(fault)
            if decides:
                assert desk.decides is not None
                return self._send(200, desk.decides(body))
            self._answer(body, fault)
        finally:
            with desk.lock:
                desk.at_once -= 1

    def _works(self, seconds: float) -> bool:
        """Wait for a slot and work in it; False when the client has hung up meanwhile, as real servers notice."""
        desk = self.desk
        with desk.gate:
            until = time.monotonic() + (seconds or desk.seconds)
            while (left := until - time.monotonic()) > 0:
                self.connection.settimeout(min(0.02, left))
                try:
                    gone = self.connection.recv(1, socket.MSG_PEEK) == b""
                except TimeoutError:
                    continue
                except OSError:
                    gone = True
                if gone:
                    desk.left += 1
                    self.close_connection = True
                    return False
            self.connection.settimeout(20)
        return True

    def _answer(self, body: dict[str, Any], fault: Fault | None) -> None:
        desk = self.desk
        shown = pictures_of(body, desk.kind) if desk.looks else []
        text = (desk.answer or described)(body, seen(body, desk.kind) if shown else (0, 0, 0))
        letters = desk.letters if body.get("top_logprobs") else None
        if letters:
            text = max(letters, key=letters.__getitem__)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        finish = "stop"
        if fault is not None and fault.message is not None:
            message, finish = {"role": "assistant", **fault.message}, fault.finish
            text = message.get("content") or ""
        if body["stream"]:
            return self._stream(message, fault)
        told = tokens_of(text) if body.get("logprobs") and desk.tells_probabilities else None
        if told and letters:
            told[0]["logprob"] = letters[text]
            told[0]["top_logprobs"] = [{"token": name, "logprob": log} for name, log in letters.items()]
        if desk.is_ollama:
            reply: dict[str, Any] = {"message": message, "done": True, "done_reason": finish}
            if told:
                reply["logprobs"] = told
        else:
            reply = {
                "choices": [{"index": 0, "message": message, "finish_reason": finish}],
                "usage": {"prompt_tokens": 900},
            }
            if told:
                reply["choices"][0]["logprobs"] = {"content": told}
            if desk.cached_tokens is not None:
                reply["usage"]["prompt_tokens_details"] = {"cached_tokens": desk.cached_tokens}
        self._send(200, reply)

    def _stream(self, message: dict[str, Any], fault: Fault | None) -> None:
        lines = []
        for name in (*sorted(message.keys() - {"content", "role"}), "content"):
            for piece in re.findall(r".{1,5}", message.get(name) or "", re.DOTALL):
                lines.append({name: piece})
        if self.desk.is_ollama:
            texts = [json.dumps({"message": line, "done": False}) for line in lines]
            texts.append(json.dumps({"message": {"content": ""}, "done": True}))
            data = "".join(f"{text}\n" for text in texts)
        else:
            texts = [json.dumps({"choices": [{"delta": line, "finish_reason": None}]}) for line in lines]
            texts.append(json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]}))
            data = ": hello\n\n" + "".join(f"data: {text}\n\n" for text in [*texts, "[DONE]"])
        raw = data.encode()
        if fault is not None and fault.breaks_after is not None:
            raw = raw[: fault.breaks_after]
            self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson" if self.desk.is_ollama else "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(raw), 50):
            piece = raw[start : start + 50]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if not self.close_connection:
            self.wfile.write(b"0\r\n\r\n")

    def _fail(self, fault: Fault) -> None:
        data = fault.text.encode()
        self.send_response(fault.status)
        self.send_header("Content-Type", fault.kind)
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if fault.breaks_after is not None:
            data = data[: fault.breaks_after]
            self.close_connection = True
        self.wfile.write(data)

    def _send(self, status: int, found: object) -> None:
        data = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Serving(ThreadingHTTPServer):
    """Says nothing of clients that hang up."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None: ...


@contextmanager
def serving(kind: str, **options: Any) -> Iterator[Desk]:
    """A running desk of ``kind``."""
    desk = Desk(kind, **options)
    desk.gate = threading.Semaphore(desk.slots)
    server = Serving(("127.0.0.1", 0), type("DeskHandler", (Handler,), {"desk": desk}))
    desk.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
