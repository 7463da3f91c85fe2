"""As `tiny_vlms`, for models that do not chat: Florence-2, PaliGemma and Kosmos-2."""

from __future__ import annotations

from pathlib import Path

from tests.unit.tiny_vlms import save, text_sizes, tokenizer


def florence2(folder: Path) -> Path:
    import transformers as t

    locations = tuple(f"<loc_{n}>" for n in range(1000))
    tok = tokenizer(
        ("<s>", "<pad>", "</s>", "<unk>", "<image>", *locations),
        bos="<s>",
        eos="</s>",
        pad="<pad>",
        unk_token="<unk>",
        extra_special_tokens={"image_token": "<image>"},
    )
    images = t.CLIPImageProcessor(
        size={"height": 64, "width": 64}, crop_size={"height": 64, "width": 64}, do_center_crop=False
    )
    images.image_seq_length = 5
    processor = t.Florence2Processor(images, tok)
    config = t.Florence2Config(
        text_config={
            "model_type": "bart",
            "vocab_size": len(tok),
            "d_model": 32,
            "encoder_layers": 1,
            "decoder_layers": 1,
            "encoder_attention_heads": 2,
            "decoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            "decoder_ffn_dim": 32,
            "max_position_embeddings": 1024,
            "bos_token_id": tok.bos_token_id,
            "eos_token_id": tok.eos_token_id,
            "pad_token_id": tok.pad_token_id,
            "decoder_start_token_id": tok.eos_token_id,
            "forced_eos_token_id": tok.eos_token_id,
        },
        vision_config={
            "embed_dim": [8, 16, 16, 32],
            "depths": [1, 1, 1, 1],
            "num_heads": [1, 2, 2, 4],
            "num_groups": [1, 2, 2, 4],
            "projection_dim": 32,
            "window_size": 4,
        },
        image_token_id=tok.convert_tokens_to_ids("<image>"),
        is_encoder_decoder=True,
        bos_token_id=tok.bos_token_id,
        eos_token_id=tok.eos_token_id,
        pad_token_id=tok.pad_token_id,
    )
    model = t.Florence2ForConditionalGeneration(config)
    model.generation_config.decoder_start_token_id = tok.eos_token_id
    return save(folder, model, processor)


def paligemma(folder: Path) -> Path:
    import transformers as t

    tok = tokenizer(
        ("<pad>", "<eos>", "<bos>", "<image>"),
        bos="<bos>",
        eos="<eos>",
        pad="<pad>",
        extra_special_tokens={"image_token": "<image>"},
    )
    images = t.SiglipImageProcessor(size={"height": 56, "width": 56})
    images.image_seq_length = 16
    processor = t.PaliGemmaProcessor(images, tok)
    config = t.PaliGemmaConfig(
        text_config={"model_type": "gemma", **text_sizes(tok, 32, 2)},
        vision_config={
            "model_type": "siglip_vision_model",
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "image_size": 56,
            "patch_size": 14,
            "projection_dim": 32,
            "vision_use_head": False,
        },
        image_token_index=tok.convert_tokens_to_ids("<image>"),
        projection_dim=32,
        hidden_size=32,
    )
    return save(folder, t.PaliGemmaForConditionalGeneration(config), processor)


def kosmos2(folder: Path) -> Path:
    import transformers as t

    # The real vocabulary begins as fairseq's: what stands for pictures follows the unknown token.
    tok = tokenizer(
        ("<s>", "<pad>", "</s>", "<unk>", *(f"<unused{n}>" for n in range(16))),
        bos="<s>",
        eos="</s>",
        pad="<pad>",
        unk_token="<unk>",
    )
    images = t.CLIPImageProcessor(size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56})
    processor = t.Kosmos2Processor(images, tok)
    config = t.Kosmos2Config(
        text_config={
            "vocab_size": len(tok),
            "embed_dim": 32,
            "layers": 1,
            "ffn_dim": 32,
            "attention_heads": 2,
            "max_position_embeddings": 256,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "pad_token_id": 1,
        },
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "image_size": 56,
            "patch_size": 14,
        },
        latent_query_num=64,
    )
    return save(folder, t.Kosmos2ForConditionalGeneration(config), processor)
