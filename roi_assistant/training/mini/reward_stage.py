"""Stage 3: the decoder learns from its own phrases, by how well they agree with what people wrote.

Self-critical sequence training (Rennie et al., arXiv 1612.00563): phrases are sampled, those that score above the mean
of the region's other samples (the leave-one-out baseline of Kool et al., 2019) become likelier, the others less likely.
The ordinary questions go on beside it, so that the decoder forgets none of them. Only the decoder is trained, on cached
`region_tokens`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor
from transformers import DynamicCache

from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.prompts import QUESTIONS, ask
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.models.gpt4roi.steps import CACHE_ARGUMENT
from roi_assistant.training.loop import Averaged, RunLog, cosine, load_checkpoint, optimizer, save_checkpoint
from roi_assistant.training.mini.batching import TextEncoder
from roi_assistant.training.mini.caption_reward import CiderReward
from roi_assistant.training.mini.corpus import CorpusName, InstructionMix
from roi_assistant.training.mini.decoder_stage import question_batches
from roi_assistant.training.mini.region_stage import token_loss
from roi_assistant.training.mini.region_tokens import TokenSource


@dataclass(frozen=True)
class RewardStageConfig:
    """Hyper-parameters.

    ``samples`` phrases of at most ``longest`` tokens are drawn for each of ``regions_per_step`` regions, from the
    decoder's distribution at ``temperature`` (below 1, because label smoothing made it flat). The reward is CIDEr plus
    ``noun_weight`` where the phrase names the thing as people did. ``general_share`` of the regions are on general
    photos, without which the decoder forgets their words. ``answers_weight`` is that of the ordinary
    questions' loss, of which a step has ``answers_per_step`` samples. The weights that are kept in the end lie
    ``share_kept`` of the way from those before the stage to the trained ones (Wortsman et al., arXiv 2109.01903): half
    of the way keeps most of what was won, and forgets less of the other questions.
    """

    steps: int = 470
    regions_per_step: int = 64
    samples: int = 4
    longest: int = 9
    temperature: float = 0.7
    noun_weight: float = 1.0
    general_share: float = 0.3
    lr: float = 2.5e-4
    weight_decay: float = 0.01
    ema: float = 0.99
    answers_per_step: int = 24
    answers_weight: float = 0.3
    label_smoothing: float = 0.1
    general_repeat: float = 1.5
    rare_below: float = 0.01
    several: float = 0.3
    seed: int = 0
    share_kept: float = 0.5
    evaluate_every: int = 60


class PhraseSampler:
    """Draws phrases for regions, and scores given ones: log-probabilities of their tokens."""

    def __init__(self, model: Gpt4Roi, encoder: TextEncoder, *, temperature: float = 1.0) -> None:
        """``temperature`` divides the logits in both."""
        self.model, self.encoder, self.temperature = model, encoder, temperature
        ids = [*encoder.prefix(1), *encoder.encode(ask(QUESTIONS["phrase"][0]))]
        self.context, self.answer = ids[:-1], ids[-1]

    def _embedded(self, image: Tensor, region: Tensor) -> Tensor:
        return self.model.embed(torch.tensor([self.context] * len(image)), image=image, regions=region)

    @torch.no_grad()
    def draw(self, image: Tensor, region: Tensor, *, count: int, longest: int, generator: torch.Generator) -> Tensor:
        """``count`` phrases for each of N regions: token ids [N, count, T], padded after the end token.

        ``image`` [N, image tokens, width], ``region`` [N, region tokens, width]. A phrase that does not end within
        ``longest`` tokens has no end token.
        """
        language, cache = self.model.language, DynamicCache()
        language.model(inputs_embeds=self._embedded(image, region), use_cache=True, **{CACHE_ARGUMENT: cache})
        cache.batch_repeat_interleave(count)
        drawn = torch.full((len(image) * count, longest), self.encoder.pad)
        open_rows = torch.arange(len(drawn))
        token = torch.full((len(drawn), 1), self.answer)
        for step in range(longest):
            position = torch.full_like(token, len(self.context) + step)
            out = language.model(input_ids=token, position_ids=position, use_cache=True, **{CACHE_ARGUMENT: cache})
            logits = language.lm_head(out.last_hidden_state[:, -1]) / self.temperature
            token = torch.multinomial(logits.softmax(-1), 1, generator=generator)
            drawn[open_rows, step] = token[:, 0]
            unfinished = (token[:, 0] != self.encoder.end).nonzero()[:, 0]
            if not len(unfinished):
                break
            if len(unfinished) < len(open_rows):  # most phrases are short: the others go on alone
                open_rows, token = open_rows[unfinished], token[unfinished]
                cache.batch_select_indices(unfinished)
        return drawn[:, : step + 1].unflatten(0, (len(image), count))

    def log_probabilities(self, image: Tensor, region: Tensor, phrases: Tensor) -> tuple[Tensor, Tensor]:
        """``phrases`` [N, count, T] as `draw` gives them -> log-probabilities [N, count, T], and which of them are
        tokens of a phrase. All phrases of a region share its prefix, as the questions of `TextBatch` do."""
        regions, count, length = phrases.shape
        context = len(self.context)
        used = phrases != self.encoder.pad
        inputs = torch.cat([torch.full((regions, count, 1), self.answer), phrases[..., :-1]], dim=2)
        embedded = self.model.language.get_input_embeddings()(inputs.flatten(1))
        embedded = torch.cat([self._embedded(image, region), embedded], dim=1)
        total = context + count * length
        block = torch.cat([torch.zeros(context), torch.arange(1, count + 1).repeat_interleave(length)])
        mask = torch.ones(total, total, dtype=torch.bool).tril() & (
            (block[None, :] == 0) | (block[:, None] == block[None, :])
        )
        positions = torch.cat([torch.arange(context), context + torch.arange(length).repeat(count)])
        hidden = self.model.language.model(
            inputs_embeds=embedded,
            attention_mask=mask.expand(regions, 1, total, total),
            position_ids=positions.expand(regions, -1),
            use_cache=False,
        ).last_hidden_state[:, context:]
        flat = used.flatten()
        scores = F.log_softmax(self.model.language.lm_head(hidden.flatten(0, 1)[flat]) / self.temperature, dim=-1)
        chosen = scores.gather(1, phrases.flatten()[flat][:, None])[:, 0]
        return torch.zeros(flat.shape).masked_scatter(flat, chosen).view(phrases.shape), used


def leave_one_out_advantage(rewards: Tensor) -> Tensor:
    """Rewards [N, count] minus the mean of the region's other samples."""
    count = rewards.shape[1]
    return rewards - (rewards.sum(1, keepdim=True) - rewards) / (count - 1)


def train_reward(
    model: Gpt4Roi,
    tokenizer: Tokenizer,
    mix: InstructionMix,
    tokens: TokenSource,
    out: Path,
    config: RewardStageConfig,
    *,
    photos: Sequence[int],
    evaluate: Callable[[Gpt4Roi], Mapping[str, float]] | None = None,
) -> Path:
    """Run or resume the stage over ``photos`` (indices of train photos whose tokens are cached).

    Returns the path of the trained model's weights; the checkpoint is ``out/reward.pt``.
    """
    log = RunLog(out)
    encoder = TextEncoder(tokenizer, image_tokens=model.config.image_tokens, region_tokens=model.config.region_tokens)
    corpus, sampler = mix.corpus, PhraseSampler(model, encoder, temperature=config.temperature)
    phrased: dict[CorpusName, list[tuple[int, int]]] = {"flickr30k": [], "general": []}
    for index in photos:
        photo = corpus.photos[index]
        phrased[photo.source] += [(index, row) for row in photo.rows if mix.facts[row].phrases]
    shares: tuple[tuple[CorpusName, float], ...] = (
        ("flickr30k", 1 - config.general_share),
        ("general", config.general_share),
    )
    people = {row: list(dict.fromkeys(mix.facts[row].phrases)) for source in phrased for _, row in phrased[source]}
    cider, noun = CiderReward(people), cache(lambda phrase: parse_phrase(phrase).head)
    nouns = {row: {noun(phrase) for phrase in phrases} for row, phrases in people.items()}

    def reward(row: int, phrase: str) -> float:
        return cider(row, phrase) + config.noun_weight * (noun(phrase) in nouns[row])

    for parameter in model.parameters():
        parameter.requires_grad = False
    for parameter in model.language.parameters():
        parameter.requires_grad = True
    before = {name: value.detach().clone() for name, value in model.language.state_dict().items()}
    opt = optimizer([model.language], lr=config.lr, weight_decay=config.weight_decay)
    averaged, first, checkpoint = Averaged(model, config.ema), 0, out / "reward.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        model.language.load_state_dict(state["language"])
        opt.load_state_dict(state["optimizer"])
        averaged.values, averaged.updates, first = state["averaged"], state["updates"], state["step"]
    model.eval()
    answers = question_batches(
        mix,
        tokens,
        photos,
        size=config.answers_per_step,
        seed=config.seed,
        general_repeat=config.general_repeat,
        rare_below=config.rare_below,
        several=config.several,
        skip=first,
    )
    for step in range(first, config.steps):
        rng, generator = random.Random(f"{config.seed}/{step}"), torch.Generator().manual_seed(config.seed + step)
        chosen = [
            pair
            for source, share in shares
            for pair in rng.sample(phrased[source], min(round(config.regions_per_step * share), len(phrased[source])))
        ]
        image, region = tokens.images([p for p, _ in chosen]), tokens.regions([row for _, row in chosen])
        phrases = sampler.draw(image, region, count=config.samples, longest=config.longest, generator=generator)
        texts = tokenizer.decode_batch(phrases.flatten(0, 1).tolist(), skip_special_tokens=True)
        rewards = torch.tensor(
            [reward(chosen[k // config.samples][1], text.strip()) for k, text in enumerate(texts)]
        ).view(len(chosen), -1)
        scores, used = sampler.log_probabilities(image, region, phrases)
        loss = -(leave_one_out_advantage(rewards)[..., None] * scores).sum() / used.sum()
        if config.answers_weight:
            samples = next(answers)
            text = encoder.batch([(len(s.rows), s.exchanges) for s in samples])
            asked = token_loss(
                model,
                text,
                tokens.images([s.photo for s in samples]),
                tokens.regions([row for s in samples for row in s.rows]),
                smoothing=config.label_smoothing,
            )
            loss = loss + config.answers_weight * asked
        if not torch.isfinite(loss):
            raise FloatingPointError(f"The loss is not finite at step {step}; the last checkpoint is {checkpoint}.")
        for group in opt.param_groups:
            group["lr"] = config.lr * cosine(step, total=config.steps, warmup=min(20, config.steps // 10 + 1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.language.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        averaged.update(model)
        done = step + 1
        if done % 10 == 0:
            log.write(stage="reward", step=done, reward=round(rewards.mean().item(), 4), loss=round(loss.item(), 4))
        if done % config.evaluate_every == 0 or done == config.steps:
            save_checkpoint(
                checkpoint, language=model.language.state_dict(), optimizer=opt.state_dict(), averaged=averaged.values,
                updates=averaged.updates, step=done,
            )  # fmt: skip
            if evaluate is not None:
                averaged.swap(model)
                log.write(stage="reward", step=done, **evaluate(model))
                averaged.swap(model)
    averaged.swap(model)
    trained = model.language.state_dict()
    model.language.load_state_dict({k: torch.lerp(before[k], v, config.share_kept) for k, v in trained.items()})
    save_checkpoint(out / "language.pt", **model.language.state_dict())
    return out / "language.pt"
