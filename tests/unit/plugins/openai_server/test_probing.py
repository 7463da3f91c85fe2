"""What servers are recognised by."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.openai_server import list_models
from plugins.openai_server.dialects import recognised

from .simulator import KINDS, serving


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_recognised(kind: str) -> None:
    with serving(kind, models=("a", "b")) as desk:
        served = list_models(desk.url)
    assert served.dialect.kind == kind
    assert [model.id for model in served.models] == ["a", "b"]


@pytest.mark.parametrize(
    ("pages", "kind"),
    [
        ({"/v1/models": {"data": [{"id": "m", "owned_by": "me"}]}, "/version": {"version": "0.33"}}, "vllm"),
        ({"/v1/models": {"data": [{"id": "m"}]}}, "openai"),
        ({"/props": {"default_generation_settings": {}}, "/api/tags": {"models": []}}, "llama.cpp"),
        ({"/api/tags": {"models": [{"name": "m"}, {}, 3]}}, "ollama"),
        ({"/v1/models": {"data": "x"}, "/version": {"version": "1"}}, None),
        ({"/v1/models": [], "/props": 3, "/api/tags": None}, None),
        ({"/version": {"version": "1.27"}}, None),
    ],
)
def test_pages_and_kinds(pages: dict[str, Any], kind: str | None) -> None:
    served = recognised(pages.get)
    assert (served.dialect.kind if served else None) == kind


def test_what_models_are_told_to_be() -> None:
    served = recognised(
        {
            "/v1/models": {"data": [{"id": "m.gguf", "owned_by": "llamacpp"}]},
            "/props": {
                "modalities": {"vision": False},
                "total_slots": 3,
                "default_generation_settings": {"n_ctx": 512},
            },
        }.get
    )
    assert served is not None and served.slots == 3
    (model,) = served.models
    assert (model.id, model.sees, model.context) == ("m.gguf", False, 512)
    served = recognised({"/v1/models": {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 8192}]}}.get)
    assert served is not None and served.models[0].context == 8192 and served.models[0].sees is None


def test_a_model_without_a_name_has_that_of_its_file() -> None:
    served = recognised({"/props": {"modalities": {}, "model_path": "C:\\models\\qwen.gguf"}}.get)
    assert served is not None and served.models[0].id == "qwen.gguf"
