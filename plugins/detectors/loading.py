"""A checkpoint folder -> a detector: memory is asked for first, then the weights are read, then it looks at a gray
picture once."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from roi_assistant.api import (
    BoxSearch,
    CaptionerError,
    CaptionerInfo,
    ModelFileError,
    RoiAssistantError,
    Sentence,
    choose_device,
    loading_failures,
    parameters,
    weight_files,
    weights_sha256,
)

from .detector import ClassDetector, FolderDetector, GroundingDetector, OmDetDetector, OwlDetector
from .folder import Kind

BYTES_PER_WEIGHT = 4
"""fp32 also on a GPU: detectors are small, and boxes lose more by bf16 than words do."""
WORKING = 1 << 29
"""Bytes for what a picture of usual size becomes on its way through a large detector."""
NOT_CALIBRATED = "Scores of boxes are the detector's own and not calibrated."
DETECTORS: dict[Kind, type[FolderDetector]] = {
    "classes": ClassDetector,
    "grounding": GroundingDetector,
    "owl": OwlDetector,
    "omdet": OmDetDetector,
}


def load(path: Path, kind: Kind, *, device: str = "auto", threads: int | None = None) -> FolderDetector:
    """The detector of the checkpoint in ``path``; arguments as of `roi_assistant.api.ProposerFactory`.

    Raises:
        MissingDependencyError: a library is not installed.
        ModelFileError: a file is missing or damaged.
        CaptionerError: the device cannot be used or has too little memory, or the detector does not work.
    """
    with loading_failures(path):
        import torch
        import transformers
    if threads:
        torch.set_num_threads(threads)
    files = weight_files(path)
    count = parameters(files)

    def needs(where: str) -> int:
        return count * BYTES_PER_WEIGHT + (WORKING if count > WORKING // 16 else 0)

    chosen, notes = choose_device(device, needs=needs, advice=Sentence("use a smaller detector"))
    auto = (
        transformers.AutoModelForObjectDetection
        if kind == "classes"
        else transformers.AutoModelForZeroShotObjectDetection
    )
    reader = transformers.AutoImageProcessor if kind == "classes" else transformers.AutoProcessor
    with loading_failures(path):
        processor = reader.from_pretrained(path, local_files_only=True)
        model, told = auto.from_pretrained(
            path, local_files_only=True, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
        model = model.to(chosen).eval()
    missing = sorted(told["missing_keys"])
    if missing:  # they would be random
        raise ModelFileError(
            "{path} lacks {count} weights of its model, first {name}: download it again.",
            path=path,
            count=len(missing),
            name=missing[0],
        )
    info = CaptionerInfo(
        id=path.name,
        name=path.name,
        weights_sha256=weights_sha256(files),
        device="CUDA" if chosen == "cuda" else "CPU",
        precision="fp32",
        notes=(NOT_CALIBRATED, *notes),
        capabilities=frozenset({"proposes"}),
    )
    detector = DETECTORS[kind](model, processor, info)
    _try_out(detector)
    return detector


def _try_out(detector: FolderDetector) -> None:
    try:
        detector.detect(Image.new("RGB", (64, 48), (128, 128, 128)), BoxSearch(most=1, categories=("thing",)))
    except RoiAssistantError:
        raise
    except Exception as error:  # whatever the model's code raises
        reason = " ".join(str(error).split())[:300]
        raise CaptionerError(
            "{id} was loaded but cannot look at a picture ({reason}): its files may not belong together.",
            id=detector.info.id,
            reason=reason,
        ) from error
