"""Staff: who may do what, and nothing more about them."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A member of staff. A name to sign in with is all we need: no e-mail, no last sign-in."""

    first_name = None  # type: ignore[assignment]  # we do not keep legal names
    last_name = None  # type: ignore[assignment]  # we do not keep legal names
    last_login = None  # nobody needs to know when
    email = models.EmailField(blank=True)  # optional; nothing is sent unless given
    shown_name = models.CharField(max_length=80, blank=True)

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.shown_name or self.username


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user: Any) -> "MembershipQuerySet":
        return self.filter(user_id=user.pk) if user.is_authenticated and user.is_active else self.none()


class Membership(models.Model):
    """A person's role at a site, or (no site) for the whole network."""

    class Role(models.TextChoices):
        COLLECTOR = "collector"
        CHEMIST = "chemist"
        REVIEWER = "reviewer"
        COMMUNITY_REVIEWER = "community_reviewer"  # granted; no reason is stored
        COORDINATOR = "coordinator"
        ANALYST = "analyst"

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    site = models.ForeignKey("Site", models.CASCADE, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    objects: Any = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "site", "role"], name="membership_once"),
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(site__isnull=True), name="membership_network_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} at {self.site or 'the network'}"


class SignInLink(models.Model):
    """A link that signs one person in once, to set a password. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
