"""Shares over time: every point with its interval and with how many samples it is out of.

Where fewer than twenty were tested the mark is hollow and no line goes through it; nor does one bridge
periods in which nothing was tested, nor a change of what was looked for or of the strips.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from math import nan
from typing import Any

from ..estimates import PERCENT_FROM, Interval, share_interval
from .frame import BAND, GRID, INK, LINE, SOFT, Sheet, points, words_height
from .values import Drawing, Mark, Size, Turn

_NO_INTERVAL = Interval(nan, nan)
_PLOT = 190  # CSS pixels that the axes keep, however much is said below


def height_of(drawing: Drawing, size: Size) -> int:
    return max(size.height, int(words_height(drawing, size, has_first_line=True) + _PLOT))


def figure_of(drawing: Drawing, size: Size) -> Any:
    sheet = Sheet(drawing, size, first_line=drawing.share_label, height=height_of(drawing, size))
    left, foot = 3.6 * size.font, sheet.foot + 2.4 * 1.45 * size.font
    axes = sheet.axes(
        left, foot, size.width - left - 2.8 * size.font, sheet.height - sheet.top - foot - 6 - 1.1 * size.font
    )
    slots = [mark.slot for mark in drawing.marks] + [turn.slot for turn in drawing.turns]
    axes.set_xlim(min(slots, default=0) - 0.6, max(slots, default=0) + 0.6)
    share_scale(axes, drawing.marks, size)
    _periods(axes, drawing.marks, size)
    _counts(axes, drawing, size)
    draw_shares(axes, drawing.marks, size, turns=drawing.turns, is_joined=drawing.is_joined)
    _turns(axes, drawing.turns, size)
    return sheet.figure


def top_of(marks: Iterable[Mark]) -> float:
    """Where the upright axis ends: 20, 40 or 100 %."""
    highest = max((share_interval(mark.detected, mark.tested).high for mark in marks), default=1.0)
    return next(4 * step for step in (0.05, 0.1, 0.25) if highest <= 4 * step or step == 0.25)


def share_scale(axes: Any, marks: Iterable[Mark], size: Size, *, steps: int = 4, is_told: bool = True) -> None:
    """The upright axis, with lines across."""
    top = top_of(marks)
    ticks = [top * number / steps for number in range(steps + 1)]
    axes.set_ylim(0, top * 1.03)
    axes.set_yticks(ticks, [f"{100 * tick:.0f} %" if is_told else "" for tick in ticks])
    axes.tick_params(labelsize=points(size.font * 0.92), length=0, colors=SOFT, pad=4)
    axes.grid(axis="y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(SOFT)


def _periods(axes: Any, marks: Sequence[Mark], size: Size) -> None:
    shown = _labelled(axes, marks, size)
    axes.set_xticks([mark.slot for mark in shown], [mark.label for mark in shown])
    axes.tick_params(axis="x", labelsize=points(size.font * 0.92), pad=4 + points(size.font * 1.5))


def _counts(axes: Any, drawing: Drawing, size: Size) -> None:
    """How many were tested, under each period; where they would run together, under those with a label."""
    font = points(size.font * 0.92)
    across = axes.get_xaxis_transform()
    written = drawing.marks if len(drawing.marks) <= size.counts else _labelled(axes, drawing.marks, size)
    for mark in written:
        axes.text(
            mark.slot, -0.025, str(mark.tested), transform=across, fontsize=font, color=INK, va="top", ha="center"
        )
    axes.text(
        -0.02, -0.025, drawing.count_label, transform=axes.transAxes, fontsize=font, color=SOFT, va="top", ha="right"
    )


def _labelled(axes: Any, marks: Sequence[Mark], size: Size) -> list[Mark]:
    """The marks whose periods are written out: spread evenly, none into its neighbour, always the last."""
    low, high = axes.get_xlim()
    pixels_a_slot = axes.get_position().width * size.width / (high - low)
    shown: list[Mark] = []
    for mark in reversed(_spread(marks, size.ticks)):
        needs = 0.62 * size.font * len(mark.label) + size.font  # a digit is about that wide
        if not shown or (shown[0].slot - mark.slot) * pixels_a_slot >= needs:
            shown.insert(0, mark)
    return shown


def _spread(marks: Sequence[Mark], many: int) -> list[Mark]:
    """Up to so many marks, evenly, with the first and the last."""
    if len(marks) <= many:
        return list(marks)
    return [marks[round(number * (len(marks) - 1) / (many - 1))] for number in range(many)]


def draw_shares(
    axes: Any, marks: Sequence[Mark], size: Size, *, turns: Iterable[Turn] = (), is_joined: bool = True
) -> None:
    """Intervals, line and marks: one artist for each, however many periods, for each takes a millisecond."""
    runs = _runs(marks, {turn.slot for turn in turns}) if is_joined else []
    if joined := _in_pieces(runs):
        slots, intervals = [_slot(mark) for mark in joined], [_interval(mark) for mark in joined]
        lows, highs = zip(*intervals, strict=True)
        axes.fill_between(slots, lows, highs, color=BAND, linewidth=0)
    lows, highs = zip(*map(_interval, marks), strict=True) if marks else ((), ())
    axes.vlines([mark.slot for mark in marks], lows, highs, color=LINE, linewidth=1.0)
    if lined := _in_pieces(part for run in runs for part in _of_enough(run)):
        axes.plot([_slot(mark) for mark in lined], [_share(mark) for mark in lined], color=LINE, linewidth=1.8)
    many, few = [m for m in marks if m.tested >= PERCENT_FROM], [m for m in marks if m.tested < PERCENT_FROM]
    for some, colour in ((many, LINE), (few, "white")):
        axes.plot(
            [m.slot for m in some], [_share(m) for m in some], marker="o", markersize=points(size.font * 0.5),
            markerfacecolor=colour, linestyle="none", markeredgecolor=LINE, markeredgewidth=1.4, clip_on=False,
            zorder=5,
        )  # fmt: skip


def _slot(mark: Mark | None) -> float:
    return nan if mark is None else mark.slot


def _share(mark: Mark | None) -> float:
    return nan if mark is None else mark.detected / mark.tested


def _interval(mark: Mark | None) -> Interval:
    return _NO_INTERVAL if mark is None else share_interval(mark.detected, mark.tested)


def _in_pieces(runs: Iterable[Sequence[Mark]]) -> list[Mark | None]:
    """All runs of two or more, one after the other, with nothing between: there a line or a band breaks off."""
    found: list[Mark | None] = []
    for run in runs:
        if len(run) > 1:
            found += [*run, None]
    return found[:-1]


def _of_enough(run: Sequence[Mark]) -> list[list[Mark]]:
    """The parts of a run in which each period had enough tested for a line."""
    return [list(part) for is_enough, part in groupby(run, lambda mark: mark.tested >= PERCENT_FROM) if is_enough]


def _runs(marks: Sequence[Mark], turned: Collection[int]) -> list[list[Mark]]:
    """Marks in adjoining periods, with no change between."""
    runs: list[list[Mark]] = []
    for mark in marks:
        if runs and runs[-1][-1].slot == mark.slot - 1 and mark.slot not in turned:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return runs


def _turns(axes: Any, turns: Sequence[Turn], size: Size) -> None:
    """A dashed line with its letter on top."""
    for turn in turns:
        axes.axvline(turn.slot - 0.5, color=INK, linewidth=1.2, linestyle=(0, (3, 3)))
        axes.text(
            turn.slot - 0.5, 1.0, turn.letter, transform=axes.get_xaxis_transform(),
            fontsize=points(size.font * 0.88), color=INK, weight="bold", va="bottom", ha="center",
        )  # fmt: skip
