"""Areas and the scopes of labs, loaded from CSV. All rows of a file go in, or none."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from . import area_tree, catalogue, tree
from .models import Area, MethodScope, Site
from .tables import Row, read_rows, require_columns

AREA_COLUMNS = ("slug", "name", "kind", "parent", "population", "codes", "release", "speaks_for")
SCOPE_COLUMNS = ("lab", "method", "target", "since", "until", "limit_w_w", "full", "runs_all")
YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
DEEPEST = 120 // tree.WIDTH  # levels that Area.path has room for


class Refused(ValueError):
    """A file with faults: nothing of it was loaded. Each fault names its line and the reason."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_areas(file: Path) -> int:
    """Load areas; gives how many rows the file has. Raises Unusable or Refused.

    Loading again changes nothing. An area that is there already takes the columns the file has and keeps the rest.
    """
    header = require_columns(file, needed=("slug", "name"), known=AREA_COLUMNS)
    rows = _checked(read_rows(file), _area_values)
    with transaction.atomic():
        areas = {area.slug: area for area in Area.objects.select_for_update()}
        loading = _AreaLoading(areas, header)
        loading.read(rows)
        loading.store()
    area_tree.forget()
    return len(rows)


def _checked(rows: Iterable[Row], values: Callable[[Row], dict[str, Any]]) -> list[tuple[Row, dict[str, Any]]]:
    """Each row with its values. Raises Refused with every fault of the file."""
    read: list[tuple[Row, dict[str, Any]]] = []
    faults: list[str] = []
    for row in rows:
        try:
            if row.fault:
                raise ValueError(row.fault)
            read.append((row, values(row)))
        except ValidationError as error:
            faults += [f"line {row.line}: {name}: {' '.join(said)}" for name, said in error.message_dict.items()]
        except ValueError as error:
            faults.append(f"line {row.line}: {error}")
    if faults:
        raise Refused(faults)
    return read


def _area_values(row: Row) -> dict[str, Any]:
    """What the row says of the area itself; where it stands in the tree is seen once all rows are read."""
    values = row.values
    population = values.get("population", "")
    if population and not population.isdecimal():
        raise ValueError(f"population is “{population}”; expected a whole number or nothing")
    said = {
        "slug": values["slug"],
        "name": values["name"],
        "kind": values.get("kind", ""),
        "population": int(population) if population else None,
        "codes": _codes(values.get("codes", "")),
        "is_release": _yes_no("release", values.get("release", ""), default=False),
    }
    Area(**said).clean_fields(exclude=["path", "parent", "speaks_for", "codes"])
    return said


def _codes(text: str) -> dict[str, str]:
    codes: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split("|"))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value) or name in codes:
            raise ValueError(f"codes has “{part}”; expected name=value, each name once, parted by |")
        codes[name] = value
    return codes


def _yes_no(column: str, text: str, *, default: bool) -> bool:
    if not text:
        return default
    if text.casefold() not in YES_NO:
        raise ValueError(f"{column} is “{text}”; expected yes or no")
    return YES_NO[text.casefold()]


class _AreaLoading:
    """The tree as it will be: what is stored, with the rows of a file over it."""

    FIELDS: Mapping[str, str] = {
        "name": "name", "kind": "kind", "population": "population", "codes": "codes", "release": "is_release",
    }  # fmt: skip

    def __init__(self, areas: dict[str, Area], header: Iterable[str]) -> None:
        self.areas = areas
        self.columns = frozenset(header)
        slugs: dict[int | None, str] = {area.pk: slug for slug, area in areas.items()}
        self.parents = {slug: slugs.get(area.parent_id, "") for slug, area in areas.items()}
        self.speaks_for = {slug: slugs.get(area.speaks_for_id, "") for slug, area in areas.items()}
        self.paths_before = {slug: area.path for slug, area in areas.items()}
        self.lines: dict[str, int] = {}
        self.faults: list[str] = []

    def read(self, rows: list[tuple[Row, dict[str, Any]]]) -> None:
        """Take the rows in. Raises Refused with everything that is wrong with the tree they make."""
        for row, values in rows:
            self._take(row, values)
        self._know_all_named()
        self._raise_if_any()
        self._find_paths()
        self._keep_release_areas_apart()
        self._raise_if_any()

    def _take(self, row: Row, values: dict[str, Any]) -> None:
        slug = values["slug"]
        if slug in self.lines:
            self._fault(slug, f"is there twice, first at line {self.lines[slug]}", line=row.line)
            return
        self.lines[slug] = row.line
        area = self.areas.setdefault(slug, Area(**values))
        for column in self.columns & self.FIELDS.keys():
            setattr(area, self.FIELDS[column], values[self.FIELDS[column]])
        for column, said in (("parent", self.parents), ("speaks_for", self.speaks_for)):
            if column in self.columns:
                said[slug] = row.values[column]
            said.setdefault(slug, "")

    def _know_all_named(self) -> None:
        for slug in self.lines:
            if (parent := self.parents[slug]) and parent not in self.areas:
                self._fault(slug, f"has the parent {parent}, which is neither in the file nor loaded")
            if (region := self.speaks_for[slug]) and region not in self.areas:
                self._fault(slug, f"speaks for {region}, which is neither in the file nor loaded")

    def _find_paths(self) -> None:
        numbers = {slug: int(area.path[-tree.WIDTH :]) for slug, area in self.areas.items() if area.path}
        free = max(numbers.values(), default=0)
        new = (slug for slug in self.areas if slug not in numbers)
        numbers |= {slug: number for number, slug in enumerate(list(new), start=free + 1)}
        try:
            paths = tree.paths(self.parents, numbers)
        except tree.CircularTree as error:
            raise Refused([str(error)]) from error
        except RecursionError as error:
            raise Refused([f"areas are nested deeper than {DEEPEST} levels"]) from error
        for slug, path in paths.items():
            if len(path) > DEEPEST * tree.WIDTH:
                self._fault(slug, f"is nested deeper than {DEEPEST} levels")
            self.areas[slug].path = path

    def _keep_release_areas_apart(self) -> None:
        """A sample counts in one release area: none may lie within another."""
        by_path = {area.path: area for area in self.areas.values()}
        for area in self.areas.values():
            if not area.is_release:
                continue
            for path in tree.ancestors(area.path)[:-1]:
                if path in by_path and by_path[path].is_release:
                    above = by_path[path].slug
                    self._fault(area.slug, f"is a release area within the release area {above}{self._at(above)}")

    def _at(self, slug: str) -> str:
        return f" (line {self.lines[slug]})" if slug in self.lines else " (loaded before)"

    def _fault(self, slug: str, said: str, *, line: int | None = None) -> None:
        line = line or self.lines.get(slug)
        self.faults.append(f"line {line}: {slug} {said}" if line else f"{slug} (loaded before) {said}")

    def _raise_if_any(self) -> None:
        if self.faults:
            raise Refused(self.faults)

    def store(self) -> None:
        """Write new areas level by level, so that each parent has its key before its children point at it."""
        new = [area for area in self.areas.values() if area.pk is None]
        for depth in sorted({len(area.path) for area in new}):
            level = [area for area in new if len(area.path) == depth]
            for area in level:
                area.parent = self.areas.get(self.parents[area.slug])
            Area.objects.bulk_create(level, batch_size=500)
        changed = [
            area
            for slug, area in self.areas.items()
            if slug in self.lines or area.path != self.paths_before.get(slug)  # its parent may have moved
        ]
        for area in changed:
            area.parent = self.areas.get(self.parents[area.slug])
            area.speaks_for = self.areas.get(self.speaks_for[area.slug])
        fields = [*self.FIELDS.values(), "path", "parent", "speaks_for"]
        Area.objects.bulk_update(changed, fields, batch_size=500)


def load_scopes(file: Path) -> int:
    """Load what labs look for; gives how many rows the file has. Raises Unusable or Refused.

    A scope is known by lab, method, target and first day; loading it again sets the rest, so
    that a scope is ended by loading it with its last day.
    """
    require_columns(file, needed=("lab", "method", "target"), known=SCOPE_COLUMNS)
    reading = _ScopeReading()
    rows = _checked(read_rows(file), reading.values)
    with transaction.atomic():
        stored = {_scope_key(scope): scope for scope in MethodScope.objects.filter(lab__isnull=False)}
        wanted = [MethodScope(**values) for _, values in rows]
        for scope in wanted:
            before = stored.get(_scope_key(scope))
            scope.pk = before.pk if before else None
        MethodScope.objects.bulk_create([scope for scope in wanted if scope.pk is None], batch_size=500)
        MethodScope.objects.bulk_update(
            [scope for scope in wanted if _scope_key(scope) in stored],
            ["until", "limit_w_w", "is_full", "runs_all"],
            batch_size=500,
        )
    return len(rows)


ScopeKey = tuple[int | None, int, int | None, int | None, date | None]


def _scope_key(scope: MethodScope) -> ScopeKey:
    return scope.lab_id, scope.method_id, scope.substance_id, scope.substance_class_id, scope.since


class _ScopeReading:
    """Rows of scopes, one after another."""

    def __init__(self) -> None:
        self.known = catalogue.current()
        self.labs: dict[str, int] = dict(Site.objects.values_list("slug", "pk"))
        self.lines: dict[ScopeKey, int] = {}

    def values(self, row: Row) -> dict[str, Any]:
        said = row.values
        if said["lab"] not in self.labs:
            raise ValueError(f"lab “{said['lab']}” is not a site")
        if said["method"] not in self.known.method_ids:
            raise ValueError(f"method “{said['method']}” is not known")
        since, until = (_day(name, said.get(name, "")) for name in ("since", "until"))
        if since and until and until < since:
            raise ValueError(f"until {until} is before since {since}")
        values = {
            "lab_id": self.labs[said["lab"]],
            "method_id": self.known.method_ids[said["method"]],
            **self._target(said["target"]),
            "since": since,
            "until": until,
            "limit_w_w": _share(said.get("limit_w_w", "")),
            "is_full": _yes_no("full", said.get("full", ""), default=True),
            "runs_all": _yes_no("runs_all", said.get("runs_all", ""), default=False),
        }
        key = _scope_key(MethodScope(**values))
        if key in self.lines:
            raise ValueError(f"is the same scope as line {self.lines[key]}")
        self.lines[key] = row.line
        return values

    def _target(self, written: str) -> dict[str, int]:
        match = self.known.find(written)
        if match.kind not in {"one", "class"}:
            near = self.known.nearest(written)
            raise ValueError(f"target “{written}” names no substance or class{_perhaps(near)}")
        slug = match.subjects[0].slug
        if match.subjects[0].is_class:
            return {"substance_class_id": self.known.class_ids[slug]}
        return {"substance_id": self.known.substance_ids[slug]}


def _perhaps(near: Iterable[str]) -> str:
    names = ", ".join(near)
    return f"; perhaps {names}" if names else ""


def _day(column: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValueError(f"{column} is “{text}”; expected a date as 2026-11-22") from error


def _share(text: str) -> float | None:
    """A share of the sample by mass, above 0 up to 1. None: not known."""
    if not text:
        return None
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ValueError(f"limit_w_w is “{text}”; expected a share by mass above 0, up to 1")
    return share
