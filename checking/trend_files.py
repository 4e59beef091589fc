"""A figure as JSON and as CSV: the same numbers, each share with its interval and what it is out of."""

import csv
import hashlib
import io
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import translation

from . import floors
from .trends import Answer, Point, note, promise, turns

COLUMNS = ("period", "detected", "tested", "share", "low", "high")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what spreadsheets run (OWASP ASVS 5.0, 1.2.10)


def as_json(answer: Answer) -> dict[str, Any]:
    return {
        "release": answer.release,
        "note": note(),
        "promise": promise(),
        "floors": floors.stated(),
        "results": [row(answer, point) for point in answer.points],
        "corrections": [
            {"period": answer.written(each.period), "release": each.release, "reasons": list(each.reasons)}
            for each in answer.corrected
        ],
        "changes": [
            {"period": answer.written(each.period), "what": each.what.value, "to": each.to} for each in turns(answer)
        ],
        "beside": None,
    }


def row(answer: Answer, point: Point) -> dict[str, Any]:
    """Shares from 0 to 1, four decimals; null where too few were tested for one."""
    return {
        "period": answer.period(point),
        "detected": point.detected,
        "tested": point.tested,
        "share": None if point.share is None else round(point.share, 4),
        "low": round(point.low, 4),
        "high": round(point.high, 4),
    }


def as_csv(rows: Iterable[dict[str, Any]]) -> str:
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    lines.writerows([harmless(each[name]) for name in COLUMNS] for each in rows)
    return out.getvalue()


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def etag(*parts: str) -> str:
    """Changes with what is said, words included, and with the language; with nothing else."""
    said = "\n".join([translation.get_language() or settings.LANGUAGE_CODE, *parts])
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
