"""Which figures somebody looked at day by day.

What one site found on one day is a handful of samples, and who was there that day may be known. So looking at it is
on record, as taking rows out is; weeks and longer are not. The day's list of one's own site is daily work and is not.
"""

import hashlib
import json
from datetime import date

from .live_questions import LiveQuestion
from .models import DayView, Site, User


def record_if_by_day(question: LiveQuestion, *, by: User, today: date) -> None:
    """Once for each person, figure and day."""
    if not question.tells_days:
        return
    asked = question.as_json()
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    site = Site.objects.get(slug=question.site) if question.site else None
    DayView.objects.bulk_create(
        [DayView(on=today, by=by, asked=asked, asked_hash=digest, site=site)], ignore_conflicts=True
    )
