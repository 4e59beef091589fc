"""Where rules may speak, after which hold, how often: each change by a person, with a reason, on record."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.translation import gettext as _

from checking.models import Method, Network, Site, User
from checking.staff_rights import may_coordinate_network

from . import rule_approvals
from .approving import NotAllowed
from .models import RuleSwitch
from .rules import SPEAKING

LONGEST_HOLD = 24 * 60  # minutes; a notice that waits longer is a draft for people
SHOWN_CHANGES = 20


class NotSaid(ValueError):
    """A change without a reason, or outside what the rules allow. The message says which."""


@dataclass(frozen=True)
class Change:
    """One change as the page tells it."""

    at: Any
    by: str
    what: str
    because: str


@transaction.atomic
def switch_rule(
    rule: str, *, site: Site | None, method: Method | None, is_on: bool, by: User, because: str
) -> RuleSwitch:
    """Switch a rule on or off for a site and method; none of them: for all. Off takes a reviewer, on a coordinator."""
    if rule not in SPEAKING:
        raise NotSaid(_("There is no such rule."))
    if not (may_coordinate_network(by) or (not is_on and rule_approvals.may_approve_rules(by))):
        raise NotAllowed(_("A coordinator of the whole network switches a rule on; its reviewers may switch it off."))
    row, _is_new = RuleSwitch.objects.select_for_update().get_or_create(
        rule=rule, site=site, method=method, defaults={"is_on": is_on}
    )
    row.is_on = is_on
    row.save(update_fields=["is_on"])
    _record(row, f"{rule}: {place_of(row)}: {'on' if is_on else 'off'}", by=by, because=because)
    return row


@transaction.atomic
def set_hold(*, minutes: int, caps: bool, by: User, because: str) -> None:
    """The hold before a rule speaks, and whether its caps hold. Notices that wait already keep the hold they began."""
    if not may_coordinate_network(by):
        raise NotAllowed(_("Only a coordinator of the whole network can do this."))
    network = Network.objects.select_for_update().get(pk=Network.current().pk)
    shortest = 0 if network.simulated else 1
    if not shortest <= minutes <= LONGEST_HOLD:
        raise NotSaid(_("The hold is %(least)s to %(most)s minutes.") % {"least": shortest, "most": LONGEST_HOLD})
    if not caps and not network.simulated:
        raise NotSaid(_("Only a simulated network may do without caps."))
    network.hold_minutes, network.caps = minutes, caps
    network.save(update_fields=["hold_minutes", "caps"])
    _record(network, f"hold {minutes} min, caps {'on' if caps else 'off'}", by=by, because=because)


def changes() -> list[Change]:
    """The latest changes, newest first."""
    types = ContentType.objects.get_for_models(RuleSwitch, Network).values()
    rows = LogEntry.objects.filter(content_type__in=types).select_related("user").order_by("-action_time")
    return [
        Change(row.action_time, str(row.user), row.object_repr, row.get_change_message())
        for row in rows[:SHOWN_CHANGES]
    ]


def place_of(row: RuleSwitch) -> str:
    """Site and method of a switch, in words."""
    site = row.site.name if row.site else _("every site")
    return f"{site}, {row.method.name if row.method else _('every method')}"


def _record(row: models.Model, what: str, *, by: User, because: str) -> None:
    """In the same log that the administration keeps."""
    if len(because.strip()) < 3:
        raise NotSaid(_("Say why, so that others can follow."))
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=what[:200],
        action_flag=CHANGE,
        change_message=because.strip()[:300],
    )
