"""A small simulated network in which every kind of page has something to show.

`fill()` runs inside `manage.py shell` on a migrated database and gives what is needed to find the pages.
"""

import json
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from alerts import lifecycle
from alerts.screening import screen_waiting
from alerts.simulating import approve_all_rules, say, simulated_reviewers
from checking import bodies, catalogue, submission
from checking.decoding import decode
from checking.models import (
    Area,
    Network,
    ReleasedAmount,
    ReleasedExpected,
    ReleasedPair,
    Result,
    Service,
    Site,
)
from checking.periods import quarter_of
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body

HERE = "us-pa-allegheny"


def amount(name: str, **said: Any) -> dict[str, Any]:
    return {"substance": name, "amount": said}


def measured(*findings: dict[str, Any], **other: Any) -> dict[str, Any]:
    return lab_body((), outcome="detected", findings=list(findings), **other)


FENTANYL_IN_COCAINE = (
    amount("cocaine", kind="relative", value="primary"),
    amount("fentanyl", kind="percent_w_w", value=4.1, low=3.7, high=4.5, basis="base"),
    amount("xylazine", kind="relative", value="trace"),
)


def brought() -> dict[str, dict[str, Any]]:
    """One sample of each kind that reads differently, by what it shows."""
    ftir = measured(amount("cocaine", kind="percent_ftir", value=60), method="ftir")
    pill = amount("mdma", kind="mg_per_unit", value=240, basis="salt:hydrochloride", portion="whole")
    return {
        "a strip that reacted": sample_body(strip_body("absent")),
        "strips that did not": sample_body(strip_body("clear"), strip_body("faint", method="xylazine-strip")),
        "a strong mix of MDMA": sample_body(
            strip_body("absent", sample_mg=100, diluent_ml=50), expected=("mdma",), form="crystal"
        ),
        "FTIR": sample_body(ftir),
        "fentanyl in cocaine": sample_body(strip_body("absent"), measured(*FENTANYL_IN_COCAINE)),
        "residue": sample_body(lab_body(("fentanyl", "medetomidine")), expected=("fentanyl",), material="residue"),
        "a reagent": sample_body(
            lab_body(("mdma",), method="reagent", outcome="consistent_with"), expected=("mdma",), form="crystal"
        ),
        "methods that differ": sample_body(strip_body("absent"), lab_body(("cocaine",)), ftir_again(ftir)),
        "a strong pill": sample_body(measured(pill, method="hplc-uv"), expected=("mdma",), form="tablet"),
        "no control line": sample_body({**strip_body("clear"), "control": False}),
        "nothing yet": sample_body(),
    }


def ftir_again(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "client_id": lab_body()["client_id"]}


def fill() -> None:
    """Everything, and where it is: `{"codes": {...}, "samples": {...}}` as JSON on the last line."""
    make_vocabulary()
    harbour = make_site("harbour")
    Network.current()
    Network.objects.update(simulated=True)
    _people(harbour)
    _services()
    _figures()
    _alerts()
    receipts = {name: submit(body, harbour) for name, body in brought().items()}
    for name in ("corrected", "taken back"):
        receipts[name] = submit(sample_body(strip_body("absent"), lab_body(("cocaine",))), harbour)
    _correct(receipts["corrected"].sample_id, harbour)
    strip = Result.objects.get(sample_id=receipts["taken back"].sample_id, method__slug="fentanyl-strip")
    submission.withdraw_result(strip, reason="The sample was mixed up")
    screen_waiting()
    codes = {name: receipt.code for name, receipt in receipts.items()}
    samples = {name: str(receipt.sample_id) for name, receipt in receipts.items()}
    print("\n" + json.dumps({"codes": codes, "samples": samples}))


def _people(site: Site) -> None:
    make_person("ada", "coordinator")
    make_person("ada", "collector", site)
    make_person("ada", "community_reviewer")
    approve_all_rules()


def _services() -> None:
    """Open, closed, not known, words only; fresh, getting old, old and never confirmed."""
    area, today = Area.objects.get(slug=HERE), timezone.now().date()
    kept = (
        # name, offer, hours, days since it was confirmed
        ("Night van", "naloxone", "Th-Sa 20:00-02:00; PH off", None),
        ("Quay Lane", "syringe_services", "24/7", 1),
        ("The Room", "drop_in", "Kits sent free; call or write", 120),
        ("Weir Street", "treatment", "", 300),
    )
    for number, (name, offer, hours, days) in enumerate(kept):
        Service.objects.create(
            slug=f"s{number}", name=name, area=area, offers=[offer], phone=f"555-010{number}", text_line="555-0109",
            hours=hours, hours_remark="Ask for Ana", time_zone="America/New_York", languages=["en", "es"],
            url="https://example.org/", last_confirmed_on=None if days is None else today - timedelta(days=days),
        )  # fmt: skip


def _figures() -> None:
    from tests.test_trends import make_cell

    monday = timezone.now().date() - timedelta(days=timezone.now().weekday())
    for subject, detected in (("xylazine", 7), ("fentanyl_type_opioid", 12), ("fentanyl", 11)):
        for weeks in range(12):
            start: date = monday - timedelta(weeks=weeks)
            cell = make_cell(31 - weeks, max(0, detected - weeks), subject=subject, period_start=start)
    told = {"release": cell.release, "batch": 118, "area": HERE, "period_start": quarter_of(monday), "family": "lab"}
    for expected, found in (("stimulant", "fentanyl"), ("opioid", "xylazine"), ("opioid", "fentanyl")):
        ReleasedExpected.objects.create(expected=expected, subject=found, tested=40, detected=9, **told)
    ReleasedPair.objects.create(
        one="fentanyl", other="xylazine", tested=90, with_one=70, with_other=60, both_low=56, both_high=60, **told
    )
    ReleasedAmount.objects.create(
        subject="mdma", kind="mg_per_unit", basis="salt:hydrochloride", portion="whole", measured=25, lower=110,
        median=150, upper=190, over="120:18-18 200:0-4", **told,
    )  # fmt: skip


def _alerts() -> None:
    known = catalogue.current()
    area = Area.objects.get(slug=HERE)
    said = {
        level: say(area=area, subject=known.subject(slug), expected=(known.subject("cocaine"),), level=level)
        for level, slug in (("notice", "xylazine"), ("caution", "fentanyl"), ("warning", "carfentanil"))
    }
    (reviewer, _), *_ = simulated_reviewers()
    lifecycle.end_alert(said["notice"].alert, by=reviewer, because="Nothing new was reported.")
    lifecycle.withdraw_alert(said["warning"].alert, by=reviewer, because="The lab has looked again.")
    lifecycle.draft(by=reviewer, area=area, level="caution", body=lifecycle.latest(said["caution"].alert).body)


def _correct(sample_id: Any, site: Site) -> None:
    strip = Result.objects.get(sample_id=sample_id, method__slug="fentanyl-strip")
    body = {**strip_body("clear"), "reason": "Read wrongly"}
    submission.correct_result(strip, decode(json.dumps(body).encode(), bodies.Correction), submission.Source(site=site))
