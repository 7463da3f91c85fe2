"""The registry of data sets: the official files of each, and where to get them.

A folder of data sets has one folder for each (``coco``, ``refcoco``, ``visual_genome``, ...); the folder of a single
data set works as well. Files keep their official names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.datasets.coco_detection import load_coco_detection
from roi_assistant.datasets.dataset import FolderImages, RegionDataset
from roi_assistant.datasets.flickr30k_entities import load_flickr30k_entities
from roi_assistant.datasets.llava import load_llava, read_detections
from roi_assistant.datasets.refcoco import Variant as RefcocoVariant
from roi_assistant.datasets.refcoco import load_refcoco
from roi_assistant.datasets.vcr import Variant as VcrVariant
from roi_assistant.datasets.vcr import load_vcr
from roi_assistant.datasets.visual_genome import load_genome_attributes, load_visual_genome
from roi_assistant.errors import BadInputError, FormatError
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.formats.grounded_captions import entities_captions, read_mdetr_captions
from roi_assistant.formats.referring_expressions import read_mdetr_expressions, read_refer_expressions
from roi_assistant.formats.vcr_annotations import VcrAnnotations
from roi_assistant.formats.visual_genome import read_attributes, read_grit_split, read_region_descriptions

COCO_SITE = "cocodataset.org, Download"
MDETR_SITE = "zenodo.org, record 4729015 of MDETR, mdetr_annotations.tar.gz"
REFER_SITE = "github.com/lichengunc/refer"
FLICKR_SITE = "bryanplummer.com/Flickr30kEntities, and the photos from shannon.cs.illinois.edu/DenotationGraph"
GENOME_SITE = "homes.cs.washington.edu/~ranjay/visualgenome"
GRIT_SITE = "github.com/JialianW/GRiT (preprocessed Visual Genome)"
VCR_SITE = "visualcommonsense.com/download"
LLAVA_SITE = "huggingface.co/datasets/liuhaotian/LLaVA-Instruct-150K"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file or folder that a data set needs: any of ``paths`` below its folder. ``{split}`` stands for the split."""

    what: str
    paths: tuple[str, ...]
    site: str

    def names(self, split: str) -> str:
        """How the file may be called below the folder of its data set."""
        inside = [path.format(split=split).replace("*", "/") for path in self.paths if not path.startswith("..")]
        return " or ".join(inside)

    def find(self, folders: tuple[Path, ...], split: str) -> Path | None:
        """The first existing path, None when there is none; a name with a final ``*`` also matches tar archives."""
        for folder in folders:
            for path in self.paths:
                path = path.format(split=split)
                if path.endswith("*"):
                    unpacked = folder / path[:-1]
                    candidates = [unpacked] if unpacked.is_dir() else sorted(folder.glob(f"{path[:-1]}*.tar*"))
                    if candidates:
                        return candidates[0]
                elif (folder / path).exists():
                    return folder / path
        return None


@dataclass(frozen=True, slots=True)
class Missing:
    """What stands in the way of a data set: files, and where to get each."""

    name: str
    needs: tuple[Wanted, ...]
    split: str

    def __str__(self) -> str:
        lines = [f"{need.what}: {need.names(self.split)}, from {need.site}" for need in self.needs]
        return f"{self.name} is missing " + "; ".join(lines) + "."


@dataclass(frozen=True, slots=True)
class DatasetSource:
    """One of the distributions of a data set: the files it needs, found paths -> data set."""

    needs: tuple[Wanted, ...]
    load: Callable[[dict[str, Path], str], RegionDataset]


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """A data set of the registry.

    ``folders`` are the names that its folder may have below a folder of data sets; ``sources`` are tried in order.
    """

    name: str
    title: str
    folders: tuple[str, ...]
    sources: tuple[DatasetSource, ...]

    def find(self, root: Path, split: str = "train") -> tuple[DatasetSource, dict[str, Path]] | Missing:
        """The first complete distribution under ``root``, else what is missing of the most complete one."""
        folders = tuple(folder for folder in (*(root / name for name in self.folders), root) if folder.is_dir())
        best, best_share = self.sources[0].needs, 1.0
        for source in self.sources:
            paths = {need.what: need.find(folders, split) for need in source.needs}
            missing = tuple(need for need in source.needs if paths[need.what] is None)
            if not missing:
                return source, {what: path for what, path in paths.items() if path is not None}
            share = len(missing) / len(source.needs)
            if share < best_share:
                best, best_share = missing, share
        return Missing(self.name, best, split)

    def paths(self, root: Path, split: str = "train") -> dict[str, Path]:
        """The paths of the first complete distribution, by what they hold.

        Raises:
            FormatError: a file is missing, with where to get it.
        """
        location = self.find(root, split)
        if isinstance(location, Missing):
            raise FormatError(str(location))
        return location[1]

    def load(self, root: Path, split: str = "train") -> RegionDataset:
        """Raises: FormatError: a file is missing, with where to get it, or has another layout."""
        location = self.find(root, split)
        if isinstance(location, Missing):
            raise FormatError(str(location))
        source, paths = location
        return source.load(paths, split)


def dataset_spec(name: str) -> DatasetSpec:
    """Raises: BadInputError: there is no such data set."""
    if name not in REGISTRY:
        raise BadInputError(f"There is no data set {name!r}; there are {', '.join(REGISTRY)}.")
    return REGISTRY[name]


_TRAIN2014 = Wanted("photos", ("train2014", "../coco/train2014", "images/train2014"), f"{COCO_SITE}, 2014 Train images")
_VG_IMAGES = Wanted(
    "photos", ("VG_100K", "images/VG_100K", "images"), f"{GENOME_SITE}, part 1 and part 2 of the images"
)
_VG_INDEX = Wanted("index of the photos", ("image_data.json",), GENOME_SITE)
_VG_SPLITS = Wanted("split", ("densecap_splits.json",), "github.com/jcjohnson/densecap, info/densecap_splits.json")


def _coco_images(paths: dict[str, Path]) -> FolderImages:
    return FolderImages((paths["photos"],))


def genome_images(paths: dict[str, Path]) -> FolderImages:
    """Photos are named ``VG_100K/1.jpg`` by the official files and ``1.jpg`` by GRiT's."""
    folder = paths["photos"]
    top = folder.parent if folder.name == "VG_100K" else folder
    return FolderImages((top, top / "VG_100K", top / "VG_100K_2"))


def _mdetr_refcoco(variant: RefcocoVariant) -> DatasetSource:
    name = f"finetune_{variant}_{{split}}.json"
    places = (name, f"mdetr_annotations/{name}", f"../mdetr_annotations/{name}", f"OpenSource/{name}")

    def load(paths: dict[str, Path], split: str) -> RegionDataset:
        expressions = read_mdetr_expressions(paths["expressions"])
        return load_refcoco(expressions, _coco_images(paths), variant=variant, split=split)

    return DatasetSource((Wanted("expressions", places, MDETR_SITE), _TRAIN2014), load)


def _refer_refcoco(variant: RefcocoVariant) -> DatasetSource:
    names = ("refs(umd).p", "refs(google).p") if variant == "refcocog" else ("refs(unc).p", "refs(google).p")
    site = f"{REFER_SITE}, {variant}.zip"

    def load(paths: dict[str, Path], split: str) -> RegionDataset:
        expressions = read_refer_expressions(paths["expressions"], paths["boxes"], split=split)
        return load_refcoco(expressions, _coco_images(paths), variant=variant, split=split)

    return DatasetSource(
        (Wanted("expressions", names, site), Wanted("boxes", ("instances.json",), site), _TRAIN2014), load
    )


def _vcr(variant: VcrVariant, title: str) -> DatasetSpec:
    def load(paths: dict[str, Path], split: str) -> RegionDataset:
        data = VcrAnnotations(paths["photos and metadata"].parent)
        return load_vcr(data.items(split), FolderImages((data.images,)), variant=variant, split=split)

    needs = (
        Wanted("questions", ("{split}.jsonl",), f"{VCR_SITE}, vcr1annots.zip"),
        Wanted("photos and metadata", ("vcr1images",), f"{VCR_SITE}, vcr1images.zip"),
    )
    return DatasetSpec(variant, title, ("vcr", "vcr1"), (DatasetSource(needs, load),))


def _refcoco(variant: RefcocoVariant, title: str) -> DatasetSpec:
    folders = (variant, "mdetr_annotations", "coco")
    return DatasetSpec(variant, title, folders, (_mdetr_refcoco(variant), _refer_refcoco(variant)))


_COCO_DETECTION = DatasetSource(
    (
        Wanted(
            "annotations",
            ("annotations/instances_{split}2017.json", "instances_{split}2017.json"),
            f"{COCO_SITE}, 2017 Train/Val annotations",
        ),
        Wanted("photos", ("{split}2017", "images/{split}2017"), f"{COCO_SITE}, 2017 images"),
    ),
    lambda paths, split: load_coco_detection(paths["annotations"], _coco_images(paths), split=split),
)
_MERGED = "final_flickr_mergedGT_{split}.json"
_MDETR_FLICKR = DatasetSource(
    (
        Wanted("captions", (_MERGED, f"../mdetr_annotations/{_MERGED}"), MDETR_SITE),
        Wanted("photos", ("images", "flickr30k-images", "../flickr30k/flickr30k-images"), FLICKR_SITE),
    ),
    lambda paths, split: load_flickr30k_entities(
        read_mdetr_captions(paths["captions"]), _coco_images(paths), split=split
    ),
)
_GRIT_GENOME = DatasetSource(
    (Wanted("descriptions", ("annotations/{split}.json", "{split}.json"), GRIT_SITE), _VG_IMAGES),
    lambda paths, split: load_visual_genome(read_grit_split(paths["descriptions"]), genome_images(paths), split=split),
)
_OFFICIAL_GENOME = DatasetSource(
    (Wanted("descriptions", ("region_descriptions.json",), GENOME_SITE), _VG_INDEX, _VG_SPLITS, _VG_IMAGES),
    lambda paths, split: load_visual_genome(
        read_region_descriptions(paths["descriptions"].parent, split=split), genome_images(paths), split=split
    ),
)
_GENOME_ATTRIBUTES = DatasetSource(
    (Wanted("attributes", ("attributes.json",), GENOME_SITE), _VG_INDEX, _VG_SPLITS, _VG_IMAGES),
    lambda paths, split: load_genome_attributes(
        read_attributes(paths["attributes"].parent, split=split), genome_images(paths), split=split
    ),
)


def _entities(paths: dict[str, Path], split: str) -> RegionDataset:
    data = Flickr30kEntities(paths["split"].parent)
    return load_flickr30k_entities(entities_captions(data, split=split), data.images, split=split)


_ENTITIES = DatasetSource(
    (
        Wanted("split", ("{split}.txt",), FLICKR_SITE),
        Wanted("annotations", ("Annotations*",), FLICKR_SITE),
        Wanted("sentences", ("Sentences*",), FLICKR_SITE),
        Wanted("photos", ("images*", "flickr30k-images*", "flickr30k_images*"), FLICKR_SITE),
    ),
    _entities,
)
DETECTIONS = "detections.jsonl"
"""Optional, beside LLaVA's file, in the layout of ``llava.read_detections``."""


def _llava(paths: dict[str, Path], split: str) -> RegionDataset:
    hints = paths["conversations"].with_name(DETECTIONS)
    detections = read_detections(hints) if hints.is_file() else None
    return load_llava(paths["conversations"], _coco_images(paths), detections=detections, split=split)


_LLAVA = DatasetSource(
    (
        Wanted("conversations", ("llava_instruct_150k.json",), LLAVA_SITE),
        Wanted("photos", ("train2017", "../coco/train2017"), f"{COCO_SITE}, 2017 Train images"),
    ),
    _llava,
)
_FLICKR_FOLDERS = ("flickr30k_entities", "flickr30k-entities", "flickr30k", "mdetr_annotations")
_GENOME_FOLDERS = ("visual_genome", "vg")

_SPECS = (
    DatasetSpec("coco_detection", "COCO detection", ("coco",), (_COCO_DETECTION,)),
    _refcoco("refcoco", "RefCOCO"),
    _refcoco("refcoco+", "RefCOCO+"),
    _refcoco("refcocog", "RefCOCOg"),
    DatasetSpec("flickr30k_entities", "Flickr30k Entities", _FLICKR_FOLDERS, (_ENTITIES, _MDETR_FLICKR)),
    DatasetSpec(
        "visual_genome", "Visual Genome, region descriptions", _GENOME_FOLDERS, (_GRIT_GENOME, _OFFICIAL_GENOME)
    ),
    DatasetSpec(
        "visual_genome_attributes", "Visual Genome, attributes of objects", _GENOME_FOLDERS, (_GENOME_ATTRIBUTES,)
    ),
    _vcr("vcr", "VCR, all objects listed"),
    _vcr("single_vcr", "VCR, one object in the question"),
    _vcr("multi_vcr", "VCR, several objects in the question"),
    DatasetSpec("llava", "LLaVA-150k", ("llava", "coco"), (_LLAVA,)),
)
REGISTRY: dict[str, DatasetSpec] = {spec.name: spec for spec in _SPECS}
"""All data sets by name, in the order in which they are shown."""
