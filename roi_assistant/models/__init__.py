"""Models in torch. No Qt."""
