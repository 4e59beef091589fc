"""Lists of ranges: how often two things were found together, and how much of one was there."""

import textwrap
from typing import Any

from ..estimates import share_interval
from .frame import BAND, GRID, INK, LINE, SOFT, Sheet, points, shortened, words_height
from .values import Bar, Bars, Reach, Scale, Size, Spreads

_BAR = 40  # CSS pixels from one bar to the next
_AXIS = 26  # and under the last


def bars_height(bars: Bars, size: Size) -> int:
    shown = max(1, len(bars.bars[: size.rows]))
    return int(words_height(bars, size, has_first_line=True) + _BAR * shown + _AXIS)


def bars_figure(bars: Bars, size: Size) -> Any:
    """Plain as far as it is known, hatched as far as it may go, with the interval over both."""
    shown = bars.bars[: size.rows]
    sheet = Sheet(bars, size, first_line=bars.share_label, height=bars_height(bars, size))
    axes = sheet.axes(18, sheet.foot + _AXIS - 4, size.width - 42, _BAR * max(1, len(shown)))
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    _list(axes, len(shown), size)
    for row, bar in enumerate(shown):
        _bar(axes, row, bar)
        _label(axes, row, bar.label, bar.said, size)
    return sheet.figure


def _bar(axes: Any, row: int, bar: Bar) -> None:
    low, high = bar.low / bar.tested, bar.high / bar.tested
    axes.barh(row + 0.72, low, height=0.3, color=LINE)
    if high > low:
        axes.barh(
            row + 0.72, high - low, left=low, height=0.3, facecolor="white", edgecolor=LINE, hatch="////", linewidth=0.8
        )
    ends = share_interval(bar.low, bar.tested).low, share_interval(bar.high, bar.tested).high
    axes.plot(ends, [row + 0.92, row + 0.92], color=INK, linewidth=1.2, marker="|", markersize=4, clip_on=False)


def spreads_height(spreads: Spreads, size: Size) -> int:
    scales = _shown(spreads, size)
    rows = sum(len(scale.reaches) for scale in scales)
    return int(words_height(spreads, size) + _BAR * max(1, rows) + (_AXIS + 22) * max(1, len(scales)))


def spreads_figure(spreads: Spreads, size: Size) -> Any:
    """One list for each unit, each with an axis of its own that begins at nothing."""
    sheet = Sheet(spreads, size, height=spreads_height(spreads, size))
    top = sheet.height - sheet.top - 4
    for scale in _shown(spreads, size):
        height = _BAR * len(scale.reaches)
        axes = sheet.axes(18, top - 18 - height, size.width - 42, height)
        top -= height + _AXIS + 22
        _list(axes, len(scale.reaches), size)
        axes.set_xlim(0, 1.08 * max(max(each.upper, *each.limits, each.median) for each in scale.reaches))
        axes.set_title(scale.unit, fontsize=points(size.font * 0.88), color=SOFT, loc="left", pad=5)
        axes.xaxis.set_major_locator(_few_steps())
        for row, reach in enumerate(scale.reaches):
            _reach(axes, row, reach)
            _label(axes, row, reach.label, reach.said, size)
    return sheet.figure


def _shown(spreads: Spreads, size: Size) -> list[Scale]:
    """As many as fit, the first of each unit first."""
    left, shown = size.rows, []
    for scale in spreads.scales:
        some = scale.reaches[:left]
        left -= len(some)
        if some:
            shown.append(Scale(scale.unit, some))
    return shown


def _few_steps() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=5)


def _reach(axes: Any, row: int, reach: Reach) -> None:
    """The middle half as a band with ends, the median as a line through it, limits as dashes."""
    axes.barh(row + 0.72, reach.upper - reach.lower, left=reach.lower, height=0.3, color=BAND, edgecolor=LINE)
    axes.vlines([reach.median], row + 0.54, row + 0.9, color=LINE, linewidth=3)
    axes.vlines(reach.limits, row + 0.5, row + 0.94, color=INK, linewidth=1.2, linestyle=(0, (2, 2)))


def _list(axes: Any, rows: int, size: Size) -> None:
    axes.set_ylim(max(1, rows), 0)
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=points(size.font * 0.85), length=0, colors=SOFT, pad=3)
    axes.grid(axis="x", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(SOFT)


def _label(axes: Any, row: int, label: str, said: str, size: Size) -> None:
    """What it is of at the left, its numbers at the right, above the bar."""
    across = axes.get_yaxis_transform()
    font = points(size.font * 0.88)
    room = int(size.width / size.font * 1.75) - len(said)
    axes.text(0, row + 0.3, textwrap.shorten(label, 200) if len(label) <= room else shortened(label, room),
              transform=across, fontsize=font, color=INK, va="center", ha="left")  # fmt: skip
    axes.text(1, row + 0.3, said, transform=across, fontsize=font, color=SOFT, va="center", ha="right")
