"""Shares in a grid: what was expected across, what was found down, and in every square its number.

Under twenty tested a square has no shade, for a shade is a per cent; it says how many of how many.
"""

import textwrap
from functools import cache
from typing import Any

from ..estimates import PERCENT_FROM
from .frame import GRID, INK, SOFT, Sheet, points, shortened, words_height
from .values import HeatMap, Size, Square

_ROW = 30  # CSS pixels


def height_of(heat: HeatMap, size: Size) -> int:
    header = _header([_lines(name) for name in heat.columns[: size.columns]], size)
    return int(words_height(heat, size, has_first_line=True) + header + _ROW * len(heat.rows[: size.rows]) + 8)


def _lines(name: str) -> list[str]:
    return textwrap.wrap(shortened(name, 28), 16)[:2]


def _header(names: list[list[str]], size: Size) -> float:
    """CSS pixels that names take which stand upright: a letter is about 0.55 of the font wide."""
    return 0.55 * size.font * max((len(line) for lines in names for line in lines), default=0) + 8


def figure_of(heat: HeatMap, size: Size) -> Any:
    rows, columns = heat.rows[: size.rows], heat.columns[: size.columns]
    sheet = Sheet(heat, size, first_line=f"↓ {heat.rows_label}   → {heat.columns_label}", height=height_of(heat, size))
    left = size.width * 0.34 if size.columns < 6 else size.width * 0.25
    axes = sheet.axes(left, sheet.foot + 4, size.width - left - 6, _ROW * max(1, len(rows)))
    axes.set_xlim(0, max(1, len(columns)))
    axes.set_ylim(max(1, len(rows)), 0)
    axes.axis("off")
    width = (size.width - left - 6) / max(1, len(columns))
    for row, squares in enumerate(heat.squares[: size.rows]):
        for column, square in enumerate(squares[: size.columns]):
            _square(axes, column, row, square, size)
    font = points(size.font * 0.88)
    for row, name in enumerate(rows):
        axes.text(-6 / width, row + 0.5, shortened(name, int(left / size.font * 1.75)), fontsize=font, color=INK,
                  va="center", ha="right")  # fmt: skip
    for column, name in enumerate(columns):
        axes.text(column + 0.5, -0.15, "\n".join(_lines(name)), fontsize=font, color=INK, va="bottom", ha="center",
                  rotation=90, linespacing=1.05)  # fmt: skip
    return sheet.figure


def _square(axes: Any, column: int, row: int, square: Square | None, size: Size) -> None:
    from matplotlib.patches import Rectangle

    is_many = square is not None and square.tested >= PERCENT_FROM and square.has_shade
    share = square.detected / square.tested if square is not None and is_many else 0.0
    face, ink = _shade(share) if is_many else ("white", INK)
    axes.add_artist(  # not `add_patch`: that finds out each time how far the axes must reach, which is set
        Rectangle((column + 0.03, row + 0.05), 0.94, 0.9, facecolor=face, edgecolor=GRID if square is None else SOFT,
                  linewidth=0.6, linestyle="-" if is_many else (0, (2, 2)))
    )  # fmt: skip
    if square is None:
        return
    wide = points(size.font)
    axes.text(column + 0.5, row + (0.36 if is_many else 0.5), square.said, fontsize=wide * 0.88, color=ink,
              va="center", ha="center")  # fmt: skip
    if is_many:
        axes.text(column + 0.5, row + 0.75, f"n {square.tested}", fontsize=wide * 0.7, color=ink, va="center",
                  ha="center")  # fmt: skip


def _shade(share: float) -> tuple[str, str]:
    """The colour of a square and of the words in it, which differ by 4.5 to 1 or more."""
    from matplotlib.colors import to_hex

    red, green, blue, _ = _blues()(0.05 + 0.9 * share)
    return to_hex((red, green, blue)), "white" if luminance(red, green, blue) < 0.18 else INK


@cache
def _blues() -> Any:
    """Kept: each time it is asked for, it is made anew."""
    from matplotlib import colormaps

    return colormaps["Blues"]


def luminance(red: float, green: float, blue: float) -> float:
    """Relative luminance, 0 to 1, of sRGB parts from 0 to 1 (WCAG 2.2)."""
    parts = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
