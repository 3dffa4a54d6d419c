"""A day as people type it."""

from __future__ import annotations

from datetime import date

from assistant.errors import QuestionError
from assistant.terms import dates


def read_day(text: str | None) -> date | None:
    """The day that was typed (2026-04-08, 8 April 2026, April 8, 2026), or None for an empty field.

    Args:
        text: what the field holds; None where a browser sends a field that it has not drawn yet.

    Raises:
        QuestionError: it is no day; says how to give one.
    """
    typed = " ".join((text or "").split())
    if not typed:
        return None
    found = list(dates(typed)) if len(typed) <= 40 else []
    if len(found) == 1:
        day = found[0]
        if day.year and day.month and day.day:
            try:
                return date(day.year, day.month, day.day)
            except ValueError:
                raise QuestionError(
                    f"There is no {typed} in the calendar. Correct the day, or clear it."
                ) from None
    shown = typed if len(typed) <= 40 else f"{typed[:40]}…"
    raise QuestionError(
        f"“{shown}” is not a whole day. Give one like 2026-04-08 or 8 April 2026, or clear the field."
    )
