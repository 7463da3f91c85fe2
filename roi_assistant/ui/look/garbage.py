"""`gc.freeze`: objects that stay until the program ends are left out of garbage collections.

A full collection looks at every object and lets no other thread run meanwhile: with the modules of the program loaded
that takes longer than a frame of the window, in whichever thread it falls due.
"""

from __future__ import annotations

import gc


def gc_freeze() -> None:
    """Leave all objects of now out of collections until `gc_unfreeze`. Takes microseconds.

    Called after something large was made that stays: the program itself after its first picture, a page with the
    modules that it needs. Garbage that is among it stays too.
    """
    gc.freeze()


def gc_unfreeze() -> None:
    """The program ends: everything may be collected again."""
    gc.unfreeze()
