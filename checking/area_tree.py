"""All areas in memory: what lies above and within each, and how each is called."""

import bisect
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from .models import Area
from .tree import ancestors, successor

_SECONDS_KEPT = 10.0


@dataclass(frozen=True)
class AreaTree:
    """Areas as they were when the tree was read."""

    paths: Mapping[str, str]  # slug -> path
    names: Mapping[str, str]  # slug -> name as people say it
    keys: Mapping[str, int]  # slug -> primary key
    release_areas: tuple[str, ...]  # slugs, in tree order

    @cached_property
    def _slugs(self) -> dict[str, str]:
        return {path: slug for slug, path in self.paths.items()}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._slugs)

    def __contains__(self, slug: object) -> bool:
        return slug in self.paths

    def above(self, slug: str) -> list[str]:
        """The areas that hold this one, widest first, and itself. Nothing for an area we do not know."""
        path = self.paths.get(slug)
        return [] if path is None else [self._slugs[step] for step in ancestors(path) if step in self._slugs]

    def within(self, slug: str) -> list[str]:
        """The area and everything in it, in tree order. Nothing for an area we do not know."""
        path = self.paths.get(slug)
        if path is None:
            return []
        first, end = (bisect.bisect_left(self._sorted, edge) for edge in (path, successor(path)))
        return [self._slugs[step] for step in self._sorted[first:end]]

    def related(self, slug: str) -> frozenset[str]:
        """The area, all above it and all within it."""
        return frozenset((slug, *self.above(slug), *self.within(slug)))

    def name(self, slug: str) -> str:
        return self.names.get(slug, slug)

    def named(self, written: str) -> list[str]:
        """The slugs of areas called this, whatever the case: "allegheny" also finds "Allegheny County"."""
        asked = written.casefold().strip()
        return sorted(
            slug
            for slug, name in self.names.items()
            if asked and asked in {name.casefold(), name.casefold().removesuffix(" county")}
        )


_lock = threading.Lock()
_held: tuple[float, AreaTree] | None = None


def current(*, holding: Iterable[str] = ()) -> AreaTree:
    """The tree, at most ten seconds old. It is read anew when it lacks one of `holding` that is there by now."""
    held = _held
    if held is None or time.monotonic() - held[0] > _SECONDS_KEPT:
        return _read_anew()
    missing = [slug for slug in holding if slug not in held[1]]
    if missing and Area.objects.filter(slug__in=missing).exists():
        return _read_anew()
    return held[1]


def forget() -> None:
    """Read anew next time."""
    global _held
    _held = None


def _read_anew() -> AreaTree:
    global _held
    with _lock:
        rows = list(Area.objects.order_by("path").values_list("slug", "path", "name", "pk", "is_release"))
        tree = AreaTree(
            paths={slug: path for slug, path, *_ in rows},
            names={slug: name for slug, _, name, *_ in rows},
            keys={slug: key for slug, _, _, key, _ in rows},
            release_areas=tuple(slug for slug, *_, is_release in rows if is_release),
        )
        _held = (time.monotonic(), tree)
        return tree
