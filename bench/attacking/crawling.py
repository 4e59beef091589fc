"""Everything a scraper fetches: each release as files, and every public address with every filter."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product
from typing import Any

from django.test import Client
from django.utils.http import urlencode

from checking.downloads import NAMES
from checking.figures import amounts, together
from checking.periods import Interval as Every
from checking.periods import belongs_to, month_of, quarter_of, read
from checking.together import Together
from checking.trends import FAMILIES, MATERIALS

from .equations import WIDE, Told
from .population import NARROW_COVERS

PAGES = ("/", "/alerts.txt", "/alerts/feed.atom", "/alerts/cap.atom", "/.well-known/headsup-keys.json", "/wall/",
         "/ar/", "/help/", "/help/?open_now=true", "/results/", "/methods/", "/methods/lc-ms/", "/substances/",
         "/substances/?q=dope", "/about/", "/about/record/", "/about/data/", "/trends/", "/data/", "/wall/qr.svg",
         "/api/schema/", "/api/docs/",
         *(f"/data/latest/{name}" for name in NAMES))  # fmt: skip
LISTS = ("substances", "methods", "areas", "sites", "services", "alerts", "events")
OF_AREAS = {"expected": FAMILIES, "together": together.FAMILIES, "amounts": amounts.FAMILIES}
COUNTED = frozenset({"shares", "expected", "pairs"})  # files whose numbers make equations
Cell = tuple[Any, ...]  # table, area, start, expected, family, material
Numbers = tuple[int, int]  # tested, detected


class Scraper:
    """Fetches by the addresses everyone has, without signing in."""

    def __init__(self) -> None:
        self.client = Client()
        self.cells: dict[str, dict[Cell, Numbers]] = {}  # by substance, as the last release has them
        self.pairs: dict[tuple[str, ...], list[Together]] = {}

    def look(self, on: date) -> dict[str, list[Told]]:
        """What is new in this release's files, by substance, of laboratories and products."""
        before, self.cells = self.cells, self.read_files()
        told: dict[str, list[Told]] = {}
        for subject, cells in self.cells.items():
            for cell, now in cells.items():
                was = before.get(subject, {}).get(cell, (0, 0))
                table, area, start, expected, family, material = cell
                if now != was and (family, material) == ("lab", "product"):
                    new = Told(on, table, area, start, expected, now[0] - was[0], now[1] - was[1])
                    told.setdefault(subject, []).append(new)
        return told

    def read_files(self) -> dict[str, dict[Cell, Numbers]]:
        found: dict[str, dict[Cell, Numbers]] = defaultdict(lambda: defaultdict(lambda: (0, 0)))
        for name in ("shares", "expected"):
            for row in csv.DictReader(io.StringIO(self.fetch(f"/data/latest/{name}.csv").decode())):
                cell = (row.get("series", "expected"), row["area"], date.fromisoformat(row["period_start"]),
                        row.get("expected", ""), row["family"], row.get("material", "product"))  # fmt: skip
                tested, detected = found[row["substance"]][cell]
                found[row["substance"]][cell] = tested + int(row["tested"]), detected + int(row["detected"])
        self._read_pairs(found)
        return found

    def _read_pairs(self, found: dict[str, dict[Cell, Numbers]]) -> None:
        """How often each substance was found in the samples that pairs are told of, which is one more sum of it."""
        self.pairs = defaultdict(list)
        for row in csv.DictReader(io.StringIO(self.fetch("/data/latest/pairs.csv").decode())):
            numbers = [int(row[name]) for name in ("tested", "with_one", "with_other", "both_low", "both_high")]
            told = Together(row["one"], row["other"], *numbers)
            self.pairs[row["area"], row["period_start"], row["family"], row["batch"]].append(told)
        for (area, start, family, _), pairs in self.pairs.items():
            is_wide = not {slug for pair in pairs for slug in (pair.one, pair.other)} <= NARROW_COVERS
            cell = ("pairs", area, date.fromisoformat(start), WIDE if is_wide else "", family, "product")
            for pair in pairs:
                found[pair.one][cell] = pair.tested, pair.with_one
                found[pair.other][cell] = pair.tested, pair.with_other

    def fetch(self, address: str) -> bytes:
        answer = self.client.get(address, follow=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code} {answer.content[:500]!r}")
        return answer.getvalue()

    def untold_by_files(self, areas: Iterable[str], subjects: Iterable[str]) -> list[str]:
        """Answers of the API that do not follow from the files. There should be none: then the files are everything."""
        rows = self.client.get("/api/v1/areas/", {"limit": 1000}).json()["results"]
        parents = {row["slug"]: row["parent"] for row in rows}
        wrong = []
        for area, subject in product(areas, subjects):
            for asked in filters(self.cells[subject]):
                address = f"/api/v1/trends/?{urlencode({'area': area, 'substance': subject, **asked})}"
                answer = self.client.get(address).json()["results"]
                told = {read(row["period"]).first: (row["tested"], row["detected"]) for row in answer}
                if told != _summed(self.cells[subject], area, asked, parents):
                    wrong.append(address)
        return wrong


def filters(cells: Iterable[Cell] = ()) -> Iterator[dict[str, str]]:
    """All combinations of filters that are answered. `cells`: where the classes expected are read from."""
    for family in FAMILIES:
        for material, interval in product(MATERIALS, ("week", "month", "quarter")):
            yield {"family": family, "material": material, "interval": interval}
            if interval != "week":
                yield {"family": family, "material": material, "interval": interval, "series": "final"}
        for expected in sorted({cell[3] for cell in cells if cell[0] == "expected"}):
            yield {"family": family, "interval": "quarter", "expected": expected}


def every_address(areas: Iterable[str], subjects: Iterable[str]) -> Iterator[str]:
    """Everything public there is of these places and substances: pages, pictures, tables, answers."""
    yield from PAGES
    yield from (f"/api/v1/{name}/" for name in LISTS)
    for area in areas:
        yield from (f"/wall/{area}/", f"/wall/{area}/qr.svg", f"/help/{area}/", f"/?area={area}",
                    f"/trends/?area={area}",
                    f"/api/v1/alerts/?area={area}",
                    f"/api/v1/services/?area={area}&open_now=true")  # fmt: skip
        for page, families in OF_AREAS.items():
            for family in families:
                yield from _figure(f"/trends/{area}/{page}/", {"family": family})
    yield from (f"/substances/{subject}/" for subject in subjects)
    for area, subject in product(areas, subjects):
        page = f"/trends/{area}/{subject}/"
        yield from (f"{page}chart.svg", f"{page}chart.png?size=wide")
        yield from (f"{page}ar/", f"{page}ar/chart.svg", f"{page}ar/data.csv", f"{page}beside/")
        yield from _figure(f"{page}beside/", {"to": "2026-09", "with_from": "2026-10"})
        for family in FAMILIES:
            yield from _figure(f"{page}areas/", {"family": family})
        for asked in filters():
            query = urlencode(asked)
            yield from (f"{page}?{query}", f"{page}data.csv?{query}")
            answer = f"/api/v1/trends/?{urlencode({'area': area, 'substance': subject})}&{query}"
            yield from (answer, f"{answer}&format=csv")


def _figure(page: str, asked: dict[str, str]) -> Iterator[str]:
    """A figure as page, picture and table."""
    return (f"{page}{what}?{urlencode(asked)}" for what in ("", "chart.svg", "data.csv"))


def _summed(
    cells: dict[Cell, Numbers], area: str, asked: dict[str, str], parents: dict[str, str | None]
) -> dict[date, Numbers]:
    table = "expected" if "expected" in asked else asked.get("series", "latest")
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for (of, where, start, expected, family, material), (tested, detected) in cells.items():
        if (of, family, expected) != (table, asked["family"], asked.get("expected", "")):
            continue
        if material == asked.get("material", "product") and area in _above(where, parents):
            period = _period(start, table, asked["interval"])
            sums[period][0] += tested
            sums[period][1] += detected
    return {period: (tested, detected) for period, (tested, detected) in sums.items() if tested}


def _above(area: str | None, parents: dict[str, str | None]) -> Iterator[str]:
    while area is not None:
        yield area
        area = parents.get(area)


def _period(start: date, table: str, interval: str) -> date:
    if table == "latest":
        return belongs_to(start, Every(interval))
    return start if interval == "month" or table == "expected" else quarter_of(month_of(start))


def answers(client: Client, addresses: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """Status, bytes and headers of each, and the way there where it leads on."""
    found = {}
    for address in addresses:
        answer = client.get(address, follow=True)
        headers = tuple(sorted(answer.headers.items()))
        found[address] = answer.status_code, answer.getvalue(), headers, tuple(answer.redirect_chain)
    return found
