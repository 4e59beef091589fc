"""Publishes alerts one after the other, each through every step of its life, and says what it was answered.

A process of its own, `python -m bench.chaotic.publisher COUNT SECONDS`. One JSON line each: `acknowledged` with
the instant after the commit (monotonic seconds), or `unknown` where the answer to `publish` did not come. It
goes on until COUNT were acknowledged, spread over SECONDS.
"""

import json
import os
import sys
import time
from typing import Any

import django

PAUSE = 0.2  # seconds before another try


def main(count: int, seconds: float) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + seconds * number / count - time.monotonic()))
        while not publish_one():
            time.sleep(PAUSE)


def publish_one() -> bool:
    """One more alert. False where it was not, or may not have been, published."""
    from django.db import Error

    from alerts import lifecycle

    try:
        alert, second = prepared()
    except Error as error:
        tell("not_prepared", why=str(error))
        forget_connections()
        return False
    try:
        event = lifecycle.publish(alert, by=second)
    except Error as error:
        tell("unknown", alert=str(alert.pk), why=str(error))
        forget_connections()
        return False
    tell("acknowledged", alert=str(alert.pk), seq=event.seq, at=time.monotonic())
    return True


def prepared() -> tuple[Any, Any]:
    """An alert that two people approved, and the one who publishes it."""
    from alerts import lifecycle
    from alerts.levels import USUAL
    from alerts.simulating import simulated_reviewers
    from checking.models import Area

    (author, _), (second, _) = simulated_reviewers()
    area = Area.objects.get(slug="us-pa-allegheny")
    alert = lifecycle.draft(by=author, area=area, level="notice", body=words(area), cap=USUAL["notice"])
    lifecycle.propose(alert, by=author)
    content = lifecycle.latest(alert)
    for person in (author, second):
        lifecycle.approve(content, sha256=content.sha256, by=person, session_key=f"simulated {person.username}")
    return alert, second


def words(area: Any) -> dict[str, Any]:
    from django.utils import timezone

    from alerts import messages
    from checking import catalogue

    facts = messages.Facts(
        kind="lab",
        expected=(),
        found=(catalogue.current().subject("xylazine"),),
        area=area.slug,
        area_name=area.name,
        week=messages.week_of(timezone.now().date()),
        rung="confirmed",
        network="Chaos",
        level="notice",
        is_reviewed=True,
    )
    return messages.compose(facts)


def forget_connections() -> None:
    """As Django does after each request: what broke is not used again."""
    from django.db import close_old_connections

    close_old_connections()


def tell(kind: str, **more: Any) -> None:
    print(json.dumps({"kind": kind, **more}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
