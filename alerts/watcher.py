"""The watcher: looks at new results, lets out what is due, ends what is over.

It only ever asks rows what waits, so it may stop at any moment and begin again, and several may run
side by side. A ring of the bell makes it look at once; without one it looks every second.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.utils import timezone

from checking import bell
from checking.importing import uploads
from checking.notes import forget_old_notes
from checking.release import make_release
from checking.retention import forget_codes, forget_overdoses, let_days_grow_vague

from . import doubted_evidence, evidence_changes, lifecycle, paging, replay, screening
from .forgetting import forget_who_was_told
from .record import count_outcomes
from .sightings import forget_old_sightings

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
SLOW_SECONDS = 30.0  # for what nobody waits for to the second
WHOLE_LOOK_SECONDS = 300.0  # how often every result is asked about, not only the recent ones
DAILY_LOOK_SECONDS = 60.0
RECENT = timedelta(days=1)

Step = Callable[[], object]


def run(stop: threading.Event) -> None:
    """Watch until told to stop. No failure of a step ends it."""
    rung = threading.Event()
    unhook = bell.listen("results", rung.set)
    daily = threading.Thread(target=_run_daily, args=[stop], name="watcher-daily", daemon=True)
    daily.start()
    watch = _Watch(stop)
    try:
        while not stop.is_set():
            rung.clear()
            watch.look()
            # Woken by a ring, by the clock, or (within a moment) by the wish to stop.
            _wait(rung, stop)
    finally:
        unhook()
        daily.join(timeout=10)
        connections.close_all()


def start_in_thread() -> Callable[[], None]:
    """Watch in a thread of this process. Gives what stops it and waits for it."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=[stop], name="watcher", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(timeout=10)

    return end


def _wait(rung: threading.Event, stop: threading.Event) -> None:
    ends = time.monotonic() + POLL_SECONDS
    while not stop.is_set() and time.monotonic() < ends:
        if rung.wait(0.05):
            return


class _Watch:
    """What is done at each look, and what only now and then."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._whole_look_at = float("-inf")
        self._slow_at = float("-inf")

    def look(self) -> None:
        self._try(self._screen)
        self._try(evidence_changes.shake)
        self._try(lifecycle.publish_due_notices)
        if time.monotonic() - self._slow_at >= SLOW_SECONDS:
            self._slow_at = time.monotonic()
            for step in SLOW_STEPS:
                self._try(step)

    def _screen(self) -> None:
        since: datetime | None = timezone.now() - RECENT
        is_whole = time.monotonic() - self._whole_look_at >= WHOLE_LOOK_SECONDS
        while not self._stop.is_set() and screening.screen_waiting(since=None if is_whole else since):
            lifecycle.publish_due_notices()  # while much is waiting, what is due does not wait for all of it
        if is_whole:
            self._whole_look_at = time.monotonic()

    def _try(self, step: Step) -> None:
        if not self._stop.is_set():
            _try(step)


def _run_daily(stop: threading.Event) -> None:
    """What is done once a day, in a thread of its own: nobody's result waits for it.

    A job may be repeated, here or by another watcher: it does nothing the second time.
    """
    done_on: date | None = None
    while not stop.wait(DAILY_LOOK_SECONDS):
        today = timezone.now().date()
        if done_on == today:
            continue
        for job in DAILY_JOBS:
            _try(partial(job, today))
        done_on = today
        close_old_connections()
    connections.close_all()


def _try(step: Step) -> None:
    """One broken step must not keep the others from their turn."""
    name = getattr(step, "__name__", str(step))
    try:
        step()
    except (OperationalError, InterfaceError) as why:
        # Told once, and once again when it is over: a database that is away for an hour fills no disk with it.
        if name not in _waiting:
            logger.error("The database failed at %s, which is tried again until it does not: %s", name, why)
        _waiting.add(name)
        close_old_connections()
    except Exception:
        logger.exception("The watcher could not do: %s", name)
        close_old_connections()  # which may be what broke
    else:
        if name in _waiting:
            logger.warning("The database answers %s again", name)
        _waiting.discard(name)


_waiting: set[str] = set()  # names of steps at which the database failed the last time
SLOW_STEPS: tuple[Step, ...] = (
    lifecycle.lapse_due,
    lifecycle.expire_due,
    paging.page_reviewers,
    doubted_evidence.doubt,  # reads all evidence of what is out; a notice asks for sound lots itself before it is said
    replay.screen_waiting_replays,
    uploads.remove_old,
)
DAILY_JOBS: tuple[Callable[[date], object], ...] = (
    make_release,
    count_outcomes,
    forget_who_was_told,
    forget_old_notes,
    forget_old_sightings,
    forget_codes,
    forget_overdoses,
    let_days_grow_vague,
)
