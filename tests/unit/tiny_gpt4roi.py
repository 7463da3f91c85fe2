"""GPT4RoI of a few thousand weights, and the files that it is imported from, as their publishers lay them out."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

Layout = Literal["bin", "bins", "safetensors", "sharded safetensors"]
BYTES = 256
WORDS = ("▁provides", "▁region", "▁Human", "▁Assistant", "▁The", "▁?", "▁,", "▁###", "##", "▁a", "▁and", "▁red")
"""Each can be merged from left to right; earlier ones first."""
LETTERS = "▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#.,:;?!'\"()-<>/_[]"


def pieces() -> list[Any]:
    """A LLaMA-like vocabulary: ids 0 to 2, 256 bytes, words with all that they are merged from, letters."""
    from roi_assistant.models.gpt4roi.sentencepiece_file import BYTE, CONTROL, UNKNOWN, SentencePiece

    found = [
        SentencePiece("<unk>", 0.0, UNKNOWN),
        SentencePiece("<s>", 0.0, CONTROL),
        SentencePiece("</s>", 0.0, CONTROL),
    ]
    found += [SentencePiece(f"<0x{number:02X}>", 0.0, BYTE) for number in range(BYTES)]
    known: dict[str, float] = {}
    for word in WORDS:
        for stop in range(2, len(word) + 1):
            known.setdefault(word[:stop], -float(len(known)))
    for letter in LETTERS:
        known.setdefault(letter, -1000.0 - len(known))
    return found + [SentencePiece(text, score) for text, score in known.items()]


def sentencepiece_file(entries: Iterable[Any], *, kind: int = 2) -> bytes:
    """A ``tokenizer.model`` with these pieces; ``kind`` 2 is BPE."""
    data = b""
    for piece in entries:
        text = piece.text.encode()
        body = b"\x0a" + _varint(len(text)) + text + b"\x15" + struct.pack("<f", piece.score)
        body += b"\x18" + _varint(piece.kind)
        data += b"\x0a" + _varint(len(body)) + body
    trainer = b"\x18" + _varint(kind) + b"\x20" + _varint(32000)
    return data + b"\x12" + _varint(len(trainer)) + trainer


def _varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def tokenizer() -> Any:
    from roi_assistant.models.gpt4roi.tokenization import Gpt4RoiTokenizer

    return Gpt4RoiTokenizer.from_pieces(pieces())


def config(**changes: Any) -> Any:
    """Two decoder layers, five vision blocks, four patches."""
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig, llama_sizes

    arguments: dict[str, Any] = {
        "text_config": llama_sizes(
            vocabulary=len(pieces()), width=32, layers=2, heads=4, inner_width=48, positions=700
        ),
        "vision_config": {
            "hidden_size": 16,
            "intermediate_size": 24,
            "num_hidden_layers": 5,
            "num_attention_heads": 2,
            "patch_size": 14,
            "image_size": 28,
            "projection_dim": 8,
        },
        "region": {"groups": 4, "fusion_rounds": 2, "roi_size": 3, "position_width": 8},
        "level_step": 1,
    }
    return Gpt4RoiReferenceConfig(**{**arguments, **changes})


def model(seed: int = 0, **changes: Any) -> Any:
    """With weights that are large enough for answers to depend on all of them."""
    import torch

    from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration

    torch.manual_seed(seed)
    made = Gpt4RoiForConditionalGeneration(config(**changes)).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.dim() >= 2:
                parameter.normal_(std=0.3)
            else:
                parameter.add_(torch.randn_like(parameter), alpha=0.1)
    return made.requires_grad_(False)


def files(folder: Path) -> Any:
    """All files of a checkpoint, with a manifest or without, as the loader takes them."""
    from roi_assistant.models.gpt4roi.checkpoint_files import PlainCheckpoint

    return PlainCheckpoint(folder)


def processor() -> Any:
    from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor

    return Gpt4RoiProcessor(tokenizer(), image_size=28, image_tokens=4)


def photo(width: int = 60, height: int = 40, seed: int = 0) -> Any:
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.random.RandomState(seed).randint(0, 255, (height, width, 3), dtype=np.uint8))


# What is imported.

PUBLISHED_VISION = {
    "hidden_size": 64,
    "intermediate_size": 24,
    "num_hidden_layers": 11,
    "num_attention_heads": 2,
    "patch_size": 14,
    "image_size": 28,
    "projection_dim": 8,
}
"""Wide enough for the 64 groups and deep enough for the levels, which the published files do not state."""


def write_published(folder: Path, *, llama: Layout = "bins", delta: Layout = "bins", clip: Layout = "bin") -> Any:
    """``llama``, ``delta`` and ``clip-vit-large-patch14`` below ``folder``; the answer is the model that they make, in
    half precision."""
    import torch

    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig, llama_sizes

    sizes = llama_sizes(vocabulary=len(pieces()), width=32, layers=2, heads=4, inner_width=48, positions=700)
    region = {"fusion_rounds": 2, "roi_size": 2, "position_width": 8}
    whole = model(
        7,
        **{"text_config": sizes, "vision_config": PUBLISHED_VISION, "region": region, "level_step": 3},
    ).half()
    assert isinstance(whole.config, Gpt4RoiReferenceConfig)
    base_size = len(pieces())
    generator = torch.Generator().manual_seed(3)
    bases, deltas, visions = {}, {}, {}
    for name, target in whole.state_dict().items():
        if name.startswith("vision_tower."):
            visions["vision_model." + name.removeprefix("vision_tower.")] = target.float()
        elif name.startswith(("model.mm_projector.", "model.spi_module.")):
            deltas[name] = target
        else:
            moved = (torch.randn(target.shape, generator=generator) * 0.01).half()
            extended = name in ("model.embed_tokens.weight", "lm_head.weight")
            bases[name] = target[:base_size] - moved[:base_size] if extended else target - moved
            deltas[name] = target.clone()
            deltas[name][: len(bases[name])] -= bases[name]
            target[: len(bases[name])] = deltas[name][: len(bases[name])] + bases[name]  # with the rounding of a sum
    rotary = {f"model.layers.{n}.self_attn.rotary_emb.inv_freq": torch.ones(4) for n in range(2)}
    visions["text_model.embeddings.position_ids"] = torch.arange(3)[None]
    visions["logit_scale"] = torch.tensor(2.0)
    _write(folder / "llama", bases | rotary, llama)
    _write(folder / "delta", deltas | rotary, delta)
    _write(folder / "clip-vit-large-patch14", visions, clip)
    shape = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 48,
        "rms_norm_eps": 1e-6,
    }
    write_json(folder / "llama" / "config.json", {**shape, "vocab_size": base_size, "model_type": "llama"})
    text = {**shape, "vocab_size": base_size + 6, "max_position_embeddings": 700, "model_type": "llava"}
    write_json(folder / "delta" / "config.json", text)
    write_json(folder / "clip-vit-large-patch14" / "config.json", {"vision_config": PUBLISHED_VISION})
    (folder / "delta" / "tokenizer.model").write_bytes(sentencepiece_file(pieces()))
    return whole


def write_parts(folder: Path) -> None:
    """``llama`` and ``clip`` below ``folder`` as transformers saves them: what a training starts from."""
    import torch
    from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(11)
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    llama = LlamaConfig(vocab_size=len(pieces()), max_position_embeddings=900, **sizes)
    LlamaForCausalLM(llama).save_pretrained(folder / "llama")
    (folder / "llama" / "tokenizer.model").write_bytes(sentencepiece_file(pieces()))
    CLIPVisionModel(CLIPVisionConfig(**PUBLISHED_VISION)).save_pretrained(folder / "clip")


def write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data), encoding="utf-8")


def _write(folder: Path, tensors: dict[str, Any], layout: Layout) -> None:
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    save: Callable[[dict[str, Any], Path], None] = save_file if "safetensors" in layout else torch.save
    stem, suffix = ("model", ".safetensors") if "safetensors" in layout else ("pytorch_model", ".bin")
    if layout in ("bin", "safetensors"):
        save(tensors, folder / (stem + suffix))
        return
    names = sorted(tensors)
    parts = {f"{stem}-{n + 1:05d}-of-00003{suffix}": names[n::3] for n in range(3)}
    for file, inside in parts.items():
        save({name: tensors[name] for name in inside}, folder / file)
    weight_map = {name: file for file, inside in parts.items() for name in inside}
    write_json(folder / f"{stem}{suffix}.index.json", {"metadata": {}, "weight_map": weight_map})
