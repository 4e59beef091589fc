"""Short notes of staff, which go by themselves."""

from django.db import models

from .samples import Sample


class Note(models.Model):
    """A few words about a sample, for staff of its site only. Gone after 30 days."""

    LONGEST = 280  # characters
    KEPT_DAYS = 30

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="notes")
    text = models.CharField(max_length=LONGEST)
    recorded_at = models.DateTimeField(db_index=True)
    written_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
