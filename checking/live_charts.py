"""Pictures for analysts, as PNG: a share by day of collection, and sites in a funnel. Plain values in, bytes out.

Drawn for one page and kept nowhere. What says something by colour says it by shape too.
"""

import io
import textwrap
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .estimates import PERCENT_FROM, share_interval
from .funnel import INNER, OUTER, limits

_INK, _SOFT, _GRID, _LINE, _LATE = "#221f26", "#57505c", "#d9d1c8", "#1b4f8f", "#8a8089"
_PIXELS = 100  # a figure's "inch", so that sizes below are CSS pixels
_SHARPNESS = 2  # pixels of the picture for one of the page
_WIDTH, _HEIGHT, _FONT = 360, 380, 12.5  # CSS pixels: as wide as a phone; pages of a desk show it larger
_turn = threading.Lock()  # matplotlib draws for one thread at a time


@dataclass(frozen=True)
class LiveMark:
    """One period. Slots are whole steps, so that a gap in time is a gap in the picture."""

    slot: int
    label: str
    tested: int
    detected: int
    is_complete: bool = True
    nowcast: float | None = None  # share once all is in, 0 to 1


@dataclass(frozen=True)
class Dot:
    """One site."""

    label: str
    tested: int
    detected: int


@dataclass(frozen=True)
class Words:
    """What stands around a picture, in the reader's language."""

    title: str
    below: str
    upright: str  # what the upright axis is of
    along: str = ""  # what the other is of


def draw_series(marks: Sequence[LiveMark], words: Words) -> bytes:
    """Shares with their intervals; hollow where few were tested, grey where results are still to come."""
    with _turn:
        figure, axes = _framed(words)
        _share_axis(axes, [share_interval(mark.detected, mark.tested).high for mark in marks])
        axes.set_xlim(
            min((mark.slot for mark in marks), default=0) - 0.6, max((mark.slot for mark in marks), default=0) + 0.6
        )
        shown = _spread(marks, 4 if all(len(mark.label) < 9 for mark in marks) else 3)  # days are long
        axes.set_xticks([mark.slot for mark in shown], [f"{mark.label}\nn {mark.tested}" for mark in shown])
        for mark in marks:
            _period(axes, mark)
        for one, other in pairwise(marks):
            is_next = other.slot == one.slot + 1
            if is_next and min(one.tested, other.tested) >= PERCENT_FROM and one.is_complete and other.is_complete:
                axes.plot([one.slot, other.slot], [_share(one), _share(other)], color=_LINE, linewidth=1.4)
        return _saved(figure, words.title)


def draw_funnel(dots: Sequence[Dot], share: float, words: Words) -> bytes:
    """Each site by how many it tested, inside the limits of chance about what all found together."""
    with _turn:
        figure, axes = _framed(words)
        most = max(dot.tested for dot in dots)
        steps = sorted(
            {max(1, round(1.08 * most * number / 60)) for number in range(61)} | {dot.tested for dot in dots}
        )
        outer = [limits(many, share, OUTER) for many in steps]
        inner = [limits(many, share, INNER) for many in steps]
        _share_axis(axes, [_share(dot) for dot in dots] + [each.high for each in inner[len(inner) // 8 :]])
        axes.set_xlim(0, 1.08 * most)
        for some, dashes in ((outer, (0, (4, 3))), (inner, "solid")):
            for end in (0, 1):
                axes.plot(steps, [each[end] for each in some], color=_SOFT, linewidth=1.0, linestyle=dashes)
        axes.axhline(share, color=_INK, linewidth=1.0, linestyle=(0, (1, 2)))
        for dot in dots:
            _dot(axes, dot.tested, _share(dot), is_hollow=dot.tested < PERCENT_FROM, colour=_LINE)
            axes.annotate(
                dot.label, (dot.tested, _share(dot)), (4, 4), textcoords="offset points", fontsize=_points(_FONT),
                color=_INK, weight="bold", parse_math=False,
            )  # fmt: skip
        return _saved(figure, words.title)


def _framed(words: Words) -> tuple[Any, Any]:
    # Here, not above: it takes more than a second, and most processes never draw.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH / _PIXELS, _HEIGHT / _PIXELS), dpi=_PIXELS, facecolor="white")
    title, below = textwrap.wrap(words.title, 46) or [""], textwrap.wrap(words.below, 58)
    line = _FONT * 1.45
    top = 8 + line * (len(title) + 1)
    foot = 8 + line * 0.9 * len(below) + (2.8 if words.along else 2.5) * line
    left, right = 3.8 * _FONT, 2.6 * _FONT
    size = (left / _WIDTH, foot / _HEIGHT, (_WIDTH - left - right) / _WIDTH, (_HEIGHT - top - foot) / _HEIGHT)
    axes = figure.add_axes(size)
    lines = [(text, _HEIGHT - 4 - line * (number + 1), "bold", _INK) for number, text in enumerate(title)]
    lines.append((words.upright, _HEIGHT - 4 - line * (len(title) + 1), "normal", _SOFT))
    lines += [(text, 6 + line * 0.9 * number, "normal", _SOFT) for number, text in enumerate(reversed(below))]
    if words.along:
        lines.append((words.along, 6 + line * (0.9 * len(below) + 0.3), "normal", _INK))
    for text, y, weight, colour in lines:
        figure.text(8 / _WIDTH, y / _HEIGHT, text, fontsize=_points(_FONT * 0.9), weight=weight, color=colour,
                    va="bottom", ha="left", parse_math=False)  # fmt: skip
    axes.tick_params(labelsize=_points(_FONT * 0.9), length=0, colors=_SOFT, pad=4)
    axes.grid(axis="y", color=_GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_SOFT)
    return figure, axes


def _points(pixels: float) -> float:
    return pixels * 72 / _PIXELS


def _share_axis(axes: Any, highest: Sequence[float]) -> None:
    needed = max(highest, default=1.0)
    step = next(step for step in (0.05, 0.1, 0.25) if needed <= 4 * step or step == 0.25)
    axes.set_ylim(0, 4 * step * 1.03)
    axes.set_yticks([step * number for number in range(5)], [f"{100 * step * number:.0f} %" for number in range(5)])


def _spread(marks: Sequence[LiveMark], many: int) -> list[LiveMark]:
    """Up to so many marks, evenly, with the first and the last."""
    if len(marks) <= many:
        return list(marks)
    return [marks[round(number * (len(marks) - 1) / (many - 1))] for number in range(many)]


def _share(mark: LiveMark | Dot) -> float:
    return mark.detected / mark.tested


def _period(axes: Any, mark: LiveMark) -> None:
    colour = _LINE if mark.is_complete else _LATE
    low, high = share_interval(mark.detected, mark.tested)
    if not mark.is_complete:
        axes.axvspan(mark.slot - 0.5, mark.slot + 0.5, color="#efeae4", linewidth=0)
    dashes = "solid" if mark.is_complete else (0, (2, 2))
    axes.vlines([mark.slot], [low], [high], color=colour, linewidth=1.3, linestyle=dashes)
    _dot(axes, mark.slot, _share(mark), is_hollow=mark.tested < PERCENT_FROM, colour=colour)
    if mark.nowcast is not None:
        _sign(axes, mark.slot, mark.nowcast, "D", inside="white", edge=_INK)


def _dot(axes: Any, x: float, y: float, *, is_hollow: bool, colour: str) -> None:
    _sign(axes, x, y, "o", inside="white" if is_hollow else colour, edge=colour)


def _sign(axes: Any, x: float, y: float, shape: str, *, inside: str, edge: str) -> None:
    axes.plot(
        [x], [y], marker=shape, markersize=_points(_FONT * 0.5), linestyle="none", markeredgecolor=edge,
        markeredgewidth=1.4, markerfacecolor=inside, clip_on=False, zorder=5,
    )  # fmt: skip


def _saved(figure: Any, title: str) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_SHARPNESS * _PIXELS, metadata={"Title": title, "Software": "Headsup"})
    return out.getvalue()
