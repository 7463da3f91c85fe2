"""Vision-language models of a few thousand random weights, each with its family's real processor and a tokenizer made
on the spot, saved as their publishers save them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

SENTENCES = [
    'Answer with one JSON object and nothing else: {"caption": "a red cup", "category": "cup", "attributes": {}}',
    'Look at the thing at {"bbox_2d": [10, 20, 300, 400]}. Answer about this one thing only, not the whole picture.',
    "a short noun phrase that names it and what sets it apart; one plain sentence about it; what material is it",
] * 20
QWEN = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
CHATML = """{%- for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}{%- for part in m['content'] %}
{%- if part['type'] == 'image' %}{{ 'IMAGE' }}{%- else %}{{ part['text'] }}{%- endif %}{%- endfor %}
{{- '<|im_end|>\n' }}{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}
{%- if enable_thinking is not defined or enable_thinking %}{{ '<think>' }}{%- endif %}{%- endif %}"""
"""Begins to think unless told not to, as Qwen's from 3.5 on."""


def tokenizer(special: Sequence[str], *, bos: str | None = None, eos: str, pad: str, **more: Any) -> Any:
    """A byte-level BPE of some 500 tokens; ``special`` are those of the family."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(SENTENCES, vocab_size=500, special_tokens=list(special), show_progress=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer, bos_token=bos, eos_token=eos, pad_token=pad, **more
    )


def save(folder: Path, model: Any, processor: Any) -> Path:
    """Weights as safetensors, the processor's files beside them."""
    import torch

    # Random layers hardly differ in what they say: larger weights make answers depend on the prompt.
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _qwen_processor(kind: str, patch: int, template: str = CHATML, **bounds: int) -> Any:
    import transformers

    tok = tokenizer(QWEN, eos="<|im_end|>", pad="<|endoftext|>")
    size = {"shortest_edge": bounds.get("least", 32 * 32), "longest_edge": bounds.get("most", 512 * 512)}
    images = transformers.Qwen2VLImageProcessor(patch_size=patch, merge_size=2, temporal_patch_size=2, size=size)
    video = (
        transformers.Qwen3VLVideoProcessor(patch_size=patch, merge_size=2, temporal_patch_size=2)
        if kind == "Qwen3VL"
        else transformers.Qwen2VLVideoProcessor(patch_size=patch, merge_size=2, temporal_patch_size=2)
    )
    shown = template.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>")
    return getattr(transformers, f"{kind}Processor")(images, tok, video, chat_template=shown)


def text_sizes(tok: Any, hidden: int, layers: int, **more: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tok),
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": hidden // 4,
        "bos_token_id": tok.bos_token_id,
        "eos_token_id": tok.eos_token_id,
        "pad_token_id": tok.pad_token_id,
        **more,
    }


def _ids(tok: Any) -> dict[str, int]:
    names = {
        "image_token_id": "<|image_pad|>",
        "video_token_id": "<|video_pad|>",
        "vision_start_token_id": "<|vision_start|>",
        "vision_end_token_id": "<|vision_end|>",
    }
    return {key: tok.convert_tokens_to_ids(name) for key, name in names.items()}


def qwen3_vl(folder: Path, *, hidden: int = 32, layers: int = 2, most: int = 512 * 512) -> Path:
    import transformers as t

    processor = _qwen_processor("Qwen3VL", 16, most=most)
    tok = processor.tokenizer
    rope = {
        "rope_type": "default",
        "rope_theta": 10000.0,
        "mrope_section": [hidden // 8 - 2, 1, 1],
        "mrope_interleaved": True,
    }
    config = t.Qwen3VLConfig(
        text_config=text_sizes(tok, hidden, layers, rope_parameters=rope),
        vision_config={
            "depth": 2,
            "hidden_size": hidden,
            "intermediate_size": hidden,
            "num_heads": 2,
            "patch_size": 16,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "out_hidden_size": hidden,
            "num_position_embeddings": 16,
            "deepstack_visual_indexes": [0],
        },
        **_ids(tok),
    )
    return save(folder, t.Qwen3VLForConditionalGeneration(config), processor)


def qwen2_5_vl(folder: Path) -> Path:
    import transformers as t

    processor = _qwen_processor("Qwen2_5_VL", 14)
    tok = processor.tokenizer
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 1, 1]}
    config = t.Qwen2_5_VLConfig(
        text_config=text_sizes(tok, 32, 2, rope_parameters=rope),
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_heads": 2,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
            "window_size": 56,
        },
        **_ids(tok),
    )
    return save(folder, t.Qwen2_5_VLForConditionalGeneration(config), processor)


def qwen3_5(folder: Path) -> Path:
    import transformers as t

    processor = _qwen_processor("Qwen3VL", 16)
    tok = processor.tokenizer
    rope = {
        "rope_type": "default",
        "rope_theta": 10000.0,
        "mrope_section": [2, 1, 1],
        "mrope_interleaved": True,
        "partial_rotary_factor": 1.0,
    }
    config = t.Qwen3_5Config(
        text_config=text_sizes(
            tok,
            32,
            2,
            rope_parameters=rope,
            layer_types=["linear_attention", "full_attention"],
            linear_key_head_dim=8,
            linear_value_head_dim=8,
            linear_num_key_heads=2,
            linear_num_value_heads=4,
        ),
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_heads": 2,
            "patch_size": 16,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "out_hidden_size": 32,
            "num_position_embeddings": 16,
        },
        **_ids(tok),
    )
    return save(folder, t.Qwen3_5ForConditionalGeneration(config), processor)


def internvl(folder: Path, *, hidden: int = 32, layers: int = 2, side: int = 56, tiles: int = 4) -> Path:
    import transformers as t

    names = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>", "<video>")
    tok = tokenizer(
        names,
        eos="<|im_end|>",
        pad="<|endoftext|>",
        extra_special_tokens={
            "start_image_token": "<img>",
            "end_image_token": "</img>",
            "context_image_token": "<IMG_CONTEXT>",
            "video_token": "<video>",
        },
    )
    images = t.GotOcr2ImageProcessor(
        size={"height": side, "width": side}, crop_to_patches=True, min_patches=1, max_patches=tiles
    )
    processor = t.InternVLProcessor(
        images,
        tok,
        t.InternVLVideoProcessor(size={"height": side, "width": side}),
        image_seq_length=(side // 28) ** 2,
        chat_template=CHATML.replace("IMAGE", "<IMG_CONTEXT>\n"),
    )
    config = t.InternVLConfig(
        vision_config={
            "hidden_size": hidden,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": hidden,
            "image_size": [side, side],
            "patch_size": [14, 14],
        },
        text_config={"model_type": "qwen2", **text_sizes(tok, hidden, layers)},
        image_token_id=tok.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=(side // 28) ** 2,
        downsample_ratio=0.5,
    )
    return save(folder, t.InternVLForConditionalGeneration(config), processor)


GEMMA = """{{ bos_token }}{%- for m in messages %}{{ '<start_of_turn>' + m['role'] + '\n' }}
{%- for part in m['content'] %}
{%- if part['type'] == 'image' %}{{ '<start_of_image>' }}{%- else %}{{ part['text'] }}{%- endif %}{%- endfor %}
{{- '<end_of_turn>\n' }}{%- endfor %}{%- if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{%- endif %}"""


def gemma3(folder: Path) -> Path:
    import transformers as t

    names = (
        "<pad>",
        "<eos>",
        "<bos>",
        "<start_of_turn>",
        "<end_of_turn>",
        "<start_of_image>",
        "<end_of_image>",
        "<image_soft_token>",
    )
    tok = tokenizer(
        names,
        bos="<bos>",
        eos="<eos>",
        pad="<pad>",
        extra_special_tokens={
            "image_token": "<image_soft_token>",
            "boi_token": "<start_of_image>",
            "eoi_token": "<end_of_image>",
        },
    )
    images = t.Gemma3ImageProcessor(size={"height": 56, "width": 56}, image_seq_length=4)
    processor = t.Gemma3Processor(images, tok, chat_template=GEMMA, image_seq_length=4)
    config = t.Gemma3Config(
        text_config=text_sizes(tok, 32, 2, sliding_window=16, layer_types=["sliding_attention", "full_attention"]),
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "image_size": 56,
            "patch_size": 14,
        },
        mm_tokens_per_image=4,
        boi_token_index=tok.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=tok.convert_tokens_to_ids("<end_of_image>"),
        image_token_index=tok.convert_tokens_to_ids("<image_soft_token>"),
        eos_token_id=[tok.convert_tokens_to_ids("<eos>"), tok.convert_tokens_to_ids("<end_of_turn>")],
    )
    return save(folder, t.Gemma3ForConditionalGeneration(config), processor)


def smolvlm(folder: Path) -> Path:
    import transformers as t

    names = (
        "<|endoftext|>",
        "<|im_start|>",
        "<end_of_utterance>",
        "<fake_token_around_image>",
        "<image>",
        "<global-img>",
        *(f"<row_{r}_col_{c}>" for r in range(1, 4) for c in range(1, 4)),
    )
    tok = tokenizer(
        names,
        bos="<|im_start|>",
        eos="<end_of_utterance>",
        pad="<|endoftext|>",
        extra_special_tokens={
            "fake_image_token": "<fake_token_around_image>",
            "image_token": "<image>",
            "global_image_token": "<global-img>",
            "end_of_utterance_token": "<end_of_utterance>",
        },
    )
    images = t.SmolVLMImageProcessor(size={"longest_edge": 112}, max_image_size={"longest_edge": 56})
    video = t.SmolVLMVideoProcessor(size={"longest_edge": 112}, max_image_size={"longest_edge": 56})
    template = "<|im_start|>" + CHATML.replace("<|im_start|>", "").replace("<|im_end|>", "<end_of_utterance>")
    processor = t.SmolVLMProcessor(
        images, tok, video, image_seq_len=4, chat_template=template.replace("IMAGE", "<image>")
    )
    config = t.SmolVLMConfig(
        text_config={"model_type": "llama", **text_sizes(tok, 32, 2)},
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "image_size": 56,
            "patch_size": 14,
        },
        scale_factor=2,
        image_token_id=tok.convert_tokens_to_ids("<image>"),
        pad_token_id=tok.pad_token_id,
    )
    return save(folder, t.SmolVLMForConditionalGeneration(config), processor)


def vipllava(folder: Path) -> Path:
    import transformers as t

    tok = tokenizer(
        ("<unk>", "<s>", "</s>", "<pad>", "<image>"),
        bos="<s>",
        eos="</s>",
        pad="<pad>",
        extra_special_tokens={"image_token": "<image>"},
    )
    images = t.CLIPImageProcessor(size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56})
    template = CHATML.replace("<|im_start|>", "###").replace("<|im_end|>", "").replace("IMAGE", "<image>\n")
    processor = t.LlavaProcessor(
        images,
        tok,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=template,
    )
    config = t.VipLlavaConfig(
        vision_config={
            "model_type": "clip_vision_model",
            "hidden_size": 32,
            "num_hidden_layers": 3,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "image_size": 56,
            "patch_size": 14,
            "projection_dim": 32,
        },
        text_config={"model_type": "llama", **text_sizes(tok, 32, 2)},
        image_token_index=tok.convert_tokens_to_ids("<image>"),
        image_seq_length=16,
        vision_feature_layers=[-1, -2, -3, 0, 1],
    )
    return save(folder, t.VipLlavaForConditionalGeneration(config), processor)


def lfm2_vl(folder: Path) -> Path:
    import transformers as t

    names = (
        "<|endoftext|>",
        "<|im_start|>",
        "<|im_end|>",
        "<image>",
        "<|image_start|>",
        "<|image_end|>",
        "<|img_thumbnail|>",
    )
    tok = tokenizer(
        names,
        bos="<|endoftext|>",
        eos="<|im_end|>",
        pad="<|endoftext|>",
        extra_special_tokens={
            "image_token": "<image>",
            "image_start_token": "<|image_start|>",
            "image_end_token": "<|image_end|>",
            "image_thumbnail": "<|img_thumbnail|>",
        },
    )
    images = t.Lfm2VlImageProcessor(
        encoder_patch_size=14,
        tile_size=56,
        min_image_tokens=2,
        max_image_tokens=8,
        max_num_patches=64,
        do_image_splitting=False,
    )
    processor = t.Lfm2VlProcessor(images, tok, chat_template=CHATML.replace("IMAGE", "<image>"))
    config = t.Lfm2VlConfig(
        text_config={
            "model_type": "lfm2",
            **text_sizes(tok, 32, 2),
            "layer_types": ["conv", "full_attention"],
            "conv_L_cache": 3,
        },
        vision_config={
            "model_type": "siglip2_vision_model",
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "patch_size": 14,
            "num_patches": 64,
            "vision_use_head": False,
        },
        image_token_id=tok.convert_tokens_to_ids("<image>"),
        projector_hidden_size=32,
        downsample_factor=2,
    )
    return save(folder, t.Lfm2VlForConditionalGeneration(config), processor)


def glm4v(folder: Path) -> Path:
    import transformers as t

    names = (
        "<|endoftext|>",
        "<|user|>",
        "<|assistant|>",
        "<|begin_of_image|>",
        "<|image|>",
        "<|end_of_image|>",
        "<|begin_of_video|>",
        "<|video|>",
        "<|end_of_video|>",
        "<|begin_of_box|>",
        "<|end_of_box|>",
    )
    tok = tokenizer(names, eos="<|user|>", pad="<|endoftext|>")
    images = t.Glm4vImageProcessor(size={"shortest_edge": 56 * 56, "longest_edge": 512 * 512})
    shown = CHATML.replace("IMAGE", "<|begin_of_image|><|image|><|end_of_image|>")
    shown = shown.replace("'<|im_start|>' + m['role']", "'<|' + m['role'] + '|>'").replace("<|im_end|>", "")
    shown = shown.replace("<|im_start|>assistant", "<|assistant|>")
    processor = t.Glm4vProcessor(images, tok, t.Glm4vVideoProcessor(), chat_template=shown)
    ids = {
        key: tok.convert_tokens_to_ids(name)
        for key, name in {
            "image_token_id": "<|image|>",
            "image_start_token_id": "<|begin_of_image|>",
            "image_end_token_id": "<|end_of_image|>",
            "video_token_id": "<|video|>",
            "video_start_token_id": "<|begin_of_video|>",
            "video_end_token_id": "<|end_of_video|>",
        }.items()
    }
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 1, 1], "partial_rotary_factor": 1.0}
    config = t.Glm4vConfig(
        text_config=text_sizes(tok, 32, 2, rope_parameters=rope),
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_heads": 2,
            "patch_size": 14,
            "image_size": 56,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "out_hidden_size": 32,
        },
        **ids,
    )
    return save(folder, t.Glm4vForConditionalGeneration(config), processor)


def gemma4(folder: Path) -> Path:
    import transformers as t

    names = (
        "<pad>",
        "<eos>",
        "<bos>",
        "<start_of_turn>",
        "<end_of_turn>",
        "<start_of_image>",
        "<end_of_image>",
        "<|image|>",
        "<|audio|>",
        "<boa>",
        "<eoa>",
        "<|video|>",
    )
    tok = tokenizer(
        names,
        bos="<bos>",
        eos="<eos>",
        pad="<pad>",
        extra_special_tokens={
            "image_token": "<|image|>",
            "boi_token": "<start_of_image>",
            "eoi_token": "<end_of_image>",
            "audio_token": "<|audio|>",
            "boa_token": "<boa>",
            "eoa_token": "<eoa>",
            "video_token": "<|video|>",
        },
    )
    images = t.Gemma4ImageProcessor(patch_size=14, pooling_kernel_size=2)
    processor = t.Gemma4Processor(
        t.Gemma4AudioFeatureExtractor(),
        images,
        tok,
        t.Gemma4VideoProcessor(),
        chat_template=GEMMA.replace("<start_of_image>", "<|image|>"),
    )
    config = t.Gemma4Config(
        text_config=text_sizes(
            tok,
            32,
            2,
            sliding_window=16,
            layer_types=["sliding_attention", "full_attention"],
            global_head_dim=8,
            num_global_key_value_heads=2,
            vocab_size_per_layer_input=len(tok),
            hidden_size_per_layer_input=0,
            num_kv_shared_layers=0,
        ),
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "head_dim": 16,
            "intermediate_size": 32,
            "patch_size": 14,
            "pooling_kernel_size": 2,
        },
        audio_config=None,
        image_token_id=tok.convert_tokens_to_ids("<|image|>"),
        boi_token_id=tok.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_id=tok.convert_tokens_to_ids("<end_of_image>"),
        video_token_id=tok.convert_tokens_to_ids("<|video|>"),
        audio_token_id=tok.convert_tokens_to_ids("<|audio|>"),
        eos_token_id=[tok.convert_tokens_to_ids("<eos>"), tok.convert_tokens_to_ids("<end_of_turn>")],
    )
    return save(folder, t.Gemma4ForConditionalGeneration(config), processor)
