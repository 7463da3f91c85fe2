"""Points in time as records and files hold them: ISO 8601 in UTC, such as ``2026-01-02T03:04:05.678+00:00``."""

from __future__ import annotations

from datetime import UTC, datetime

_NEVER = datetime.min.replace(tzinfo=UTC)


def now() -> str:
    """This millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def to_utc(text: str) -> str:
    """The time ``text``, ISO 8601, in UTC; one without an offset is in UTC already. An empty text stays empty.

    Raises:
        ValueError: ``text`` is not such a time.
    """
    if not text:
        return ""
    time = datetime.fromisoformat(text)
    if time.tzinfo is not None and not time.utcoffset() and text.endswith("+00:00"):
        return text
    return _in_utc(time).isoformat()


def local_day(text: str) -> str:
    """The day, as ``2026-01-02``, on which the time ``text`` falls in the time zone of this computer; of what is not a
    time its first ten letters."""
    try:
        return _in_utc(datetime.fromisoformat(text)).astimezone().date().isoformat()
    except (ValueError, OverflowError):
        return text[:10]


def instant(text: str) -> datetime:
    """``text`` for comparing; what is not a time is before all others."""
    try:
        return _in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return _NEVER


def _in_utc(time: datetime) -> datetime:
    """Raises: ValueError: the year is then none that a calendar has."""
    if time.tzinfo is None:
        return time.replace(tzinfo=UTC)
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error
