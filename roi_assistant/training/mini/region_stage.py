"""Stage 1: spatial instruction tuning on cached backbone features."""

from __future__ import annotations

import dataclasses
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue

import numpy as np
import torch
import torch.nn.functional as F
from timm.layers import DropPath
from torch import Tensor, nn

from roi_assistant.models.gpt4roi.backbone import Features, PyramidBackbone
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.loop import Averaged, RunLog, cosine, load_checkpoint, optimizer, save_checkpoint
from roi_assistant.training.mini.augment import erased, shifted
from roi_assistant.training.mini.batching import IGNORE, TextBatch, TextEncoder
from roi_assistant.training.mini.corpus import InstructionMix, Sample
from roi_assistant.training.mini.faster import fold_normalisation, plain_attention
from roi_assistant.training.mini.heads import NO_CLASSES, HeadClasses, HeadName, Targets

CPU = torch.device("cpu")


@dataclass(frozen=True)
class RegionStageConfig:
    """Hyper-parameters of the stage.

    ``backbone_lr`` above 0 tunes the stages of the close-ups' backbone from ``tuned_stage`` on, with ``photo_stage``
    those of the photos' backbone from there on too; cached features are those of the stages before. What is tuned
    sees close-ups `augment.shifted` by ``shift`` cells and `augment.erased` by ``erase``, and loses its residual blocks
    with a probability of up to ``drop_path``. ``bf16`` computes in bfloat16 where that is safe. ``general_repeat`` and
    ``rare_below``: see `InstructionMix.repeats`. ``category_weight``, ``attribute_weight`` and ``phrase_weight`` are
    those of the heads' losses. Nouns of ``new_nouns_from`` train regions or more that the category head of the model
    which the run begins with lacks take the places of its rarest ones (0: none).
    """

    epochs: float = 4
    regions_per_step: int = 64
    lr: float = 1e-3
    backbone_lr: float = 0.0
    tuned_stage: int = 4
    photo_stage: int | None = None
    shift: int = 0
    erase: float = 0.0
    drop_path: float = 0.0
    bf16: bool = False
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    ema: float = 0.998
    general_repeat: float = 2
    rare_below: float = 0.0
    category_weight: float = 0.0
    attribute_weight: float = 0.0
    phrase_weight: float = 0.0
    several: float = 0.3
    new_nouns_from: int = 0
    seed: int = 0
    save_every: int = 200


@dataclass(frozen=True)
class HalfWay:
    """Pictures in the middle of their backbone: what its stages from ``stage`` on take, [pictures, C, h, w]."""

    features: Tensor
    stage: int


@dataclass(frozen=True)
class VisionBatch:
    """Cached features of a step's photos and regions. ``image_index`` tells each region's photo, ``boxes`` are 0..1."""

    image: Features | HalfWay
    boxes: Tensor
    image_index: Tensor
    view: Features | HalfWay
    view_boxes: Tensor
    region_order: Tensor
    image_order: Tensor
    targets: Mapping[HeadName, Tensor] = field(default_factory=dict)
    """What each head learns [regions, classes], see `heads`."""

    def to(self, device: torch.device) -> VisionBatch:
        """The batch on ``device``."""

        def moved(pictures: Features | HalfWay) -> Features | HalfWay:
            if isinstance(pictures, HalfWay):
                return HalfWay(pictures.features.to(device), pictures.stage)
            return Features(tuple(level.to(device) for level in pictures.levels), pictures.pooled.to(device))

        tensors = {
            field.name: value.to(device)
            for field in dataclasses.fields(self)
            if isinstance(value := getattr(self, field.name), Tensor)
        }
        targets = {name: value.to(device) for name, value in self.targets.items()}
        return dataclasses.replace(self, image=moved(self.image), view=moved(self.view), targets=targets, **tensors)


class FeatureSource:
    """Rows of the memory-mapped feature files as tensors."""

    def __init__(
        self,
        passes: Sequence[Mapping[str, np.ndarray]],
        *,
        tuned_stage: int = 0,
        photo_stage: int = 0,
        targets: Mapping[HeadName, Targets] | None = None,
    ) -> None:
        """``passes`` are the arrays by name of every pass over the corpus. ``tuned_stage`` is the stage after the one
        whose features the array ``crop`` holds, if it is there; ``photo_stage`` that of ``img``. ``targets``
        are what the heads learn."""
        self.passes, self.tuned_stage, self.photo_stage = passes, tuned_stage, photo_stage
        self.targets = targets or {}

    def take(self, name: str, rows: Sequence[int], mirrored: Sequence[int], passes: Sequence[int] = ()) -> Tensor:
        """Rows of one array as float32, of the first pass or of those given; mirrored ones are flipped left to right,
        as the backbone nearly would."""
        values = [self.passes[k][name][r] for r, k in zip(rows, passes or [0] * len(rows), strict=True)]
        if name in ("boxes", "cbox"):
            values = [v[[2, 1, 0, 3]] * (-1, 1, -1, 1) + (1, 0, 1, 0) if m else v
                     for v, m in zip(values, mirrored, strict=True)]  # fmt: skip
        elif values[0].ndim == 3:
            values = [v[..., ::-1] if m else v for v, m in zip(values, mirrored, strict=True)]
        return torch.from_numpy(np.stack(values).astype(np.float32))

    def batch(self, samples: Sequence[Sample]) -> VisionBatch:
        """Features for ``samples``; photos and regions that several samples share are taken once."""
        images = sorted({(s.photo, s.variant, s.cached) for s in samples})
        regions = sorted({(row, s.variant, s.cached, s.photo) for s in samples for row in s.rows})
        image_place = {key: k for k, key in enumerate(images)}
        region_place = {key[:3]: k for k, key in enumerate(regions)}
        # New batch shapes cost seconds (oneDNN compiles per shape): repeat the last row up to a round number.
        images += images[-1:] * (-len(images) % 8)
        regions += regions[-1:] * (-len(regions) % 16)
        row, variant, cached, _ = zip(*regions, strict=True)
        return VisionBatch(
            image=self._pictures("img", *zip(*images, strict=True), stage=self.photo_stage),
            boxes=self.take("boxes", row, variant, cached),
            image_index=torch.tensor([image_place[p, v, c] for _, v, c, p in regions]),
            view=self._pictures("crop", row, variant, cached, stage=self.tuned_stage),
            view_boxes=self.take("cbox", row, variant, cached),
            region_order=torch.tensor([region_place[r, s.variant, s.cached] for s in samples for r in s.rows]),
            image_order=torch.tensor([image_place[s.photo, s.variant, s.cached] for s in samples]),
            targets={name: of_head.of(row) for name, of_head in self.targets.items()},
        )

    def _pictures(
        self, name: str, rows: Sequence[int], mirrored: Sequence[int], passes: Sequence[int], *, stage: int
    ) -> Features | HalfWay:
        """Photos (``img``) or close-ups (``crop``), half-way through their backbone if that is what the array holds."""
        if name in self.passes[0]:
            return HalfWay(self.take(name, rows, mirrored, passes), stage)
        fine, coarse, pooled = (self.take(f"{name}{level}", rows, mirrored, passes) for level in "45h")
        return Features((fine, coarse), pooled)


def encode_regions(model: Gpt4Roi, batch: VisionBatch) -> tuple[Tensor, Tensor, Tensor]:
    """-> image tokens [photos, image_tokens, width], region tokens [regions, region_tokens, width] and the close-ups'
    pooled vectors [regions, channels] of the batch.

    Pictures that are half-way through their backbone go through the rest of it.
    """
    image, view = _whole_way(model.backbone, batch.image), _whole_way(model.view_backbone, batch.view)
    maps = model.vision.region.fuse(image.levels)
    regions = model.vision.region_tokens(maps, batch.boxes, batch.image_index, view, batch.view_boxes)
    return model.vision.image_tokens(image), regions, view.pooled


def _whole_way(backbone: PyramidBackbone, pictures: Features | HalfWay) -> Features:
    if isinstance(pictures, Features):
        return pictures
    features = pictures.features.contiguous(memory_format=torch.channels_last)  # a third faster on CPUs
    return backbone.from_stage(features, pictures.stage)


def encode_vision(model: Gpt4Roi, batch: VisionBatch) -> tuple[Tensor, Tensor, Tensor]:
    """`encode_regions` in the order of the samples: image tokens [samples, ...], region tokens and pooled vectors
    [their regions, ...]."""
    image, regions, pooled = encode_regions(model, batch)
    return image[batch.image_order], regions[batch.region_order], pooled[batch.region_order]


def token_loss(model: Gpt4Roi, text: TextBatch, image: Tensor, regions: Tensor, *, smoothing: float) -> Tensor:
    """Mean cross-entropy over answer tokens."""
    embeddings = model.embed(text.ids, image=image, regions=regions)
    hidden = model.language.model(
        inputs_embeds=embeddings, attention_mask=text.mask, position_ids=text.positions, use_cache=False
    ).last_hidden_state
    chosen = text.labels != IGNORE
    logits = model.language.lm_head(hidden[chosen])
    losses = F.cross_entropy(logits, text.labels[chosen], label_smoothing=smoothing, reduction="none")
    weights = text.weights[chosen]
    return (losses * weights).sum() / weights.sum()


def train_regions(
    model: Gpt4Roi,
    mix: InstructionMix,
    features: Sequence[Mapping[str, np.ndarray]],
    encoder: TextEncoder,
    out: Path,
    config: RegionStageConfig,
    *,
    evaluate: Callable[[Gpt4Roi], dict[str, float]] | None = None,
    classes: HeadClasses = NO_CLASSES,
    device: torch.device = CPU,
) -> Path:
    """Run or resume the stage; the checkpoint is ``out/regions.pt``. ``evaluate(model)`` is called after each epoch.
    ``model`` is moved to ``device``.

    ``features`` are those of one or more passes over the corpus: each time a photo is shown, one of them is drawn.
    ``classes`` are those of the model's heads, if it has any.
    """
    log = RunLog(out)
    torch.manual_seed(config.seed)
    model.to(device)
    source = FeatureSource(
        features,
        tuned_stage=config.tuned_stage,
        photo_stage=config.photo_stage or 0,
        targets=classes.targets(mix),
    )
    for parameter in (*model.backbone.parameters(), *model.view_backbone.parameters()):
        parameter.requires_grad = False
    modules: list[nn.Module] = [model.vision, model.language, *model.heads]
    if model.category_pooled is not None:
        modules.append(model.category_pooled)
    opt = optimizer(modules, lr=config.lr, weight_decay=config.weight_decay)
    if config.backbone_lr > 0:
        if model.own_view_backbone is None or "crop" not in features[0]:
            raise ValueError("Tuning needs own_view_backbone, and close-ups that are cached half-way through it.")
        tuned = [(model.view_backbone, config.tuned_stage)]
        if config.photo_stage is not None:
            if "img" not in features[0]:
                raise ValueError("Tuning with photo_stage needs photos that are cached half-way through the backbone.")
            tuned.append((model.backbone, config.photo_stage))
        parameters = [p.requires_grad_() for backbone, first in tuned for p in tuned_weights(backbone, first)]
        opt.add_param_group({"params": parameters, "weight_decay": 0.01, "lr": config.backbone_lr, "backbone": True})
        for backbone, first in tuned:
            drop_blocks(backbone, first, config.drop_path)
            fold_normalisation(backbone, first)
    train = [i for i, p in enumerate(mix.corpus.photos) if p.split == "train"]
    epoch_photos = mix.repeated(
        train, random.Random(config.seed), general=config.general_repeat, rare_below=config.rare_below
    )
    steps_per_epoch = _count_steps(mix, epoch_photos, config)
    total = round(steps_per_epoch * config.epochs)
    averaged = Averaged(model, config.ema)
    step, checkpoint = 0, out / "regions.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        model.load_state_dict(state["model"])
        opt.load_state_dict(state["optimizer"])
        averaged.values = {name: value.to(device) for name, value in state["averaged"].items()}
        averaged.updates, step = state["updates"], state["step"]
    _train_mode(model)
    running = 0.0
    while step < total:
        epoch, offset = divmod(step, steps_per_epoch)
        for samples in prefetch(
            _epoch(mix, epoch_photos, config, epoch, passes=len(features), skip=offset), source, encoder
        ):
            vision, text = samples
            torch.manual_seed(config.seed * 1_000_003 + step)
            vision, text = changed_at_random(vision, config).to(device), text.to(device)
            with plain_attention(device), torch.autocast(device.type, dtype=torch.bfloat16, enabled=config.bf16):
                loss = _loss(model, vision, text, config, classes)
            if not torch.isfinite(loss):
                raise FloatingPointError(f"The loss is not finite at step {step}; the last checkpoint is {checkpoint}.")
            factor = cosine(step, total=total, warmup=min(200, total // 10 + 1))
            for group in opt.param_groups:
                group["lr"] = (config.backbone_lr if group.get("backbone") else config.lr) * factor
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], 1.0)
            opt.step()
            opt.zero_grad()
            averaged.update(model)
            running += (loss.item() - running) * 0.02 if running else loss.item()
            step += 1
            if step % 25 == 0:
                log.write(
                    stage="regions", step=step, total=total, loss=round(running, 4), lr=round(config.lr * factor, 6)
                )
            if step % config.save_every == 0 or step == total:
                save_checkpoint(
                    checkpoint, model=model.state_dict(), optimizer=opt.state_dict(), averaged=averaged.values,
                    updates=averaged.updates, step=step,
                )  # fmt: skip
            if step == total or step % steps_per_epoch == 0:
                break
        if evaluate is not None:
            averaged.swap(model)
            model.eval()
            log.write(stage="regions", step=step, **evaluate(model))
            averaged.swap(model)
            _train_mode(model)
    averaged.swap(model)
    model.eval()
    save_checkpoint(out / "model.pt", **model.state_dict())
    return out / "model.pt"


def _loss(
    model: Gpt4Roi, vision: VisionBatch, text: TextBatch, config: RegionStageConfig, classes: HeadClasses
) -> Tensor:
    image, regions, pooled = encode_regions(model, vision)
    smoothing = config.label_smoothing
    loss = token_loss(model, text, image[vision.image_order], regions[vision.region_order], smoothing=smoothing)
    images = image[vision.image_index]
    of_heads = classes.losses(model, vision.targets, regions, images, pooled, smoothing=smoothing)
    weights = {
        "category": config.category_weight,
        "attribute": config.attribute_weight,
        "phrase": config.phrase_weight,
    }
    for name, of_head in of_heads.items():
        loss = loss + weights[name] * of_head
    return loss


def changed_at_random(vision: VisionBatch, config: RegionStageConfig) -> VisionBatch:
    """The batch with close-ups that are half-way through their backbone moved and partly erased, see `augment`."""
    if not isinstance(vision.view, HalfWay) or not (config.shift or config.erase):
        return vision
    maps, boxes = shifted(vision.view.features, vision.view_boxes, cells=config.shift)
    view = HalfWay(erased(maps, share=config.erase), vision.view.stage)
    return dataclasses.replace(vision, view=view, view_boxes=boxes)


def tuned_weights(backbone: PyramidBackbone, first: int) -> list[Tensor]:
    """Pointwise convolutions of ``backbone`` from stage ``first`` on: nearly all of its weights; see
    ``docs/adr/0013``."""
    net = backbone.net
    upper = [*net.blocks[first:], net.conv_head]
    return [p for module in upper for p in module.parameters() if p.dim() == 4 and p.shape[1] > 1]


def drop_blocks(backbone: PyramidBackbone, first: int, rate: float) -> None:
    """Skip residual blocks from stage ``first`` on at random in training: the last with probability ``rate``, earlier
    ones less often (stochastic depth, arXiv 1603.09382, section 3)."""
    blocks = [block for stage in backbone.net.blocks[first:] for block in stage]
    for place, block in enumerate(blocks, start=1):
        block.drop_path = DropPath(rate * place / len(blocks))


def _train_mode(model: Gpt4Roi) -> None:
    """All but the backbones, whose normalisation keeps ImageNet's statistics."""
    model.train()
    for backbone in (model.backbone, model.view_backbone):
        backbone.eval()
        for module in backbone.modules():
            if isinstance(module, DropPath):
                module.train()


def _epoch(
    mix: InstructionMix, photos: Sequence[int], config: RegionStageConfig, epoch: int, *, passes: int, skip: int
) -> Iterator[list[Sample]]:
    """The steps of an epoch, without end: the caller counts them. ``skip`` of them are drawn but not given."""
    rng = random.Random(f"{config.seed}/{epoch}")
    produced = 0
    pending: list[Sample] = []
    while True:
        for photo in rng.sample(photos, len(photos)):
            pending += mix.samples(photo, rng, several=config.several, passes=passes)
            if len(pending) < _POOL * config.regions_per_step:
                continue
            _sort(pending)
            size = config.regions_per_step
            steps = [pending[k : k + size] for k in range(0, len(pending), size)]
            pending = steps.pop() if len(steps[-1]) < size else []
            rng.shuffle(steps)
            for samples in steps:
                if produced >= skip:
                    yield samples
                produced += 1
        if not produced and not pending:
            raise ValueError("The photos have no regions to learn from.")


_POOL = 6


def _sort(samples: list[Sample]) -> None:
    """Samples of one photo next to each other, because a step encodes each of its photos once, and photos by their
    longest sample, because a step pads all to that."""

    def length(sample: Sample) -> int:
        return sum(len(exchange.question) + len(exchange.answer) for exchange in sample.exchanges)

    longest: dict[tuple[int, int], int] = {}
    for sample in samples:
        kind = len(sample.rows), sample.photo
        longest[kind] = max(longest.get(kind, 0), length(sample))
    samples.sort(key=lambda s: (len(s.rows), longest[len(s.rows), s.photo], s.photo))


def _count_steps(mix: InstructionMix, photos: Sequence[int], config: RegionStageConfig) -> int:
    """Steps of the shortest possible epoch, so that every epoch has at least as many."""
    cap = mix.region_cap
    samples = sum(min(cap, len(mix.corpus.photos[i].human.regions)) for i in photos)
    return max(1, int(samples * 0.95) // config.regions_per_step - _POOL)


def prefetch(
    batches: Iterator[list[Sample]], source: FeatureSource, encoder: TextEncoder
) -> Iterator[tuple[VisionBatch, TextBatch]]:
    """Read and encode the next batches in a thread while the model computes."""
    queue: Queue[tuple[VisionBatch, TextBatch] | BaseException | None] = Queue(maxsize=3)
    stop = threading.Event()

    def produce() -> None:
        try:
            for samples in batches:
                item = (source.batch(samples), encoder.batch([(len(s.rows), s.exchanges) for s in samples]))
                while not stop.is_set():
                    try:
                        queue.put(item, timeout=1)
                        break
                    except Exception:
                        continue
                if stop.is_set():
                    return
            queue.put(None)
        except BaseException as error:  # handed to the consumer
            queue.put(error)

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
