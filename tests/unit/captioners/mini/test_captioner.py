"""The embedded model's runtime, on a tiny model made here and on the one that ships with the program."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tokenizers import Tokenizer

from roi_assistant.captioners.mini import captioner as mini_captioner
from roi_assistant.captioners.mini.answers import ATTRIBUTE_TASKS
from roi_assistant.captioners.mini.captioner import MiniCaptioner
from roi_assistant.captioners.model_folder import file_sha256
from roi_assistant.core.box import Box, intersection_over_union
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest, RegionText, Turn
from roi_assistant.errors import BoxError, CaptionerError, ModelFileError
from roi_assistant.interfaces import can_propose

NO_ATTRIBUTES = AttributeSchema("none")
QUICK = DescribeRequest(alternatives=2, attributes=NO_ATTRIBUTES)
QUESTION = "What is <region1> doing to <region2>?"


def write_manifest(folder: Path) -> None:
    files = {path.name: file_sha256(path) for path in folder.iterdir() if path.name != "manifest.json"}
    manifest = {"id": "toy", "name": "Toy", "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture(scope="session")
def tiny(tokenizer: Tokenizer, plain_calibration: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An untrained model in torch (``model``) and the folder it was exported to (``folder``)."""
    torch = pytest.importorskip("torch", reason="making a model needs torch, the extra 'torch'")
    for name in ("torchvision", "timm", "transformers", "onnx"):
        pytest.importorskip(name, reason="making a model needs the extra 'torch'")
    from roi_assistant.core.prompts import special_token_ids
    from roi_assistant.models.gpt4roi.config import Gpt4RoiConfig, LanguageConfig
    from roi_assistant.models.gpt4roi.export_onnx import export_graphs
    from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
    from roi_assistant.models.gpt4roi.region_encoder import RegionEncoderConfig

    sizes: dict[str, Any] = {"input_channels": (48, 64), "width": 16, "groups": 4, "fusion_rounds": 1, "roi_size": 3}
    sizes |= {"flatten_width": 16, "position_width": 8, "output_width": 32}
    config = Gpt4RoiConfig(
        backbone="test_efficientnet",
        backbone_stages=(3, 4),
        stage_channels=(48, 64),
        head_channels=256,
        image_size=96,
        image_grid=2,
        view_size=64,
        region=RegionEncoderConfig(level_sizes=(6, 3), tokens=2, **sizes),
        view=RegionEncoderConfig(level_sizes=(4, 2), tokens=1, **sizes),
        language=LanguageConfig(
            vocab_size=tokenizer.get_vocab_size(), hidden_size=32, layers=2, heads=4, intermediate_size=48
        ),
    )
    torch.manual_seed(11)
    model = Gpt4Roi(config, token_ids=special_token_ids(tokenizer.token_to_id)).eval()
    with torch.no_grad():
        for module in (model.language, model.vision.image_head, model.vision.region, model.vision.view):
            for parameter in module.parameters():
                if parameter.dim() >= 2:  # a new model says the same of everything
                    parameter.mul_(4 if module is not model.language else 12)
        for parameter in model.parameters():
            parameter.copy_(parameter.half())  # as the weights are stored
    folder = tmp_path_factory.mktemp("tiny-model")
    export_graphs(model, folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(config.to_json(), encoding="utf-8")
    (folder / "calibration.json").write_text(json.dumps(plain_calibration), encoding="utf-8")
    write_manifest(folder)
    return SimpleNamespace(model=model.requires_grad_(False), folder=folder, torch=torch)


@pytest.fixture(scope="session")
def tiny_captioner(tiny: Any) -> MiniCaptioner:
    return MiniCaptioner.load(tiny.folder, device="cpu", threads=1)


@pytest.fixture(scope="session")
def shipped_captioner(repository: Path) -> MiniCaptioner:
    folder = repository / "resources" / "models" / "gpt4roi-mini"
    if not (folder / "manifest.json").is_file():
        pytest.skip(f"needs the embedded model in {folder}")
    return MiniCaptioner.load(folder, device="cpu", threads=1)


@pytest.fixture(scope="session", params=["tiny", "shipped"])
def captioner(request: pytest.FixtureRequest) -> MiniCaptioner:
    return request.getfixturevalue(f"{request.param}_captioner")


@pytest.fixture(scope="session")
def sample(samples: Path) -> Callable[[str], tuple[Image.Image, list[Box]]]:
    """``sample(name)``: a sample photo and its boxes."""
    data = json.loads((samples / "regions.json").read_text(encoding="utf-8"))

    def find(name: str) -> tuple[Image.Image, list[Box]]:
        (number,) = (image["id"] for image in data["images"] if image["file_name"] == f"{name}.jpg")
        boxes = [a["bbox"] for a in data["annotations"] if a["image_id"] == number]
        with Image.open(samples / f"{name}.jpg") as opened:
            return opened.convert("RGB"), [Box(x, y, x + w, y + h) for x, y, w, h in boxes]

    return find


@pytest.fixture(scope="session")
def astronaut(captioner: MiniCaptioner, sample: Callable[..., Any]) -> Any:
    image, boxes = sample("astronaut")
    assert len(boxes) == 5
    return SimpleNamespace(state=captioner.set_image(image), boxes=boxes, image=image)


def same(one: RegionText, other: RegionText) -> None:
    """Same words, and scores that differ by rounding at most."""

    def words(text: RegionText) -> Any:
        return (
            *(text.caption.text, [a.text for a in text.alternatives], text.category and text.category.text),
            *([c.text for c in text.category_alternatives], [(a.name, a.values, a.source) for a in text.attributes]),
            *(text.unsure, text.prompt, text.raw_output),
        )

    def scores(text: RegionText) -> list[float]:
        category = [text.category] if text.category else []
        return [s.score for s in (text.caption, *text.alternatives, *category, *text.category_alternatives)] + [
            a.score for a in text.attributes
        ]

    assert words(one) == words(other)
    assert scores(one) == pytest.approx(scores(other), abs=1e-3)


# Describing.


def test_boxes_together_give_what_each_gives_alone(captioner: MiniCaptioner, astronaut: Any) -> None:
    request = DescribeRequest(alternatives=3)
    together = list(captioner.describe(astronaut.state, astronaut.boxes, request))
    assert [text.box for text in together] == astronaut.boxes
    assert len({text.raw_output for text in together}) > 1, "different boxes, different words"
    for box, text in zip(astronaut.boxes[:3], together[:3], strict=True):
        (alone,) = captioner.describe(astronaut.state, [box], request)
        same(alone, text)


def test_size_of_the_batches_does_not_matter(
    captioner: MiniCaptioner, astronaut: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = list(captioner.describe(astronaut.state, astronaut.boxes, QUICK))
    monkeypatch.setattr(mini_captioner, "BOXES_PER_BATCH", 3)
    monkeypatch.setattr(mini_captioner, "VIEWS_PER_BATCH", 2)
    for one, other in zip(captioner.describe(astronaut.state, astronaut.boxes, QUICK), together, strict=True):
        same(one, other)


def test_questions_together_give_what_each_gives_alone(captioner: MiniCaptioner, astronaut: Any) -> None:
    """Questions of different length are padded, and prompts that are finished leave the batch."""
    everything = captioner.answers(astronaut.state, astronaut.boxes[:2], DescribeRequest(alternatives=3))
    plain = captioner.answers(
        astronaut.state,
        astronaut.boxes[:2],
        DescribeRequest(alternatives=3, category=False, attributes=NO_ATTRIBUTES),
    )
    for one, other in zip(everything, plain, strict=True):
        assert [h.tokens for h in one.by_task["phrase"]] == [h.tokens for h in other.by_task["phrase"]]
        for left, right in zip(one.by_task["phrase"], other.by_task["phrase"], strict=True):
            assert left.log_probabilities == pytest.approx(right.log_probabilities, abs=1e-3)


@pytest.mark.parametrize("decoding", ["greedy", "beam", "consensus"])
@pytest.mark.parametrize("alternatives", [0, 1, 4])
def test_alternatives_are_distinct_and_no_more_than_asked_for(
    decoding: Any, alternatives: int, captioner: MiniCaptioner, astronaut: Any
) -> None:
    request = dataclasses.replace(QUICK, decoding=decoding, alternatives=alternatives)
    texts = list(captioner.describe(astronaut.state, astronaut.boxes[:3], request))
    assert len(texts) == 3
    for text in texts:
        shown = [text.caption.text, *(a.text for a in text.alternatives)]
        assert len(text.alternatives) <= alternatives
        assert len(set(shown)) == len(shown)
        assert all(words.strip() == words != "" for words in shown)
    assert alternatives < 4 or any(len(text.alternatives) > 1 for text in texts)


@pytest.mark.parametrize("style", ["phrase", "sentence"])
def test_scores_are_probabilities(style: Any, captioner: MiniCaptioner, astronaut: Any) -> None:
    for text in captioner.describe(astronaut.state, astronaut.boxes[:3], DescribeRequest(style=style)):
        assert text.category is not None
        scored = [text.caption, *text.alternatives, text.category, *text.category_alternatives]
        scores = [item.score for item in scored] + [item.score for item in text.attributes]
        assert all(0.0 <= score <= 1.0 for score in scores)
        assert {a.name for a in text.attributes} <= set(ATTRIBUTE_TASKS)
        assert all(a.values and all(a.values) for a in text.attributes)
        assert text.prompt == {"phrase": "describe <region1>", "sentence": "describe <region1> in one sentence"}[style]


def test_only_what_was_asked_for(captioner: MiniCaptioner, astronaut: Any) -> None:
    schema = AttributeSchema("flags", (AttributeDefinition("hidden", "boolean", question="Is <region1> hidden?"),))
    request = DescribeRequest(alternatives=0, category=False, attributes=schema)
    (text,) = captioner.describe(astronaut.state, astronaut.boxes[:1], request)
    assert text.category is None and text.category_alternatives == ()
    assert [a.name for a in text.attributes] in ([], ["hidden"])
    (text,) = captioner.describe(astronaut.state, astronaut.boxes[:1], QUICK)
    assert text.category is not None and text.attributes == ()


def test_no_boxes(captioner: MiniCaptioner, astronaut: Any) -> None:
    assert list(captioner.describe(astronaut.state, [], DescribeRequest())) == []


def test_box_beyond_the_image_is_clipped(captioner: MiniCaptioner, astronaut: Any) -> None:
    outer, inner = Box(-40, 300, 200, 900.5), Box(0, 300, 200, 512)
    one, other = captioner.describe(astronaut.state, [outer, inner], DescribeRequest(alternatives=1))
    assert one.box == outer, "the annotator's box is hers"
    assert [a.name for a in one.attributes] == [a.name for a in other.attributes]
    assert one.raw_output == other.raw_output
    assert one.caption.score == pytest.approx(other.caption.score, abs=1e-4)


def test_box_outside_the_image(captioner: MiniCaptioner, astronaut: Any) -> None:
    with pytest.raises(BoxError, match="outside the image of 512 x 512"):
        list(captioner.describe(astronaut.state, [astronaut.boxes[0], Box(600, 0, 700, 50)], QUICK))


@pytest.mark.parametrize(
    "box", [Box(0, 0, 512, 512), Box(100.2, 100.2, 100.7, 100.9), Box(511.5, 0, 512, 512), Box(0, 511.9, 512, 600)]
)
def test_boxes_of_any_shape(box: Box, captioner: MiniCaptioner, astronaut: Any) -> None:
    (text,) = captioner.describe(astronaut.state, [box], DescribeRequest(alternatives=1))
    assert text.caption.text and 0 <= text.caption.score <= 1


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (700, 2)])
def test_images_of_any_shape(size: tuple[int, int], captioner: MiniCaptioner) -> None:
    state = captioner.set_image(Image.new("RGB", size, (200, 30, 30)))
    (text,) = captioner.describe(state, [Box(0, 0, *size)], DescribeRequest(alternatives=1))
    assert text.caption.text


def test_images_do_not_mix(captioner: MiniCaptioner, astronaut: Any, sample: Callable[..., Any]) -> None:
    (before,) = captioner.describe(astronaut.state, astronaut.boxes[:1], QUICK)
    image, boxes = sample("rocket")
    other = captioner.set_image(image)
    list(captioner.describe(other, boxes[:1], QUICK))
    (after,) = captioner.describe(astronaut.state, astronaut.boxes[:1], QUICK)
    same(before, after)
    arrays = (*astronaut.state.maps, astronaut.state.cache)
    fine, coarse, pooled = (features.size for features in astronaut.state.features)
    assert astronaut.state.nbytes == sum(a.nbytes for a in arrays) + 2 * (fine + coarse + pooled) + 512 * 512 * 3


def test_what_it_says_of_itself(captioner: MiniCaptioner, repository: Path) -> None:
    info = captioner.info
    assert info.id in ("toy", "gpt4roi-mini") and info.name
    assert len(info.weights_sha256) == 64
    assert info.device == "CPU" and info.precision and info.notes == ()
    assert info.capabilities - {"proposes", "features"} == {
        *("multi_region", "chat", "attributes", "alternatives", "streams", "drafts", "interruptible")
    }
    folder = repository / "resources" / "models" / info.id
    assert can_propose(captioner) is (folder / "propose.onnx").is_file()
    assert ("features" in info.capabilities) is (folder / "projection.npz").is_file()


# Proposed boxes.


def test_a_model_without_the_graph_proposes_nothing(tiny_captioner: MiniCaptioner) -> None:
    state = tiny_captioner.set_image(Image.new("RGB", (64, 64)))
    with pytest.raises(CaptionerError, match="toy cannot propose boxes: draw them"):
        tiny_captioner.propose(state)


@pytest.fixture(scope="session")
def proposing(tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> MiniCaptioner:
    """The tiny model with a graph that proposes."""
    from roi_assistant.models.gpt4roi.export_onnx import export_proposals
    from roi_assistant.models.gpt4roi.proposals import ProposalConfig, ProposalHead

    folder = tmp_path_factory.mktemp("proposing") / "model"
    shutil.copytree(tiny.folder, folder)
    tiny.torch.manual_seed(2)
    head = ProposalHead(ProposalConfig(channels=(48, 64, 256), size=6, width=16, fine_width=8, blocks=(1, 1, 1)))
    for output in head.outputs:
        tiny.torch.nn.init.normal_(output[-1].weight, std=0.2)
    export_proposals(head, folder / "propose.onnx")
    calibration = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    calibration["curves"]["proposal"] = {"inputs": [0.0, 1.0], "outputs": [0.1, 0.2]}
    (folder / "calibration.json").write_text(json.dumps(calibration), encoding="utf-8")
    write_manifest(folder)
    return MiniCaptioner.load(folder, device="cpu", threads=1)


def test_proposed_boxes(proposing: MiniCaptioner, sample: Callable[..., Any]) -> None:
    assert can_propose(proposing)
    wide = sample("astronaut")[0].resize((300, 120))
    proposed = proposing.propose(proposing.set_image(wide))
    assert 10 < len(proposed) <= 50
    scores = [one.score for one in proposed]
    assert scores == sorted(scores, reverse=True) and 0.1 <= min(scores) < max(scores) <= 0.2, "by the curve"
    for one, other in itertools.combinations(proposed, 2):
        assert intersection_over_union(one.box, other.box) <= 0.601
    assert proposing.propose(proposing.set_image(wide), most=3) == proposed[:3]


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (700, 2)])
def test_boxes_are_proposed_on_images_of_any_shape(size: tuple[int, int], proposing: MiniCaptioner) -> None:
    for one in proposing.propose(proposing.set_image(Image.new("RGB", size, (200, 30, 30)))):
        assert 0 <= one.box.x1 < one.box.x2 <= size[0] and 0 <= one.box.y1 < one.box.y2 <= size[1]


def test_the_person_of_a_sample_photo_is_among_the_first(
    shipped_captioner: MiniCaptioner, sample: Callable[..., Any]
) -> None:
    if not can_propose(shipped_captioner):
        pytest.skip("needs propose.onnx in the embedded model")
    image, boxes = sample("astronaut")
    proposed = shipped_captioner.propose(shipped_captioner.set_image(image), most=10)
    assert max(intersection_over_union(one.box, boxes[0]) for one in proposed) > 0.6


# Chat.


def ask(captioner: MiniCaptioner, state: Any, boxes: Sequence[Box], text: str) -> list[str]:
    return list(captioner.chat(state, boxes, [Turn("user", text)]))


@pytest.mark.parametrize(
    ("boxes", "question"),
    [
        (0, "Describe the image."),
        (1, "what is <region1>?"),
        (2, QUESTION),
        (9, "How is <region9> related to region 1?"),
    ],
)
def test_chat_comes_in_pieces(boxes: int, question: str, captioner: MiniCaptioner, astronaut: Any) -> None:
    chosen = (astronaut.boxes * 2)[:boxes]
    pieces = ask(captioner, astronaut.state, chosen, question)
    assert all(pieces)
    assert "<pad>" not in "".join(pieces) and "</s>" not in "".join(pieces)
    assert ask(captioner, astronaut.state, chosen, question) == pieces, "the same each time"


def test_chat_is_written_as_people_write(
    captioner: MiniCaptioner, astronaut: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ["a dog", "a dog ,", "a dog , a", "a dog , a man", "a dog , a man '", "a dog , a man 's hat"]
    tokenizer = SimpleNamespace(
        encode=captioner.tokenizer.encode, decode=lambda ids, **_options: said[min(len(ids), len(said)) - 1]
    )
    monkeypatch.setattr(captioner, "tokenizer", tokenizer)
    pieces = ask(captioner, astronaut.state, [], "Describe the image.")
    assert pieces == ["a dog", ",", " a", " man", "'s hat"]


def test_chat_begins_before_it_ends(captioner: MiniCaptioner, astronaut: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [0]
    step = captioner.language_step

    def count(*arguments: Any) -> Any:
        steps[0] += 1
        return step(*arguments)

    monkeypatch.setattr(captioner, "language_step", count)
    stream = captioner.chat(astronaut.state, astronaut.boxes[:1], [Turn("user", "describe <region1> in one sentence")])
    first = next(stream)
    begun = steps[0]
    rest = list(stream)
    assert first
    assert not rest or steps[0] > begun


def test_only_the_last_turn_is_answered(captioner: MiniCaptioner, astronaut: Any) -> None:
    turns = [Turn("user", "what color is <region1>?"), Turn("assistant", "red"), Turn("user", "describe <region1>")]
    assert "".join(captioner.chat(astronaut.state, astronaut.boxes[:1], turns)) == "".join(
        ask(captioner, astronaut.state, astronaut.boxes[:1], "Describe <region1>.")
    )


def test_more_regions_than_the_model_has_names_for(captioner: MiniCaptioner, astronaut: Any) -> None:
    with pytest.raises(CaptionerError, match="at most 9 regions at a time"):
        ask(captioner, astronaut.state, astronaut.boxes * 2, "describe <region1>")


@pytest.mark.parametrize(
    "turns",
    [[], [Turn("user", "  ")], [Turn("user", "describe <region1>"), Turn("assistant", "a clown")]],
)
def test_chat_without_a_question(turns: list[Turn], captioner: MiniCaptioner, astronaut: Any) -> None:
    with pytest.raises(CaptionerError, match="no question"):
        list(captioner.chat(astronaut.state, astronaut.boxes, turns))


def test_chat_refuses_what_is_longer_than_the_model_reads(captioner: MiniCaptioner, astronaut: Any) -> None:
    turns = [Turn("user", "what is <region1> doing " * 100)]
    with pytest.raises(CaptionerError, match=r"has \d+ tokens and .* reads \d+ at most"):
        list(captioner.chat(astronaut.state, astronaut.boxes[:1], turns))


# Against torch.


@pytest.fixture
def pair(tiny: Any, tiny_captioner: MiniCaptioner, sample: Callable[..., Any]) -> Any:
    image, boxes = sample("coffee")
    return SimpleNamespace(**vars(tiny), captioner=tiny_captioner, image=image, boxes=boxes)


def torch_answer(pair: Any, boxes: Sequence[Box], question: str, *, longest: int) -> list[int]:
    """Greedy answer by the model in torch, from pixels, without any cache."""
    from roi_assistant.core.prompts import END, prefix
    from roi_assistant.core.prompts import ask as prompt
    from roi_assistant.imaging.views import box_in_window, image_view, region_view, region_window, to_network

    torch, model, image, tokenizer = pair.torch, pair.model, pair.image, pair.captioner.tokenizer
    config = model.config
    with torch.inference_mode():
        photo = model.backbone(torch.from_numpy(to_network(image_view(image, size=config.image_size))[None]))
        windows = [region_window(box, width=image.width, height=image.height) for box in boxes]
        views = np.stack([region_view(image, window, size=config.view_size) for window in windows])
        regions = model.vision.region_tokens(
            model.vision.region.fuse(photo.levels),
            torch.tensor([box.xyxy for box in boxes]) / torch.tensor([image.width, image.height] * 2),
            torch.zeros(len(boxes), dtype=torch.long),
            model.backbone(torch.from_numpy(to_network(views))),
            torch.tensor([box_in_window(b, w) for b, w in zip(boxes, windows, strict=True)]),
        )
        text = prefix(regions=len(boxes), image_tokens=config.image_tokens, region_tokens=config.region_tokens)
        ids = tokenizer.encode(text + prompt(question), add_special_tokens=False).ids
        answer: list[int] = []
        while len(answer) < longest:
            embeddings = model.embed(
                torch.tensor([ids + answer]), image=model.vision.image_tokens(photo), regions=regions
            )
            token = int(model.language(inputs_embeds=embeddings, use_cache=False).logits[0, -1].argmax())
            if token == tokenizer.token_to_id(END):
                break
            answer.append(token)
    return answer


def test_greedy_answers_are_those_of_torch(pair: Any) -> None:
    state = pair.captioner.set_image(pair.image)
    request = DescribeRequest(decoding="greedy", alternatives=0)
    for box, answers in zip(pair.boxes, pair.captioner.answers(state, pair.boxes, request), strict=True):
        for task, question in (("phrase", "describe <region1>"), ("material", "what material is <region1>")):
            (found,) = {**answers.by_task, **answers.attributes}[task]
            assert list(found.tokens) == torch_answer(pair, [box], question, longest=10)


def test_chat_about_several_regions_is_that_of_torch(pair: Any) -> None:
    state = pair.captioner.set_image(pair.image)
    question = "what is <region1> doing to <region2>"
    expected = torch_answer(pair, pair.boxes[:2], question, longest=28)
    assert len(expected) > 1
    text = "".join(ask(pair.captioner, state, pair.boxes[:2], QUESTION))
    assert text == pair.captioner.tokenizer.decode(expected, skip_special_tokens=False)
    swapped = torch_answer(pair, pair.boxes[1::-1], question, longest=28)
    assert swapped != expected, "the order of the regions matters"


# Folders.


@pytest.fixture
def copy(tiny: Any, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "model"
    shutil.copytree(tiny.folder, folder)
    yield folder


@pytest.mark.parametrize("name", ["language.onnx", "tokenizer.json", "config.json", "calibration.json"])
def test_damaged_model_is_refused(name: str, copy: Path) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(ModelFileError, match=rf"{name} is not the file that its manifest describes"):
        MiniCaptioner.load(copy, device="cpu")


def test_missing_model(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"manifest\.json cannot be read"):
        MiniCaptioner.load(tmp_path, device="cpu")


@pytest.mark.parametrize("name", ["tokenizer.json", "region.onnx"])
def test_file_that_is_listed_but_no_model(name: str, copy: Path) -> None:
    (copy / name).write_bytes(b"not what it should be")
    write_manifest(copy)
    with pytest.raises(ModelFileError, match=name):
        MiniCaptioner.load(copy, device="cpu")


def test_unknown_device(tiny: Any) -> None:
    with pytest.raises(CaptionerError, match="no device 'gpu'"):
        MiniCaptioner.load(tiny.folder, device="gpu")


def test_closing_gives_the_sessions_back(tiny: Any) -> None:
    import gc
    import weakref

    captioner = MiniCaptioner.load(tiny.folder, device="cpu", threads=1)
    graphs = {id(value): weakref.ref(value) for value in vars(captioner).values() if type(value).__name__ == "Graph"}
    sessions = list(graphs.values())
    assert len(sessions) == 4
    captioner.close()
    gc.collect()
    assert [session() for session in sessions] == [None] * 4


# The model that ships.


def test_shipped_model_knows_a_cat(shipped_captioner: MiniCaptioner, sample: Callable[..., Any]) -> None:
    image, boxes = sample("chelsea")
    state = shipped_captioner.set_image(image)
    (text,) = shipped_captioner.describe(state, boxes[:1], DescribeRequest())
    guesses = [text.category, *text.category_alternatives]
    assert "cat" in [guess.text for guess in guesses if guess]
    assert "".join(ask(shipped_captioner, state, boxes[:1], "Is <region1> a cat?")).strip() in ("yes", "no")


# A model whose close-ups have their own backbone, with both heads.


def test_close_ups_and_heads_of_the_torch_model(
    tiny: Any, tokenizer: Tokenizer, plain_calibration: dict[str, Any], tmp_path: Path, sample: Callable[..., Any]
) -> None:
    import dataclasses

    from roi_assistant.imaging.views import box_in_window, image_view, region_view, region_window, to_network
    from roi_assistant.models.gpt4roi.export_onnx import export_graphs
    from roi_assistant.models.gpt4roi.modeling import Gpt4Roi

    torch = tiny.torch
    config = dataclasses.replace(
        tiny.model.config, own_view_backbone=True, categories=4, attribute_values=5, phrase_ngrams=3
    )
    torch.manual_seed(12)
    model = Gpt4Roi(config, token_ids=tiny.model.token_ids).eval().requires_grad_(False)
    for parameter in (parameter for head in model.heads for parameter in head.parameters()):
        parameter.mul_(9)  # a new head says the same of everything
    export_graphs(model, tmp_path)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "config.json").write_text(config.to_json(), encoding="utf-8")
    (tmp_path / "calibration.json").write_text(json.dumps(plain_calibration), encoding="utf-8")
    (tmp_path / "nouns.json").write_text(json.dumps(["dog", "cup", "kite", "car"]), encoding="utf-8")
    named = {"action": ["running", "sitting", "standing"], "wearing": ["shirt", "hat"]}
    (tmp_path / "attributes.json").write_text(json.dumps(named), encoding="utf-8")
    (tmp_path / "ngrams.json").write_text(json.dumps({"a": 0.5, "cup": 4.0, "a cup": 4.5}), encoding="utf-8")
    write_manifest(tmp_path)
    captioner = MiniCaptioner.load(tmp_path, device="cpu", threads=1)
    photo, (box, *_) = sample("coffee")
    state = captioner.set_image(photo)
    every = AttributeSchema("all", tuple(AttributeDefinition(n, "text", question="?") for n in ATTRIBUTE_TASKS))
    (answers,) = captioner.answers(state, [box], DescribeRequest(attributes=every))

    window = region_window(box, width=photo.width, height=photo.height)
    pixels = lambda view: torch.from_numpy(to_network(view)[None])  # noqa: E731
    image = model.backbone(pixels(image_view(photo, size=96)))
    view = model.own_view_backbone(pixels(region_view(photo, window, size=64)))
    tokens = model.vision.region_tokens(
        model.vision.region.fuse(image.levels),
        torch.tensor([box.xyxy]) / torch.tensor([photo.width, photo.height] * 2),
        torch.zeros(1, dtype=torch.long),
        view,
        torch.tensor([box_in_window(box, window)]),
    )
    images = model.vision.image_tokens(image)

    def agrees(found: Any, texts: list[str], logits: Any) -> None:
        expected = dict(zip(texts, logits.softmax(-1).tolist(), strict=True))
        assert {answer.text: answer.score for answer in found} == pytest.approx(expected, abs=5e-3)
        assert [answer.text for answer in found] == sorted(expected, key=lambda text: -expected[text])

    agrees(answers.nouns, ["dog", "cup", "kite", "car"], model.category_head(tokens, images)[0])
    values = model.attribute_head(tokens, images)[0]
    agrees(answers.values["action"], named["action"], values[:3])
    agrees(answers.values["wearing"], named["wearing"], values[3:])
    expected = model.phrase_head(tokens, images)[0].sigmoid()
    torch.testing.assert_close(torch.from_numpy(answers.ngrams), expected, atol=5e-3, rtol=0)
    assert list(captioner.ngrams) == ["a", "cup", "a cup"]
    assert answers.by_task["category"], "the decoder is asked as well"
    assert answers.attributes["wearing"] and answers.attributes["size"]
    assert "action" not in answers.attributes, "the head knows that"
