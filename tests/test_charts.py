"""Pictures: what is drawn, and that the same numbers give the same bytes."""

import gzip
import re
from io import BytesIO
from itertools import pairwise

import pytest
from defusedxml import ElementTree

from checking import charts
from checking.charts import draw
from checking.drawing import shares
from checking.drawing.values import FORMATS, SIZES, Drawing, Mark, Turn


def make_drawing(*marks: Mark, **said: object) -> Drawing:
    said = {
        "title": "Xylazine, Allegheny: by a laboratory",
        "below": "Release 118.",
        "share_label": "Found",
        "count_label": "n",
        **said,
    }
    return Drawing(marks=marks, **said)


def make_marks(*tested: int) -> list[Mark]:
    """Marks in adjoining weeks, each with half found; 0 tested leaves the week out."""
    return [Mark(slot, f"2026-W{slot + 1:02d}", many, many // 2) for slot, many in enumerate(tested) if many]


def svg(drawing: Drawing, size: str = "narrow") -> str:
    return draw(drawing, kind="svg", size=size).decode()


def lines(drawing: Drawing) -> int:
    """How many stretches of line join two shares. (Lines are 1.8 points wide at 72 to the inch.)"""
    drawn = re.findall(r'<path d="([^"]*)"[^>]*stroke-width: 1\.8(?!\d)', svg(drawing))
    return sum(path.count("L ") for path in drawn)


def test_the_same_numbers_give_the_same_bytes():
    drawing = make_drawing(*make_marks(31, 24, 12))
    for kind in FORMATS:
        assert charts.render(drawing, kind, "narrow") == charts.render(drawing, kind, "narrow")


def test_other_numbers_give_other_bytes():
    assert draw(make_drawing(*make_marks(31, 24))) != draw(make_drawing(*make_marks(31, 25)))


def test_adjoining_shares_are_joined():
    assert lines(make_drawing(*make_marks(30, 30, 30))) == 2


def test_no_line_goes_through_a_gap():
    assert lines(make_drawing(*make_marks(30, 30, 0, 30, 30))) == 2


def test_no_line_goes_through_too_few():
    assert lines(make_drawing(*make_marks(30, 30, 19, 30, 30))) == 2


def test_ten_times_the_periods_are_drawn_with_as_many_artists():
    """Each takes a millisecond to make and to draw; what grows is the points in them."""
    few, many = (
        sum(1 for _ in shares.figure_of(make_drawing(*make_marks(*tested)), SIZES["narrow"]).findobj())
        for tested in ((30, 30, 9, 30, 0, 30, 30, 9, 30, 30) * times for times in (2, 20))
    )

    assert many == few


def test_marks_of_too_few_are_hollow():
    few, many = svg(make_drawing(*make_marks(19))), svg(make_drawing(*make_marks(20)))

    hollow = r"<use [^>]*fill: #ffffff"
    assert re.search(hollow, few)
    assert not re.search(hollow, many)


def test_how_many_were_tested_stands_under_each_period():
    words = texts(svg(make_drawing(*make_marks(31, 24, 12))))

    assert {"31", "24", "12", "n", "2026-W01", "2026-W03"} <= set(words)


def test_the_upright_axis_says_what_it_is_of():
    assert "Found, of those tested for it" in texts(
        svg(make_drawing(*make_marks(31), share_label="Found, of those tested for it"))
    )


def test_a_change_of_what_is_counted_is_drawn_with_its_letter_and_parts_the_line():
    marks = make_marks(30, 30, 30)

    turned = make_drawing(*marks, turns=(Turn(1, "A"),))

    assert "A" in texts(svg(turned))
    assert "stroke-dasharray" in svg(turned)
    assert (lines(turned), lines(make_drawing(*marks))) == (1, 2)
    assert "stroke-dasharray" not in svg(make_drawing(*marks))


def test_what_is_no_series_is_not_joined():
    assert lines(make_drawing(*make_marks(30, 30), is_joined=False)) == 0


def test_much_said_below_makes_the_picture_higher_and_leaves_the_axes_their_room():
    short, long = make_drawing(*make_marks(30)), make_drawing(*make_marks(30), below="Strips of another lot. " * 30)

    assert charts.pixels(short) == (320, 340)
    assert charts.pixels(long)[1] > 440
    assert f'height="{charts.pixels(long)[1] * 0.72:g}pt"' in svg(long)


def test_two_years_of_weeks_fit_a_phone():
    """A page with its picture is to stay under 60 kB as sent; SVG is sent compressed."""
    picture = draw(make_drawing(*make_marks(*[25] * 104)))

    assert len(gzip.compress(picture)) < 20_000


def test_labels_do_not_run_together_or_out_of_the_picture():
    """Text is 12 px on 320: a digit is about 0.6 of that wide."""
    root = ElementTree.fromstring(svg(make_drawing(*make_marks(*[25] * 104))))
    width = float(root.get("viewBox").split()[2])
    scale = width / SIZES["narrow"].width
    spots = []
    for node in root.iter("{http://www.w3.org/2000/svg}text"):
        if re.fullmatch(r"2026-W\d+", node.text or ""):
            half = 0.6 * 11 * len(node.text) / 2 * scale
            middle = float(re.search(r"x: ([\d.]+)|x=\"([\d.]+)\"", f'x="{node.get("x")}"').group(2))
            spots.append((middle - half, middle + half))
    assert len(spots) == SIZES["narrow"].ticks
    assert all(one[1] < other[0] for one, other in pairwise(spots))
    assert spots[-1][1] <= width


def test_periods_close_together_are_not_written_into_each_other():
    marks = [Mark(0, "2023-06", 11, 9), Mark(7, "2024-01", 11, 10), Mark(8, "2024-02", 5, 5)]

    words = texts(svg(make_drawing(*marks)))

    assert "2024-02" in words
    assert "2024-01" not in words


def test_an_svg_is_sound_xml_whatever_the_words():
    drawing = make_drawing(*make_marks(30), share_label="<b>&amp;</b> ünï $x_1$")

    assert "<b>&amp;</b> ünï $x_1$" in texts(svg(drawing))


def test_a_png_is_a_png():
    from matplotlib.image import imread

    picture = draw(make_drawing(*make_marks(30, 19)), kind="png")

    height, width = imread(BytesIO(picture)).shape[:2]
    assert (width, height) == (SIZES["narrow"].width * 1.5, SIZES["narrow"].height * 1.5)


def test_nothing_tested_can_be_drawn():
    assert svg(make_drawing()).startswith("<?xml")


def test_what_there_is_not_is_refused():
    with pytest.raises(ValueError, match="pdf"):
        draw(make_drawing(), kind="pdf")
    with pytest.raises(KeyError):
        draw(make_drawing(), size="poster")


def texts(picture: str) -> list[str]:
    root = ElementTree.fromstring(picture)
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]
