"""What is particular to each family of models: one row each. A family that is not here is shown a part of the photo
with the box drawn, which every model that chats about pictures understands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roi_assistant.api import GEMMA_BOX, INTERNVL_BOX, QWEN3_BOX, QWEN25_BOX, BoxForm, Telling

Kind = Literal["chat", "florence2", "kosmos2", "paligemma"]
"""``chat``: has a chat template and answers any question. The others are asked in words of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A row. ``types`` are the ``model_type`` of its ``config.json``. ``telling`` is how it is told a region, and
    ``form`` how it writes boxes. ``markers`` are tokens around its answers that say nothing. ``soft_tokens`` is how
    many tokens it gives a picture, where its processor can be told and would give too few to see small boxes."""

    types: tuple[str, ...]
    kind: Kind = "chat"
    telling: Telling = "crop"
    form: BoxForm | None = None
    markers: tuple[str, ...] = ()
    soft_tokens: int | None = None


OTHER = Family(types=())
"""Any other model with a chat template. The evidence for crops is the ablation of Describe Anything, arXiv 2504.16072:
a part with context 65, the whole picture 49, both 42."""

FAMILIES = (
    # Those that were trained on boxes in the text see the whole picture, which all regions of it then share.
    Family(types=("qwen3_vl", "qwen3_vl_moe", "qwen3_5", "qwen3_5_moe"), telling="text", form=QWEN3_BOX),
    Family(types=("qwen2_5_vl",), telling="text", form=QWEN25_BOX),
    Family(types=("internvl",), telling="text", form=INTERNVL_BOX),
    Family(
        types=("glm4v", "glm4v_moe", "glm46v"),
        telling="text",
        form=QWEN3_BOX,
        markers=("<|begin_of_box|>", "<|end_of_box|>"),
    ),
    Family(types=("gemma4", "gemma4_unified"), telling="text", form=GEMMA_BOX, soft_tokens=560),
    Family(types=("vipllava",), telling="drawn"),
    # Gemma 3, SmolVLM, LFM2-VL and whatever else chats is told regions as `OTHER`.
    Family(types=("florence2",), kind="florence2"),
    Family(types=("paligemma",), kind="paligemma"),
    Family(types=("kosmos-2",), kind="kosmos2"),
)

FIRST_VERSION = {
    "qwen3_5": "5.2",
    "qwen3_5_moe": "5.2",
    "gemma4": "5.6",
    "gemma4_unified": "5.10",
    "minicpmv4_6": "5.8",
    "minicpmv4_7": "5.18",
    "qwen4_exp": "5.16",
    "glm5_next": "5.18",
    "molmo2": "5.20",
    "lfm3_vl": "5.23",
}
"""The version of transformers that first had a ``model_type``, where that is later than the oldest that we take."""


def family_of(model_type: str) -> Family:
    """The row of ``model_type``, `OTHER` where there is none."""
    return next((family for family in FAMILIES if model_type in family.types), OTHER)
