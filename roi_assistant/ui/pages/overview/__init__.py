"""Figures of the whole project as plots. pyqtgraph is imported when the page is first shown, not before."""
