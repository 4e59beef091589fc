"""A figure as a picture: SVG or PNG. Plain values in, bytes out; the same values give the same bytes.

How each kind of figure is drawn is in `checking/drawing`; here is which of them draws what, and what is kept.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from . import drawer
from .drawing import heat, panels, ranges, shares
from .drawing.frame import saved, settings
from .drawing.values import FORMATS, SIZES, Bars, Drawing, HeatMap, Mark, Panels, Picture, Size, Spreads

STYLE = "4"  # goes up when the drawing changes, so that old pictures are not taken for new ones
_worker = drawer.Worker()
pictures = drawer.Drawer(_worker.draw)
_DRAWN_BY: dict[type[Picture], tuple[Callable[[Any, Size], Any], Callable[[Any, Size], int]]] = {
    Drawing: (shares.figure_of, shares.height_of),
    Panels: (panels.figure_of, panels.height_of),
    HeatMap: (heat.figure_of, heat.height_of),
    Bars: (ranges.bars_figure, ranges.bars_height),
    Spreads: (ranges.spreads_figure, ranges.spreads_height),
}


def draw(picture: Picture, *, kind: str = "svg", size: str = "narrow") -> bytes:
    """The picture, drawn by the one process for it, and kept.

    Raises KeyError for a size, ValueError for a kind there is not, and what `Drawer.draw` raises.
    """
    SIZES[size]
    if kind not in FORMATS:
        raise ValueError(f"{kind} is none of {', '.join(FORMATS)}")
    return pictures.draw((picture, kind, size))


def is_kept(picture: Picture, *, kind: str, size: str) -> bool:
    return pictures.kept((picture, kind, size)) is not None


def render(picture: Picture, kind: str, size: str) -> bytes:
    """Draw it now. Depends on nothing but what it is given."""
    # Here, not above: it takes more than a second, and most processes never draw.
    from matplotlib import rc_context

    figure_of, _ = _DRAWN_BY[type(picture)]
    with rc_context(settings()):  # type: ignore[arg-type]  # its keys are spelled out in matplotlib's stubs
        return saved(figure_of(picture, SIZES[size]), picture.title, kind)


def pixels(picture: Picture, size: str = "narrow") -> tuple[int, int]:
    """Width and height in CSS pixels, so that a page keeps its place while the picture comes."""
    _, height_of = _DRAWN_BY[type(picture)]
    return SIZES[size].width, height_of(picture, SIZES[size])


def draw_first() -> None:
    """Start the process that draws, so that the first reader of a figure does not wait for that.

    On a new machine it takes matplotlib many seconds to find out which fonts there are.
    """
    marks = (Mark(0, "2026-W01", 40, 20), Mark(1, "2026-W02", 40, 20))
    for kind in FORMATS:
        # Nobody waits for this picture; whoever asks for one is told what is wrong, and the log says it too.
        with contextlib.suppress(drawer.CannotDraw, drawer.TooManyWait):
            draw(Drawing(title="n", below="n", share_label="n", count_label="n", marks=marks), kind=kind)
