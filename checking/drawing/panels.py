"""Small charts of several places with one scale, so that the eye is not told a difference by the axis."""

from math import ceil
from typing import Any

from .frame import INK, SOFT, Sheet, points, shortened, words_height
from .shares import draw_shares, share_scale
from .values import Panel, Panels, Size

_PANEL = 104  # CSS pixels from one row of small charts to the next


def height_of(panels: Panels, size: Size) -> int:
    rows = max(1, ceil(len(panels.panels[: size.rows]) / size.abreast))
    return int(words_height(panels, size, has_first_line=True) + rows * _PANEL + 16)


def figure_of(panels: Panels, size: Size) -> Any:
    shown = panels.panels[: size.rows]
    sheet = Sheet(panels, size, first_line=panels.share_label, height=height_of(panels, size))
    marks = [mark for panel in shown for mark in panel.marks]
    periods = sorted({(mark.slot, mark.label) for mark in marks}) or [(0, "")]
    first, last = periods[0], periods[-1]
    left = 3.6 * size.font
    abreast = min(size.abreast, max(1, len(shown)))
    width = (size.width - left - size.font) / abreast
    for number, panel in enumerate(shown):
        row, column = divmod(number, abreast)
        bottom = sheet.height - sheet.top - 8 - (row + 1) * _PANEL + 2.6 * size.font
        axes = sheet.axes(left + column * width, bottom, width - size.font, _PANEL - 4.4 * size.font)
        axes.set_xlim(first[0] - 0.6, last[0] + 0.6)
        share_scale(axes, marks, size, steps=2, is_told=column == 0)
        draw_shares(axes, panel.marks, size)
        _below(axes, panel, panels.count_label, (first[1], last[1]), size)
        axes.annotate(  # not `set_title`, which looks at every label of the axes for one in its way
            sheet.turned(shortened(panel.title, int(width / size.font * 1.6))), (0, 1), (0, 4),
            xycoords="axes fraction", textcoords="offset points", annotation_clip=False,
            fontsize=points(size.font * 0.95), color=INK, weight="bold", va="baseline", ha="left",
        )  # fmt: skip
    return sheet.figure


def _below(axes: Any, panel: Panel, count_label: str, ends: tuple[str, str], size: Size) -> None:
    """The first and the last period, the same for all, and between them how many were tested here."""
    axes.set_xticks([])
    tested = sum(mark.tested for mark in panel.marks)
    said = [(0.0, ends[0], "left", SOFT), (0.5, f"{count_label} {tested}", "center", INK)]
    if ends[1] != ends[0]:
        said.append((1.0, ends[1], "right", SOFT))
    for x, text, side, colour in said:
        axes.text(
            x, -0.06, text, transform=axes.transAxes, fontsize=points(size.font * 0.82), color=colour, va="top", ha=side
        )
