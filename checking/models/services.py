"""Help nearby: services a person may want, none of them pushed."""

from django.db import models

from .places import Area


class Service(models.Model):
    """One service with what it offers, when it is open, and when that was last confirmed."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    area = models.ForeignKey(Area, models.CASCADE, related_name="services")
    offers = models.JSONField(default=list)  # codes, see checking/helping.py
    phone = models.CharField(max_length=40, blank=True)
    text_line = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=200, blank=True)  # as people say it: "Mon-Fri 10-16"
    url = models.URLField(blank=True)
    languages = models.JSONField(default=list)
    last_confirmed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
