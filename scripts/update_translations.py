"""Bring ``resources/translations/*.ts`` up to date with the texts in the code; what is new is left unfinished.

    .venv/bin/python scripts/update_translations.py

Translations are kept, texts that are gone are removed, and line numbers are left out, so that a change of code that
changes no text changes no file.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.lupdate.lupdate import lupdate

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "roi_assistant" / "ui"


def update(file: Path) -> None:
    """Write the messages of the sources to ``file``, with the translations that it has."""
    lupdate([str(SOURCES)], [str(file)], True, None, False)
    text = file.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "<location " not in line]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for path in sorted((ROOT / "resources" / "translations").glob("*.ts")):
        update(path)
        print(path.relative_to(ROOT))
