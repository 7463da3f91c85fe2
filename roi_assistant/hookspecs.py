"""What a plugin can add. A plugin implements any of these hooks with ``roi_assistant.api.hookimpl``.

Each hook is called once, when the plugin is first needed, with a function ``register(id, thing)``. Ids are unique per
hook; the first plugin that claims an id keeps it (built-in ones first, then the user's folder, then packages).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import typer

    from roi_assistant.core.records import AttributeSchema
    from roi_assistant.interfaces import (
        CaptionerFactory,
        ModelOpener,
        ProposerFactory,
        RegionReader,
        RegionWriter,
        TextReaderFactory,
    )

PROJECT = "roi_assistant"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_captioners(register: Callable[[str, CaptionerFactory], None]) -> None:
    """Add models: ``register(id, factory)`` with ``factory(*, device, threads) -> Captioner``.

    The factory loads the model; keep imports of heavy libraries inside it.
    """


@hookspec
def register_formats(register: Callable[[str, RegionReader | RegionWriter], None]) -> None:
    """Add annotation formats: ``register(id, format)`` with an ``api.RegionWriter``, ``api.RegionReader`` or both."""


@hookspec
def register_attribute_presets(register: Callable[[str, AttributeSchema], None]) -> None:
    """Add attribute schemas for ``--attributes ID``: ``register(id, schema)``."""


@hookspec
def register_proposers(register: Callable[[str, ProposerFactory], None]) -> None:
    """Add box finders: ``register(id, factory)`` with ``factory(*, device, threads) -> Proposer``."""


@hookspec
def register_text_readers(register: Callable[[str, TextReaderFactory], None]) -> None:
    """Add readers of what is written in boxes: ``register(id, factory)`` with ``factory(*, threads) -> TextReader``.

    The factory is called when the first box is to be read; keep imports of heavy libraries inside it.
    """


@hookspec
def register_model_openers(register: Callable[[str, ModelOpener], None]) -> None:
    """Make models of what the user has: ``register(id, opener)`` with an ``api.ModelOpener``."""


@hookspec
def register_commands(register: Callable[[str, typer.Typer], None]) -> None:
    """Add commands to the command line: ``register(name, app)``. The app's help text is shown as the command's."""
