"""What sharing a picture saves, and what reading options costs: 8 regions of one photo, each asked for a caption and
nine attributes.

    python benchmarks/local_models.py [--threads 2] [--repeat 3] [--tokens 16] [--device cpu]

Qwen3-VL and InternVL of random weights, small enough for two cores, are saved, loaded by path as any checkpoint, and
answer the program's own questions: with the picture and the instruction computed once (as the program does) and with
everything computed anew for each question. ``to read`` is the time until the first token of all answers; ``answers``
is with ``--tokens`` tokens each; ``options`` are all nine attributes as closed ones of six values, read from the
letters of each region. Medians of ``--repeat`` runs, each on a picture that was not seen before.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SAMPLE = ROOT / "resources" / "samples" / "astronaut.jpg"
SIZE = (1280, 960)
"""A photo is shown at no more than 1,280 pixels."""
REGIONS = 8
ATTRIBUTES = ("color", "material", "shape", "state", "action", "pattern", "size", "age", "position")


def seconds(action: Callable[[Any], object], make: Callable[[], Any], repeat: int) -> float:
    """Median of ``repeat`` runs of ``action`` on what ``make`` gives."""
    times = []
    for _ in range(repeat):
        thing = make()
        start = time.perf_counter()
        action(thing)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=16, help="of each answer")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--hidden", type=int, default=256, help="channels of the models")
    parser.add_argument("--layers", type=int, default=6)
    options = parser.parse_args()

    from PIL import Image

    from benchmarks.embedded_model import boxes_on
    from plugins.local_vlm import open_folder
    from roi_assistant.api import Message, OptionsAsk
    from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest
    from roi_assistant.vlm.options import closed_questions
    from tests.unit import tiny_vlms

    with Image.open(SAMPLE) as opened:
        photo = opened.convert("RGB").resize(SIZE)
    schema = AttributeSchema("nine", tuple(AttributeDefinition(name, "text") for name in ATTRIBUTES))
    request = DescribeRequest(alternatives=0, attributes=schema)
    values = tuple(f"value {number}" for number in range(6))
    closed = AttributeSchema("nine", tuple(AttributeDefinition(name, "single", values) for name in ATTRIBUTES))
    questions = closed_questions(DescribeRequest(attributes=closed))
    boxes = boxes_on(*photo.size, REGIONS)
    print(f"{photo.width} x {photo.height}, {REGIONS} regions, {options.threads} threads, {options.device}\n")
    print("| model | tokens of a question, of the picture | | shared | naive | ratio |\n|---|---|---|---|---|---|")
    # As the published ones: any size of picture; up to twelve tiles and the whole, here of 224 pixels rather than 448.
    kinds = {"qwen3_vl": {"most": 16_777_216}, "internvl": {"side": 224, "tiles": 12}}
    for family, more in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            make = getattr(tiny_vlms, family)
            path = make(Path(folder) / family, hidden=options.hidden, layers=options.layers, **more)
            factory = open_folder(path)
            assert factory is not None
            captioner: Any = factory(device=options.device, threads=options.threads)
        model = captioner._model
        # Random weights end anywhere: all are to write as much.
        model._speaker.ends = frozenset({len(model._processor.tokenizer) - 1})

        def asks(tokens: int) -> Any:
            picture = photo.copy()
            return [replace(captioner._ask(picture, box, request), most_tokens=tokens) for box in boxes]  # noqa: B023

        def answer(questions: Any) -> object:
            return list(model.answers(questions))  # noqa: B023

        inputs, _ = model.inputs(asks(1)[:1])
        of_picture = model._prefixes[-1].head_length
        answer(asks(2))  # the first run of anything is slower
        told = f"{inputs['input_ids'].shape[1] - of_picture}, {of_picture}"
        for name, tokens in (("to read", 1), ("answers", options.tokens)):
            found = {}
            for shared in (True, False):
                model._is_shared = shared
                found[shared] = seconds(answer, lambda: asks(tokens), options.repeat)  # noqa: B023
            model._is_shared = True
            ratio = found[False] / found[True]
            print(f"| {family} | {told} | {name} | {found[True]:.2f} s | {found[False]:.2f} s | {ratio:.1f} |")

        def read(asked: Any) -> object:
            return [
                model.option_reads(  # noqa: B023
                    OptionsAsk(
                        message=Message("user", f"Look at {ask.place}.", ask.messages[0].pictures), questions=questions
                    )
                )
                for ask in asked
            ]

        def shown() -> Any:
            """Questions about a picture that was computed for the answers before."""
            asked = asks(1)
            answer(asked)
            return asked

        found = {}
        for shared in (True, False):
            model._may_share = model._is_shared = shared
            if shared:
                found[shared] = seconds(read, shown, options.repeat)
            else:
                # One region, and eight times that: each question costs the picture, which takes minutes.
                asked = asks(1)[:1]
                one = OptionsAsk(
                    message=Message("user", f"Look at {asked[0].place}.", asked[0].messages[0].pictures),
                    questions=questions,
                )
                found[shared] = REGIONS * seconds(lambda ask: model.letter_weights(ask.lettered), lambda: one, 1)  # noqa: B023
        model._may_share = model._is_shared = True
        ratio = found[False] / found[True]
        print(f"| {family} | {told} | options | {found[True]:.2f} s | {found[False]:.2f} s | {ratio:.1f} |")
        captioner.close()


if __name__ == "__main__":
    main()
