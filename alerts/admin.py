"""What was noticed and said, to be read. Alerts move by `alerts.lifecycle` and nowhere else."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from checking.admin import KeptAdmin, ReadOnlyAdmin

from .models import (
    Alert,
    AlertContent,
    AlertEvent,
    AlertEvidence,
    Approval,
    Grade,
    RuleApproval,
    RuleSwitch,
    RuleWording,
    Signal,
)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("id", "area", "state", "rule", "published_at", "expires_at", "is_drill")
    list_filter = ("state", "is_drill")
    list_select_related = ("area",)


@admin.register(AlertContent)
class AlertContentAdmin(ReadOnlyAdmin):
    list_display = ("alert", "version", "level", "sha256", "written_at")


@admin.register(AlertEvent)
class AlertEventAdmin(ReadOnlyAdmin):
    list_display = ("seq", "kind", "alert", "at", "is_drill")
    list_filter = ("kind", "is_drill")


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    list_display = ("content", "role", "at")
    exclude = ("session_hash",)


@admin.register(AlertEvidence)
class AlertEvidenceAdmin(ReadOnlyAdmin):
    list_display = ("alert", "result", "added_at", "shaken_at")


@admin.register(Signal)
class SignalAdmin(ReadOnlyAdmin):
    list_display = ("summary", "rule", "area", "on", "rung", "state")
    list_filter = ("rule", "state")
    list_select_related = ("area",)


@admin.register(RuleApproval)
class RuleApprovalAdmin(ReadOnlyAdmin):
    list_display = ("rule", "role", "at")


@admin.register(RuleWording)
class RuleWordingAdmin(ReadOnlyAdmin):
    list_display = ("rule", "by", "at", "because")


@admin.register(RuleSwitch)
class RuleSwitchAdmin(KeptAdmin):
    """Where a rule that people approved may speak. The waiver is for simulated networks, by command only."""

    list_display = ("rule", "site", "method", "is_on")
    readonly_fields = ("waives_first_hundred",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Where a switch for one site is gone, the one for all sites decides: turn it off instead.
        return False


@admin.register(Grade)
class GradeAdmin(KeptAdmin):
    """Which severity, certainty and urgency make which level. Without any line the usual table holds."""

    list_display = ("severity", "certainty", "urgency", "level")
