"""Captions by a model server: `open_server` makes a captioner of its address, `list_models` says what it has.

No server is known by itself: it is somebody's, and she adds it by its address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from roi_assistant.api import Captioner, CaptionerFactory, ModelOpener, RegionForm, hookimpl

if TYPE_CHECKING:
    from .dialects import Served

__all__ = ["list_models", "open_server", "register_model_openers"]

CROP = RegionForm(telling="crop")
"""How a region is told where nothing else is asked for: every model that sees pictures understands a drawn box, and
numbers only some."""


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


class ServerOpener:
    """See `roi_assistant.api.ModelOpener`."""

    kind: Literal["server"] = "server"
    makes: Literal["captioner"] = "captioner"

    def names(self, place: str, *, allow_remote: bool = False) -> Sequence[str]:
        """The models of the server at ``place``, those that certainly see no pictures left out. Raises: as
        `list_models`."""
        return [model.id for model in list_models(place).models if model.sees is not False]

    def open(self, place: str, *, id: str, model: str = "", allow_remote: bool = False) -> CaptionerFactory:
        """See `open_server`; the captioner keeps the name by which its server is known in provenance."""
        return open_server(place, model=model, allow_remote=allow_remote)


@hookimpl
def register_model_openers(register: Callable[[str, ModelOpener], None]) -> None:
    """Servers become models: ``roi-assistant models add http://...``."""
    register("openai-server", ServerOpener())
