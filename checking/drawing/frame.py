"""What every picture is drawn in: the sheet, its words, its colours, and how it becomes bytes.

Colours: the line is the blue of Okabe and Ito's palette for all kinds of colour vision (M. Okabe, K. Ito,
Color Universal Design, 2008, jfly.uni-koeln.de/color), darkened to stand out on white; shades of a grid are
ColorBrewer's Blues (C. A. Brewer, colorbrewer2.org), one hue whose lightness alone tells. Neither is ever
the only sign: marks are filled or hollow, stretches plain or hatched, and every square says its number.
"""

import io
import textwrap
from typing import Any

from .values import Picture, Size

INK, SOFT, GRID, BAND, LINE = "#221f26", "#57505c", "#d9d1c8", "#b9d7ea", "#00538a"
PIXELS = 100  # a figure's "inch", so that sizes below are CSS pixels
_RIGHT_TO_LEFT = ("\u2067", "\u2069")  # an isolate: brackets and numbers in it keep their side


class Sheet:
    """A figure with its title above and its text below; what is between is for the axes, in CSS pixels."""

    def __init__(self, picture: Picture, size: Size, *, first_line: str = "", height: int | None = None) -> None:
        """`first_line`: said under the title. `height`: of the whole; None: as the size has it."""
        from matplotlib.figure import Figure

        self.size = size
        self.height = height or size.height
        self.is_right_to_left = picture.is_right_to_left
        self.figure: Any = Figure(figsize=(size.width / PIXELS, self.height / PIXELS), dpi=PIXELS, facecolor="white")
        title, below = wrapped(picture, size)
        line = size.font * 1.45
        for number, text in enumerate(title):
            self.say(text, self.height - 4 - line * (number + 1), weight="bold", colour=INK)
        if first_line:
            self.say(first_line, self.height - 4 - line * (len(title) + 1), scale=0.88)
        for number, text in enumerate(reversed(below)):
            self.say(text, 6 + line * 0.9 * number, scale=0.88)
        self.top = 6 + line * (len(title) + bool(first_line))
        self.foot = 8 + line * 0.9 * len(below)

    def axes(self, left: float, bottom: float, width: float, height: float) -> Any:
        """Axes placed by hand, in CSS pixels from the lower left."""
        return self.figure.add_axes(
            (left / self.size.width, bottom / self.height, width / self.size.width, height / self.height)
        )

    def say(self, text: str, y: float, *, scale: float = 1.0, weight: str = "normal", colour: str = SOFT) -> None:
        x = self.size.width - 8 if self.is_right_to_left else 8
        self.figure.text(
            x / self.size.width, y / self.height, self.turned(text), fontsize=points(self.size.font * scale),
            weight=weight, color=colour, va="bottom", ha="right" if self.is_right_to_left else "left",
        )  # fmt: skip

    def turned(self, text: str) -> str:
        return text.join(_RIGHT_TO_LEFT) if self.is_right_to_left else text


def wrapped(picture: Picture, size: Size) -> tuple[list[str], list[str]]:
    """The lines of the title and of the text below."""
    return (
        textwrap.wrap(picture.title, int(size.characters * 0.9)) or [""],
        textwrap.wrap(picture.below, int(size.characters * 1.1)),
    )


def words_height(picture: Picture, size: Size, *, has_first_line: bool = False) -> float:
    """CSS pixels that title and text below take."""
    title, below = wrapped(picture, size)
    line = size.font * 1.45
    return 14 + line * (len(title) + has_first_line) + line * 0.9 * len(below)


def points(pixels: float) -> float:
    return pixels * 72 / PIXELS


def shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: max(1, characters - 1)].rstrip() + "…"


def settings() -> dict[str, Any]:
    return {
        "svg.hashsalt": "headsup",  # fixes the ids in the SVG, so that nothing in it is random
        "svg.fonttype": "none",  # text stays text: smaller, and it can be read aloud
        "font.family": ["sans-serif"],
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
        "hatch.linewidth": 0.6,
    }


def saved(figure: Any, title: str, kind: str) -> bytes:
    out = io.BytesIO()
    metadata: dict[str, str | None] = {"Title": title}
    metadata |= {"Date": None, "Creator": "Headsup"} if kind == "svg" else {"Software": "Headsup"}
    figure.savefig(out, format=kind, metadata=metadata, dpi=PIXELS if kind == "svg" else 1.5 * PIXELS)
    return out.getvalue()
