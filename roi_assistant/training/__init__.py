"""Spatial instruction tuning of the embedded model. No Qt."""
