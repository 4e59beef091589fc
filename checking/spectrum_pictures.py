"""A spectrum as a picture for staff. Plain values in, PNG out; no word of the file is in it."""

import io
import threading
from collections.abc import Sequence

from .spectra import Spectrum

WIDE, HIGH, DOTS_AN_INCH = 9.0, 4.0, 100  # inches; 900 by 400 pixels
_LINE = "#1b4f8f"
_COLUMNS = 900  # as many as the picture is wide: more points than two a column cannot be seen
_turns = threading.Lock()  # pictures take turns: threads gain nothing and would each hold memory


def draw_spectrum(spectrum: Spectrum) -> bytes:
    """A line, or for a mass spectrum sticks. Wavenumbers fall from left to right, as chemists read them."""
    with _turns:
        # Here, not above: it takes more than a second, and most processes never draw.
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDE, HIGH), dpi=DOTS_AN_INCH, facecolor="white", layout="constrained")
        axes = figure.add_subplot()
        is_sticks = spectrum.data_type == "MASS SPECTRUM"
        points = spectrum.points if is_sticks else thinned(spectrum.points)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if is_sticks:
            axes.vlines(xs, 0, ys, linewidth=0.8, color=_LINE)
        else:
            axes.plot(xs, ys, linewidth=0.9, color=_LINE)
        if spectrum.x_units == "1/CM" and min(xs) < max(xs):
            axes.set_xlim(max(xs), min(xs))
        axes.set_xlabel(spectrum.x_units.lower())
        axes.set_ylabel(spectrum.y_units.lower())
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", metadata={"Software": None})
        return drawn.getvalue()


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """As few points as a picture shows, with the highest and lowest of every column kept: no peak is lost."""
    if len(points) <= 2 * _COLUMNS:
        return list(points)
    width = len(points) / _COLUMNS
    kept = []
    for column in range(_COLUMNS):
        some = range(int(column * width), int((column + 1) * width))
        low = min(some, key=lambda place: points[place][1])
        high = max(some, key=lambda place: points[place][1])
        kept += [points[place] for place in sorted({low, high})]
    return kept
