"""Spectra and chromatograms as JCAMP-DX: the numbers are read, and written anew with nothing else.

No word of the file is kept: titles, owners and comments can name people and places. Plain values in and
out. Source of the format: R. S. McDonald, P. A. Wilks, Appl. Spectrosc. 42 (1988) 151-162 (JCAMP-DX 4.24).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 5 * 1024 * 1024
MOST_POINTS = 200_000
_MOST_LINES = 400_000
_LONGEST_NUMBER = 40  # signs
_SEVERAL = "This file holds several data sets. Please export one by itself."
_LARGEST = 1e30  # no unit we know comes near

# What may stand in a label that is kept; anything else becomes the last of its list.
DATA_TYPES = (
    "INFRARED SPECTRUM", "RAMAN SPECTRUM", "UV/VIS SPECTRUM", "MASS SPECTRUM", "NMR SPECTRUM", "CHROMATOGRAM",
    "GAS CHROMATOGRAM", "LIQUID CHROMATOGRAM", "SPECTRUM",
)  # fmt: skip
UNITS = (
    "1/CM", "NANOMETERS", "MICROMETERS", "SECONDS", "MINUTES", "M/Z", "HZ", "PPM",
    "TRANSMITTANCE", "ABSORBANCE", "REFLECTANCE", "INTENSITY", "RELATIVE ABUNDANCE", "COUNTS", "ARBITRARY UNITS",
)  # fmt: skip


class NotASpectrum(Exception):
    """The file cannot be taken; the message says why, and never repeats what stands in it."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Points in the order of the file."""

    data_type: str
    x_units: str
    y_units: str
    points: tuple[tuple[float, float], ...]


def read_spectrum(content: bytes) -> Spectrum:
    """The numbers of one JCAMP-DX block. Raises NotASpectrum."""
    if len(content) > MOST_BYTES:
        raise NotASpectrum(f"A spectrum may have {MOST_BYTES // 1024 // 1024} MB at most.")
    if not is_jcamp(content):
        raise NotASpectrum("This is not a JCAMP-DX file: it does not begin with ##TITLE=.")
    if b"\x00" in content:
        raise NotASpectrum("This is not a text file.")
    labels = _labels(content.decode("latin-1").removeprefix("ï»¿"))
    if "NTUPLES" in labels or "LINK" in labels.get("DATATYPE", "").upper():
        raise NotASpectrum(_SEVERAL)
    points = _points(labels)
    if len(points) < 2:
        raise NotASpectrum("There are no data in this file.")
    return Spectrum(
        data_type=_one_of(labels.get("DATATYPE", ""), DATA_TYPES),
        x_units=_one_of(labels.get("XUNITS", ""), UNITS),
        y_units=_one_of(labels.get("YUNITS", ""), UNITS),
        points=points,
    )


def write_spectrum(spectrum: Spectrum) -> bytes:
    """A new file of our own: fixed labels, known words, and numbers."""
    xs = [x for x, _ in spectrum.points]
    ys = [y for _, y in spectrum.points]
    head = (
        "##TITLE=", "##JCAMP-DX=4.24", f"##DATA TYPE={spectrum.data_type}", "##ORIGIN=", "##OWNER=",
        f"##XUNITS={spectrum.x_units}", f"##YUNITS={spectrum.y_units}", "##XFACTOR=1", "##YFACTOR=1",
        f"##FIRSTX={xs[0]:.10g}", f"##LASTX={xs[-1]:.10g}", f"##FIRSTY={ys[0]:.10g}",
        f"##NPOINTS={len(spectrum.points)}", "##XYPOINTS=(XY..XY)",
    )  # fmt: skip
    body = (f"{x:.10g}, {y:.10g}" for x, y in spectrum.points)
    return ("\r\n".join([*head, *body, "##END="]) + "\r\n").encode("ascii")


def is_jcamp(content: bytes) -> bool:
    """By its first letters, whatever it is called or said to be."""
    return re.match(rb"(?:\xef\xbb\xbf)?\s*##\s*title\s*=", content[:200], re.IGNORECASE) is not None


def _labels(text: str) -> dict[str, str]:
    """Labels with their values, comments left out. A second block of data is refused."""
    lines = text.splitlines()
    if len(lines) > _MOST_LINES:
        raise NotASpectrum("This file has too many lines.")
    labels: dict[str, list[str]] = {}
    name = ""
    for place, line in enumerate(lines):
        said = line.split("$$", 1)[0]
        if said.lstrip().startswith("##"):
            written, _, said = said.lstrip()[2:].partition("=")
            name = re.sub(r"[\s/_-]", "", written).upper()
            if name == "END":
                _refuse_more(said, *lines[place + 1 :])
                break
            if name == "TITLE" and name in labels:
                raise NotASpectrum(_SEVERAL)
            labels[name] = []  # a label said twice: the last counts
        if name:
            labels[name].append(said.strip())
    return {key: "\n".join(several).strip() for key, several in labels.items()}


def _refuse_more(*after_the_end: str) -> None:
    """A second data set, or a file that is two things at once."""
    if any(line.split("$$", 1)[0].strip() for line in after_the_end):
        raise NotASpectrum(_SEVERAL)


def _points(labels: dict[str, str]) -> tuple[tuple[float, float], ...]:
    if "XYDATA" in labels:
        return _evenly_spaced(labels)
    for name in ("XYPOINTS", "PEAKTABLE"):
        if name in labels:
            return _pairs(labels, labels[name])
    raise NotASpectrum("There are no data in this file.")


def _evenly_spaced(labels: dict[str, str]) -> tuple[tuple[float, float], ...]:
    """(X++(Y..Y)): X goes from FIRSTX to LASTX in even steps; the X before each line is for checking only."""
    form, _, table = labels["XYDATA"].partition("\n")
    if re.sub(r"\s", "", form).upper() != "(X++(Y..Y))":
        raise NotASpectrum("The data of this file are in a form we do not read.")
    first, last = _number(labels.get("FIRSTX", "")), _number(labels.get("LASTX", ""))
    factor = _number(labels.get("YFACTOR", "1") or "1")
    ys = [each * factor for each in _ordinates(table)]
    said = labels.get("NPOINTS", "")
    if said and _number(said) != len(ys):
        raise NotASpectrum("This file says another number of points than it holds.")
    if len(ys) < 2:
        return ()
    step = (last - first) / (len(ys) - 1)
    return tuple((_finite(first + place * step), _finite(y)) for place, y in enumerate(ys))


def _pairs(labels: dict[str, str], written: str) -> tuple[tuple[float, float], ...]:
    form, _, table = written.partition("\n")
    if not re.sub(r"\s", "", form).upper().startswith("(XY..XY)"):
        raise NotASpectrum("The data of this file are in a form we do not read.")
    numbers = [_number(each) for each in re.split(r"[,;\s]+", table) if each]
    if len(numbers) > 2 * MOST_POINTS:
        raise NotASpectrum(f"A spectrum may have {MOST_POINTS} points at most.")
    if len(numbers) % 2:
        raise NotASpectrum("A point of this file has no second number.")
    of_x, of_y = _number(labels.get("XFACTOR", "1") or "1"), _number(labels.get("YFACTOR", "1") or "1")
    return tuple((_finite(x * of_x), _finite(y * of_y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True))


# Ordinates in ASDF form: a letter is a sign and a first digit (McDonald and Wilks 1988, table on page 158).
_SQUEEZED = {letter: digits for digits, letter in zip(range(10), "@ABCDEFGHI", strict=True)} | {
    letter: -digits for digits, letter in zip(range(1, 10), "abcdefghi", strict=True)
}
_DIFFERENCE = {letter: digits for digits, letter in zip(range(10), "%JKLMNOPQR", strict=True)} | {
    letter: -digits for digits, letter in zip(range(1, 10), "jklmnopqr", strict=True)
}
_REPEATED = {letter: digits for digits, letter in zip(range(1, 10), "STUVWXYZs", strict=True)}
# An exponent has a sign: without one, E and e are squeezed digits.
_TOKEN = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]\d{1,3})?|[@A-Ia-i%J-Rj-r]\d*\.?\d*|[S-Zs]\d*|[,\s?]+", re.ASCII
)


def _ordinates(table: str) -> list[float]:
    """Y of every line. Raises NotASpectrum where a line cannot be read, or says more points than we take."""
    ys: list[float] = []
    was_difference = False
    for line in table.split("\n"):
        read = list(_line(line))
        if not read:
            continue
        # A line in difference form begins by saying the last ordinate again, for checking.
        start = 1 if was_difference and ys else 0
        if start and not math.isclose(read[0][0], ys[-1], rel_tol=1e-9, abs_tol=1e-6):
            raise NotASpectrum("A line of this file does not follow from the one before.")
        ys += [value for value, _ in read[start:]]
        if len(ys) > MOST_POINTS:
            raise NotASpectrum(f"A spectrum may have {MOST_POINTS} points at most.")
        was_difference = read[-1][1]
    return ys


def _line(line: str) -> Iterator[tuple[float, bool]]:
    """(ordinate, whether it was said as a difference). The first number is X."""
    tokens = _tokens(line)
    next(tokens, None)
    last: tuple[float, float | None] | None = None  # ordinate, and the difference it was said by
    told = 0
    for token in tokens:
        sign = token[0]
        if sign in _REPEATED:
            if last is None:
                raise NotASpectrum("A line of this file begins with a repetition.")
            times = int(f"{_REPEATED[sign]}{token[1:]}") - 1
            if told + times > MOST_POINTS:
                raise NotASpectrum(f"A spectrum may have {MOST_POINTS} points at most.")
            again = [last[1] or 0.0] * times
        else:
            again = []
            if sign in _DIFFERENCE:
                if last is None:
                    raise NotASpectrum("A line of this file begins with a difference.")
                step = _signed(_DIFFERENCE[sign], token)
                last = (last[0] + step, step)
            else:
                last = (_signed(_SQUEEZED[sign], token) if sign in _SQUEEZED else _number(token), None)
            told += 1
            yield last[0], last[1] is not None
        for step in again:
            told += 1
            last = (last[0] + step, last[1])
            yield last[0], last[1] is not None


def _tokens(line: str) -> Iterator[str]:
    place = 0
    while place < len(line):
        found = _TOKEN.match(line, place)
        if found is None:
            raise NotASpectrum("A line of this file cannot be read.")
        place = found.end()
        token = found[0]
        if "?" in token:
            raise NotASpectrum("Some points of this file have no value.")
        if len(token) > _LONGEST_NUMBER and not token.isspace():
            raise NotASpectrum("A number of this file is too long.")
        if token.strip(", \t\r"):
            yield token


def _signed(first: int, token: str) -> float:
    """A letter's digit with the digits that follow it, under the letter's sign."""
    negative = first < 0
    value = _number(f"{abs(first)}{token[1:]}")
    return -value if negative else value


def _number(written: str) -> float:
    text = written.strip()
    if len(text) > _LONGEST_NUMBER or not re.fullmatch(
        r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d{1,3})?", text, re.ASCII
    ):
        raise NotASpectrum("A number of this file cannot be read.")
    return _finite(float(text))


def _finite(value: float) -> float:
    if not abs(value) < _LARGEST:  # nor is what is not a number
        raise NotASpectrum("A number of this file is out of range.")
    return value


def _one_of(written: str, known: tuple[str, ...]) -> str:
    folded = re.sub(r"\s+", " ", written.strip().upper())
    return folded if folded in known else known[-1]
