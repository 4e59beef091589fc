"""How a site's own tables are read, and tables that are on their way in by the browser."""

import uuid

from django.db import models

from .places import Site


class ColumnMapping(models.Model):
    """A saved way of reading one kind of table from one site."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="column_mappings")
    name = models.CharField(max_length=60)
    columns = models.JSONField()  # field of ours -> {"column": header, ...}; see importing/mapping.py
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="mapping_once")]

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A table on its way in. What is in it waits in a private folder; neither that nor its name is here."""

    class State(models.TextChoices):
        MAPPING = "mapping"  # waits for somebody to say what its columns hold
        CHECKING = "checking"  # a dry run is under way
        CHECKED = "checked"
        IMPORTING = "importing"
        DONE = "done"
        FAILED = "failed"  # it cannot be read

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="uploads")
    state = models.CharField(max_length=9, choices=State.choices, default=State.MAPPING)
    mapping = models.JSONField(null=True, blank=True)  # None until somebody said
    mapping_name = models.CharField(max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)  # samples
    total = models.PositiveIntegerField(default=0)  # samples; 0 until they are counted
    uploaded_at = models.DateTimeField(db_index=True)
    uploaded_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    worked_at = models.DateTimeField(null=True, blank=True)  # a sign of life; None where nothing began yet

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["mapping", "checking", "checked", "importing", "done", "failed"]),
                name="upload_state_known",
            )
        ]
