"""A figure as a picture: SVG or PNG. Plain values in, bytes out; the same values give the same bytes.

Every point stands with its interval and with how many samples it is out of. Where fewer than twenty
were tested the mark is hollow and no line goes through it; nor does one bridge periods in which
nothing was tested. Shape says what colour says, for eyes that do not tell them apart.
"""

import io
import logging
import textwrap
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .estimates import PERCENT_FROM, share_interval

logger = logging.getLogger(__name__)

FORMATS = ("svg", "png")
STYLE = "2"  # goes up when the drawing changes, so that old pictures are not taken for new ones
_INK, _SOFT, _GRID, _BAND, _LINE = "#221f26", "#57505c", "#d9d1c8", "#b9cdea", "#1b4f8f"
_PIXELS = 100  # a figure's "inch", so that sizes below are CSS pixels
_KEPT_AT_MOST = 256  # pictures, of about 30 kB each
_kept: dict[tuple["Drawing", str, str], bytes] = {}
_render = threading.Lock()  # pictures take turns: threads gain nothing and would each hold memory


@dataclass(frozen=True)
class Size:
    """CSS pixels, and the characters and marks that fit."""

    width: int
    height: int
    font: float  # pixels
    ticks: int
    characters: int  # in a line of text
    counts: int  # periods under which their n can be written


SIZES = {
    # 320 px phones leave 288 px: what is drawn for 320 is shown at nine tenths.
    "narrow": Size(320, 340, 12.0, 3, 46, 9),
    "wide": Size(720, 400, 13.0, 7, 96, 22),
}


@dataclass(frozen=True)
class Mark:
    """One period. Slots are whole steps of the interval, so that a gap in time is a gap in the picture."""

    slot: int
    label: str
    tested: int
    detected: int


@dataclass(frozen=True)
class Drawing:
    """All that is in a picture; the words are in the reader's language."""

    title: str
    below: str  # release, band, hollow marks, as one text
    share_label: str  # what the upright axis is of
    count_label: str  # what the row of n says at its start
    marks: tuple[Mark, ...]
    opened: int | None = None  # slot in which counting began; None: it was counted all along
    opened_label: str = ""


def draw(drawing: Drawing, *, kind: str = "svg", size: str = "narrow") -> bytes:
    """The picture. Raises KeyError for a size, ValueError for a kind there is not.

    Kept by all that is in it: the release, the filters and the language among them. Who asks for one
    that is being drawn waits for it and does not draw it again.
    """
    asked = (drawing, kind, size)
    if (kept := _kept.get(asked)) is not None:
        return kept
    if kind not in FORMATS:
        raise ValueError(f"{kind} is none of {', '.join(FORMATS)}")
    with _render:
        if (kept := _kept.get(asked)) is not None:
            return kept
        # Here, not above: it takes more than a second, and most processes never draw.
        from matplotlib import rc_context

        with rc_context(_settings()):
            picture = _save(_figure(drawing, SIZES[size]), drawing.title, kind)
        while len(_kept) >= _KEPT_AT_MOST:
            del _kept[next(iter(_kept))]  # the oldest
        _kept[asked] = picture
        return picture


def warm_up(after: float) -> threading.Timer:
    """Load the drawing in the background, so that the first reader of a figure does not wait for that.

    On a new machine it takes matplotlib many seconds to find out which fonts there are. `after`: in so many
    seconds, when those who came back to a server that has just started have been served.
    """
    timer = threading.Timer(after, _draw_one)
    timer.daemon = True
    timer.start()
    return timer


def _draw_one() -> None:
    try:
        for kind in FORMATS:
            draw(Drawing("n", "n", "n", "n", (Mark(0, "2026-W01", 40, 20), Mark(1, "2026-W02", 40, 20))), kind=kind)
    except Exception:
        # Nobody waits for this picture; whoever asks for one is told what is wrong.
        logger.exception("the drawing of pictures could not be made ready")


def _settings() -> Any:
    return {
        "svg.hashsalt": "headsup",  # fixes the ids in the SVG, so that nothing in it is random
        "svg.fonttype": "none",  # text stays text: smaller, and it can be read aloud
        "font.family": ["sans-serif"],
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    }


def _figure(drawing: Drawing, size: Size) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size.width / _PIXELS, size.height / _PIXELS), dpi=_PIXELS, facecolor="white")
    title = textwrap.wrap(drawing.title, int(size.characters * 0.9)) or [""]
    below = textwrap.wrap(drawing.below, int(size.characters * 1.1))
    line = size.font * 1.45
    top = 6 + line * (len(title) + 1)
    foot = 8 + line * 0.9 * len(below) + 2.4 * line
    left = 3.6 * size.font
    axes = figure.add_axes(
        (
            left / size.width,
            foot / size.height,
            (size.width - left - 2.8 * size.font) / size.width,
            (size.height - top - foot - 6) / size.height,
        )
    )
    for number, text in enumerate(title):
        _say(figure, text, 8, size.height - 4 - line * (number + 1), size, weight="bold", colour=_INK)
    _say(figure, drawing.share_label, 8, size.height - 4 - line * (len(title) + 1), size, scale=0.88)
    for number, text in enumerate(reversed(below)):
        _say(figure, text, 8, 6 + line * 0.9 * number, size, scale=0.88)
    _scales(axes, drawing, size)
    _shares(axes, drawing.marks, size)
    _opening(axes, drawing, size)
    return figure


def _say(
    figure: Any, text: str, x: float, y: float, size: Size, *, scale: float = 1.0, weight: str = "normal",
    colour: str = _SOFT,
) -> None:  # fmt: skip
    figure.text(
        x / size.width, y / size.height, text, fontsize=_points(size.font * scale), weight=weight, color=colour,
        va="bottom", ha="left",
    )  # fmt: skip


def _points(pixels: float) -> float:
    return pixels * 72 / _PIXELS


def _scales(axes: Any, drawing: Drawing, size: Size) -> None:
    marks = drawing.marks
    slots = [mark.slot for mark in marks] + ([drawing.opened] if drawing.opened is not None else [])
    axes.set_xlim(min(slots, default=0) - 0.6, max(slots, default=0) + 0.6)
    highest = max((share_interval(mark.detected, mark.tested).high for mark in marks), default=1.0)
    step = next(step for step in (0.05, 0.1, 0.25) if highest <= 4 * step or step == 0.25)
    top = 4 * step
    axes.set_ylim(0, top * 1.03)
    axes.set_yticks([step * number for number in range(5)], [f"{100 * step * number:.0f} %" for number in range(5)])
    shown = _labelled(axes, marks, size)
    axes.set_xticks([mark.slot for mark in shown], [mark.label for mark in shown])
    font = _points(size.font * 0.92)
    axes.tick_params(labelsize=font, length=0, colors=_SOFT, pad=4)
    axes.tick_params(axis="x", pad=4 + _points(size.font * 1.5))
    axes.grid(axis="y", color=_GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_SOFT)
    _counts(axes, drawing, size, font)


def _counts(axes: Any, drawing: Drawing, size: Size, font: float) -> None:
    """How many were tested, under each period; where they would run together, under those with a label."""
    across = axes.get_xaxis_transform()
    written = drawing.marks if len(drawing.marks) <= size.counts else _labelled(axes, drawing.marks, size)
    for mark in written:
        axes.text(
            mark.slot, -0.025, str(mark.tested), transform=across, fontsize=font, color=_INK, va="top", ha="center"
        )
    axes.text(
        -0.02, -0.025, drawing.count_label, transform=axes.transAxes, fontsize=font, color=_SOFT, va="top", ha="right"
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


def _shares(axes: Any, marks: Sequence[Mark], size: Size) -> None:
    for run in _runs(marks):
        slots = [mark.slot for mark in run]
        intervals = [share_interval(mark.detected, mark.tested) for mark in run]
        if len(run) > 1:
            lows, highs = zip(*intervals, strict=True)
            axes.fill_between(slots, lows, highs, color=_BAND, linewidth=0)
        axes.vlines(
            slots, [each.low for each in intervals], [each.high for each in intervals], color=_LINE, linewidth=1.0
        )
        for one, other in pairwise(run):
            if min(one.tested, other.tested) >= PERCENT_FROM:
                axes.plot([one.slot, other.slot], [_share(one), _share(other)], color=_LINE, linewidth=1.8)
    many, few = [m for m in marks if m.tested >= PERCENT_FROM], [m for m in marks if m.tested < PERCENT_FROM]
    dots = {"linestyle": "none", "markeredgecolor": _LINE, "markeredgewidth": 1.4, "clip_on": False, "zorder": 5}
    wide = _points(size.font * 0.5)
    axes.plot([m.slot for m in many], [_share(m) for m in many], marker="o", markersize=wide,
              markerfacecolor=_LINE, **dots)  # fmt: skip
    axes.plot([m.slot for m in few], [_share(m) for m in few], marker="o", markersize=wide,
              markerfacecolor="white", **dots)  # fmt: skip


def _share(mark: Mark) -> float:
    return mark.detected / mark.tested


def _runs(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Marks in adjoining periods."""
    runs: list[list[Mark]] = []
    for mark in marks:
        if runs and runs[-1][-1].slot == mark.slot - 1:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return runs


def _opening(axes: Any, drawing: Drawing, size: Size) -> None:
    if drawing.opened is None:
        return
    axes.axvline(drawing.opened - 0.5, color=_INK, linewidth=1.2, linestyle=(0, (3, 3)))
    is_late = drawing.opened > sum(axes.get_xlim()) / 2
    axes.text(
        drawing.opened - 0.5 + (-0.1 if is_late else 0.1), 0.96, drawing.opened_label,
        transform=axes.get_xaxis_transform(), fontsize=_points(size.font * 0.88), color=_INK, va="top",
        ha="right" if is_late else "left",
    )  # fmt: skip


def _save(figure: Any, title: str, kind: str) -> bytes:
    out = io.BytesIO()
    metadata: dict[str, str | None] = {"Title": title}
    metadata |= {"Date": None, "Creator": "Headsup"} if kind == "svg" else {"Software": "Headsup"}
    figure.savefig(out, format=kind, metadata=metadata, dpi=_PIXELS if kind == "svg" else 1.5 * _PIXELS)
    return out.getvalue()
