"""One module per interchange format. No Qt, no torch."""
