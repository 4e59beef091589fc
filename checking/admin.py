"""What a coordinator keeps by hand, and what nobody may: results are corrected, never edited."""

from typing import TYPE_CHECKING, Any

import allauth.account.admin  # registers what is taken out below
import allauth.mfa.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from .models import (
    AllowedWhenExpected,
    Area,
    Finding,
    Holiday,
    KitLot,
    Membership,
    Method,
    MethodScope,
    Network,
    Release,
    Result,
    Sample,
    Screening,
    Site,
    Substance,
    SubstanceClass,
    Threshold,
    User,
    Watched,
    Withdrawal,
)
from .staff_rights import may_coordinate_network

admin.site.site_header = admin.site.site_title = "Headsup"
admin.site.index_title = "Kept by hand"
# Signing in here is signing in everywhere: the same limits, no second form.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign,no-untyped-call]  # as allauth has it
for unused in (Authenticator, EmailAddress, EmailConfirmation, Group):  # secrets, mail and roles that we have not
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)


def may_keep(request: HttpRequest) -> bool:
    """A coordinator of the network, or whoever runs the installation."""
    user = request.user
    return user.is_active and (user.is_superuser or may_coordinate_network(user))


# Roles decide, not a second mark on the account that could be forgotten when a role goes.
admin.site.has_permission = may_keep  # type: ignore[method-assign]


if TYPE_CHECKING:  # generic for types alone
    _Admin = admin.ModelAdmin[Any]
    _Memberships = admin.TabularInline[Membership, User]
else:
    _Admin, _Memberships = admin.ModelAdmin, admin.TabularInline


class KeptAdmin(_Admin):
    """Rows a coordinator keeps. Nothing is deleted in bulk."""

    can_delete = True
    actions: Any = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_keep(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_keep(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_keep(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_keep(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete and may_keep(request)


class ReadOnlyAdmin(KeptAdmin):
    """Rows that are read here and changed nowhere: history, or what another door writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    """Without the hashes, and without the overdose flag, which stays with its own site."""

    list_display = ("id", "site", "collected_on", "form", "carrier", "material", "share")
    list_filter = ("site", "form", "material")
    list_select_related = ("site",)
    exclude = ("client_hash", "body_hash", "code_hash")


@admin.register(Result)
class ResultAdmin(ReadOnlyAdmin):
    list_display = ("id", "method", "lab", "outcome", "performed_on", "corrects")
    list_filter = ("method", "outcome", "lab")
    list_select_related = ("method", "lab")
    exclude = ("client_hash", "body_hash")


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ("named", "is_detected", "identity", "amount_kind", "value", "result")
    list_select_related = ("substance", "substance_class", "result")


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("result", "reason", "recorded_at", "entered_by")


@admin.register(Screening)
class ScreeningAdmin(ReadOnlyAdmin):
    list_display = ("result", "visible_from")


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("number", "made_on")


@admin.register(Substance)
class SubstanceAdmin(ReadOnlyAdmin):
    """Read here; kept in the reference files."""

    list_display = ("name", "substance_class", "checked_by", "reviewed_on")
    search_fields = ("name", "slug")


@admin.register(SubstanceClass)
class SubstanceClassAdmin(ReadOnlyAdmin):
    list_display = ("name", "parent", "is_life_threatening", "is_watched")


@admin.register(AllowedWhenExpected)
class AllowedWhenExpectedAdmin(ReadOnlyAdmin):
    """The table by which something is mis-sold, with who looked at each row: nobody, where that is empty."""

    list_display = ("expected", "allowed", "is_checked", "checked_by", "reviewed_on")
    search_fields = ("expected", "allowed")

    @admin.display(boolean=True, description="reviewed")
    def is_checked(self, row: AllowedWhenExpected) -> bool:
        return row.is_reviewed


@admin.register(Method)
class MethodAdmin(ReadOnlyAdmin):
    list_display = ("name", "family", "tells", "names_exactly", "checked_by", "reviewed_on")


@admin.register(Area)
class AreaAdmin(KeptAdmin):
    """Where an area stands in the tree is settled when areas are loaded: figures rest on it."""

    list_display = ("name", "slug", "kind", "population", "is_release", "governed_by")
    list_filter = ("kind", "is_release")
    search_fields = ("name", "slug")
    readonly_fields = ("slug", "path", "parent")
    autocomplete_fields = ("speaks_for",)
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Site)
class SiteAdmin(KeptAdmin):
    list_display = ("name", "slug", "kind", "area", "is_listed", "is_training", "ends_on")
    list_filter = ("kind", "is_listed", "is_training")
    search_fields = ("name", "slug")
    autocomplete_fields = ("area",)
    can_delete = False  # its samples point at it

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()  # programs send to it by this name


class MembershipInline(_Memberships):
    model = Membership
    extra = 1
    autocomplete_fields = ("site",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_keep(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_keep(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_keep(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_keep(request)


@admin.register(User)
class UserAdmin(KeptAdmin):
    """Who works here. No password is shown or set: `make_person` prints a link for that."""

    list_display = ("username", "shown_name", "is_active")
    search_fields = ("username", "shown_name")
    fields = ("username", "shown_name", "is_active")
    inlines = (MembershipInline,)
    can_delete = False  # what they entered names them; closing the account is enough
    actions = ("forget_second_factor",)

    @admin.action(description="Remove a lost second factor", permissions=["change"])
    def forget_second_factor(self, request: HttpRequest, chosen: "QuerySet[User]") -> None:
        """For who lost phone and paper. One's own goes by one of its codes only."""
        for user in chosen.exclude(pk=request.user.pk or 0):
            if Authenticator.objects.filter(user=user).delete()[0]:
                self.log_change(request, user, "Removed the second factor.")

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[Any]", change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Membership)
class MembershipAdmin(KeptAdmin):
    list_display = ("user", "role", "site")
    list_filter = ("role", "site")
    list_select_related = ("user", "site")
    autocomplete_fields = ("user", "site")


@admin.register(Holiday)
class HolidayAdmin(KeptAdmin):
    """Services themselves are kept on the staff pages, where each change can be undone."""

    list_display = ("day", "area", "name")
    list_filter = ("area",)
    list_select_related = ("area",)
    autocomplete_fields = ("area",)


@admin.register(Network)
class NetworkAdmin(KeptAdmin):
    """The one row. Whether it is simulated is settled by how its data came about, not here."""

    readonly_fields = ("simulated", "stream", "reference_version")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(MethodScope)
class MethodScopeAdmin(KeptAdmin):
    list_display = ("lab", "method", "named", "since", "until", "is_full", "runs_all")
    list_filter = ("lab", "method")
    list_select_related = ("lab", "method", "substance", "substance_class")
    autocomplete_fields = ("lab", "substance")


@admin.register(KitLot)
class KitLotAdmin(KeptAdmin):
    list_display = ("method", "brand", "lot", "expires_on", "state")
    list_filter = ("method", "state")
    readonly_fields = ("state",)  # said on its own page, with a reason, and known to those it concerns
    can_delete = False  # results rest on it; a bad one is `suspect`


@admin.register(Watched)
class WatchedAdmin(KeptAdmin):
    list_display = ("named", "reason")
    autocomplete_fields = ("substance",)


@admin.register(Threshold)
class ThresholdAdmin(KeptAdmin):
    list_display = ("substance", "kind", "above", "basis", "level")
    autocomplete_fields = ("substance",)
