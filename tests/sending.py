"""Samples and results as a site sends them. A test says only what it is about. No Django here."""

import uuid
from datetime import UTC, date, datetime
from typing import Any


def today_utc() -> date:
    return datetime.now(UTC).date()


def lab_body(found: tuple[str, ...] = ("fentanyl",), *, method: str = "gc-ms", **other: Any) -> dict[str, Any]:
    """A lab's result as it is sent."""
    return {
        "client_id": str(uuid.uuid4()),
        "method": method,
        "performed_on": today_utc().isoformat(),
        "outcome": "detected" if found else "not_detected",
        "chosen_because": "all",
        "findings": [{"substance": name} for name in found],
        **other,
    }


def strip_body(test_line: str = "absent", *, method: str = "fentanyl-strip", **other: Any) -> dict[str, Any]:
    """A strip's reading as it is sent: 10 mg weighed into 50 mL."""
    return {
        "client_id": str(uuid.uuid4()),
        "method": method,
        "performed_on": today_utc().isoformat(),
        "control": True,
        "test_line": test_line,
        "sample_mg": 10,
        "weighed": True,
        "diluent_ml": 50,
        **other,
    }


def sample_body(*results: dict[str, Any], expected: tuple[str, ...] = ("cocaine",), **other: Any) -> dict[str, Any]:
    """A sample as it is sent: powder sold as cocaine, collected today."""
    return {
        "client_id": str(uuid.uuid4()),
        "collected_on": today_utc().isoformat(),
        "expected": list(expected),
        "form": "powder",
        "carrier": "bag",
        "results": list(results),
        **other,
    }
