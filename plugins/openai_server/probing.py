"""Finding out what answers at an address."""

from __future__ import annotations

import json
from collections.abc import Callable

from roi_assistant.api import CaptionerError

from .client import Address, Client, Trouble, key_of_environment
from .dialects import DIALECTS, Served, recognised
from .faults import trouble_of, wrong_key

PROBE_SECONDS = 10.0
"""How long a server may say nothing when it is asked what it is."""


def probe(address: Address, *, interrupt: Callable[[], None] = lambda: None) -> Served:
    """What kind of server is at ``address``, with its models.

    Raises:
        CaptionerError: none that is known answers there, or it wants another key.
    """
    client = Client(address, key=key_of_environment(address), silence_seconds=PROBE_SECONDS)
    server = f"{DIALECTS['openai'].label} at {address}"

    def get(path: str) -> object:
        reply = client.fetch(path, interrupt=interrupt)
        if isinstance(reply, Trouble):
            if reply.kind == "connect":
                raise trouble_of(reply, server)
            return None
        if reply.status in (401, 403) and path == "/v1/models":
            raise wrong_key(server, reply.status)
        try:
            return json.loads(reply.body) if reply.status == 200 else None
        except (ValueError, RecursionError):
            return None

    try:
        served = recognised(get)
    finally:
        client.close()
    if served is None:
        raise CaptionerError(
            "What answers at {address} is no model server: give the address of its /v1, such as "
            "http://127.0.0.1:8000/v1.",
            address=address,
        )
    return served


def sees_pictures(address: Address, model: str, *, interrupt: Callable[[], None] = lambda: None) -> bool | None:
    """What Ollama says of ``model``; None where it does not tell."""
    client = Client(address, key=key_of_environment(address), silence_seconds=PROBE_SECONDS)
    try:
        reply = client.fetch("/api/show", json.dumps({"model": model}).encode(), interrupt=interrupt)
        found = json.loads(reply.body) if not isinstance(reply, Trouble) and reply.status == 200 else None
    except (ValueError, RecursionError):
        return None
    finally:
        client.close()
    told = found.get("capabilities") if isinstance(found, dict) else None
    return "vision" in told if isinstance(told, list) else None
