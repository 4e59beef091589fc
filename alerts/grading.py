"""The level an alert gets: by the network's own table, or the one it comes with."""

from .levels import DEFAULT_TABLE, USUAL, Cap, Line, level_in
from .models import Grade
from .models.alerts import LEVELS


def table() -> tuple[Line, ...]:
    """The lines in force. A network that has set none has the usual ones."""
    rows = Grade.objects.values_list("severity", "certainty", "urgency", "level")
    return tuple(Line(*row) for row in rows) or DEFAULT_TABLE


def level_of(cap: Cap) -> str:
    """What severity, certainty and urgency come to here.

    A network's own table cannot make one person's matter of what is a warning elsewhere.
    """
    floor = "caution" if level_in(DEFAULT_TABLE, cap) == "warning" else "notice"
    return max(floor, level_in(table(), cap), key=LEVELS.index)


def usual(level: str) -> Cap:
    """Values that come to this level here: the usual ones where they do, else the first line that gives it."""
    lines = table()
    if level_of(USUAL[level]) == level:
        return USUAL[level]
    given = next((line for line in lines if line.level == level), None)
    if given is None:
        return USUAL[level]  # the lifecycle refuses it: this network's table has no such level
    return Cap(*(mine or theirs for mine, theirs in zip(given[:3], USUAL[level], strict=True)))
