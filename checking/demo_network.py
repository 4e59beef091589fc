"""A simulated network: places, sites, and two years of samples whose shares move as published ones did.

Nothing here is a real result. The movements follow what services have published: fentanyl in most
of what is sold as an opioid (NYC: 1421 of 1595), xylazine giving way to medetomidine from one year to
the next (NYC, May 2025 to April 2026: 40 % and 38 % of samples sold as opioids), fentanyl in a few of
a hundred powder cocaine samples and in no crack (Wagner 2023), a nitazene arriving late and rarely.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

SEED = 20261122
WEEKS = 104

AREAS = (
    # slug, name, kind, parent, population, release, the region a notice from here names
    ("lakeland", "Lakeland", "country", "", 4_200_000, False, ""),
    ("lakeland-north", "North Lakeland", "region", "lakeland", 1_900_000, False, ""),
    ("lakeland-harbour", "Harbour County", "county", "lakeland-north", 820_000, True, ""),
    ("lakeland-river", "River County", "county", "lakeland-north", 540_000, True, "lakeland-north"),
    ("lakeland-hills", "Hill County", "county", "lakeland-north", 61_000, True, "lakeland-north"),
)


@dataclass(frozen=True)
class DemoSite:
    slug: str
    name: str
    kind: str
    area: str
    per_week: float  # samples brought, on average
    has_ftir: bool = False
    medetomidine_strips_from: int | None = None  # week number


SITES = (
    DemoSite("harbour-exchange", "Harbour Exchange", "fixed", "lakeland-harbour", 14.0, True, 60),
    DemoSite("harbour-nights", "Harbour Nights", "mobile", "lakeland-harbour", 6.0),
    DemoSite("riverside", "Riverside Drug Checking", "fixed", "lakeland-river", 10.0, True, 74),
    DemoSite("hill-post", "Hill County by Post", "mail_in", "lakeland-hills", 2.5),
    DemoSite("lakeland-lab", "Lakeland Reference Lab", "lab", "lakeland-river", 0.0),
)
LAB = "lakeland-lab"
MEDETOMIDINE_SCOPE_FROM = 30  # the week in which the lab began to look for it
SENDS_ALL = frozenset({"harbour-exchange", "riverside", "hill-post"})  # every sample goes to the lab

# Help nearby (data/demo/services.csv): how many days ago somebody made sure of each. Of one nobody ever did.
CONFIRMED_DAYS_AGO = {
    "harbour-exchange": 26, "harbour-nights": 24, "harbour-room": 132, "riverside": 21, "river-clinic": 217,
    "hill-post": 49, "never-alone": 3, "lakeland-legal": 114,
}  # fmt: skip
HOLIDAYS = ((1, 1), (7, 4), (12, 25))  # month and day, everywhere in the network

# What is brought: (expected, form, colour, weight).
BROUGHT = (
    ("fentanyl", "powder", "white", 26),
    ("heroin", "powder", "brown", 14),
    ("cocaine", "powder", "white", 15),
    ("cocaine", "rock", "beige", 7),
    ("methamphetamine", "crystal", "clear", 18),
    ("mdma", "tablet", "pink", 7),
    ("ketamine", "powder", "white", 6),
    ("alprazolam", "tablet", "white", 4),
    ("oxycodone", "tablet", "blue", 3),
)
# Per cent by mass: the middle, how far it spreads (standard deviation of the logarithm), and on which basis. Made up.
PERCENT = {
    "fentanyl": (9.0, 0.7, "base"),
    "heroin": (20.0, 0.6, "base"),
    "cocaine": (68.0, 0.3, "salt:hydrochloride"),
    "methamphetamine": (88.0, 0.1, "salt:hydrochloride"),
    "ketamine": (80.0, 0.2, "salt:hydrochloride"),
}


def ramp(week: int, start: int, end: int, low: float, high: float) -> float:
    """A share that moves from `low` to `high` between two weeks."""
    if week <= start:
        return low
    if week >= end:
        return high
    return low + (high - low) * (week - start) / (end - start)


def shares(week: int, expected: str, form: str) -> dict[str, float]:
    """How likely each substance is in what is sold as `expected`, in a week from 0 to 103."""
    if expected in {"fentanyl", "heroin"}:
        return {
            "fentanyl": 0.89 if expected == "fentanyl" else ramp(week, 0, 100, 0.62, 0.80),
            "heroin": 0.04 if expected == "fentanyl" else ramp(week, 0, 100, 0.55, 0.36),
            "xylazine": ramp(week, 30, 90, 0.42, 0.14),
            "medetomidine": ramp(week, 34, 88, 0.0, 0.40),
            "4-anpp": 0.58,
            "btmps": ramp(week, 10, 60, 0.03, 0.22),
            "p-fluorofentanyl": 0.11,
            "caffeine": 0.24,
            "lidocaine": 0.10,
            "n-desethyl-isotonitazene": ramp(week, 82, 103, 0.0, 0.035),
        }
    if expected == "cocaine":
        fentanyl = 0.02 if form == "powder" else 0.0
        return {"cocaine": 0.97, "levamisole": 0.22, "lidocaine": 0.14, "caffeine": 0.08, "fentanyl": fentanyl}
    if expected == "methamphetamine":
        return {"methamphetamine": 0.98, "dimethyl-sulfone": 0.14, "fentanyl": 0.006}
    if expected == "mdma":
        return {"mdma": 0.92, "caffeine": 0.08, "mda": 0.04, "methamphetamine": 0.03}
    if expected == "ketamine":
        return {"ketamine": 0.95, "caffeine": 0.03}
    if expected == "alprazolam":
        return {"bromazolam": 0.62, "alprazolam": 0.22, "n-desethyl-isotonitazene": ramp(week, 86, 103, 0.0, 0.05)}
    return {"fentanyl": 0.55, "oxycodone": 0.2, "n-desethyl-isotonitazene": ramp(week, 84, 103, 0.0, 0.12)}


def samples(last_day: date, known: frozenset[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every sample as (site, body), oldest first. Substances not in `known` are left out."""
    chance = random.Random(SEED)
    first_monday = last_day - timedelta(days=last_day.weekday(), weeks=WEEKS - 1)
    for week in range(WEEKS):
        monday = first_monday + timedelta(weeks=week)
        for site in SITES:
            for _ in range(_brought(chance, site.per_week)):
                day = monday + timedelta(days=chance.choice((0, 1, 2, 3, 4, 4, 5)))
                if day <= last_day:
                    yield site.slug, _sample(chance, site, week, day, last_day, known)


def _brought(chance: random.Random, per_week: float) -> int:
    """A Poisson number, by counting exponential gaps."""
    number, passed = 0, chance.expovariate(1.0)
    while passed < per_week:
        number += 1
        passed += chance.expovariate(1.0)
    return number


def _sample(
    chance: random.Random, site: DemoSite, week: int, day: date, last_day: date, known: frozenset[str]
) -> dict[str, Any]:
    expected, form, colour, _ = chance.choices(BROUGHT, [row[3] for row in BROUGHT])[0]
    truth = {name for name, share in shares(week, expected, form).items() if name in known and chance.random() < share}
    results = _strips(chance, site, week, day, expected, truth)
    if site.has_ftir and chance.random() < 0.7:
        results.append(_ftir(chance, day, truth))
    reacted = any(result.get("test_line") == "absent" for result in results)
    because = "all" if site.slug in SENDS_ALL else "strip_positive" if reacted else ""
    completed = day + timedelta(days=chance.randint(5, 21))
    if because and completed <= last_day:
        results.append(_lab(chance, week, day, completed, because, truth))
        if quantity := _quantity(results[-1]):
            results.append(quantity)
    residue = form == "powder" and chance.random() < 0.12
    return {
        "client_id": _uuid(chance),
        "collected_on": day.isoformat(),
        "expected": [expected] if chance.random() < 0.96 else ["unknown"],
        "form": form,
        "carrier": "cooker" if residue else "bag" if form in {"powder", "crystal", "rock"} else "product",
        "colours": [colour],
        "overdose_associated": chance.choices(("not_asked", "no", "yes"), (60, 37, 3))[0],
        "share": chance.random() < 0.97,
        "results": results,
    }


def _strips(
    chance: random.Random, site: DemoSite, week: int, day: date, expected: str, truth: set[str]
) -> list[dict[str, Any]]:
    """Strips with the sensitivity and the confusers published for them."""
    if site.kind == "mail_in":
        return []
    used = [("fentanyl-strip", _reacts(chance, bool(truth & {"fentanyl", "p-fluorofentanyl"}), 0.97, 0.03))]
    if expected in {"fentanyl", "heroin"}:
        confused = 0.35 if "lidocaine" in truth else 0.04
        used.append(("xylazine-strip", _reacts(chance, "xylazine" in truth, 0.80, confused)))
        if site.medetomidine_strips_from is not None and week >= site.medetomidine_strips_from:
            used.append(("medetomidine-strip", _reacts(chance, "medetomidine" in truth, 0.92, 0.02)))
    return [
        {
            "client_id": _uuid(chance),
            "method": method,
            "performed_on": day.isoformat(),
            "control": True,
            "test_line": "absent" if reacted else chance.choice(("clear", "clear", "clear", "faint")),
            "lot": {"brand": "DemoStrip", "lot": f"{method[:3].upper()}{week // 13:02d}"},
            "sample_mg": 10,
            "weighed": chance.random() < 0.6,
            "diluent_ml": 50 if method == "fentanyl-strip" else 10,
        }
        for method, reacted in used
    ]


def _reacts(chance: random.Random, is_there: bool, sensitivity: float, false_positive: float) -> bool:
    return chance.random() < (sensitivity if is_there else false_positive)


def _ftir(chance: random.Random, day: date, truth: set[str]) -> dict[str, Any]:
    """Infrared names what makes up a good part of a sample; potent traces stay below it."""
    seen = [name for name in sorted(truth) if chance.random() < {"fentanyl": 0.62, "4-anpp": 0.05}.get(name, 0.75)]
    hidden = {"medetomidine", "n-desethyl-isotonitazene", "p-fluorofentanyl", "bromazolam"}
    seen = [name for name in seen if name not in hidden]
    return {
        "client_id": _uuid(chance),
        "method": "ftir",
        "performed_on": day.isoformat(),
        "outcome": "detected" if seen else "not_detected",
        "chosen_because": "all",
        "findings": [{"substance": name} for name in seen],
    }


def _lab(chance: random.Random, week: int, day: date, completed: date, because: str, truth: set[str]) -> dict[str, Any]:
    looked_for = sorted(truth) if week >= MEDETOMIDINE_SCOPE_FROM else sorted(truth - {"medetomidine"})
    return {
        "client_id": _uuid(chance),
        "method": "gc-ms",
        "lab": LAB,
        "performed_on": min(day + timedelta(days=3), completed).isoformat(),
        "completed_on": completed.isoformat(),
        "outcome": "detected" if looked_for else "not_detected",
        "chosen_because": because,
        "findings": [
            {
                "substance": name,
                "amount": {"kind": "relative", "value": chance.choices(("primary", "trace"), (4, 1))[0]},
            }
            for name in looked_for
        ],
    }


def _quantity(named: dict[str, Any]) -> dict[str, Any] | None:
    """How much there was, of every other sample, by the lab's second method. None where it has no standard for any.

    By chance of its own, so that the samples are the same with it and without.
    """
    chance = random.Random(named["client_id"])
    found = sorted({finding["substance"] for finding in named["findings"]} & PERCENT.keys())
    if not found or chance.random() < 0.5:
        return None
    return {
        **{name: named[name] for name in ("lab", "performed_on", "completed_on", "chosen_because")},
        "client_id": _uuid(chance),
        "method": "hplc-uv",
        "outcome": "detected",
        "findings": [{"substance": name, "amount": _percent(chance, name)} for name in found],
    }


def _percent(chance: random.Random, name: str) -> dict[str, Any]:
    middle, spread, basis = PERCENT[name]
    value = min(99.0, middle * chance.lognormvariate(0, spread))
    return {"kind": "percent_w_w", "value": round(value, 1), "basis": basis}


def _uuid(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))
