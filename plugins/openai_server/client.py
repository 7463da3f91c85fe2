"""HTTP to one server: connections that are kept, a thread for each request, and requests that can be left at once."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import os
import queue
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from roi_assistant.api import BadInputError, CaptionerError

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 120.0
"""How long a server may say nothing: a large model on a CPU reads a picture for a minute."""
LARGEST_REPLY = 16 * 2**20
"""Bytes. An answer with log probabilities has some hundred kilobytes."""
LONGEST_LINE = 2**20
"""Bytes, of a stream."""
_MOST_IDLE = 32
_TICK = 0.02
"""Seconds between two calls of ``interrupt``."""
KEYS = ("ROI_ASSISTANT_SERVER_KEY", "OPENAI_API_KEY")
_ENDINGS = re.compile(r"(/v1)?(/chat/completions|/models)?$|/api(/chat|/tags)?$")
_EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Servers print these when they start; they are no place to connect to everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is. ``prefix`` is the path before ``/v1``, mostly empty."""

    is_secure: bool
    host: str
    port: int
    prefix: str = ""

    @property
    def is_here(self) -> bool:
        """Whether what is sent stays on this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}{self.prefix}"


def parse_address(url: str) -> Address:
    """The address in ``url``: with or without ``http://`` and what servers have at the end, such as ``/v1``.

    Raises:
        BadInputError: it is none, or holds a user, a password or a query.
    """
    whole = url.strip()
    whole = whole if "://" in whole else f"http://{whole}"
    try:
        parts = urlsplit(whole)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        # It is not repeated: it may hold a key.
        raise BadInputError(
            "The address of a server holds no password, '?' or '#': leave them out and set {variable}.",
            variable=KEYS[0],
        )
    plain = whole.isascii() and whole.isprintable() and " " not in whole
    if parts.scheme not in ("http", "https") or not host or port == 0 or not plain:
        raise BadInputError(
            "{url} is no address of a server: write it like http://127.0.0.1:8000/v1.", url=url.strip()[:200]
        )
    return Address(
        is_secure=parts.scheme == "https",
        host=_EVERY_INTERFACE.get(host, host),
        port=port or (443 if parts.scheme == "https" else 80),
        prefix=_ENDINGS.sub("", parts.path.rstrip("/")).rstrip("/"),
    )


def key_of_environment(address: Address) -> str:
    """The key for the server at ``address``; empty where none is set. One that was set for somebody else's service
    does not travel in the clear to another machine.

    Raises:
        CaptionerError: it cannot be sent.
    """
    for name in KEYS:
        if name != KEYS[0] and not (address.is_here or address.is_secure):
            continue
        key = os.environ.get(name, "").strip()
        if key:
            if not (key.isascii() and key.isprintable()):
                # The library's own message would show the key.
                raise CaptionerError(
                    "The key in {variable} holds letters that no key has: set it again.", variable=name
                )
            return key
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back. ``body`` is empty while a stream goes on: its lines follow. ``retry_after`` in seconds."""

    status: int
    content_type: str = ""
    retry_after: float | None = None
    body: bytes = b""
    is_stream: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing, or only a part, came back. ``silence``: too long without a byte; ``cut``: in the middle."""

    kind: Literal["connect", "silence", "cut", "stopped"]
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a stream, without its end."""

    text: bytes


@dataclass(frozen=True, slots=True)
class End:
    """Of a stream, wherever that was."""


Event: TypeAlias = Response | Trouble | Line | End


class Client:
    """Connections to the server at ``address``. ``start`` may be called while other requests are under way."""

    def __init__(
        self,
        address: Address,
        *,
        key: str = "",
        connect_seconds: float = CONNECT_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.address = address
        self.silence_seconds = silence_seconds
        self._key = key
        self._connect_seconds = connect_seconds
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def start(self, path: str, body: bytes | None, report: Callable[[Exchange, Event], None]) -> Exchange:
        """Send ``body`` (None: ask for ``path``) and ``report`` what comes back, on another thread."""
        exchange = Exchange(self, self.address.prefix + path, body, report)
        exchange.start()
        return exchange

    def fetch(self, path: str, body: bytes | None = None, *, interrupt: Callable[[], None]) -> Response | Trouble:
        """A whole reply. What ``interrupt`` raises passes, and the connection is closed."""
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        exchange = self.start(path, body, lambda _, event: events.put(event))
        try:
            event = next_event(events, interrupt)
        except BaseException:
            exchange.stop()
            raise
        if isinstance(event, Response) and not event.is_stream:
            return event
        exchange.stop()
        return event if isinstance(event, Trouble) else Trouble("cut", "a stream")

    def hidden(self, text: str) -> str:
        """``text`` of the server without the key: some servers repeat it."""
        return text.replace(self._key, "***") if self._key else text

    def headers(self, *, has_body: bool) -> dict[str, str]:
        """Of every request."""
        headers = {"Accept": "*/*"}
        if has_body:
            headers["Content-Type"] = "application/json"
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return headers

    def take(self, *, fresh: bool = False) -> http.client.HTTPConnection:
        """A connection that is open, or a new one that is not yet (its ``sock`` is None)."""
        with self._lock:
            if self._idle and not fresh:
                return self._idle.pop()
        kind = http.client.HTTPSConnection if self.address.is_secure else http.client.HTTPConnection
        return kind(self.address.host, self.address.port, timeout=self._connect_seconds)

    def give_back(self, connection: http.client.HTTPConnection) -> None:
        """Keep an open ``connection`` whose reply was read to its end."""
        with self._lock:
            if not self._is_closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()

    def drop_idle(self) -> None:
        """Close what is not in use, as after a reply that shows that something is wrong with the way there."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Close what is not in use; what is in use is closed when its reply is there."""
        with self._lock:
            self._is_closed = True
        self.drop_idle()


class Exchange(threading.Thread):
    """One request and its reply."""

    def __init__(
        self, client: Client, path: str, body: bytes | None, report: Callable[[Exchange, Event], None]
    ) -> None:
        # A thread that waits for a server never keeps the program from ending.
        super().__init__(name="server", daemon=True)
        self._client = client
        self._path = path
        self._body = body
        self._report = report
        self._held = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """Close the connection at once, so that the server stops, too. What is reported afterwards is `Trouble`."""
        with self._held:
            self._is_stopped = True
            if self._connection is not None and self._connection.sock is not None:
                with contextlib.suppress(OSError):
                    self._connection.sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads; it closes

    def run(self) -> None:
        """See `threading.Thread`."""
        try:
            event = self._exchanged()
        except TimeoutError:
            event = Trouble("silence", f"nothing for {self._client.silence_seconds:g} seconds")
        except Exception as error:  # a socket that is shut down under the library raises anything
            event = Trouble("cut", type(error).__name__)
        if self._is_stopped:
            event = Trouble("stopped", "")
        self._report(self, event)

    def _exchanged(self) -> Event:
        connection = self._client.take()
        if connection.sock is not None:
            try:
                return self._asked(connection)
            except _Stale:  # the server closed what was idle: not a failure, it never saw the request
                connection = self._client.take(fresh=True)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            return Trouble("connect", error.strerror or str(error) or type(error).__name__)
        assert connection.sock is not None
        connection.sock.settimeout(self._client.silence_seconds)
        return self._asked(connection, is_fresh=True)

    def _asked(self, connection: http.client.HTTPConnection, *, is_fresh: bool = False) -> Event:
        with self._held:
            if self._is_stopped:
                connection.close()
                return Trouble("stopped", "")
            self._connection = connection
        is_whole = False
        try:
            try:
                method = "GET" if self._body is None else "POST"
                headers = self._client.headers(has_body=self._body is not None)
                connection.request(method, self._path, self._body, headers)
                response = connection.getresponse()
            except ConnectionError:
                if is_fresh or self._is_stopped:
                    raise
                raise _Stale from None
            event = self._read(response)
            is_whole = response.isclosed() and not response.will_close and not isinstance(event, Trouble)
            return event
        finally:
            with self._held:
                self._connection = None
            if is_whole and not self._is_stopped:
                self._client.give_back(connection)
            else:
                connection.close()

    def _read(self, response: http.client.HTTPResponse) -> Event:
        kind = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
        head = Response(status=response.status, content_type=kind, retry_after=_seconds(response))
        if response.status == 200 and kind in ("text/event-stream", "application/x-ndjson"):
            return self._read_lines(response, head)
        body = bytearray()
        while piece := response.read(65536):
            body += piece
            if len(body) > LARGEST_REPLY:
                return Trouble("cut", f"more than {LARGEST_REPLY} bytes")
        if response.length:  # fewer bytes than were announced
            return Trouble("cut", f"{response.length} bytes are missing")
        return Response(
            status=head.status, content_type=kind, retry_after=head.retry_after, body=bytes(body), is_stream=False
        )

    def _read_lines(self, response: http.client.HTTPResponse, head: Response) -> Event:
        self._report(self, Response(status=head.status, content_type=head.content_type, is_stream=True))
        while line := response.readline(LONGEST_LINE):
            if len(line) >= LONGEST_LINE:
                return Trouble("cut", "a line without an end")
            self._report(self, Line(line.strip()))
        return End()


class _Stale(Exception):
    """A kept connection that the server has closed in the meantime."""


def _seconds(response: http.client.HTTPResponse) -> float | None:
    """``Retry-After`` where it is a number; dates are for the patient."""
    told = (response.getheader("Retry-After") or "").strip()
    return float(told) if re.fullmatch(r"\d{1,6}(\.\d+)?", told) else None


def next_event(events: queue.SimpleQueue[Event], interrupt: Callable[[], None]) -> Event:
    """The next of ``events``; what ``interrupt`` raises while nothing comes passes."""
    while True:
        interrupt()
        try:
            return events.get(timeout=_TICK)
        except queue.Empty:
            continue
