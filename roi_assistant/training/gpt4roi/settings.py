"""What a configuration file of ``roi-assistant train gpt4roi`` says."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from roi_assistant.core.record_json import decode
from roi_assistant.errors import BadInputError, FormatError

Stage = Literal[1, 2]
TrainingPrecision = Literal["fp32", "bf16"]
SavedAs = Literal["fp32", "fp16", "bf16"]
Sharding = Literal["none", "gradients", "full"]
"""``none``: every process has everything (DDP). ``gradients``: gradients and optimizer are shared out (ZeRO 2).
``full``: the weights too (ZeRO 3). Both through FSDP."""
CONFIGS = Path(__file__).resolve().parent / "configs"


@dataclass(frozen=True, kw_only=True)
class Data:
    """``datasets``: name in the registry -> share of it that an epoch takes. ``limit``: only so many conversations of
    each; 0 for all. Conversations are cut after ``max_tokens``."""

    datasets: dict[str, float]
    max_tokens: int = 2048
    limit: int = 0


@dataclass(frozen=True, kw_only=True)
class Optimization:
    """``batch``: conversations of a step, over all processes. ``tokens_at_once``: places of a pass through the model,
    padding included; a step takes as many passes as it needs. ``warmup``: steps when 1 or more, else a share of all.
    """

    batch: int
    learning_rate: float
    epochs: float = 2.0
    tokens_at_once: int = 4096
    warmup: float = 0.003
    weight_decay: float = 0.0
    clip_gradients: float = 1.0
    precision: TrainingPrecision = "bf16"
    save_as: SavedAs = "fp32"
    gradient_checkpointing: bool = True
    sharding: Sharding = "none"
    save_every: int = 500
    workers: int = 4


@dataclass(frozen=True, kw_only=True)
class Lora:
    """Low-rank adapters (arXiv 2106.09685) on all matrices of the decoder, which then stay as they are.
    ``quantized``: these are held in 4 bits (QLoRA, arXiv 2305.14314), which needs CUDA."""

    rank: int = 16
    alpha: float = 32.0
    dropout: float = 0.05
    quantized: bool = False


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Every ``every`` steps: the loss on ``conversations`` of each data set's ``split``, and the answers to the
    questions of ``answered`` of them. ``split`` "" is none; data sets without it are left out."""

    every: int = 500
    split: str = "val"
    conversations: int = 64
    answered: int = 4


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """A whole file. ``model`` has sizes of a new model, for which see `start.new_model`; without it the training starts
    from a checkpoint."""

    stage: Stage
    data: Data
    optimization: Optimization
    seed: int = 0
    lora: Lora | None = None
    evaluation: Evaluation = field(default_factory=Evaluation)
    model: dict[str, object] | None = None

    def __post_init__(self) -> None:
        """Raises: ValueError, a number makes no sense."""
        o = self.optimization
        positive: dict[str, float] = {
            "data.max_tokens": self.data.max_tokens,
            "optimization.batch": o.batch,
            "optimization.learning_rate": o.learning_rate,
            "optimization.epochs": o.epochs,
            "optimization.tokens_at_once": o.tokens_at_once,
            "optimization.clip_gradients": o.clip_gradients,
            "optimization.save_every": o.save_every,
            "optimization.workers": o.workers,
            "evaluation.every": self.evaluation.every,
        }
        for name, value in positive.items():
            if not value > 0:
                raise ValueError(f"{name} is {value}, it must be above 0")
        if not self.data.datasets:
            raise ValueError("data.datasets names no data set")
        if self.lora is not None and self.stage == 1:
            raise ValueError("stage 1 trains the region module only, so that [lora] has nothing to adapt")

    @classmethod
    def load(cls, file: Path | str) -> TrainingSettings:
        """``file``: a path, or the name of a file that ships with the program, such as ``gpt4roi-stage1``.

        Raises:
            BadInputError: it cannot be read, or says something unknown.
        """
        path = Path(file)
        shipped = CONFIGS / f"{path.stem}.toml"
        if not path.is_file() and len(path.parts) == 1 and shipped.is_file():
            path = shipped
        try:
            return decode(cls, tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            names = ", ".join(sorted(p.stem for p in CONFIGS.glob("gpt4roi-*.toml")))
            raise BadInputError(f"{path} cannot be read ({error.strerror}): give a file, or one of {names}.") from error
        except (FormatError, ValueError) as error:
            raise BadInputError(f"{path} is not a configuration of this training: {str(error).rstrip('.')}.") from error

    def fingerprint(self) -> str:
        """Alike for settings under which a run can go on; when to save and to evaluate may change."""
        values = dataclasses.asdict(self)
        del values["evaluation"]
        for name in ("save_every", "save_as", "workers", "sharding", "tokens_at_once", "gradient_checkpointing"):
            del values["optimization"][name]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
