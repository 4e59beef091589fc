"""Staff accounts: made by a coordinator at the command line, opened by a link that works once."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .models import Membership, SignInLink, Site, User

LINK_LIVES = timedelta(hours=24)


@transaction.atomic
def add_person(*, name: str, role: str, site: Site | None = None) -> User:
    """A person with a role at a site, or (no site) for the network; one who is there gets it beside their others."""
    user, is_new = User.objects.get_or_create(username=name)
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    Membership.objects.get_or_create(user=user, site=site, role=role)
    return user


@transaction.atomic
def make_link(user: User) -> str:
    """An address that signs the person in once within a day. Links made before stop working."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.filter(user=user).delete()
    SignInLink.objects.create(user=user, token_hash=_hash(token), expires_at=timezone.now() + LINK_LIVES)
    return f"{settings.PUBLIC_URL}/staff/link/{token}/"


def use_link(token: str) -> User | None:
    """The person this token signs in; None alike for one that is wrong, used, past its time or of someone who left."""
    now = timezone.now()
    link = SignInLink.objects.filter(
        token_hash=_hash(token), used_at__isnull=True, expires_at__gt=now, user__is_active=True
    )
    found = link.select_related("user").first()
    # Claimed by updating: of two who open it at once, one gets in.
    if found is None or SignInLink.objects.filter(pk=found.pk, used_at__isnull=True).update(used_at=now) == 0:
        return None
    return found.user


def _hash(token: str) -> str:
    """256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
