"""What a project has taught: its accepted regions, found again by how they look. numpy; no Qt, no torch."""
