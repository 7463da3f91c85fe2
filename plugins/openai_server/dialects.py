"""What each kind of server takes, as a table, and how a server is recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["vllm", "sglang", "llama.cpp", "ollama", "lmstudio", "openai"]
Extra = Literal["schema", "probabilities", "no_thinking", "uuid"]
"""What is asked for beside the question. A server that answers 400 to it is asked without."""
EXTRAS: tuple[Extra, ...] = ("schema", "probabilities", "no_thinking", "uuid")


DECISIONS = "/v1/systemone"
"""Where servers tell a probability for each option of typed questions, in one request and without writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one kind of server is asked.

    ``api`` is the form of questions and answers. ``schema`` is how it is given a JSON schema: OpenAI's ``json_schema``,
    or ``json_object`` with a schema beside it. ``no_thinking`` is what it is told so that the model does not think
    first; empty where nothing is known to help. ``has_probabilities``: whether it can tell how likely tokens were.
    ``is_lossless``: whether small pictures are sent as PNG; else all are JPEG, which every server reads.
    ``takes_uuid``: whether a picture may have a name, by which alone it is sent from then on. ``may_decide``: whether
    some models of it answer at `DECISIONS`.
    """

    kind: Kind
    label: str
    api: Literal["openai", "ollama"] = "openai"
    schema: Literal["json_schema", "json_object"] = "json_schema"
    no_thinking: Mapping[str, Any] = field(default_factory=dict)
    has_probabilities: bool = True
    is_lossless: bool = False
    takes_uuid: bool = False
    may_decide: bool = False
    remedy: str = ""
    """How its context is made larger."""

    @property
    def path(self) -> str:
        """Where it is asked."""
        return "/api/chat" if self.api == "ollama" else "/v1/chat/completions"


_TEMPLATE = {"chat_template_kwargs": {"enable_thinking": False}}
DIALECTS: Mapping[Kind, Dialect] = {
    dialect.kind: dialect
    for dialect in (
        Dialect(
            kind="vllm",
            label="vLLM",
            no_thinking=_TEMPLATE,
            takes_uuid=True,
            may_decide=True,
            remedy="--max-model-len 8192",
        ),
        Dialect(
            kind="sglang",
            label="SGLang",
            no_thinking={**_TEMPLATE, "reasoning_effort": "none"},
            may_decide=True,
            remedy="--context-length 8192",
        ),
        Dialect(
            kind="llama.cpp",
            label="llama.cpp",
            # Its README writes {"type": "json_schema", "schema": ...}, its code reads the schema one level deeper.
            # Of json_object both say the same.
            schema="json_object",
            no_thinking=_TEMPLATE,
            is_lossless=True,
            may_decide=True,
            remedy="-c 8192",
        ),
        # Its own api, not /v1: only there "think": false is obeyed together with a schema.
        Dialect(
            kind="ollama",
            label="Ollama",
            api="ollama",
            no_thinking={"think": False},
            remedy="OLLAMA_CONTEXT_LENGTH=8192",
        ),
        # Neither chat_template_kwargs nor /no_think helped there, and it refuses {"type": "json_object"}.
        Dialect(kind="lmstudio", label="LM Studio", has_probabilities=False),
        # Others that render a chat template, `transformers serve` among them, take it; who refuses it is asked without.
        Dialect(kind="openai", label="The server", no_thinking=_TEMPLATE),
    )
}

_OWNERS: Mapping[str, Kind] = {
    "vllm": "vllm",
    "sglang": "sglang",
    "llamacpp": "llama.cpp",
    "organization_owner": "lmstudio",
}
"""Who owns the models of ``/v1/models``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """A model of a server. ``sees`` pictures, ``context`` in tokens and ``is_loaded``: None where it does not tell."""

    id: str
    sees: bool | None = None
    context: int | None = None
    is_loaded: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server and its models. ``slots``: how many questions it works on at once, None where it does not tell."""

    dialect: Dialect
    models: tuple[ServedModel, ...]
    slots: int | None = None


Get = Callable[[str], object]
"""The JSON at a path of the server; None where there is none."""


def recognised(get: Get) -> Served | None:
    """What kind of server answers to ``get``; None where it is no model server."""
    listed = _entries(get("/v1/models"), "data")
    owner = next((_OWNERS[str(one["owned_by"])] for one in listed or () if str(one.get("owned_by")) in _OWNERS), None)
    if owner in (None, "llama.cpp"):
        # Before Ollama's own path, which llama.cpp has, too.
        properties = get("/props")
        if isinstance(properties, Mapping) and properties.keys() & {"default_generation_settings", "modalities"}:
            return _llama(properties, listed or [])
    if owner is None:
        tags = _entries(get("/api/tags"), "models")
        if tags is not None:
            models = tuple(ServedModel(id=name) for one in tags if (name := _name(one, "name", "model")))
            return Served(dialect=DIALECTS["ollama"], models=models)
        version = get("/version")
        if listed is not None and isinstance(version, Mapping) and isinstance(version.get("version"), str):
            owner = "vllm"
    if listed is None:
        return None
    told = {}
    if owner == "lmstudio":
        told = {str(one.get("id")): one for one in _entries(get("/api/v0/models"), "data") or ()}
    models = tuple(_model(name, one, told.get(name, {})) for one in listed if (name := _name(one, "id")))
    return Served(dialect=DIALECTS[owner or "openai"], models=models)


def _entries(found: object, name: str) -> list[Mapping[str, Any]] | None:
    """The objects of the list ``name``; None where there is no such list."""
    entries = found.get(name) if isinstance(found, Mapping) else None
    return [one for one in entries if isinstance(one, Mapping)] if isinstance(entries, list) else None


def _name(one: Mapping[str, Any], *keys: str) -> str:
    return next((one[key] for key in keys if isinstance(one.get(key), str) and one[key]), "")


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _model(name: str, one: Mapping[str, Any], told: Mapping[str, Any]) -> ServedModel:
    kind, state = told.get("type"), told.get("state")
    return ServedModel(
        id=name,
        sees=kind == "vlm" if kind in ("vlm", "llm", "embeddings") else None,
        context=_whole(one.get("max_model_len")) or _whole(told.get("loaded_context_length")),
        is_loaded=state == "loaded" if isinstance(state, str) else None,
    )


def _llama(properties: Mapping[str, Any], listed: list[Mapping[str, Any]]) -> Served:
    modalities, settings = properties.get("modalities"), properties.get("default_generation_settings")
    vision = modalities.get("vision") if isinstance(modalities, Mapping) else None
    names = [name for one in listed if (name := _name(one, "id"))]
    if not names:
        path = _name(properties, "model_alias", "model_path")
        names = [path.replace("\\", "/").rpartition("/")[2] or "default"]
    context = _whole(settings.get("n_ctx")) if isinstance(settings, Mapping) else None
    models = tuple(
        # What is said of the loaded model is not said of the others, where it has several.
        ServedModel(id=name, sees=vision if isinstance(vision, bool) and len(names) == 1 else None, context=context)
        for name in names
    )
    return Served(dialect=DIALECTS["llama.cpp"], models=models, slots=_whole(properties.get("total_slots")))
