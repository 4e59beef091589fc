"""In which areas people may approve: their roles, read once for many questions."""

from collections.abc import Iterable
from typing import Any

from checking.models import Area, Membership

Role = Membership.Role
APPROVING = (Role.COMMUNITY_REVIEWER, Role.REVIEWER)  # the rarer one first: it is the one that is recorded


class Rights:
    """The approving roles of some people as they are now. Of an account that was closed there are none.

    Where an area, or one above it, is a self-governing community's, its own people decide: the role must then
    be held at a site of theirs.
    """

    def __init__(self, people: Iterable[Any]) -> None:
        """`people`: primary keys. Two queries, however many people and areas."""
        self._held: dict[Any, list[Membership]] = {}
        rows = Membership.objects.filter(user__in=set(people), user__is_active=True, role__in=APPROVING)
        for row in rows.select_related("site__area"):
            self._held.setdefault(row.user_id, []).append(row)
        governed = Area.objects.exclude(governed_by="") if self._held else Area.objects.none()
        self._governed: list[str] = sorted(governed.values_list("path", flat=True), reverse=True)

    def roles(self, person: Any, area: Area) -> set[str]:
        """Roles in which this person may approve for the area."""
        governing = next((path for path in self._governed if area.path.startswith(path)), None)
        return {row.role for row in self._held.get(person, ()) if _reaches(row, area, governing)}


def _reaches(row: Membership, area: Area, governing: str | None) -> bool:
    if row.site is None:
        return governing is None
    home: str = row.site.area.path
    if governing is not None:
        return home.startswith(governing)
    return home.startswith(area.path) or area.path.startswith(home)
