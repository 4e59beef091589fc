"""What the staff menu offers: only what the person may open."""

from typing import Any

from django import template

from checking import staff_rights

register = template.Library()


@register.filter
def enters(user: Any) -> bool:
    return bool(staff_rights.sites_for_entering(user).exists())


@register.filter
def keeps_quality(user: Any) -> bool:
    return staff_rights.may_keep_quality(user)


@register.filter
def imports(user: Any) -> bool:
    return bool(staff_rights.sites_for_importing(user).exists())


@register.filter
def reviews(user: Any) -> bool:
    return staff_rights.may_review(user)


@register.filter
def analyses(user: Any) -> bool:
    return staff_rights.may_analyse(user)


@register.filter
def keeps_services(user: Any) -> bool:
    return staff_rights.may_keep_services(user)
