"""``python -m roi_assistant``."""

from __future__ import annotations


def main() -> int:
    """Entry point of the ``roi-assistant`` script; returns the exit code."""
    try:
        from roi_assistant.cli import main as run
    except KeyboardInterrupt:  # while modules are read; later ones are seen to by ``cli.main``
        return 130
    return run()


if __name__ == "__main__":
    raise SystemExit(main())
