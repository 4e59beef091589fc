"""Who asks: a site by its key, or a person signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from checking.models import Site, User
from checking.staff_rights import sites_for_entering

from .models import SiteKey

PREFIX = "api-key "


@dataclass(frozen=True)
class SitePrincipal:
    """A site that signed in by a key."""

    site: Site
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def pk(self) -> str:
        return f"site-{self.site.pk}"


@dataclass(frozen=True)
class Grant:
    """For which site, by whom, and what may be done."""

    site: Site
    scopes: frozenset[str]
    by: User | None = None


class SiteKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key <key>`."""

    def authenticate(self, request: Request) -> tuple[Any, Grant] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        if not header.lower().startswith(PREFIX):
            raise AuthenticationFailed("Send the key as: Authorization: Api-Key <key>.")
        try:
            key = SiteKey.objects.get_from_key(header[len(PREFIX) :].strip())
        except SiteKey.DoesNotExist:
            raise AuthenticationFailed("This key is not known here.") from None
        if key.revoked or key.has_expired:
            raise AuthenticationFailed("This key is no longer good.")
        return SitePrincipal(key.site), Grant(key.site, frozenset(key.scopes))

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class StaffSession(SessionAuthentication):
    """A person signed in, for a site where they enter results: `?site=` where there are several."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user: User = found[0]
        sites = sites_for_entering(user)
        asked = request.query_params.get("site")
        site = sites.filter(Q(slug=asked) if asked else Q()).order_by("name").first()
        if site is None:
            return user, None
        return user, Grant(site, frozenset(SiteKey.Scope.values), by=user)


class MayScope(BasePermission):
    """The key (or the person) may do what this view's `scope` says."""

    message = "This key may not do that."

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, Grant) and view.scope_for(request) in request.auth.scopes


def make_key(site: Site, *, name: str, scopes: Sequence[str] = (), good_for: timedelta | None = None) -> str:
    """A new key of a site. Shown this once; only its hash is kept. No scopes: all. `good_for` None: until revoked."""
    _, key = SiteKey.objects.create_key(
        name=name[:50],
        site=site,
        scopes=list(dict.fromkeys(scopes)) or list(SiteKey.Scope.values),
        expiry_date=None if good_for is None else timezone.now() + good_for,
    )
    return str(key)


def revoke(key: SiteKey) -> None:
    key.revoked = True
    key.expiry_date = key.expiry_date or timezone.now()
    key.save(update_fields=["revoked", "expiry_date"])
