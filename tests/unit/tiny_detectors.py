"""Detectors of a few thousand random weights, each with its real processor and a tokenizer made on the spot, saved as
their publishers save them. `MAKERS`: what each kind's folder is made by. `sees_cats` and `sees_words` find boxes on
any photo, whatever their other weights are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

CLASSES = {0: "cat", 1: "traffic sign", 2: "N/A", 3: "person"}
WORDS = ("red", "blue", "car", "bus", "sign", "traffic", "cat", "thing", "a", "photo", "of", "detect", "flag", "person")


def _save(folder: Path, model: Any, processor: Any) -> Path:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _named(config: Any) -> Any:
    config.id2label = dict(CLASSES)
    config.label2id = {name: number for number, name in CLASSES.items()}
    return config


def _resnet(**more: Any) -> dict[str, Any]:
    return {
        "embedding_size": 8,
        "hidden_sizes": [8, 16, 24, 32],
        "depths": [1, 1, 1, 1],
        "layer_type": "basic",
        "out_features": ["stage2", "stage3", "stage4"],
        **more,
    }


def _rt_sizes() -> dict[str, Any]:
    return {
        "encoder_hidden_dim": 32,
        "encoder_in_channels": [16, 24, 32],
        "encoder_ffn_dim": 32,
        "encoder_attention_heads": 2,
        "d_model": 32,
        "num_queries": 12,
        "decoder_in_channels": [32, 32, 32],
        "decoder_ffn_dim": 32,
        "decoder_layers": 2,
        "decoder_attention_heads": 2,
        "num_denoising": 0,
    }


def rt_detr(folder: Path) -> Path:
    import transformers as t

    config = t.RTDetrConfig(backbone_config=t.RTDetrResNetConfig(**_resnet()), **_rt_sizes())
    processor = t.RTDetrImageProcessor(size={"height": 64, "width": 64})
    return _save(folder, t.RTDetrForObjectDetection(_named(config)), processor)


def rt_detr_v2(folder: Path) -> Path:
    import transformers as t

    config = t.RTDetrV2Config(backbone_config=t.RTDetrResNetConfig(**_resnet()), **_rt_sizes())
    processor = t.RTDetrImageProcessor(size={"height": 64, "width": 64})
    return _save(folder, t.RTDetrV2ForObjectDetection(_named(config)), processor)


def d_fine(folder: Path) -> Path:
    import transformers as t

    config = t.DFineConfig(backbone_config=t.RTDetrResNetConfig(**_resnet()), **_rt_sizes())
    processor = t.RTDetrImageProcessor(size={"height": 64, "width": 64})
    return _save(folder, t.DFineForObjectDetection(_named(config)), processor)


def deimv2(folder: Path) -> Path:
    import transformers as t

    config = t.Deimv2Config(backbone_config=t.RTDetrResNetConfig(**_resnet()), **_rt_sizes())
    processor = t.RTDetrImageProcessor(size={"height": 64, "width": 64})
    return _save(folder, t.Deimv2ForObjectDetection(_named(config)), processor)


def rf_detr(folder: Path) -> Path:
    import transformers as t

    backbone = {
        "model_type": "rf_detr_dinov2",
        "hidden_size": 32,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "image_size": 64,
        "patch_size": 8,
        "num_windows": 2,
        "out_indices": [2, 4],
    }
    config = t.RfDetrConfig(backbone_config=backbone, **_lw_sizes())
    processor = t.RfDetrImageProcessor(size={"height": 64, "width": 64})
    return _save(folder, t.RfDetrForObjectDetection(_named(config)), processor)


def _lw_sizes() -> dict[str, Any]:
    return {
        "d_model": 32,
        "decoder_ffn_dim": 32,
        "decoder_layers": 2,
        "decoder_self_attention_heads": 2,
        "decoder_cross_attention_heads": 2,
        "num_queries": 12,
        "group_detr": 1,
    }


def lw_detr(folder: Path) -> Path:
    import transformers as t

    backbone = {
        "model_type": "lw_detr_vit",
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 64,
        "pretrain_image_size": 64,
        "patch_size": 8,
        "num_windows": 4,
        "window_block_indices": [0],
        "out_indices": [1, 2],
    }
    config = t.LwDetrConfig(backbone_config=backbone, projector_scale_factors=[1.0], **_lw_sizes())
    processor = t.DeformableDetrImageProcessor(size={"height": 64, "width": 64})
    return _save(folder, t.LwDetrForObjectDetection(_named(config)), processor)


def detr(folder: Path) -> Path:
    import transformers as t

    config = t.DetrConfig(
        backbone_config=t.ResNetConfig(**_resnet(out_features=["stage4"])),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        num_queries=12,
    )
    processor = t.DetrImageProcessor(size={"shortest_edge": 64, "longest_edge": 96})
    return _save(folder, t.DetrForObjectDetection(_named(config)), processor)


def _bert_tokenizer() -> Any:
    from tokenizers import BertWordPieceTokenizer
    from transformers import PreTrainedTokenizerFast

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", ",", *WORDS]
    made = BertWordPieceTokenizer(vocab={word: number for number, word in enumerate(vocabulary)}, lowercase=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=made._tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def _swin(**more: Any) -> dict[str, Any]:
    return {
        "model_type": "swin",
        "image_size": 64,
        "embed_dim": 8,
        "depths": [1, 1, 1, 1],
        "num_heads": [1, 1, 2, 2],
        "window_size": 2,
        "out_indices": [2, 3, 4],
        **more,
    }


def _grounding(folder: Path, kind: str) -> Path:
    import transformers as t

    tokenizer = _bert_tokenizer()
    config = getattr(t, f"{kind}Config")(
        backbone_config=_swin(),
        text_config={
            "model_type": "bert",
            "vocab_size": len(tokenizer),
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
            "max_position_embeddings": 64,
        },
        d_model=64,
        num_queries=12,
        encoder_layers=1,
        decoder_layers=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        max_text_len=24,
        disable_custom_kernels=True,
    )
    images = t.GroundingDinoImageProcessor(size={"shortest_edge": 64, "longest_edge": 96})
    return _save(folder, getattr(t, f"{kind}ForObjectDetection")(config), t.GroundingDinoProcessor(images, tokenizer))


def grounding_dino(folder: Path) -> Path:
    return _grounding(folder, "GroundingDino")


def mm_grounding_dino(folder: Path) -> Path:
    return _grounding(folder, "MMGroundingDino")


def _clip_tokenizer(longest: int) -> Any:
    from transformers import CLIPTokenizer

    letters = [*map(chr, range(33, 127))]
    vocabulary = [
        *letters,
        *(letter + "</w>" for letter in letters),
        *(word + "</w>" for word in WORDS if len(word) > 1),
    ]
    merges: list[tuple[str, str]] = []
    for word in WORDS:
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            pair = (parts[0], parts[1])
            if pair not in merges:
                merges.append(pair)
            parts = [parts[0] + parts[1], *parts[2:]]
            if parts[0] not in vocabulary:
                vocabulary.append(parts[0])
    # As CLIP's: the number 0 is no token of the model, OWL takes what begins with it for padding.
    tokens = [*dict.fromkeys(vocabulary), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={token: number for number, token in enumerate(tokens)}, merges=merges, model_max_length=longest
    )


def _owl(folder: Path, kind: str, processor: str) -> Path:
    import transformers as t

    tokenizer = _clip_tokenizer(16)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = getattr(t, f"{kind}Config")(
        text_config={
            **sizes,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 16,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={**sizes, "image_size": 64, "patch_size": 16},
        projection_dim=16,
    )
    images = getattr(t, f"{kind}ImageProcessor")(size={"height": 64, "width": 64})
    return _save(folder, getattr(t, f"{kind}ForObjectDetection")(config), getattr(t, processor)(images, tokenizer))


def owlv2(folder: Path) -> Path:
    return _owl(folder, "Owlv2", "Owlv2Processor")


def owlvit(folder: Path) -> Path:
    return _owl(folder, "OwlViT", "OwlViTProcessor")


def omdet_turbo(folder: Path) -> Path:
    import transformers as t

    tokenizer = _clip_tokenizer(16)
    config = t.OmDetTurboConfig(
        backbone_config=_swin(),
        text_config={
            "model_type": "clip_text_model",
            "vocab_size": len(tokenizer),
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "max_position_embeddings": 77,
            "projection_dim": 16,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        image_size=64,
        apply_layernorm_after_vision_backbone=False,
        text_projection_in_dim=16,
        text_projection_out_dim=16,
        class_embed_dim=16,
        task_encoder_hidden_dim=32,
        num_queries=12,
        encoder_hidden_dim=32,
        vision_features_channels=[32, 32, 32],
        encoder_in_channels=[16, 32, 64],
        encoder_attention_heads=2,
        encoder_dim_feedforward=32,
        decoder_hidden_dim=32,
        decoder_num_heads=2,
        decoder_num_layers=1,
        decoder_dim_feedforward=32,
        disable_custom_kernels=True,
    )
    images = t.DetrImageProcessor(size={"height": 64, "width": 64})
    return _save(folder, t.OmDetTurboForObjectDetection(config), t.OmDetTurboProcessor(images, tokenizer))


def sees_cats(folder: Path) -> Path:
    """An RT-DETR whose heads say of every box that it is a cat, with a score of 0.88."""
    import torch
    import transformers as t

    rt_detr(folder)
    model = t.RTDetrForObjectDetection.from_pretrained(folder)
    with torch.no_grad():
        for head in model.model.decoder.class_embed:
            head.weight.zero_()
            head.bias.copy_(torch.tensor([2.0 if name == "cat" else -20.0 for name in CLASSES.values()]))
    model.save_pretrained(folder)
    return folder


def sees_words(folder: Path) -> Path:
    """An OWLv2 that sees in each of 4 x 4 parts of a square photo one of the things that it is asked for, with a score
    above 0.7."""
    import torch
    import transformers as t

    owlv2(folder)
    model = t.Owlv2ForObjectDetection.from_pretrained(folder)
    with torch.no_grad():  # a logit is the cosine of box and word, times the scale, 1, and moved by the shift
        for head, bias in (
            (model.class_head.logit_shift, 2.0),
            (model.class_head.logit_scale, 0.0),
            (model.box_head.dense2, 0.0),  # each box is that of its part of the photo
        ):
            head.weight.zero_()
            head.bias.fill_(bias)
    model.save_pretrained(folder)
    return folder


MAKERS: dict[str, Callable[[Path], Path]] = {
    maker.__name__: maker
    for maker in (
        *(rt_detr, rt_detr_v2, d_fine, deimv2, rf_detr, lw_detr, detr),
        *(grounding_dino, mm_grounding_dino, owlv2, owlvit, omdet_turbo),
    )
}
