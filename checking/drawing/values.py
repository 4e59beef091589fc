"""All that is in a picture, as plain values: what is kept, sent to whoever draws, and compared.

Words come in the reader's language; numbers as they were released.
"""

from dataclasses import dataclass

FORMATS = ("svg", "png")


@dataclass(frozen=True)
class Size:
    """CSS pixels, and the characters and marks that fit."""

    width: int
    height: int
    font: float  # pixels
    ticks: int
    characters: int  # in a line of text
    counts: int  # periods under which their n can be written
    rows: int  # of a picture that is a list or a grid
    columns: int  # of a grid
    abreast: int  # small charts side by side


SIZES = {
    # 320 px phones leave 288 px: what is drawn for 320 is shown at nine tenths.
    "narrow": Size(320, 340, 12.0, 3, 46, 9, rows=8, columns=4, abreast=1),
    "wide": Size(720, 400, 13.0, 7, 96, 22, rows=14, columns=9, abreast=4),
}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What every picture has."""

    title: str
    below: str  # release, what the marks mean, as one text
    is_right_to_left: bool = False  # its words; the numbers' own axes stay as they are


@dataclass(frozen=True)
class Mark:
    """One period. Slots are whole steps of the interval, so that a gap in time is a gap in the picture."""

    slot: int
    label: str
    tested: int
    detected: int


@dataclass(frozen=True)
class Turn:
    """Where what was counted changed: before it and after it do not compare. Drawn before its slot."""

    slot: int
    letter: str  # told in the text below


@dataclass(frozen=True, kw_only=True)
class Drawing(Picture):
    """Shares over time; two marks that are not of adjoining slots stand side by side and are not joined."""

    share_label: str  # what the upright axis is of
    count_label: str  # what the row of n says at its start
    marks: tuple[Mark, ...]
    turns: tuple[Turn, ...] = ()
    is_joined: bool = True  # False: the marks are no series


@dataclass(frozen=True)
class Panel:
    """One small chart of several."""

    title: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class Panels(Picture):
    """Small charts with one scale."""

    share_label: str
    count_label: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Square:
    """One cell of a grid."""

    tested: int
    detected: int
    said: str  # the share, or "3 of 12" under twenty tested
    has_shade: bool = True  # False: its share may not be told by a colour either


@dataclass(frozen=True, kw_only=True)
class HeatMap(Picture):
    """Shares in a grid. None where nothing was released. Rows and columns come with what matters most first."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    squares: tuple[tuple[Square | None, ...], ...]  # by row
    columns_label: str
    rows_label: str


@dataclass(frozen=True)
class Bar:
    """How many of how many, where the number may be known within a range only."""

    label: str
    low: int
    high: int
    tested: int
    said: str


@dataclass(frozen=True, kw_only=True)
class Bars(Picture):
    share_label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Reach:
    """Quartiles of one measured amount."""

    label: str
    lower: float
    median: float
    upper: float
    said: str
    limits: tuple[float, ...] = ()  # published ones, in the same unit and on the same basis


@dataclass(frozen=True)
class Scale:
    """Amounts in one unit. Two units never share an axis."""

    unit: str
    reaches: tuple[Reach, ...]


@dataclass(frozen=True, kw_only=True)
class Spreads(Picture):
    scales: tuple[Scale, ...]
