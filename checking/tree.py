"""Trees as paths of fixed-width numbers, so that "everything within" is one index range.

A path is the numbers of all nodes from the root down, six digits each: digits sort alike under
every collation, which letters do not. `path__startswith` would be a full scan on SQLite.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

WIDTH = 6


def step(number: int) -> str:
    """One level of a path."""
    return f"{number:0{WIDTH}d}"


def successor(path: str) -> str:
    """The smallest path after everything within `path`."""
    head, last = path[:-WIDTH], path[-WIDTH:]
    return head + step(int(last) + 1)


def ancestors(path: str) -> list[str]:
    """The paths above, nearest last, `path` itself included."""
    return [path[:end] for end in range(WIDTH, len(path) + 1, WIDTH)]


def related(one: str, other: str) -> bool:
    """True when one holds the other, or they are the same."""
    return one.startswith(other) or other.startswith(one)


class TreeQuerySet(models.QuerySet[Any]):
    """Questions every tree answers alike."""

    def within(self, node: Any) -> "TreeQuerySet":
        """The node and everything below it."""
        return self.filter(path__gte=node.path, path__lt=successor(node.path))

    def above(self, node: Any) -> "TreeQuerySet":
        """The node and everything above it."""
        return self.filter(path__in=ancestors(node.path))


class CircularTree(ValueError):
    """A parent is missing, or a node is its own ancestor."""


def paths(parents: Mapping[str, str], numbers: Mapping[str, int]) -> dict[str, str]:
    """Paths for all slugs at once: `parents` maps slug to parent slug, "" for a root.

    `numbers` gives each slug its own number. Raises CircularTree naming the slug at fault.
    """
    found: dict[str, str] = {}

    def path_of(slug: str, seen: Iterable[str]) -> str:
        if slug in found:
            return found[slug]
        if slug in seen:
            raise CircularTree(f"{slug} is its own ancestor")
        if slug not in parents:
            raise CircularTree(f"{slug} is named as a parent and is not there")
        parent = parents[slug]
        above = path_of(parent, [*seen, slug]) if parent else ""
        found[slug] = above + step(numbers[slug])
        return found[slug]

    for slug in parents:
        path_of(slug, ())
    return found
