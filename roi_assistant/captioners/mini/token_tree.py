"""Questions and beams that begin alike, as one tree, so that what they share is computed once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class TokenTree:
    """Paths of tokens as one tree: those that begin alike share nodes, each after its parent.

    ``visible`` [nodes, nodes] says which nodes are on the way to a node, itself included; ``leaves`` is each path's
    last node.
    """

    def __init__(self, paths: Sequence[Sequence[int]]) -> None:
        nodes: dict[tuple[int, ...], int] = {}
        for path in paths:
            for stop in range(1, len(path) + 1):
                nodes.setdefault(tuple(path[:stop]), len(nodes))
        self.tokens = np.array([path[-1] for path in nodes])
        self.depths = np.array([len(path) - 1 for path in nodes])
        self.leaves = np.array([nodes[tuple(path)] for path in paths])
        self.visible = np.eye(len(nodes), dtype=bool)
        for path, node in nodes.items():
            if len(path) > 1:
                self.visible[node] |= self.visible[nodes[path[:-1]]]
