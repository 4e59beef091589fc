"""Notes of staff: written past the identifier gate, read at their site only, and gone after 30 days."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from .identifying import Passage, passages
from .models import Note, Sample, User

KEPT_FOR = timedelta(days=Note.KEPT_DAYS)


class Identifying(ValueError):
    """A note that could tell who a person is. `found` is for its writer; the message holds none of it."""

    def __init__(self, found: Sequence[Passage]) -> None:
        super().__init__("the note could tell who a person is")
        self.found = found


@sensitive_variables()
def write_note(sample: Sample, text: str, *, by: User) -> Note:
    """Keep a note of at most 280 characters with a sample. Raises Identifying; nothing is kept then."""
    text = text.strip()
    if not text or len(text) > Note.LONGEST:
        raise ValueError(f"a note of {len(text)} characters")
    if found := passages(text):
        raise Identifying(found)
    return Note.objects.create(sample=sample, text=text, written_by=by, recorded_at=timezone.now())


def standing(sample: Sample) -> "list[Note]":
    """Notes of a sample that are not over yet, newest first; those that are wait only for the daily round."""
    return list(sample.notes.filter(recorded_at__gt=timezone.now() - KEPT_FOR).order_by("-recorded_at"))


def forget_old_notes(_today: date | None = None, *, now: datetime | None = None) -> int:
    """Delete notes 30 days after they were written. Gives how many."""
    over = Note.objects.filter(recorded_at__lte=(now or timezone.now()) - KEPT_FOR)
    return over.delete()[0]
