"""Every address of figures, asked of two servers by turns."""

import contextlib
import http.client
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AREAS = ("zz", "zz-1", "zz-1-1")  # the country, a region, the busiest county
SUBSTANCE = "xylazine"
GROUP = "opioid"
PLACE = "trends/{area}/{substance}/"
# Figures that nobody asked for before: each is asked for once.
UNASKED = ("caffeine", "lidocaine", "levamisole", "medetomidine", "fentanyl", "cocaine", "ketamine", "heroin", "mdma",
           "procaine", "opioid", "stimulant")  # fmt: skip


@dataclass(frozen=True)
class Address:
    what: str  # page, chart, csv, api
    path: str


def addresses() -> list[Address]:
    """What is read again and again. Whole releases under /data/ are left out: they are as long as they are."""
    found = [Address("page", "/trends/"), Address("page", "/trends/?area=zz")]
    for area in AREAS:
        place = f"/{PLACE.format(area=area, substance=SUBSTANCE)}"
        asked = f"/api/v1/trends/?area={area}&substance={SUBSTANCE}"
        found += [
            Address("page", place),
            Address("page", f"{place}?interval=week"),
            Address("page", f"{place}?series=final"),
            Address("page", f"{place}?expected={GROUP}&interval=quarter"),
            Address("chart", f"{place}chart.svg"),
            Address("chart", f"{place}chart.png?size=wide&interval=week"),
            Address("csv", f"{place}data.csv?interval=week"),
            Address("api", asked),
            Address("api", f"{asked}&series=final"),
            Address("api", f"{asked}&interval=quarter&expected={GROUP}"),
            Address("api", f"{asked}&format=csv&from=2025-01"),
            Address("page", f"/trends/{area}/expected/"),
            Address("page", f"/trends/{area}/together/"),
            Address("page", f"{place}beside/?from=2026-01&to=2026-06&with_from=2025-07&with_to=2025-12"),
            Address("chart", f"/trends/{area}/expected/chart.svg"),
        ]
    county = AREAS[-1]
    return [
        *found,
        Address("page", f"/trends/{county}/amounts/"),
        Address("page", f"/trends/{AREAS[1]}/{SUBSTANCE}/areas/"),
        Address("chart", f"/trends/{AREAS[1]}/{SUBSTANCE}/areas/chart.svg"),
    ]


class NotThere(Exception):
    """There is no such figure: in a small history some were never released."""


class Reader:
    """Someone who reads over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, path: str) -> tuple[float, bytes]:
        """Milliseconds to the last byte, and the bytes."""
        begun = time.perf_counter()
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        waited = 1000 * (time.perf_counter() - begun)
        if answer.status == 404:
            raise NotThere(path)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
        return waited, body


def warm(ports: Sequence[int], times: int) -> Iterator[dict[str, Any]]:
    """Each address as often, of both by turns, so that a slow minute is both's."""
    readers = [Reader(port) for port in ports]
    for address in addresses():
        waits: list[list[float]] = [[] for _ in readers]
        try:
            for number in range(times + 3):
                for reader, found in zip(readers, waits, strict=True):
                    waited, _ = reader.ask(address.path)
                    if number >= 3:
                        found.append(waited)
        except NotThere:
            yield {"figure": "left out: not released", "address": address.path}
            continue
        small, large = waits
        yield {
            "figure": f"{address.what}, warm",
            "address": address.path,
            **told("small", small),
            **told("large", large),
            "ratio": round(statistics.median(large) / statistics.median(small), 2),
        }


def cold(ports: Sequence[int]) -> Iterator[dict[str, Any]]:
    """A page and its picture that nobody asked for since the release, of both by turns."""
    readers = [Reader(port) for port in ports]
    first = [reader.ask("/trends/")[0] for reader in readers]
    yield {"figure": "first page after a release", "small_ms": round(first[0], 1), "large_ms": round(first[1], 1)}
    for reader in readers:
        reader.ask(f"/{PLACE.format(area='zz', substance=SUBSTANCE)}chart.svg")  # the drawing is loaded
    for what, suffix in (("svg", "chart.svg"), ("png", "chart.png?size=wide")):
        waits: list[list[float]] = [[] for _ in readers]
        for substance in UNASKED:
            for area in ("zz", "zz-2", "zz-2-2"):
                place = f"/{PLACE.format(area=area, substance=substance)}"
                page = f"{place}?family={'lab' if what == 'svg' else 'spectroscopy'}"
                chart = f"{place}{suffix}{'&' if '?' in suffix else '?'}{page.partition('?')[2]}"
                with contextlib.suppress(NotThere):
                    both = [reader.ask(page)[0] + reader.ask(chart)[0] for reader in readers]
                    for waited, found in zip(both, waits, strict=True):
                        found.append(waited)
        small, large = waits
        yield {
            "figure": f"page and {what}, cold",
            "of": len(small),
            **told("small", small),
            **told("large", large),
            "ratio": round(statistics.median(large) / statistics.median(small), 2),
        }


def told(name: str, waits: Sequence[float]) -> dict[str, float]:
    ordered = sorted(waits)
    return {
        f"{name}_p50_ms": round(statistics.median(ordered), 1),
        f"{name}_p95_ms": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
    }


def drawing_pid(server: int) -> int:
    """The process that draws for this server. Raises LookupError where there is none."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):  # ended meanwhile
            if (
                f"PPid:\t{server}\n" in status.read_text()
                and "checking.drawer" in (status.parent / "cmdline").read_text()
            ):
                return int(status.parent.name)
    raise LookupError(f"nothing draws for {server}")


def drawing_mb(server: int) -> float:
    """Memory of the process that draws for this server."""
    text = Path(f"/proc/{drawing_pid(server)}/status").read_text()
    return round(int(text.split("VmRSS:")[1].split()[0]) / 1024, 1)
