"""Who wrote a field, as one quiet line and as a tooltip that tells all."""

from __future__ import annotations

from html import escape

from PyQt6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from roi_assistant.core.records import AttributeSource, Provenance
from roi_assistant.core.text_bounds import shortened

_MOST_LETTERS = 600


def percent(score: float) -> str:
    """``0.823`` as ``82 %`` in the notation of the language in use."""
    return f"{QLocale().toString(round(score * 100))}\N{NO-BREAK SPACE}%"


def provenance_line(
    provenance: Provenance | None,
    *,
    score: float | None = None,
    source: AttributeSource | None = None,
    general: bool = False,
) -> str:
    """``gpt4roi-mini · 82 % · 14:02`` or ``you · 12 Mar 14:02``; empty when nobody wrote the field.

    ``general``: a general word that the model says because it is unsure of every specific one. Its score is left out:
    beside the scores of the specific words it would read as if "an animal" were less likely than "a dog".
    """
    if provenance is None:
        return ""
    if provenance.author == "human":
        parts = [QCoreApplication.translate("Provenance", "written by a person")]
    elif source == "pixels":
        parts = [QCoreApplication.translate("Provenance", "measured from pixels")]
    else:
        parts = [provenance.model_id or QCoreApplication.translate("Provenance", "a model")]
    if general and provenance.author == "model":
        parts.append(QCoreApplication.translate("Provenance", "a general word"))
    elif score is not None and provenance.author == "model":
        parts.append(percent(score))
    if provenance.derived_from == "caption":
        parts.append(QCoreApplication.translate("Provenance", "from the caption"))
    when = _when(provenance.created_at)
    if when:
        parts.append(when)
    return " · ".join(parts)


def provenance_tooltip(provenance: Provenance | None, *, score: float | None = None) -> str:
    """Everything known about who wrote a field, as rich text."""
    if provenance is None:
        return ""
    rows: list[tuple[str, str]] = []
    if provenance.author == "human":
        rows.append(
            (
                QCoreApplication.translate("Provenance", "Written by"),
                QCoreApplication.translate("Provenance", "a person"),
            )
        )
    else:
        rows.append((QCoreApplication.translate("Provenance", "Model"), provenance.model_id))
        rows.append((QCoreApplication.translate("Provenance", "Weights"), provenance.weights_sha256[:16]))
        if score is not None:
            rows.append((QCoreApplication.translate("Provenance", "Score"), percent(score)))
        rows.append((QCoreApplication.translate("Provenance", "Prompt"), provenance.prompt))
        rows.append((QCoreApplication.translate("Provenance", "Decoding"), provenance.decoding))
        rows.append((QCoreApplication.translate("Provenance", "Output"), provenance.raw_output))
    if provenance.derived_from == "caption":
        rows.append(
            (
                QCoreApplication.translate("Provenance", "Derived from"),
                QCoreApplication.translate("Provenance", "the caption, by its noun"),
            )
        )
    rows.append((QCoreApplication.translate("Provenance", "When"), _when(provenance.created_at, full=True)))
    cells = "".join(
        f"<tr><td style='padding-right:8px'><b>{escape(name)}</b></td><td>{escape(value)}</td></tr>"
        for name, value in ((name, shortened(value, _MOST_LETTERS)) for name, value in rows)
        if value
    )
    return f"<table>{cells}</table>"


def _when(text: str, *, full: bool = False) -> str:
    moment = QDateTime.fromString(text, Qt.DateFormat.ISODateWithMs)
    if not moment.isValid():
        return text
    local = moment.toLocalTime()
    if full:
        return QLocale().toString(local, QLocale.FormatType.LongFormat)
    if local.date() == QDateTime.currentDateTime().date():
        return QLocale().toString(local.time(), QLocale.FormatType.ShortFormat)
    return QLocale().toString(local, QLocale.FormatType.ShortFormat)
