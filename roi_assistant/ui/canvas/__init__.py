"""The canvas: an image with numbered boxes that are drawn, moved and resized on it."""

from __future__ import annotations

from roi_assistant.ui.canvas.minimap import MiniMap
from roi_assistant.ui.canvas.model import BoxStyle, CanvasRegion, Tool
from roi_assistant.ui.canvas.view import Canvas

__all__ = ["BoxStyle", "Canvas", "CanvasRegion", "MiniMap", "Tool"]
