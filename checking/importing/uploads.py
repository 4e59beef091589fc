"""Tables that come by the browser: in a private folder while they are looked at, then gone.

The row (`Upload`) says how far it is; a thread of this process does the work and signs the row as it goes.
What was cut off, by a restart say, is begun again: bringing in is safe to repeat. Of what is in a
table, and what it was called, nothing is logged or kept in the database.
"""

import json
import logging
import shutil
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ..models import Site, Upload, User
from ..tables import Unusable
from .from_table import Wish, import_table
from .keeping import Keeper
from .mapping import from_plain
from .report import Report

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(hours=24)  # the table, and the rows that did not go in
STALE_AFTER = timedelta(minutes=2)  # without a sign of life: whoever worked on it is gone
SIGNS_EVERY = 0.5  # seconds between two signs of life
MOST_WAITING = 10  # of one site: each may be as large as IMPORT_MAX_MB
BATCH = 50  # samples in one transaction: whoever enters a result at the counter waits no longer than that
SHOWN = 20  # rejected rows, words and remarks on the page; the file of rejected rows has them all

State = Upload.State
WORKING = (State.CHECKING, State.IMPORTING)
_BEFORE = {
    State.CHECKING: (State.MAPPING, State.CHECKED, State.FAILED),
    State.IMPORTING: (State.CHECKED,),
}


class TooMany(Exception):
    """So many tables of this site wait already that no other is taken."""


class _Gone(Exception):
    """The upload was deleted while it was worked on."""


def folder(upload: Upload) -> Path:
    return Path(settings.SPOOL_DIR) / "imports" / upload.pk.hex


def table_of(upload: Upload) -> Path:
    return folder(upload) / "table"


def rejects_of(upload: Upload) -> Path:
    return folder(upload) / "rejects.csv"


def report_of(upload: Upload) -> dict[str, Any]:
    """What the last run said; empty where there was none, or its time is over."""
    try:
        report: dict[str, Any] = json.loads((folder(upload) / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return report


def take(pieces: Iterable[bytes], *, site: Site, by: User | None) -> Upload:
    """Keep a table for a while. Raises TooMany."""
    remove_old()
    if Upload.objects.filter(site=site).exclude(state=State.DONE).count() >= MOST_WAITING:
        raise TooMany
    upload = Upload(site=site, uploaded_by=by, uploaded_at=timezone.now())
    folder(upload).parent.mkdir(mode=0o700, exist_ok=True)
    folder(upload).mkdir(mode=0o700)
    with table_of(upload).open("xb") as file:
        for piece in pieces:
            file.write(piece)
    upload.save(force_insert=True)
    return upload


def is_stale(upload: Upload) -> bool:
    """True where work on it was cut off."""
    signed = upload.worked_at or upload.uploaded_at
    return upload.state in WORKING and timezone.now() - signed > STALE_AFTER


def start(upload: Upload, state: Upload.State) -> bool:
    """Begin to check or to bring in, in a thread. False where somebody else was quicker, or it is not its turn."""
    now = timezone.now()
    free = Q(state__in=_BEFORE[state]) | Q(state=state, worked_at__lt=now - STALE_AFTER)
    claimed = Upload.objects.filter(free, pk=upload.pk).update(state=state, done=0, total=0, worked_at=now)
    if claimed:
        language = translation.get_language() or "en"
        run_apart(upload, state, language)
    return bool(claimed)


def run_apart(upload: Upload, state: Upload.State, language: str) -> None:
    threading.Thread(target=_in_thread, args=(upload, state, language), name="import", daemon=True).start()


def _in_thread(upload: Upload, state: Upload.State, language: str) -> None:
    try:
        work(upload, state, language)
    finally:
        connections.close_all()


def work(upload: Upload, state: Upload.State, language: str) -> None:
    """Check, or bring in, and say what became of it."""
    upload = Upload.objects.select_related("site").get(pk=upload.pk)
    with translation.override(language):
        try:
            report = _import(upload, is_dry_run=state == State.CHECKING)
        except _Gone:
            return
        except Unusable as unusable:
            _finish(upload, State.FAILED, {"error": str(unusable)})
        except Exception as error:
            # Its text may repeat what was in the table, so only its kind is logged.
            logger.error("a table could not be brought in: %s", type(error).__name__)
            said = _("Something went wrong here. What went in before that stays, and it is safe to begin again.")
            _finish(upload, State.FAILED, {"error": said})
        else:
            is_done = state == State.IMPORTING
            _finish(upload, State.DONE if is_done else State.CHECKED, _shown(report))
            if is_done:
                table_of(upload).unlink(missing_ok=True)


def _import(upload: Upload, *, is_dry_run: bool) -> Report:
    keeper = Keeper(upload.site, file_format="generic", is_dry_run=is_dry_run)
    mapping = from_plain(upload.mapping)
    wish = Wish(table_of(upload), mapping, _("the table"), rejects_of(upload), batch=BATCH)
    return import_table(wish, keeper, progress=_Signs(upload).sign)


class _Signs:
    """Writes how far it is into the row, now and then."""

    def __init__(self, upload: Upload) -> None:
        self._rows = Upload.objects.filter(pk=upload.pk)
        self._signed_at = float("-inf")

    def sign(self, done: int, total: int) -> None:
        """Raises _Gone where the upload was deleted."""
        now = time.monotonic()
        if now - self._signed_at < SIGNS_EVERY and done < total:
            return
        self._signed_at = now
        if not self._rows.update(done=done, total=total, worked_at=timezone.now()):
            raise _Gone


def _finish(upload: Upload, state: Upload.State, report: dict[str, Any]) -> None:
    if folder(upload).exists():
        (folder(upload) / "report.json").write_text(json.dumps(report), encoding="utf-8")
    Upload.objects.filter(pk=upload.pk).update(state=state, worked_at=timezone.now())


def _shown(report: Report) -> dict[str, Any]:
    full = report.as_json()
    return full | {
        "rejected_rows": len(report.rejected),
        "rejected": full["rejected"][:SHOWN],
        "remarks": full["remarks"][:SHOWN],
        "unknown": report.unknown[:SHOWN],
        "more_unknown": max(0, len(report.unknown) - SHOWN),
    }


def remove(upload: Upload) -> None:
    """Delete the table and everything about it. What went in stays."""
    Upload.objects.filter(pk=upload.pk).delete()
    shutil.rmtree(folder(upload), ignore_errors=True)


def remove_old(now: datetime | None = None) -> int:
    """Delete what is older than a day, also of uploads whose row or whose process is gone. Gives how many."""
    oldest = (now or timezone.now()) - KEPT_FOR
    removed = 0
    for upload in Upload.objects.filter(uploaded_at__lt=oldest):
        remove(upload)
        removed += 1
    spool = Path(settings.SPOOL_DIR)
    # `*.upload*` are Django's own, left behind where a process ended in the middle of a request.
    for left in [*(spool / "imports").glob("*"), *spool.glob("*.upload*")]:
        try:
            is_old = left.stat().st_mtime < oldest.timestamp()
        except FileNotFoundError:
            continue  # another process was quicker
        if is_old and left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        elif is_old:
            left.unlink(missing_ok=True)
    return removed
