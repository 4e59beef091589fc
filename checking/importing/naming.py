"""Names a table uses for what we have rows of: substances, methods, areas, labs. None is guessed."""

import re
from collections import defaultdict
from collections.abc import Mapping

from ..catalogue import Catalogue
from ..folding import fold
from ..models import Area, Site
from .locating import SUFFIX
from .meanings import said

_LONGEST_NAME = 6  # pieces: "1,4-butanediol" has two, some of the lab's names have five


def split_names(text: str, separators: str, known: Catalogue) -> list[str]:
    """The names in one cell. A comma inside a name we know divides nothing: "1,4-butanediol", "N,N-DMT"."""
    if not separators:
        return [text] if text else []
    pieces = re.split(f"([{re.escape(separators)}\n])", text)
    words, signs = pieces[::2], [*pieces[1::2], ""]
    names: list[str] = []
    place = 0
    while place < len(words):
        count = _longest(words[place:], signs[place:], known)
        names.append(",".join(words[place : place + count]).strip())
        place += count
    return [name for name in names if name]


def _longest(words: list[str], signs: list[str], known: Catalogue) -> int:
    """How many pieces from the first on are one name."""
    commas = next((place for place, sign in enumerate(signs) if sign != ","), 0)
    for count in range(min(commas + 1, _LONGEST_NAME), 1, -1):
        joined = ",".join(words[:count]).strip()
        if all(word.strip() for word in words[:count]) and known.find(joined).kind in {"one", "class", "ask"}:
            return count
    return 1


def method_names(known: Catalogue) -> Mapping[str, str]:
    """Folded name -> slug: "GC/MS" and "GCMS" are gc-ms."""
    names: dict[str, str] = {}
    for slug, method in known.methods.items():
        for written in (slug, method.name, method.name_es):
            names.setdefault(fold(written), slug)
    return names


class Areas:
    """Areas by slug, else by the one name that is theirs alone, with or without "County"."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self._names: dict[str, set[str]] = defaultdict(set)
        for key, slug, name in Area.objects.values_list("pk", "slug", "name"):
            self.keys[slug] = key
            self._names[said(name)].add(slug)
        for name in [name for name in self._names if name.endswith(SUFFIX)]:
            self._names[name.removesuffix(SUFFIX)] |= self._names[name]

    def find(self, written: str) -> list[str]:
        """The slugs it may mean: one where it is settled."""
        if written in self.keys:
            return [written]
        name = said(written)
        return sorted(self._names.get(name) or self._names.get(name.removesuffix(SUFFIX)) or ())


def lab_slugs() -> Mapping[str, str]:
    """Slug or name, as compared -> slug. A name two sites share stands for neither."""
    rows = list(Site.objects.values_list("slug", "name"))
    names: dict[str, set[str]] = defaultdict(set)
    for slug, name in rows:
        names[said(name)].add(slug)
    return {name: next(iter(slugs)) for name, slugs in names.items() if len(slugs) == 1} | {
        said(slug): slug for slug, _name in rows
    }
