"""Does the API keep to its own description, whatever it is sent? `python -m bench.contract --examples 120 --seed 1`

Starts Headsup on a database of its own (SQLite, or the PostgreSQL of DATABASE_URL), gives schemathesis its
address and a key, and prints one JSON line: how many cases, and every failure. All phases run: the
published examples, the edges of every field, made up values, and sequences along the published links.

One check stays out: that whatever fits the schema is accepted. A schema cannot say which names this
network's vocabulary knows or what day it is, so a sound shape may still be refused, by 4xx.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.living import key_of, living, publish
from tests.servers import PROJECT, Databases, LiveHeadsup

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
# What leads from one to the next where results come in. Alone, or the lists are taken for the only beginnings.
SEQUENCE = ("submit_sample", "read_own_sample", "add_results", "correct_result", "withdraw_result", "attach_file")
ALL_PHASES = "examples,coverage,fuzzing,stateful"


def fuzz(
    server: LiveHeadsup,
    key: str,
    folder: Path,
    *,
    examples: int,
    seed: int,
    phases: str,
    sound: bool = False,
    schema: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """How many cases were sent, and what was found. `schema`: another one than what the server publishes.

    `sound`: only what is sound is sent, to what belongs to `SEQUENCE`, so that it gets past its first step.
    """
    report = folder / "contract.ndjson"
    described = [f"{server.url}/api/schema/"]
    if schema is not None:
        (folder / "schema.json").write_text(json.dumps(schema))
        described = [str(folder / "schema.json"), "--url", server.url]
    command = [
        str(SCHEMATHESIS), "run", *described, "--header", f"Authorization: Api-Key {key}",
        "--exclude-checks", "positive_data_acceptance", "--phases", phases, "--max-examples", str(examples),
        "--seed", str(seed), "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off",
        "--generation-database", "none", "--report", "ndjson", "--report-ndjson-path", str(report),
    ]  # fmt: skip
    env = {**os.environ, "SCHEMATHESIS_HOOKS": "bench.contract_hooks", "PYTHONPATH": str(PROJECT)}
    if sound:
        env["SOUND_BODIES"] = "1"
        command += ["--mode", "positive", *(part for name in SEQUENCE for part in ("--include-operation-id", name))]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    cases, faults = read_report(report)
    if done.returncode not in (0, 1):  # 1: it has failures, which were read, and judged, above
        faults = [done.stdout[-3000:] + done.stderr[-3000:]]
    return {"cases": cases, "faults": faults}


def read_report(report: Path) -> tuple[int, list[str]]:
    cases, faults = 0, []
    for line in report.read_text().splitlines():
        [(kind, said)] = json.loads(line).items()
        if kind == "ScenarioFinished":
            recorder = said["recorder"]
            sent = recorder.get("interactions", {})  # absent where all was skipped
            cases += len(sent)
            for case, checks in recorder.get("checks", {}).items():
                asked = sent.get(case, {}).get("request", {})
                faults += [told(check, asked) for check in checks if is_fault(check, asked)]
        elif "Error" in kind:
            faults.append(json.dumps(said)[:1000])
    return cases, list(dict.fromkeys(faults))


def is_fault(check: dict[str, Any], asked: dict[str, Any]) -> bool:
    """A bulk is answered 200 whatever its lines hold: each line that is wrong is rejected in its own answer."""
    is_of_a_line = check["name"] == "negative_data_rejection" and "/samples/bulk/" in str(asked.get("uri"))
    return check["status"] == "failure" and not is_of_a_line


def told(check: dict[str, Any], asked: dict[str, Any]) -> str:
    """One failure: what was asked, and what was wrong with the answer."""
    return f"{asked.get('method')} {asked.get('uri')}: {json.dumps(check)}"[:1500]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=120, help="most cases per operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    with tempfile.TemporaryDirectory(prefix="headsup-contract-") as name:
        databases = Databases(Path(name), url if url.startswith("postgres") else None)
        server = living(databases, Path(name)).start()
        try:
            publish(server, count=3)
            key, common = key_of(server), {"examples": asked.examples, "seed": asked.seed}
            runs = [
                fuzz(server, key, Path(name), phases=ALL_PHASES, **common),
                fuzz(server, key, Path(name), phases="stateful", sound=True, **common),
            ]
        finally:
            server.stop()
            databases.drop_all()
    faults = [fault for found in runs for fault in found["faults"]]
    print(json.dumps({"cases": sum(found["cases"] for found in runs), "faults": faults}, indent=1))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
