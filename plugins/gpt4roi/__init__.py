"""The published GPT4RoI, for those who have its weights: the models that ``models import-gpt4roi`` made."""

from collections.abc import Callable

from roi_assistant.api import CaptionerFactory, gpt4roi_captioners, hookimpl


@hookimpl
def register_captioners(register: Callable[[str, CaptionerFactory], None]) -> None:
    for id_, factory in gpt4roi_captioners().items():
        register(id_, factory)
