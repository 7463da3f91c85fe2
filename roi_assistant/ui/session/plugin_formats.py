"""Formats of plugins that the window can offer. No Qt in here."""

from __future__ import annotations

from typing import Literal

from roi_assistant.errors import RoiAssistantError


def plugin_formats(ability: Literal["read", "write"]) -> dict[str, tuple[str, ...]]:
    """Id -> file name endings of the formats of plugins that can do that."""
    from roi_assistant.plugins import PluginManager

    plugins = PluginManager()
    found: dict[str, tuple[str, ...]] = {}
    for id_ in sorted(plugins.ids("format")):
        try:
            format_ = plugins.format(id_)
        except RoiAssistantError:
            continue  # the plugins command tells what is wrong with it
        if callable(getattr(format_, ability, None)):
            found[id_] = tuple(getattr(format_, "suffixes", ()) or ())
    return found
