"""Keys by which sites submit."""

from typing import Any, ClassVar

from django.db import models
from rest_framework_api_key.models import AbstractAPIKey


class SiteKey(AbstractAPIKey):
    """A site's key: shown once, kept as a hash, scoped, expiring, revocable.

    Its primary key contains the hash: never point at it, and never put it in an address.
    """

    class Scope(models.TextChoices):
        SUBMIT = "submit"
        CORRECT = "correct"
        READ = "read"

    site = models.ForeignKey("checking.Site", models.CASCADE, related_name="keys")
    scopes = models.JSONField(default=list)  # of Scope

    objects: ClassVar[Any]

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "site key"
        verbose_name_plural = "site keys"
