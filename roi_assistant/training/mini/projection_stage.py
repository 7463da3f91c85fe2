"""The projection of region features, fitted on cached tokens of named regions: see `captioners.mini.projection`."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roi_assistant.captioners.mini.projection import joined
from roi_assistant.errors import BadInputError


@dataclass(frozen=True)
class ProjectionConfig:
    """Hyper-parameters. Names of fewer than ``regions_per_name`` regions say nothing of how far such things differ.
    ``shrinkage`` is what is added to the variance within names, as a share of its mean over all directions (Friedman
    1989); a name counts at most ``most_weight`` times as much as a single region."""

    dimensions: int = 224
    regions_per_name: int = 5
    shrinkage: float = 1.0
    most_weight: float = 5.0


def fit_projection(
    pooled: NDArray[np.float32], tokens: NDArray[np.float32], names: Sequence[str], config: ProjectionConfig
) -> bytes:
    """The file of a projection.

    Args:
        pooled: the close-ups' pooled vectors [regions, channels].
        tokens: [regions, region tokens, width].
        names: what each region is called; "" where that is not known.

    Raises:
        BadInputError: hardly any name has enough regions.
    """
    flat = tokens.reshape(len(tokens), -1)
    pooled_mean, tokens_mean = pooled.mean(axis=0), flat.mean(axis=0)
    vectors = joined(pooled - pooled_mean, flat - tokens_mean)
    mean = vectors.mean(axis=0)
    found, number, counts = np.unique(np.array(names), return_inverse=True, return_counts=True)
    often = (counts >= config.regions_per_name) & (found != "")
    if often.sum() < 2:
        raise BadInputError("The cached tokens have too few named regions: run the stage 'tokens' on more photos.")
    kept = often[number]
    _, number, counts = np.unique(number[kept], return_inverse=True, return_counts=True)
    named = vectors[kept]
    centers = np.zeros((len(counts), named.shape[1]), np.float64)
    np.add.at(centers, number, named)
    centers /= counts[:, None]
    within = np.cov((named - centers[number]).T)
    values, directions = np.linalg.eigh(within)
    white = directions / np.sqrt(values + config.shrinkage * np.trace(within) / len(within))
    weights = np.minimum(np.sqrt(counts), config.most_weight)[:, None]
    between = weights * ((centers - named.mean(axis=0)) @ white)
    strength, found_directions = np.linalg.eigh(between.T @ between)
    order = np.argsort(-strength)[: config.dimensions]
    file = io.BytesIO()
    half = (a.astype(np.float16) for a in (pooled_mean, tokens_mean, mean, white @ found_directions[:, order]))
    np.savez(file, **dict(zip(("pooled_mean", "tokens_mean", "mean", "matrix"), half, strict=True)))
    return file.getvalue()
