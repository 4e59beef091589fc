"""What schemathesis has to be told of our media types. Loaded by it, by name."""

import json
import os
from collections.abc import Callable
from typing import Any

import schemathesis

from tests.sending import lab_body, sample_body


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


# A schema cannot say which names are known, so hardly a made up body is stored and no link leads on. For the
# sequences these stand in: sound each time, new each time.
SOUND: dict[str, Callable[[], Any]] = {
    "/api/v1/samples/": lambda: sample_body(lab_body()),
    "/api/v1/samples/bulk/": lambda: sample_body(lab_body()),
    "/api/v1/samples/{sample_id}/results/": lambda: {"results": [lab_body()]},
    "/api/v1/results/{result_id}/correct/": lambda: {**lab_body(), "reason": "Typed wrong."},
    "/api/v1/results/{result_id}/withdraw/": lambda: {"reason": "Another sample's result."},
}

if os.environ.get("SOUND_BODIES"):

    @schemathesis.hook
    def map_body(context: Any, body: Any) -> Any:
        sound = SOUND.get(context.operation.path)
        return sound() if sound else body
