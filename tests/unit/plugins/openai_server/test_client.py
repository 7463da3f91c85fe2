"""Addresses, and requests on connections that servers close."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from plugins.openai_server.client import (
    LONGEST_LINE,
    Address,
    Client,
    Line,
    Response,
    Trouble,
    key_of_environment,
    parse_address,
)
from roi_assistant.api import BadInputError

from .conftest import deadline


@pytest.mark.parametrize(
    ("url", "address", "is_here"),
    [
        ("http://127.0.0.1:8000/v1", "127.0.0.1:8000", True),
        ("127.0.0.1:11434", "127.0.0.1:11434", True),
        ("localhost:1234/v1/", "localhost:1234", True),
        ("http://[::1]:8080/v1", "[::1]:8080", True),
        ("http://0.0.0.0:8000", "127.0.0.1:8000", True),
        ("http://127.9.9.9/v1/chat/completions", "127.9.9.9:80", True),
        ("http://localhost:11434/api/chat", "localhost:11434", True),
        ("HTTPS://Models.Example.org/team/v1", "models.example.org:443/team", False),
        ("http://192.168.1.5:8000/v1", "192.168.1.5:8000", False),
        ("http://localhost.example.org", "localhost.example.org:80", False),
        ("http://127.0.0.1.example.org", "127.0.0.1.example.org:80", False),
    ],
)
def test_what_an_address_is(url: str, address: str, is_here: bool) -> None:
    parsed = parse_address(url)
    assert (str(parsed), parsed.is_here) == (address, is_here)
    assert parsed.is_secure == url.lower().startswith("https")


@pytest.mark.parametrize(
    "url",
    ["", "http://", "ftp://127.0.0.1", "http://a b", "http://a:99999", "http://a:x", "http://a/\n", "file:///etc"],
)
def test_what_is_no_address(url: str) -> None:
    if url.endswith("\n"):
        url += "x"
    with pytest.raises(BadInputError, match="no address of a server"):
        parse_address(url)


@pytest.mark.parametrize("url", ["http://me:secret@127.0.0.1", "http://127.0.0.1/v1?key=secret", "http://a/#secret"])
def test_a_password_in_an_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadInputError, match="ROI_ASSISTANT_SERVER_KEY") as error:
        parse_address(url)
    assert "secret" not in str(error.value)


class Script:
    """A server that answers each request on a connection with the next of ``replies``, then closes it."""

    def __init__(self, *connections: list[bytes]) -> None:
        self.connections = list(connections)
        self.requests: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        for replies in self.connections:
            connection, _ = self.socket.accept()
            connection.settimeout(10)
            for reply in replies:
                self.requests.append(connection.recv(65536))
                connection.sendall(reply)
            connection.close()

    def client(self, *, silence_seconds: float = 60.0) -> Client:
        address = Address(is_secure=False, host="127.0.0.1", port=self.port)
        return Client(address, silence_seconds=silence_seconds)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def script() -> Iterator[list[Script]]:
    made: list[Script] = []
    yield made
    for one in made:
        one.socket.close()


def test_a_connection_is_kept_and_a_closed_one_replaced(script: list[Script]) -> None:
    server = Script([OK, OK], [OK])
    script.append(server)
    client = server.client()
    for count in range(3):
        assert isinstance(client.fetch("/a", interrupt=deadline()), Response), count
        time.sleep(0.05)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"", "cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf", "cut"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", "cut"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "cut"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "cut"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + b"x" * (LONGEST_LINE + 10), "cut"),
    ],
)
def test_what_breaks_off_or_is_no_http_is_told(script: list[Script], reply: bytes, kind: str) -> None:
    server = Script([reply])
    script.append(server)
    told = server.client(silence_seconds=5).fetch("/a", interrupt=deadline())
    assert isinstance(told, Trouble) and told.kind == kind


def test_silence_ends() -> None:
    quiet = socket.create_server(("127.0.0.1", 0))
    client = Client(
        Address(is_secure=False, host="127.0.0.1", port=quiet.getsockname()[1]), silence_seconds=0.2, connect_seconds=1
    )
    begin = time.monotonic()
    told = client.fetch("/a", interrupt=deadline())
    assert isinstance(told, Trouble) and told.kind == "silence" and "0.2 seconds" in told.reason
    assert time.monotonic() - begin < 5
    quiet.close()


def test_lines_come_while_the_stream_goes_on(script: list[Script]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    server = Script([head + b"data: a\n\ndata: b\n\n"])
    script.append(server)
    events = []
    exchange = server.client().start("/a", b"{}", lambda _, event: events.append(event))
    exchange.join(timeout=10)
    assert [event.text for event in events if isinstance(event, Line)] == [b"data: a", b"", b"data: b", b""]
    assert b"Authorization" not in server.requests[0]


def test_a_stopped_request_ends_whenever_it_is_stopped() -> None:
    quiet = socket.create_server(("127.0.0.1", 0))
    client = Client(Address(is_secure=False, host="127.0.0.1", port=quiet.getsockname()[1]), silence_seconds=60)
    for pause in (0.0, 0.001, 0.05):
        events: list[object] = []
        exchange = client.start("/a", b"{}", lambda _, event, to=events: to.append(event))  # type: ignore[misc]
        time.sleep(pause)
        exchange.stop()
        exchange.join(timeout=5)
        assert not exchange.is_alive()
        (event,) = events
        assert isinstance(event, Trouble) and event.kind == "stopped"
    quiet.close()


def test_a_key_for_a_service_does_not_travel_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "service")
    assert key_of_environment(parse_address("http://127.0.0.1:8000/v1")) == "service"
    assert key_of_environment(parse_address("https://example.org/v1")) == "service"
    assert key_of_environment(parse_address("http://192.168.0.9:8000/v1")) == ""
    monkeypatch.setenv("ROI_ASSISTANT_SERVER_KEY", "desk")
    assert key_of_environment(parse_address("http://192.168.0.9:8000/v1")) == "desk", "it was set for such servers"
