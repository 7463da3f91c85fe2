"""``python -m roi_assistant``."""

from __future__ import annotations


def main() -> int:
    """Entry point of the ``roi-assistant`` script; returns the exit code."""
    from roi_assistant.cli import main as run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
