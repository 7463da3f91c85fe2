"""What the program keeps until it ends is not searched for garbage.

A full collection of garbage looks at every object there is and lets no other thread run meanwhile: with the modules of
the program loaded that is longer than a frame, in whichever thread it falls due. What was looked at last and will stay
is set aside; later collections then look only at what came since.
"""

from __future__ import annotations

import gc


def set_aside() -> None:
    """Leave all objects of now out of collections until ``take_back``. Takes microseconds.

    Called when something large has come that stays: the program itself after its first picture, a page with the modules
    that it needs. Garbage that is among it stays too.
    """
    gc.freeze()


def take_back() -> None:
    """The program ends: everything may be collected again."""
    gc.unfreeze()
