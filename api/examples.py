"""What requests look like, and how one leads to the next: examples and links of the published schema.

A test sends every body as it stands; the ids are made up, so that the same example twice is a replay.
"""

from typing import Any

Body = dict[str, Any]

STRIP: Body = {
    "client_id": "9b1f0a52-7c9e-4f0d-9a55-1d2f6c0f4b11",
    "method": "fentanyl-strip",
    "performed_on": "2026-11-02",
    "control": True,
    "test_line": "absent",
    "sample_mg": 10,
    "weighed": True,
    "diluent_ml": 50,
    "lot": {"brand": "Example strips", "lot": "A123", "expires_on": "2028-01-31"},
}
LAB: Body = {
    "client_id": "5d0c1a3e-20f5-4c3a-8f8e-6f5f2f1f9a22",
    "method": "gc-ms",
    "performed_on": "2026-11-02",
    "completed_on": "2026-11-04",
    "outcome": "detected",
    "chosen_because": "all",
    "findings": [
        {
            "substance": "cocaine",
            "amount": {"kind": "percent_w_w", "value": 61, "low": 57, "high": 65, "basis": "base"},
        },
        {"substance": "levamisole"},
        {"substance": "fentanyl", "detected": False, "limit": {"value": 0.1, "unit": "percent_w_w"}},
    ],
}
SAMPLE: Body = {
    "client_id": "2f6c8a1e-8a9b-4a53-9d7e-0d4a0a7a1c11",
    "collected_on": "2026-11-02",
    "expected": ["cocaine"],
    "form": "powder",
    "carrier": "bag",
    "colours": ["white"],
    "overdose_associated": "not_asked",
    "results": [STRIP],
}
FROM_LAB: Body = {
    "client_id": "7a4de6c0-51b3-4a0e-b0a3-4c4f6f1b7d33",
    "collected_on": "2026-11-02",
    "expected": ["cocaine"],
    "results": [LAB],
}
BODIES: dict[str, dict[str, Body]] = {
    "submit_sample": {
        "strip": {"summary": "A strip, read at the counter", "value": SAMPLE},
        "lab": {"summary": "A lab's result with amounts", "value": FROM_LAB},
    },
    "add_results": {
        "lab": {
            "summary": "The lab came back",
            "value": {"results": [{**LAB, "client_id": "c3a9b1de-6f3c-4c41-8f6e-92d41a0b5e44"}]},
        }
    },
    "correct_result": {
        "strip": {
            "summary": "The strip was read wrongly",
            "value": {
                **STRIP,
                "client_id": "e8d21f77-0b6e-4f52-a6d9-3fb7c6a0d955",
                "test_line": "clear",
                "reason": "Read too early",
            },
        }
    },
    "withdraw_result": {"mix_up": {"summary": "Not this sample's", "value": {"reason": "Two samples were mixed up"}}},
}
BULK_LINE: Body = {**SAMPLE, "client_id": "b6f7f1f4-3d0a-4b7c-9d6e-5a8c2b9e1f66", "results": []}

PARAMETERS: dict[str, Any] = {
    "area": "us-pa-allegheny",
    "substance": "fentanyl",
    "level": "caution",
    "state": "all",
    "limit": 20,
    "after": 0,
    "before": 1000,
    "offer": "naloxone",
    "open_now": "true",
    "expected": "stimulant",
    "family": "lab",
    "material": "product",
    "series": "latest",
    "interval": "month",
    "format": "json",
    "from": "2026-01",
    "to": "2026-11",
    "with_area": "us-va-roanoke",
    "with_family": "lab",
    "with_material": "product",
    "with_from": "2026-01",
    "with_to": "2026-11",
    "with_setting": "checking",
    "dry_run": True,
    "client_id": SAMPLE["client_id"],
}
ANSWERS: dict[str, Body] = {
    "list_services": {
        "results": [
            {
                "slug": "harbour-exchange",
                "name": "Harbour Exchange",
                "area": "us-pa-allegheny",
                "offers": ["syringe_services", "naloxone"],
                "phone": "+1 412 555 0110",
                "text_line": None,
                "address": "14 Pier Street, side door",
                "hours": "Monday to Friday 10:00\u201316:00; Public holidays: closed",
                "hours_remark": "Ring the bell",
                "opening_hours": {
                    "notation": "Mo-Fr 10:00-16:00; PH off",
                    "time_zone": "America/New_York",
                    "week": {
                        **{day: [{"opens": "10:00", "closes": "16:00"}] for day in ("mo", "tu", "we", "th", "fr")},
                        "sa": [],
                        "su": [],
                    },
                    "public_holidays": [],
                    "yearly": [],
                    "dated": [],
                },
                "open_now": True,
                "changes_at": "2026-11-23T21:00:00+00:00",
                "url": None,
                "languages": ["en", "es"],
                "last_confirmed_on": "2026-11-02",
                "confirmation": "fresh",
            }
        ],
        "next": None,
        "previous": None,
    }
}

_OF_SAMPLE = {"sample_id": "$response.body#/id"}
_OF_RESULT = {"result_id": "$response.body#/results/0/id"}
_RECEIPT = {
    "read": {"operationId": "read_own_sample", "parameters": _OF_SAMPLE},
    "add": {"operationId": "add_results", "parameters": _OF_SAMPLE},
    "correct": {"operationId": "correct_result", "parameters": _OF_RESULT},
    "withdraw": {"operationId": "withdraw_result", "parameters": _OF_RESULT},
    "attach": {"operationId": "attach_file", "parameters": _OF_RESULT},
}
_CORRECTED = {"result_id": "$response.body#/id"}
LINKS: dict[str, dict[str, dict[str, Any]]] = {
    "submit_sample": {"201": _RECEIPT, "200": _RECEIPT},
    "add_results": {"201": _RECEIPT},
    "correct_result": {"201": {"withdraw": {"operationId": "withdraw_result", "parameters": _CORRECTED}}},
    "list_own_samples": {
        "200": {"read": {"operationId": "read_own_sample", "parameters": {"sample_id": "$response.body#/results/0/id"}}}
    },
    "list_alerts": {
        "200": {"read": {"operationId": "read_alert", "parameters": {"alert_id": "$response.body#/results/0/alert/id"}}}
    },
}


def add_examples(result: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Put examples and links into a finished schema. A hook of drf-spectacular."""
    for path in result["paths"].values():
        for operation in path.values():
            _describe(operation)
    return result


def _describe(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if media_type == "application/x-ndjson":
            content["example"] = BULK_LINE
        elif name in BODIES:
            content["examples"] = BODIES[name]
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query" and parameter["name"] in PARAMETERS:
            given = PARAMETERS[parameter["name"]]
            parameter["example"] = [given] if parameter["schema"].get("type") == "array" else given
    if name in ANSWERS:
        operation["responses"]["200"]["content"]["application/json"]["example"] = ANSWERS[name]
    for status, links in LINKS.get(name, {}).items():
        operation["responses"][status]["links"] = links
