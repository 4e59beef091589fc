"""Of the library of blocks, those that the page of one substance or class shows. Plain values."""

from collections.abc import Iterable, Sequence

from checking.readings import Subject

from .blocks import ANY, ROUTES, Block, library

GENERAL = "other"  # the composed text for what no other fits
COMPOSED_ELSEWHERE = frozenset({"first", "amount"})  # the sentence steps stand under; what is said of an amount


def blocks_for(kind: str, subject: Subject) -> list[Block]:
    """Signs or helps: those of the nearest class that has any, then those of the substance by name.

    Classes above that one say the same in more general words. Where no class has any, none.
    """
    blocks = [block for block in library() if block.kind == kind and ANY not in block.fits]
    own = [block for block in blocks if subject.slug in block.fits]
    if subject.is_class and own:
        return own
    for slug in subject.classes:
        if found := [block for block in blocks if slug in block.fits and block not in own]:
            return [*found, *own]
    return own


def general_blocks(kind: str) -> list[Block]:
    """What can be said of anything."""
    return [block for block in library() if block.kind == kind and block.key == GENERAL]


def steps_for(subject: Subject) -> list[Block]:
    """Every step that fits, from small to large, each sentence once."""
    slugs = frozenset((subject.slug, *subject.classes))
    fitting = [block for block in library() if block.kind == "actions" and block.is_for(slugs)]
    has_composed = any(block.key and ANY not in block.fits for block in fitting)
    skipped = COMPOSED_ELSEWHERE | ({GENERAL} if has_composed else frozenset())
    return _from_small_to_large(block for block in fitting if block.key not in skipped)


def by_route(steps: Sequence[Block]) -> dict[str, list[Block]]:
    """The steps of each way of use, in their order; `any` first."""
    return {route: [step for step in steps if step.route == route] for route in ROUTES}


def _from_small_to_large(blocks: Iterable[Block]) -> list[Block]:
    once: dict[tuple[str, ...], Block] = {}
    for block in blocks:
        once.setdefault(tuple(block.texts.values()), block)
    return sorted(once.values(), key=lambda block: block.step)
