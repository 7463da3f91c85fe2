"""Fits how people name the color of a pixel, and writes ``resources/colors.json``.

    python scripts/fit_color_names.py ROOT      # ROOT: Flickr30k Entities, its train split is used

A region whose phrases name one or two colors says that its pixels, on the whole, have these names. A network of one
small hidden layer maps the color of a pixel to the names; the mean over the pixels of the region must give what people
said. Two things hold it where few photos are: named sectors of the CIELAB hue circle over the whole sRGB gamut, and
plain middle grays, which stay gray although much that people call white is gray in the shade. One photo in seven is
held out.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn.functional import cross_entropy

from roi_assistant.core.box import clip_box, scale_box
from roi_assistant.core.phrases import basic_color, parse_phrase
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.imaging.colors import COLOR_NAMES, color_features, rgb_to_lab, thing_pixels
from roi_assistant.resources_path import resource

HIDDEN = 24
SAMPLES = 192
"""Pixels drawn from a region, by their weight."""
EPOCHS, BATCH, RATE = 8, 128, 1e-2
GAMUT_WEIGHT, GRAY_WEIGHT = 0.5, 0.08
RARITY = 0.4
"""Exponent by which a region of a rare name counts more."""


def sectors(lab: NDArray[np.float32]) -> NDArray[np.intp]:
    """CIELAB [N, 3] -> index into ``COLOR_NAMES``: a plain rule, to start from and to stay near."""
    lightness, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360  # pure red is at 40, yellow 103, green 136, blue 306
    red, orange, yellow, green, blue, purple, pink, brown, black, white, gray, tan = range(12)
    reddish, amber = (hue < 48) | (hue >= 340), (hue >= 48) & (hue < 72)
    straw, lemon = (hue >= 72) & (hue < 92), (hue >= 92) & (hue < 110)
    rosy = (lightness > 60) & (chroma < 62) & ((hue < 32) | (hue >= 340))
    plain = chroma < np.where((hue < 110) | (hue >= 340), 9.0, 7.0) + np.where(lightness > 75, 2.0, 0.0)
    rules = [  # the first that holds wins
        ((lightness < 10) | ((lightness < 22) & (chroma < 16)), black),
        ((lightness > 90) & (chroma < 14), white),
        (plain & (lightness < 32), black),
        (plain & (lightness > 76), white),
        (plain, gray),
        (reddish & rosy, pink),
        (reddish & (chroma > 30), red),
        (reddish & (lightness > 58), tan),
        (amber & (chroma > 48) & (lightness > 48), orange),
        (amber & (chroma < 48) & (lightness > 58), tan),
        (straw & (chroma > 50) & (lightness > 58), yellow),
        (straw & (chroma <= 50) & (lightness > 55), tan),
        (reddish | amber | straw, brown),
        (lemon & (lightness >= 52) & (chroma < 28), tan),
        (lemon & (lightness >= 62), yellow),
        (hue < 190, green),
        ((hue < 302) | ((hue < 309) & (chroma > 85)), blue),
        (hue < 335, purple),
    ]
    return np.select([condition for condition, _ in rules], [name for _, name in rules], default=pink)


def regions(root: Path, split: str) -> tuple[torch.Tensor, torch.Tensor, NDArray[np.intp]]:
    """Of all regions with named colors: features [N, SAMPLES, 4], named shares [N, 12], number of the photo [N]."""
    dataset, generator = Flickr30kEntities(root), np.random.default_rng(0)
    features, shares, photo_of = [], [], []
    for number, photo in enumerate(dataset.photos(split)):
        pixels = None
        for region in photo.regions:
            named = [basic_color(c) for p in region.phrases for c in parse_phrase(p).attributes.get("color", ())]
            named = [name for name in named if name in COLOR_NAMES]
            if not named or len(set(named)) > 2:
                continue
            if pixels is None:
                pixels = np.asarray(Image.open(dataset.images.open(photo.image)).convert("RGB"))
            height, width = pixels.shape[:2]
            box = scale_box(region.box, x=width / photo.width, y=height / photo.height)
            lab, weights = thing_pixels(pixels, clip_box(box, width=width, height=height))
            chosen = np.searchsorted(np.cumsum(weights), (np.arange(SAMPLES) + generator.random()) / SAMPLES)
            features.append(color_features(lab[np.minimum(chosen, len(lab) - 1)]))
            shares.append([named.count(name) / len(named) for name in COLOR_NAMES])
            photo_of.append(number)
    return torch.tensor(np.stack(features)), torch.tensor(shares, dtype=torch.float32), np.array(photo_of)


def accuracy(network: torch.nn.Module, features: torch.Tensor, shares: torch.Tensor) -> str:
    """How often the first, and one of the first two, is the color of regions with one named color."""
    single = shares.max(dim=1).values == 1
    with torch.no_grad():
        ranked = network(features[single]).softmax(-1).mean(1).argsort(dim=1, descending=True)
    hit = ranked[:, :2] == shares[single].argmax(dim=1)[:, None]
    return f"first {hit[:, 0].float().mean():.3f}, first two {hit.any(1).float().mean():.3f} of {len(hit)} regions"


def fit(features: torch.Tensor, shares: torch.Tensor) -> torch.nn.Sequential:
    generator = np.random.default_rng(1)
    colors = generator.integers(0, 256, (40000, 3))
    vivid = colors[:10000]  # the corners of the gamut, which toys and signs have and nature has not
    vivid[np.arange(10000), vivid.argmin(axis=1)] = 0
    gamut = rgb_to_lab(colors.astype(np.uint8))
    gamut_features, gamut_names = torch.tensor(color_features(gamut)), torch.tensor(sectors(gamut))
    network = torch.nn.Sequential(
        torch.nn.Linear(features.shape[-1], HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, len(COLOR_NAMES))
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-4)
    warm_up, steps = 400, EPOCHS * len(features) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=warm_up + steps)
    common = shares.sum(0) / shares.sum(0).mean()
    weight = common**-RARITY
    weight = weight / (weight * common).mean()
    for step in range(warm_up + steps):
        some = torch.randint(0, len(gamut_features), (1024,))
        loss = GAMUT_WEIGHT * cross_entropy(network(gamut_features[some]), gamut_names[some])
        if step >= warm_up:
            batch = torch.randint(0, len(features), (BATCH,))
            predicted = network(features[batch]).softmax(-1).mean(1)
            grays = np.column_stack((generator.uniform(36, 66, 256), generator.normal(0, 2.5, (256, 2))))
            gray_features = torch.tensor(color_features(grays.astype(np.float32)))
            answer = torch.full((len(grays),), COLOR_NAMES.index("gray"))
            loss = loss - (shares[batch] * weight * torch.log(predicted + 1e-3)).sum(-1).mean()
            loss = loss + GRAY_WEIGHT * cross_entropy(network(gray_features), answer)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, help="top folder of Flickr30k Entities")
    parser.add_argument("--out", type=Path, default=resource("colors.json"))
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    features, shares, photo_of = regions(arguments.root, "train")
    held_out = torch.tensor(photo_of % 7 == 0)
    network = fit(features[~held_out], shares[~held_out])
    print("held out of train:", accuracy(network, features[held_out], shares[held_out]))
    hidden, names = network[0], network[2]
    layers = {
        "hidden_weights": hidden.weight.T,
        "hidden_bias": hidden.bias,
        "name_weights": names.weight.T,
        "name_bias": names.bias,
    }
    lines = ['"names": ' + json.dumps(COLOR_NAMES)]
    for key, values in layers.items():
        lines.append(f'"{key}": ' + json.dumps(np.round(values.detach().numpy().astype(float), 4).tolist()))
    arguments.out.write_text("{\n " + ",\n ".join(lines) + "\n}\n", encoding="utf-8")
    print("written:", arguments.out)


if __name__ == "__main__":
    main()
