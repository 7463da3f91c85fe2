"""A model hub on this machine: the answers of a hub's API and of its store, with the faults that networks have."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Request:
    """What a client asked for. ``range`` is the header, "" without one."""

    method: str
    path: str
    range: str
    token: str


@dataclass
class Hub:
    """``files`` by repository and name; those that end in ``.safetensors`` are in the store, as large files are.

    ``faults``: what happens to the next GETs of a file, first to last: ``cut`` (the connection ends in the middle),
    ``stall`` (nothing more comes), ``wrong`` (one byte differs), ``no-range`` (a Range is not heeded), or the number of
    an HTTP status. Those of the repository itself are for questions to the API.
    """

    address: str = ""
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    commit: str = COMMIT
    tags: list[str] = field(default_factory=lambda: ["license:apache-2.0"])
    faults: dict[str, list[str]] = field(default_factory=dict)
    refusal: tuple[int, str] | None = None
    """HTTP status and ``X-Error-Code`` of every answer."""
    requests: list[Request] = field(default_factory=list)
    resumed: threading.Event = field(default_factory=threading.Event)
    """Ends all stalls."""

    def asked(self, name: str, method: str = "GET") -> list[Request]:
        """The requests of the file ``name``."""
        return [r for r in self.requests if r.method == method and r.path.endswith(f"/{name}")]


@contextmanager
def running_hub() -> Iterator[Hub]:
    """A hub that answers until the block ends."""
    hub = Hub()

    class Handler(_Handler):
        shared = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield hub
    finally:
        hub.resumed.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shared: Hub

    def log_message(self, *arguments: object) -> None:
        """Keep the output of the tests clean."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def _answer(self, method: str) -> None:
        hub, path = self.shared, unquote(urlsplit(self.path).path)
        given = self.headers.get("Range", ""), self.headers.get("Authorization", "")
        hub.requests.append(Request(method, path, *given))
        parts = path.strip("/").split("/")
        if hub.refusal is not None:
            status, code = hub.refusal
            self._send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": "no"})
        elif parts[:2] == ["api", "models"] and len(parts) in (4, 6):
            self._info("/".join(parts[2:4]), parts[5] if len(parts) == 6 else "main")
        elif parts[0] == "store":
            self._file("/".join(parts[1:3]), parts[3], method)
        elif len(parts) == 5 and parts[2] == "resolve":
            self._resolve("/".join(parts[:2]), parts[3], parts[4], method)
        else:
            self._send(404, b"{}", {})

    def _info(self, repository: str, revision: str) -> None:
        hub = self.shared
        fault = self._fault(repository)
        if fault:
            self._send(int(fault), b"{}", {})
        elif repository not in hub.files:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif revision not in ("main", hub.commit):
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            siblings = [_sibling(name, data) for name, data in hub.files[repository].items()]
            answer = {"id": repository, "sha": hub.commit, "siblings": siblings, "tags": hub.tags, "gated": False}
            self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _resolve(self, repository: str, revision: str, name: str, method: str) -> None:
        hub = self.shared
        data = hub.files.get(repository, {}).get(name)
        if data is None or revision not in ("main", hub.commit):
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        known = {"X-Repo-Commit": hub.commit, "ETag": f'"{_blob(data)}"'}
        if name.endswith(".safetensors"):
            linked = {"X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Linked-Size": str(len(data))}
            # The store is another host, which must not get the token.
            store = hub.address.replace("127.0.0.1", "localhost")
            self._send(302, b"", {**known, **linked, "Location": f"{store}/store/{repository}/{name}"})
        else:
            self._file(repository, name, method, known)

    def _file(self, repository: str, name: str, method: str, headers: dict[str, str] | None = None) -> None:
        data = self.shared.files[repository][name]
        headers = {"Accept-Ranges": "bytes", **(headers or {})}
        if method == "HEAD":
            self._send(200, data, headers)
            return
        fault = self._fault(name)
        if fault.isdecimal():
            self._send(int(fault), b"", {})
            return
        begin, status = 0, 200
        if (asked := self.headers.get("Range", "")) and fault != "no-range":
            begin, status = int(asked.removeprefix("bytes=").split("-")[0]), 206
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        rest = data[begin:]
        if fault == "wrong":
            rest = bytes([rest[0] ^ 1]) + rest[1:]
        if fault in ("cut", "stall"):
            self._send(status, rest, headers, body=rest[: len(rest) // 2])
            if fault == "stall":
                self.shared.resumed.wait(60)
            self.close_connection = True
            return
        self._send(status, rest, headers)

    def _fault(self, name: str) -> str:
        waiting = self.shared.faults.get(name)
        return waiting.pop(0) if waiting else ""

    def _send(self, status: int, data: bytes, headers: dict[str, str], body: bytes | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data if body is None else body)
            self.wfile.flush()


def _sibling(name: str, data: bytes) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": _blob(data)}
    if name.endswith((".safetensors", ".bin")):
        sibling["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
    return sibling


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
