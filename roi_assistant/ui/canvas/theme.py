"""Colors around and over an image, for a light and a dark window; those of the states are in `ui.look.palette`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PyQt6.QtGui import QColor, QPalette

from roi_assistant.ui.canvas.model import CanvasRegion
from roi_assistant.ui.look.palette import BOX_COLORS


@dataclass(frozen=True, slots=True)
class CanvasTheme:
    """``backdrop`` is around the image, ``paper`` where an image is about to appear."""

    dark: bool
    backdrop: QColor
    paper: QColor
    message: QColor
    plate: QColor
    plate_text: QColor
    halo: QColor
    warning: QColor
    accent: QColor


def theme_for(palette: QPalette) -> CanvasTheme:
    """The theme that goes with the window's ``palette``."""
    accent = palette.color(QPalette.ColorRole.Highlight)
    if palette.color(QPalette.ColorRole.Window).lightness() < 128:
        return CanvasTheme(
            dark=True,
            backdrop=QColor(24, 25, 28),
            paper=QColor(38, 40, 44),
            message=QColor(190, 194, 200),
            plate=QColor(20, 21, 25, 224),
            plate_text=QColor(246, 247, 249),
            halo=QColor(0, 0, 0, 120),
            warning=QColor(255, 196, 0),
            accent=accent,
        )
    return CanvasTheme(
        dark=False,
        backdrop=QColor(226, 228, 232),
        paper=QColor(212, 215, 220),
        message=QColor(70, 74, 80),
        plate=QColor(253, 253, 254, 234),
        plate_text=QColor(24, 26, 30),
        halo=QColor(0, 0, 0, 120),
        warning=QColor(255, 196, 0),
        accent=accent,
    )


def box_color(region: CanvasRegion) -> QColor:
    """The color of the box of ``region``: its own, else that of its state."""
    return _own_color(region.color) if region.color else BOX_COLORS[region.state]


@lru_cache(maxsize=1024)
def _own_color(name: str) -> QColor:
    return QColor(name)


def ink_on(color: QColor) -> QColor:
    """Black or white, whichever is read better on ``color``."""
    luminance = 0.2126 * color.redF() ** 2.2 + 0.7152 * color.greenF() ** 2.2 + 0.0722 * color.blueF() ** 2.2
    return QColor(18, 18, 20) if luminance > 0.18 else QColor(255, 255, 255)
