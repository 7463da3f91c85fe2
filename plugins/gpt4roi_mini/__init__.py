"""The embedded model, through the door that every other model uses."""

from collections.abc import Callable

from roi_assistant.api import CaptionerFactory, hookimpl, load_embedded


@hookimpl
def register_captioners(register: Callable[[str, CaptionerFactory], None]) -> None:
    register("gpt4roi-mini", load_embedded)
