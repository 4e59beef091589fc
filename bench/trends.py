"""What figures cost to read with ten million samples behind them, beside a hundred thousand. One JSON line a figure.

`python -m bench.trends --keep FOLDER` builds both once, in a PostgreSQL of its own (28 GB for the large one), and
asks them again the next time. `--samples 20000` is the small form. What is timed:

- a day's samples released by the real code, with that history behind it;
- every kind of page, picture, CSV and API answer of figures, over HTTP, warm and cold, of both by turns;
- DuckDB over Parquet files of the same rows, scanning them for the same question (`pip install headsup[bench]`).
"""

import argparse
import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.trending import asking, scanning, serving
from tests.servers import LiveHeadsup, running_redis

LARGE, SMALL = 10_000_000, 100_000
TIMES = 40
LEAST_A_DAY = 1500  # of fewer in 24 areas nothing may be released: five of a kind stand together, or none


def figures(folder: Path, large: int, small: int, times: int) -> Iterator[dict[str, Any]]:
    with serving.postgres(folder) as url, running_redis(folder) as redis:
        sizes, day = (small, large), max(LEAST_A_DAY, large // 3650)
        envs = [serving.database(url, folder, samples) for samples in sizes]
        for samples, env in zip(sizes, envs, strict=True):
            yield {"figure": "size", "history": samples, "gb": round(serving.size_of(env) / 1e9, 2)}
            yield {"figure": "release of one day", "history": samples, **serving.released(env, folder, samples, day)}
        yield from reading(folder, [{**env, "CHANNEL_URL": redis} for env in envs], times)
    for area, named in (("", "zz"), ("zz-1-1", "zz-1-1")):
        for samples in sizes:
            found = scanning.scan(serving.parquet_of(folder, samples), asking.SUBSTANCE, area)
            yield {"figure": "the same by a scan", "history": samples, "area": named, **found}


def reading(folder: Path, envs: list[dict[str, str]], times: int) -> Iterator[dict[str, Any]]:
    servers = [LiveHeadsup(folder / name, env, "--no-watcher") for name, env in zip(("s", "l"), envs, strict=True)]
    try:
        for server in servers:
            server.folder.mkdir(exist_ok=True)
            server.start()
        ports = [server.port for server in servers]
        yield from asking.cold(ports)
        asked = list(asking.warm(ports, times))
        yield from asked
        found = [each for each in asked if "ratio" in each]
        yield {
            "figure": "all of them, warm",
            "worst_ratio": max(each["ratio"] for each in found),
            "worst_p95_ms": max(each["large_p95_ms"] for each in found),
        }
        yield {"figure": "the process that draws", "mb": asking.drawing_mb(servers[1].process.pid)}  # type: ignore[union-attr]  # it runs
    finally:
        for server in servers:
            if server.process is not None:
                server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=LARGE, help="in the large one (default: 10,000,000)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where both stay for the next time")
    parser.add_argument("--times", type=int, default=TIMES, help="each address is asked so often")
    asked = parser.parse_args()
    small = min(SMALL, asked.samples // 10)
    with contextlib.ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="headsup-trends-")))
        folder.mkdir(parents=True, exist_ok=True)
        for figure in figures(folder.resolve(), asked.samples, small, asked.times):
            print(json.dumps(figure), flush=True)


if __name__ == "__main__":
    main()
