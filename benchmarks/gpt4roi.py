"""The published GPT4RoI's architecture with random weights: each part's time beside its bound, and what sharing saves.

    python benchmarks/gpt4roi.py                                   # a small instance on this CPU, some minutes
    python benchmarks/gpt4roi.py --device cuda --size 7b           # full size in bf16, 80 GB for the training step
    python benchmarks/gpt4roi.py --device cuda --size 7b --no-training   # 24 GB

The bound of a part is the longer of operations / peak operations and bytes / peak bandwidth (`gpt4roi_costs`), with the
peaks that this program measures first: a large matrix product and a large copy. Texts have the lengths of real prompts
(296 tokens that all questions share, 45 of a question) and random tokens; answers have 20 tokens and never end early.
Times are the best of ``--repeat`` runs after one that warms up, which is what other programs disturb least.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import platform
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from benchmarks import gpt4roi_costs as costs  # noqa: E402
from roi_assistant.models.gpt4roi import generation  # noqa: E402
from roi_assistant.models.gpt4roi.loading import empty_model  # noqa: E402
from roi_assistant.models.gpt4roi.reference_config import (  # noqa: E402
    ADDED_TOKENS,
    Gpt4RoiReferenceConfig,
    llama_sizes,
    vit_l_14_sizes,
)
from roi_assistant.models.gpt4roi.reference_model import VISION_PREFIX, Gpt4RoiForConditionalGeneration  # noqa: E402
from roi_assistant.models.gpt4roi.steps import (  # noqa: E402
    CompiledSteps,
    KeyValueCache,
    causal,
    run_decoder,
)

HEAD, QUESTION, ANSWER = 38, 45, 20
IMAGES = REGIONS = 8
BATCHES = (1, 8, 64)
TRAINING_SAMPLES, TRAINING_TOKENS = 2, 512
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
SMALL_VISION = {**vit_l_14_sizes(), "hidden_size": 192, "intermediate_size": 768, "num_attention_heads": 3}
TINY_VISION = {
    **vit_l_14_sizes(),
    "hidden_size": 64,
    "intermediate_size": 64,
    "num_hidden_layers": 11,
    "num_attention_heads": 2,
    "image_size": 28,
}
CONFIGS: dict[str, dict[str, Any]] = {
    "7b": {},
    "13b": {"text_config": llama_sizes(width=5120, layers=40, heads=40, inner_width=13824)},
    "small": {
        "text_config": llama_sizes(width=512, layers=8, heads=8, inner_width=1376),
        "vision_config": SMALL_VISION,
    },
    "tiny": {
        "text_config": llama_sizes(vocabulary=94, width=32, layers=2, heads=4, inner_width=48),
        "vision_config": TINY_VISION,
        "region": {"fusion_rounds": 2, "roi_size": 2},
    },
}


@dataclass(frozen=True)
class Peaks:
    """What the device reached in a matrix product and in a copy."""

    flops_per_second: float
    bytes_per_second: float


@dataclass(frozen=True)
class Machine:
    """Where it runs and how it is timed."""

    device: str
    dtype: torch.dtype
    repeat: int

    def wait(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()

    def seconds(self, action: Callable[[], object], *, repeat: int | None = None) -> float:
        """The best time of ``action``."""
        times = []
        for number in range((repeat or self.repeat) + 1):
            self.wait()
            start = time.perf_counter()
            action()
            self.wait()
            if number:
                times.append(time.perf_counter() - start)
        return min(times)

    def peaks(self, *, side: int, copied: int) -> Peaks:
        """The best of some runs of a product of matrices of ``side`` and of a copy of ``copied`` bytes."""
        a, b = (torch.randn(side, side, device=self.device).to(self.dtype) for _ in range(2))
        source = torch.zeros(copied // 4, device=self.device)
        target = torch.zeros_like(source)
        product = min(self.seconds(lambda: a @ b, repeat=1) for _ in range(5))
        copy = min(self.seconds(lambda: target.copy_(source), repeat=1) for _ in range(5))
        return Peaks(2 * side**3 / product, 2 * source.nbytes / copy)

    @property
    def memory_gb(self) -> float:
        """The peak so far: on a GPU of tensors, on a CPU of the process."""
        if self.device == "cuda":
            return torch.cuda.max_memory_allocated() / 1e9
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


class RandomText:
    """Prompts of given lengths in place of processor and tokenizer; nothing that is written ends an answer."""

    end = -1

    def __init__(self, config: Gpt4RoiReferenceConfig, seed: int = 0) -> None:
        self.base = config.text_config.vocab_size - ADDED_TOKENS
        self._generator = torch.Generator().manual_seed(seed)
        start, patch, end = self.base + 4, self.base + 1, self.base + 5
        self._shared = (1, *self.words(HEAD - 1), start, *[patch] * config.image_tokens, end)

    def words(self, count: int) -> list[int]:
        """Ids of LLaMA's own tokens."""
        return torch.randint(3, self.base, (count,), generator=self._generator).tolist()  # type: ignore[no-any-return]

    def shared_ids(self) -> tuple[int, ...]:
        return self._shared

    def decode(self, ids: Sequence[int]) -> str:
        return ""

    def question(self) -> tuple[int, ...]:
        """A prompt about one region."""
        before = QUESTION // 2
        return (*self._shared, *self.words(before), self.base + 2, *self.words(QUESTION - before - 1))


def random_model(
    config: Gpt4RoiReferenceConfig, *, dtype: torch.dtype, device: str, seed: int = 0
) -> Gpt4RoiForConditionalGeneration:
    """The model with normal weights, made where they are used: nothing of its size passes through this computer."""
    model = empty_model(config)
    generator = torch.Generator(device).manual_seed(seed)
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            weight = torch.empty(parameter.shape, dtype=dtype, device=device)
            if parameter.dim() > 1:
                weight.normal_(std=0.02, generator=generator)
            else:
                weight.fill_(1.0 if name == "weight" else 0.0)
            setattr(module, name, nn.Parameter(weight, requires_grad=False))
    return model.to(device)


def random_boxes(count: int, seed: int = 0) -> Tensor:
    """[count, 4], xyxy in 0..1, of mixed sizes."""
    corners = torch.rand(count, 2, 2, generator=torch.Generator().manual_seed(seed)).sort(dim=1).values
    return corners.flatten(1)


class Bench:
    """A model on a machine, with figures of its parts."""

    def __init__(self, machine: Machine, config: Gpt4RoiReferenceConfig, peaks: Peaks) -> None:
        self.machine, self.config, self.peaks = machine, config, peaks
        self.model = random_model(config, dtype=machine.dtype, device=machine.device)
        self.text = RandomText(config)
        side = config.vision_config.image_size
        self.pixels = torch.randn(3, side, side, generator=torch.Generator().manual_seed(1))
        self.prefix = len(self.text.shared_ids())
        self.itemsize = machine.dtype.itemsize
        self.ahead = 2 if machine.device == "cuda" else 0

    def row(self, name: str, seconds: float, cost: costs.Cost) -> dict[str, Any]:
        """A measured part beside its bound."""
        bound = cost.seconds(flops_per_second=self.peaks.flops_per_second, bytes_per_second=self.peaks.bytes_per_second)
        return {
            "part": name,
            "gflop": cost.flops / 1e9,
            "mb": cost.nbytes / 1e6,
            "ms": seconds * 1e3,
            "bound_ms": bound * 1e3,
            "of_bound": bound / seconds,
        }

    def parts(self, compiled: CompiledSteps | None) -> list[dict[str, Any]]:
        """Vision, pyramid, boxes, prefix, questions, and steps of one token at each of `BATCHES`."""
        model, config, itemsize = self.model, self.config, self.itemsize
        pixels = self.pixels[None].to(self.machine.device)
        ids = torch.tensor([self.text.shared_ids()], device=self.machine.device)
        places = torch.arange(self.prefix, device=self.machine.device)[None]

        def see() -> Tensor:
            return model.model.mm_projector(model.vision_states(pixels)[-1])  # type: ignore[no-any-return]

        def read_prefix() -> None:
            cache = KeyValueCache(model, rows=1, capacity=self.prefix)
            mask = causal(self.prefix, 0, pixels.device)[None]
            run_decoder(model, model.embed(ids, image=[tokens[0]], regions=None), cache, mask, places)

        with torch.inference_mode():
            levels, tokens = model.vision_states(pixels), see()
            maps = model.model.spi_module.fuse(levels)
            rows = [
                self.row("vision", self.machine.seconds(see), costs.vision(config, itemsize=itemsize)),
                self.row(
                    "pyramid",
                    self.machine.seconds(partial(model.model.spi_module.fuse, levels)),
                    costs.pyramid(config, itemsize=itemsize),
                ),
            ]
            for count in (1, REGIONS):
                took = self.machine.seconds(partial(model.encode_regions, maps, [random_boxes(count)]))
                rows.append(self.row(f"boxes, {count}", took, costs.boxes(config, count=count, itemsize=itemsize)))
            cost = costs.decoder(config, rows=1, new=self.prefix, known=0, itemsize=itemsize)
            rows.append(self.row(f"prefix, {self.prefix} tokens", self.machine.seconds(read_prefix), cost))
        state = generation.prepare_image(model, self.text, self.pixels)  # type: ignore[arg-type]
        for count in BATCHES:
            rows += self.decoding(state, count, compiled)
        return rows

    def decoding(
        self, state: generation.ImageState, count: int, compiled: CompiledSteps | None
    ) -> list[dict[str, Any]]:
        """Reading ``count`` questions and writing behind them."""
        vectors = generation.region_vectors(self.model, state, random_boxes(1))
        questions = [generation.Question(self.text.question(), vectors, ANSWER) for _ in range(count)]

        def start(steps: CompiledSteps | None) -> generation._Batch:
            batch = generation._Batch(self.model, state, questions, longest=ANSWER, generator=None, compiled=steps)
            batch.write()
            return batch

        itemsize, rows = self.itemsize, []
        with torch.inference_mode():
            cost = costs.decoder(self.config, rows=count, new=QUESTION, known=self.prefix, itemsize=itemsize)
            took = self.machine.seconds(lambda: start(None))
            rows.append(self.row(f"questions, batch {count}", took, cost))
            known = self.prefix + QUESTION + ANSWER // 2
            step = costs.decoder(self.config, rows=count, new=1, known=known, itemsize=itemsize)
            for name, steps in (("decode", None), ("decode, compiled", compiled)):
                if name != "decode" and steps is None:
                    continue
                times = []
                for number in range(self.machine.repeat + 1):
                    batch = start(steps)
                    self.machine.wait()
                    begin = time.perf_counter()
                    for _ in range(ANSWER - 1):
                        batch.write()
                    self.machine.wait()
                    if number:
                        times.append((time.perf_counter() - begin) / (ANSWER - 1))
                rows.append(self.row(f"{name}, batch {count}", min(times), step))
        return rows

    def sharing(self, images: int, regions: int, compiled: CompiledSteps | None) -> dict[str, Any]:
        """Captions of ``regions`` of each of ``images``: shared, each region as if alone, and with nothing kept even
        from token to token (one region of one picture, for its length)."""

        def captions(pictures: int, each: int) -> None:
            for number in range(pictures):
                state = generation.prepare_image(self.model, self.text, self.pixels)  # type: ignore[arg-type]
                vectors = generation.region_vectors(self.model, state, random_boxes(each, number))
                questions = [generation.Question(self.text.question(), vectors[k : k + 1], ANSWER) for k in range(each)]
                generation.generate(
                    self.model,
                    self.text,  # type: ignore[arg-type]
                    state,
                    questions,
                    ahead=self.ahead,
                    compiled=compiled,
                )

        def nothing_kept() -> None:
            generation.generate_naive(
                self.model,
                self.text,  # type: ignore[arg-type]
                self.pixels,
                self.text.question(),
                random_boxes(1),
                longest=ANSWER,
            )

        total = images * regions
        measured = [math.inf] * 3
        for _ in range(max(1, self.machine.repeat // 2)):  # by turns, so that what disturbs one disturbs all
            for number, (action, written) in enumerate(
                (
                    (partial(captions, images, regions), total),
                    (partial(captions, regions, 1), regions),
                    (nothing_kept, 1),
                )
            ):
                measured[number] = min(measured[number], self.machine.seconds(action, repeat=1) / written)
        shared, alone, naive = measured
        lengths = {"prefix": self.prefix, "question": QUESTION, "answer": ANSWER, "itemsize": self.itemsize}
        bounds = [
            sum(
                cost.seconds(flops_per_second=self.peaks.flops_per_second, bytes_per_second=self.peaks.bytes_per_second)
                for cost in costs.captions(self.config, images=n, regions=r, **lengths).values()
            )
            / total
            for n, r in ((images, regions), (total, 1))
        ]
        return {
            "images": images,
            "regions": regions,
            "tokens": ANSWER,
            "compiled": compiled is not None,
            "shared_ms_per_caption": shared * 1e3,
            "unshared_ms_per_caption": alone * 1e3,
            "nothing_kept_ms_per_caption": naive * 1e3,
            "ratio": alone / shared,
            "ratio_nothing_kept": naive / shared,
            "bound_shared_ms": bounds[0] * 1e3,
            "bound_unshared_ms": bounds[1] * 1e3,
            "bound_ratio": bounds[1] / bounds[0],
        }

    def training(self, samples: int, tokens: int) -> dict[str, Any]:
        """A step of stage 2, which trains all but the vision transformer: forwards, backwards, AdamW, with gradient
        checkpoints in the decoder, weights, gradients and moments in the model's precision."""
        model, config = self.model, self.config
        trained = [p for name, p in model.named_parameters() if not name.startswith(VISION_PREFIX)]
        for parameter in trained:
            parameter.requires_grad_(True)
        model.train()
        # transformers 5.24 renamed it.
        getattr(model, "activation_checkpointing_enable", model.gradient_checkpointing_enable)()
        optimizer = torch.optim.AdamW(trained, lr=2e-5, weight_decay=0.0)
        count = max(tokens, self.prefix + QUESTION)
        ids = torch.tensor([[*self.text.question(), *self.text.words(count)][:count] for _ in range(samples)])
        ids = ids.to(self.machine.device)
        labels = ids.masked_fill(torch.arange(count, device=ids.device) < self.prefix, -100)
        pixels = self.pixels.expand(samples, -1, -1, -1).to(self.machine.device)
        given = [random_boxes(1).to(self.machine.device) for _ in range(samples)]
        losses = []

        def step() -> None:
            optimizer.zero_grad(set_to_none=True)
            loss = model(input_ids=ids, pixel_values=pixels, boxes=given, labels=labels).loss
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())

        took = self.machine.seconds(step, repeat=max(2, self.machine.repeat // 2))
        final = float(losses[-1])
        if not math.isfinite(final):
            raise RuntimeError(f"the loss became {final}")
        cost = costs.training_step(
            config,
            samples=samples,
            tokens=count,
            regions=1,
            parameters=sum(p.numel() for p in trained),
            itemsize=self.itemsize,
        )
        # The passes and the optimizer come one after the other.
        bound = cost.flops / self.peaks.flops_per_second + cost.nbytes / self.peaks.bytes_per_second
        return {
            "samples": samples,
            "tokens": count,
            "ms": took * 1e3,
            "samples_per_second": samples / took,
            "tokens_per_second": samples * count / took,
            "tflop": cost.flops / 1e12,
            "bound_ms": bound * 1e3,
            "of_bound": bound / took,
            "peak_memory_gb": self.machine.memory_gb,
            "first_loss": float(losses[0]),
            "last_loss": final,
        }


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """All figures of one run."""
    device, full = arguments.device, arguments.size in ("7b", "13b")
    dtype = DTYPES[arguments.dtype or ("bf16" if device == "cuda" else "fp32")]
    machine = Machine(device, dtype, arguments.repeat)
    on_gpu = device == "cuda"
    tiny = arguments.size == "tiny"
    peaks = machine.peaks(
        side=128 if tiny else 8192 if on_gpu else 1536, copied=1 << (20 if tiny else 32 if on_gpu else 28)
    )
    bench = Bench(machine, Gpt4RoiReferenceConfig(**CONFIGS[arguments.size]), peaks)
    compiled = CompiledSteps(bench.model, backend=arguments.backend) if arguments.compile else None
    figures: dict[str, Any] = {
        "machine": torch.cuda.get_device_name()
        if on_gpu
        else f"{platform.machine()}, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
        "size": arguments.size,
        "dtype": str(dtype).removeprefix("torch."),
        "parameters": sum(p.numel() for p in bench.model.parameters()),
        "peak_tflops": peaks.flops_per_second / 1e12,
        "peak_gb_per_s": peaks.bytes_per_second / 1e9,
        "parts": bench.parts(compiled),
    }
    images = IMAGES if full else 2
    figures["sharing"] = [bench.sharing(images, REGIONS, steps) for steps in dict.fromkeys((None, compiled))]
    figures["inference_memory_gb"] = machine.memory_gb
    if arguments.training:
        del compiled
        torch._dynamo.reset()
        gc.collect()
        if on_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        try:
            figures["training"] = bench.training(TRAINING_SAMPLES, 64 if tiny else TRAINING_TOKENS)
        except torch.OutOfMemoryError as error:
            figures["training"] = {"failed": f"too little memory: {error}"}
    return figures


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures as text."""
    rows = [
        f"{figures['machine']}, torch {figures['torch']}, size {figures['size']}, {figures['dtype']}, "
        f"{figures['parameters'] / 1e6:,.1f} M parameters",
        f"measured peaks: {figures['peak_tflops']:.3f} TFLOP/s (matrix product), "
        f"{figures['peak_gb_per_s']:.1f} GB/s (copy)",
        "",
        f"{'part':28} {'GFLOP':>10} {'MB':>10} {'ms':>10} {'bound ms':>10} {'of bound':>9}",
    ]
    rows += [
        f"{row['part']:28} {row['gflop']:10.2f} {row['mb']:10.1f} {row['ms']:10.2f} {row['bound_ms']:10.2f} "
        f"{row['of_bound']:9.0%}"
        for row in figures["parts"]
    ]
    for sharing in figures["sharing"]:
        rows += [
            "",
            f"{sharing['images']} pictures x {sharing['regions']} regions, {sharing['tokens']} tokens each"
            f"{', compiled' if sharing['compiled'] else ''}: ms per caption",
            f"  shared                            {sharing['shared_ms_per_caption']:10.1f}"
            f"   (bound {sharing['bound_shared_ms']:.1f})",
            f"  each region as if alone           {sharing['unshared_ms_per_caption']:10.1f}"
            f"   (bound {sharing['bound_unshared_ms']:.1f})   {sharing['ratio']:.1f} times"
            f" (bounds: {sharing['bound_ratio']:.1f})",
            f"  nothing kept from token to token  {sharing['nothing_kept_ms_per_caption']:10.1f}"
            f"   {sharing['ratio_nothing_kept']:.1f} times",
        ]
    rows += ["", f"peak memory while writing: {figures['inference_memory_gb']:.2f} GB"]
    training = figures.get("training")
    if training and "failed" in training:
        rows.append(f"training step: {training['failed']}")
    elif training:
        rows.append(
            f"training step, stage 2, {training['samples']} x {training['tokens']} tokens: {training['ms']:.0f} ms"
            f" ({training['of_bound']:.0%} of bound), {training['samples_per_second']:.2f} samples/s,"
            f" {training['tokens_per_second']:.0f} tokens/s, peak memory {training['peak_memory_gb']:.2f} GB"
        )
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--size", choices=tuple(CONFIGS), default="small")
    parser.add_argument("--dtype", choices=tuple(DTYPES), help="fp32 on a CPU, bf16 on a GPU if not given")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, help="on a GPU if not given")
    parser.add_argument("--backend", default="inductor", help="of torch.compile")
    parser.add_argument("--training", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.device == "cuda" and not torch.cuda.is_available():
        parser.error("this torch finds no CUDA device")
    if arguments.compile is None:
        arguments.compile = arguments.device == "cuda"
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    figures = measure(arguments)
    print("\n".join(lines(figures)))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
