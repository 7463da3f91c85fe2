"""What fifty decisions teach in each order of the review queue, on boxes with true names.

    python benchmarks/review_order.py REGION_TEXTS.jsonl ...

Each file is one that ``roi-assistant evaluate learning --predictions`` wrote. Projects of 12 categories, and one of all
boxes, are drawn from it; `roi_assistant.evaluation.review_order` decides about them. Printed are the shares of right
categories over boxes that were never decided: a third that was held out, and all that remain.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev

from roi_assistant.evaluation.learning import FEW_NAMES, Project, drawn_projects, mixed_project
from roi_assistant.evaluation.named_regions import REGION_TEXTS
from roi_assistant.evaluation.review_order import ORDERS, Learned, learned


def measure(name: str, projects: Sequence[Project], *, decisions: int, draws: int) -> None:
    """Print a line for each order; the error is that of the difference to random order, project by project."""
    found: dict[str, list[Learned]] = {
        order: [learned(one, order, decisions=decisions, seed=seed) for one in projects for seed in range(draws)]
        for order in ORDERS
    }
    for order, results in found.items():
        gains = [one.held_out - other.held_out for one, other in zip(results, found["random"], strict=True)]
        error = stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
        held_out, remaining = mean(one.held_out for one in results), mean(one.remaining for one in results)
        print(f"{name:16} {order:14} held out {held_out:.3f} ({mean(gains):+.3f} ± {error:.3f})  all {remaining:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--decisions", type=int, default=50)
    parser.add_argument("--projects", type=int, default=8)
    parser.add_argument("--draws", type=int, default=3, help="Draws of the boxes that are held out.")
    arguments = parser.parse_args()
    for path in arguments.files:
        _, regions = REGION_TEXTS.read(path)
        named = list(regions.values())
        print(path.name, len(named), "boxes")
        few = drawn_projects(named, FEW_NAMES, count=arguments.projects, seed=0)
        mixed = [mixed_project(named, seed=seed, most=600) for seed in range(arguments.projects)]
        for name, projects in (("12 categories", few), ("mixed, 600 boxes", mixed)):
            measure(name, projects, decisions=arguments.decisions, draws=arguments.draws)


if __name__ == "__main__":
    main()
