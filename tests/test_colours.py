"""Colours everyone can read, in light and dark, and none that says "go"."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css" / "headsup.css"


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast of two #rrggbb colours; black on white is 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def themes() -> list[dict[str, str]]:
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in CSS.read_text().split(":root {")[1:3])
    return [light, {**light, **dark}]


def test_black_on_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_is_well_seen_in_light_and_dark(theme):
    colours = themes()[theme]
    pairs = [
        ("ink", "ground"), ("ink", "raised"), ("soft", "ground"), ("soft", "raised"), ("accent", "ground"),
        ("accent", "raised"), ("on-accent", "accent"), ("ink", "tint"), ("on-simulated", "simulated"),
        *((f"{ink}", f"{level}{tint}") for level in ("notice", "caution", "warning")
          for ink, tint in (("on-level", ""), ("ink", "-tint"))),
    ]  # fmt: skip

    for front, back in pairs:
        assert contrast(colours[front], colours[back]) >= 7, (front, back)
    assert contrast(colours["edge"], colours["raised"]) >= 3


def test_no_level_is_green():
    for colours in themes():
        for level in ("notice", "caution", "warning"):
            red, green, blue = (int(colours[level][at : at + 2], 16) for at in (1, 3, 5))
            assert green < max(red, blue)
