"""Captions by a model server: `open_server` makes a captioner of its address, `list_models` says what it has.

Nothing is registered by itself: a server is somebody's, and she adds it by its address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from roi_assistant.api import Captioner, CaptionerFactory, RegionForm, hookimpl

if TYPE_CHECKING:
    from .dialects import Served

__all__ = ["list_models", "open_server", "register_captioners"]

CROP = RegionForm(telling="crop")
"""How a region is told where nothing else is asked for: every model that sees pictures understands a drawn box, and
numbers only some."""


@hookimpl
def register_captioners(register: Callable[[str, CaptionerFactory], None]) -> None:
    """None before a server is added."""


def open_server(
    url: str, *, model: str = "", allow_remote: bool = False, region_form: RegionForm = CROP
) -> CaptionerFactory:
    """What makes a captioner of the server at ``url``, such as ``http://127.0.0.1:8000/v1``.

    ``model`` is one of `list_models`; it may be empty where the server has only one that sees pictures. The photos
    leave this machine only with ``allow_remote``. A key for the server is taken from the environment:
    ``ROI_ASSISTANT_SERVER_KEY``, or ``OPENAI_API_KEY``. Nothing is sent before the factory is called; ``device`` and
    ``threads`` mean nothing to it, and it raises CaptionerError where no server answers, it lies elsewhere, or the
    model is missing or cannot see.

    Raises:
        BadInputError: ``url`` is no address of a server, or holds a password.
    """
    from .client import parse_address  # late: lists of models are made without a line of network code

    address = parse_address(url)

    def factory(*, device: str = "auto", threads: int | None = None) -> Captioner:
        from .captioner import connect

        return connect(address, model=model, allow_remote=allow_remote, region_form=region_form)

    return factory


def list_models(url: str) -> Served:
    """What kind of server answers at ``url``, and which models it has. No photo is sent, wherever it is.

    Raises:
        BadInputError: ``url`` is no address of a server, or holds a password.
        CaptionerError: no model server answers there, or it asks for another key.
    """
    from .client import parse_address
    from .probing import probe

    return probe(parse_address(url))
