"""How a network grades what it says: which severity, certainty and urgency make which level."""

from django.db import models

from ..levels import CERTAINTIES, SEVERITIES, URGENCIES
from .alerts import Level


def _any_of(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("", "any"), *((value, value) for value in values)]


class Grade(models.Model):
    """One line of a network's own table. An empty value stands for any. The highest level that fits counts."""

    severity = models.CharField(max_length=10, blank=True, choices=_any_of(SEVERITIES))
    certainty = models.CharField(max_length=10, blank=True, choices=_any_of(CERTAINTIES))
    urgency = models.CharField(max_length=10, blank=True, choices=_any_of(URGENCIES))
    level = models.CharField(max_length=10, choices=Level.choices)

    class Meta:
        ordering = ["level", "pk"]
        constraints = [models.UniqueConstraint(fields=["severity", "certainty", "urgency"], name="grade_once")]

    def __str__(self) -> str:
        return f"{self.severity or '*'} {self.certainty or '*'} {self.urgency or '*'}: {self.level}"
