"""The training loop of both stages, on one device or many."""

from __future__ import annotations

import json
import math
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, DistributedType
from torch import Tensor

from roi_assistant.datasets.dataset import RegionDataset
from roi_assistant.datasets.sampling import DatasetMix
from roi_assistant.errors import BadInputError, TrainingError
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration
from roi_assistant.training.gpt4roi.conversations import Batch, collate
from roi_assistant.training.gpt4roi.evaluation import answers, as_log, held_out, held_out_loss
from roi_assistant.training.gpt4roi.pictures import PicturePool, Prepared
from roi_assistant.training.gpt4roi.plan import Item, TrainingPlan, padding, passes
from roi_assistant.training.gpt4roi.settings import TrainingSettings
from roi_assistant.training.gpt4roi.sharing import accelerator_for
from roi_assistant.training.gpt4roi.stages import Trainee, assemble, load_quantized, prepare
from roi_assistant.training.gpt4roi.start import load_start
from roi_assistant.training.gpt4roi.states import load_state, save_state, trained_weights
from roi_assistant.training.loop import RunLog, cosine, optimizer

BETAS = (0.9, 0.999)
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


@dataclass(frozen=True, kw_only=True)
class Run:
    """``start`` is a checkpoint folder; states, log and report go to ``out``."""

    settings: TrainingSettings
    start: Path
    mix: DatasetMix
    held_out: Sequence[RegionDataset]
    out: Path
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Trained:
    """``finished``: all steps are done, and ``weights`` holds what was trained, by name (in the first process)."""

    finished: bool
    step: int
    steps: int
    is_first: bool
    weights: dict[str, Tensor]


def train(run: Run, *, stop_after: int | None = None) -> Trained:
    """Train from the newest state in ``run.out``, or from the start.

    A first SIGINT or SIGTERM, or ``stop_after`` more steps, ends the run after the step with its state saved.

    Raises:
        TrainingError: the loss or a gradient is no number; the weights before that step are saved.
        BadInputError, ModelFileError, FormatError, ImageError, FileWriteError: as the parts that it uses.
    """
    accelerator = accelerator_for(run.settings)
    try:
        with _stop_signals() as asked, _Trainer(run, accelerator) as trainer:
            return trainer.run(asked, stop_after=stop_after)
    finally:
        accelerator.free_memory()


class _Trainer:
    def __init__(self, run: Run, accelerator: Accelerator) -> None:
        settings, o = run.settings, run.settings.optimization
        self._run, self._settings, self._o, self._accelerator = run, settings, o, accelerator
        self._world, self._rank = accelerator.num_processes, accelerator.process_index
        if o.batch % self._world:
            raise BadInputError(
                f"optimization.batch is {o.batch}, which {self._world} processes cannot share evenly: "
                f"make it a multiple of {self._world}."
            )
        self._processor = Gpt4RoiProcessor.from_pretrained(run.start)
        least = self._processor.image_tokens + len(self._processor.shared_ids()) // 2
        if settings.data.max_tokens < least:
            raise BadInputError(f"data.max_tokens is {settings.data.max_tokens}, the picture alone takes {least}.")
        if settings.lora is not None and settings.lora.quantized:
            model = load_quantized(run.start, device=accelerator.device)
        else:
            model = load_start(run.start)
        lowered = o.precision == "bf16" and o.sharding == "none"  # shares of FSDP have one type
        torch.manual_seed(settings.seed)  # adapters begin at random
        prepare(
            model,
            stage=settings.stage,
            lora=settings.lora,
            frozen_dtype=torch.bfloat16 if lowered else torch.float32,
        )
        if o.gradient_checkpointing:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.config.use_cache = False
        trainee = Trainee(model)
        plain = optimizer([trainee], lr=o.learning_rate, weight_decay=o.weight_decay, betas=BETAS)
        self._trainee, prepared_optimizer = accelerator.prepare(trainee, plain)
        self._optimizer: torch.optim.Optimizer = getattr(prepared_optimizer, "optimizer", prepared_optimizer)
        self._plan = TrainingPlan(
            run.mix, self._processor, batch=o.batch, epochs=o.epochs, max_tokens=settings.data.max_tokens
        )
        self._held_out = held_out(
            run.held_out,
            self._processor,
            conversations=settings.evaluation.conversations,
            max_tokens=settings.data.max_tokens,
            seed=settings.seed,
            world=self._world,
        )
        self._pool = PicturePool(self._processor, workers=o.workers)
        self._log: RunLog | None = None

    def __enter__(self) -> _Trainer:
        self._pool.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._pool.__exit__(*error)

    def run(self, asked: threading.Event, *, stop_after: int | None) -> Trained:
        first = load_state(self._run.out, self._trainee, self._optimizer, fingerprint=self._run.fingerprint)
        steps = self._plan.steps
        last = steps if stop_after is None else min(steps, first + stop_after)
        if self._rank == 0:
            self._log = RunLog(self._run.out)
            _forget_after(self._log.path, first)
        if first == 0:
            self._evaluate(0)
        upcoming = self._begin(first) if first < last else None
        number = first
        while upcoming is not None:
            current, number = upcoming, number + 1
            upcoming = self._begin(number) if number < last else None
            stop = self._step(number, current, asked)
            due = number % self._o.save_every == 0
            if number % self._settings.evaluation.every == 0 or number == steps:
                self._evaluate(number)
            if due or stop or upcoming is None:
                self._save(number)
            if stop:
                break
        done = number >= steps
        return Trained(done, number, steps, self._rank == 0, trained_weights(self._trainee) if done else {})

    def _begin(self, step: int) -> _Work:
        items = self._plan.step(step)
        lengths = [len(item.encoded.ids) for item in items]
        groups = passes(lengths, tokens_at_once=self._o.tokens_at_once, world=self._world)
        own = groups[self._rank :: self._world]
        pictures = [self._pool.begin([items[k] for k in group]) for group in own]
        return _Work(items, pictures, padding(lengths, groups))

    def _step(self, number: int, work: _Work, asked: threading.Event) -> bool:
        """Train on one step's conversations; whether somebody asked to stop."""
        began = time.perf_counter()
        o = self._o
        factor = cosine(number - 1, total=self._plan.steps, warmup=_warmup(o.warmup, self._plan.steps), floor=0.0)
        for group in self._optimizer.param_groups:
            group["lr"] = o.learning_rate * factor
        # Drawn anew in each step from its number, so that a run that goes on draws the same.
        torch.manual_seed(((self._settings.seed * 1_000_003 + number) * 1009 + self._rank) % 2**63)
        self._trainee.train()
        tokens = max(1, sum(item.encoded.learned for item in work.items))
        total = torch.zeros((), dtype=torch.float64, device=self._accelerator.device)
        for place, futures in enumerate(work.pictures):
            with self._quiet(last=place == len(work.pictures) - 1):
                loss = self._loss(self._batch([future.result() for future in futures]))
                # Processes average their gradients; the step's loss is the mean over its tokens.
                self._accelerator.backward(loss * (self._world / tokens))
            total += loss.detach()
        sums = torch.stack([total, total.new_tensor(float(asked.is_set()))])
        summed, stops = self._accelerator.reduce(sums, reduction="sum").tolist()
        norm = _number(self._accelerator.clip_grad_norm_(self._trainee.parameters(), o.clip_gradients))
        loss_value = summed / tokens
        if not (math.isfinite(loss_value) and math.isfinite(norm)):
            self._fail(number, loss_value, work.items)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._write(
            step=number,
            of=self._plan.steps,
            loss=round(loss_value, 6),
            learning_rate=o.learning_rate * factor,
            gradient_norm=round(norm, 6),
            learned_tokens=tokens,
            padding=round(work.padding, 4),
            passes=len(work.pictures),
            step_seconds=round(time.perf_counter() - began, 4),
        )
        return stops > 0

    def _fail(self, number: int, loss: float, items: Sequence[Item]) -> None:
        self._optimizer.zero_grad()
        self._save(number - 1)
        names = [f"{item.dataset.name} {item.sample.id}" for item in items]
        self._write(step=number, failed="loss" if not math.isfinite(loss) else "gradient", conversations=names)
        raise TrainingError(
            f"The {'loss' if not math.isfinite(loss) else 'gradient'} of step {number} is not a number "
            f"(conversations {', '.join(names[:3])} and others); the weights before it are in {self._run.out}: "
            "run again with a lower optimization.learning_rate and a new --out, or with precision fp32."
        )

    def _quiet(self, *, last: bool) -> AbstractContextManager[object]:
        """Processes exchange gradients once a step. Shares of FSDP are exchanged in each pass, or a process would hold
        whole gradients."""
        plain = self._accelerator.distributed_type in (DistributedType.MULTI_GPU, DistributedType.MULTI_CPU)
        return self._accelerator.no_sync(self._trainee) if plain and not last else nullcontext()

    def _batch(self, ready: Sequence[Prepared]) -> Batch:
        return self._moved(collate([e for e, _ in ready], [p for _, p in ready], processor=self._processor))

    def _moved(self, batch: Batch) -> Batch:
        device = self._accelerator.device
        return Batch(
            batch.ids.to(device),
            batch.mask.to(device),
            batch.labels.to(device),
            batch.pixels.to(device),
            tuple(boxes.to(device) for boxes in batch.boxes),
        )

    def _loss(self, batch: Batch) -> Tensor:
        with self._accelerator.autocast():
            return self._trainee(batch)

    def _evaluate(self, number: int) -> None:
        if not self._held_out:
            return
        self._trainee.eval()
        own = held_out_loss(
            self._held_out,
            self._processor,
            lambda batch: self._loss(self._moved(batch)),
            tokens_at_once=self._o.tokens_at_once,
            rank=self._rank,
            world=self._world,
        )
        sums = torch.tensor([own.total, own.tokens], dtype=torch.float64, device=self._accelerator.device)
        total, tokens = self._accelerator.reduce(sums, reduction="sum").tolist()
        values: dict[str, object] = {"held_out_loss": round(total / max(1.0, tokens), 6)}
        if answered := self._settings.evaluation.answered:
            model = self._writing_model()
            if model is not None:
                chosen = self._held_out[:: max(1, len(self._held_out) // answered)][:answered]
                with torch.no_grad(), self._accelerator.autocast():
                    values |= as_log([w for item in chosen for w in answers(model, self._processor, item)])
        self._write(step=number, **values)

    def _writing_model(self) -> Gpt4RoiForConditionalGeneration | None:
        """The model as it is now, whole, in the first process; None in the others, which must call this too."""
        if self._o.sharding == "none":
            return self._accelerator.unwrap_model(self._trainee).model if self._rank == 0 else None
        # A copy: FSDP gathers shares in the order in which layers were called before, so that all processes would wait
        # for each other in vain once one of them has called layers alone.
        weights = trained_weights(self._trainee)
        if self._rank != 0:
            return None
        model = assemble(self._run.start, weights, lora=self._settings.lora, dtype=DTYPES[self._o.precision])
        return model.eval().to(self._accelerator.device)

    def _save(self, number: int) -> None:
        save_state(self._run.out, self._trainee, self._optimizer, step=number, fingerprint=self._run.fingerprint)

    def _write(self, **values: object) -> None:
        if self._log is not None:
            self._log.write(**values)


@dataclass(frozen=True)
class _Work:
    """A step: all of its conversations, and the photos of those of this process, pass by pass."""

    items: list[Item]
    pictures: list[list[Any]]
    padding: float


def _warmup(warmup: float, steps: int) -> int:
    return round(warmup) if warmup >= 1 else math.ceil(warmup * steps)


def _number(norm: Any) -> float:
    return float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)


def _forget_after(path: Path, step: int) -> None:
    """Leave out the lines of steps that will be done again."""
    if path.exists():
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if json.loads(line).get("step", 0) <= step]
        path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that the first SIGINT or SIGTERM sets; the second one acts as usual."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _: object) -> None:
        asked.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, ask)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
