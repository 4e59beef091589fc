"""Site keys: which there are, and taking one back. A key itself is shown once, by `make_key`, and never here."""

from typing import Any

import rest_framework_api_key.admin  # noqa: F401  # registers what is taken out below
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from rest_framework_api_key.models import APIKey

from checking.admin import ReadOnlyAdmin, may_keep

from .authentication import revoke
from .models import SiteKey

if admin.site.is_registered(APIKey):
    admin.site.unregister(APIKey)  # keys that belong to no site: we have none


@admin.register(SiteKey)
class SiteKeyAdmin(ReadOnlyAdmin):
    """A list alone: a key's own page would have its hash in the address."""

    list_display = ("name", "site", "scopes", "created", "expiry_date", "revoked")
    list_display_links = None
    list_select_related = ("site",)
    actions = ("take_back",)

    @admin.action(description="Take these keys back, for good")
    def take_back(self, request: HttpRequest, keys: "QuerySet[Any]") -> None:
        if not may_keep(request):
            raise PermissionDenied
        for key in keys:
            revoke(key)
        messages.success(request, "They are no longer good.")

    @admin.display(description="")
    def action_checkbox(self, obj: SiteKey) -> SafeString:
        """Ticked by its prefix: a key's primary key holds its hash, which no page shows."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            obj.prefix,
            obj.name,
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST":
            ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
            sent = request.POST.copy()
            sent.setlist(
                ACTION_CHECKBOX_NAME, list(SiteKey.objects.filter(prefix__in=ticked).values_list("pk", flat=True))
            )
            request.POST = sent  # type: ignore[assignment]  # a changed copy is as good here
        return super().changelist_view(request, extra_context)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and may_keep(request)
