"""Maps of two small corpora, cached by the real stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from roi_assistant.imaging.views import image_view, to_network

pytestmark = pytest.mark.usefixtures("quiet")


def test_maps_are_those_of_the_photo_or_of_its_mirror_image(
    torch: Any, corpus: Any, new_model: Any, tmp_path: Path
) -> None:
    pytest.importorskip("onnx", reason="export needs onnx, the extra 'torch'")
    from roi_assistant.models.gpt4roi.export_onnx import export_graph
    from roi_assistant.training.mini.photo_cache import photos_done
    from roi_assistant.training.mini.photo_maps import MapJob, cache_photo_maps

    model, folder = new_model().eval(), tmp_path / "maps"
    job = MapJob(
        flickr=corpus.flickr.root,
        general=tuple(each.root for each in corpus.general),
        vision=export_graph("vision", model, tmp_path / "vision.onnx"),
        folder=folder,
        image_size=64,
    )
    cache_photo_maps(job, workers=1)
    arrays = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    assert photos_done(folder) == set(range(len(corpus.photos)))
    mirrored = arrays["mirrored"].tolist()
    splits = [photo.split for photo in corpus.photos]
    assert {m for m, split in zip(mirrored, splits, strict=True) if split == "val"} == {False}
    assert {m for m, split in zip(mirrored, splits, strict=True) if split == "train"} == {False, True}
    for index, photo in enumerate(corpus.photos):
        view = image_view(corpus.picture(photo), size=64)
        view = view[:, ::-1] if mirrored[index] else view
        with torch.inference_mode():
            found = model.backbone(torch.from_numpy(to_network(view[None])))
        for name, expected in zip(("fine", "coarse", "pooled"), (*found.levels, found.pooled), strict=True):
            np.testing.assert_allclose(arrays[name][index], expected[0].numpy(), rtol=0, atol=0.01, err_msg=name)
