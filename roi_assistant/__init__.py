"""RoI Assistant: region captions and attributes from a local model."""

__version__ = "0.1.0"
