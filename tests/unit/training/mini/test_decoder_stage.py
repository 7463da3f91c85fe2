"""The stage in which the decoder learns its questions further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer


def run(
    make: Callable[[], Any], tokenizer: Tokenizer, mix: Any, tokens: Any, out: Path, **changes: Any
) -> dict[str, Any]:
    from roi_assistant.training.loop import load_checkpoint
    from roi_assistant.training.mini.decoder_stage import DecoderStageConfig, train_decoder

    settings: dict[str, Any] = {"steps": 6, "samples_per_step": 6, "lr": 3e-3, "ema": 0.5, "save_every": 3, **changes}
    train = [i for i, photo in enumerate(mix.corpus.photos) if photo.split == "train"]
    model = make().eval()
    frozen = {k: v.clone() for k, v in model.state_dict().items() if not k.startswith("language.")}
    path = train_decoder(model, tokenizer, mix, tokens, out, DecoderStageConfig(**settings), photos=train)
    assert all((model.state_dict()[k] == v).all() for k, v in frozen.items()), "only the decoder learns"
    return load_checkpoint(path)


def losses(out: Path) -> list[float]:
    import json

    return [json.loads(line)["loss"] for line in (out / "log.jsonl").read_text("utf-8").splitlines()]


def test_answers_are_learned(
    new_model: Any, tokenizer: Tokenizer, mix: Any, tokens: Any, tmp_path: Path, quiet: SimpleNamespace
) -> None:
    run(new_model, tokenizer, mix, tokens, tmp_path, steps=150, dropout=0.0, save_every=150)
    assert losses(tmp_path)[-1] < 0.8 * losses(tmp_path)[0]


def test_a_stopped_run_goes_on_as_if_it_had_not_been(
    torch: Any,
    new_model: Any,
    tokenizer: Tokenizer,
    mix: Any,
    tokens: Any,
    tmp_path: Path,
    quiet: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from roi_assistant.training.mini import decoder_stage

    whole = run(new_model, tokenizer, mix, tokens, tmp_path / "whole")
    counted, original = [0], decoder_stage.token_loss

    def stops_at_the_fifth(*arguments: Any, **named: Any) -> Any:
        counted[0] += 1
        if counted[0] == 5:
            raise KeyboardInterrupt
        return original(*arguments, **named)

    monkeypatch.setattr(decoder_stage, "token_loss", stops_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        run(new_model, tokenizer, mix, tokens, tmp_path / "part")
    part = run(new_model, tokenizer, mix, tokens, tmp_path / "part")
    assert counted[0] == 8, "it began again at the fourth step"
    assert all(torch.equal(whole[name], part[name]) for name in whole)


def test_weights_half_way_are_kept(
    torch: Any, new_model: Any, tokenizer: Tokenizer, mix: Any, tokens: Any, tmp_path: Path, quiet: SimpleNamespace
) -> None:
    none, half, all_of_it = (
        run(new_model, tokenizer, mix, tokens, tmp_path / str(share), steps=2, share_kept=share)
        for share in (0.0, 0.5, 1.0)
    )
    before = new_model().language.state_dict()
    assert all(torch.equal(none[name], before[name]) for name in before)
    assert not torch.equal(all_of_it["lm_head.weight"], before["lm_head.weight"])
    for name in before:
        torch.testing.assert_close(half[name], (none[name] + all_of_it[name]) / 2)


def test_a_loss_that_is_not_finite_stops_the_run(
    new_model: Any, tokenizer: Tokenizer, mix: Any, tokens: Any, tmp_path: Path
) -> None:
    broken = replace(tokens, region=np.full_like(tokens.region, np.nan))
    with pytest.raises(FloatingPointError):
        run(new_model, tokenizer, mix, broken, tmp_path)
    assert not (tmp_path / "decoder.pt").exists()
