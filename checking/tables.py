"""CSV files as rows with their line numbers. A file that is no such table is refused whole."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST_VALUE = 65_536  # characters; longer than anything a card or a list of places says


class Unusable(ValueError):
    """A file that cannot be read as what it should be; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, its values trimmed. `fault` says why it does not fit the header; empty where it does."""

    line: int  # as an editor counts; the header is 1
    values: Mapping[str, str]
    fault: str = ""


def read_header(file: Path) -> tuple[str, ...]:
    """The names of the columns. Raises Unusable."""
    for values in _lines(file):
        header = tuple(value.strip() for value in values[1])
        if len(set(header)) != len(header):
            raise Unusable(f"{file.name} names a column twice.")
        return header
    raise Unusable(f"{file.name} is empty.")


def read_rows(file: Path) -> Iterator[Row]:
    """The rows below the header, blank lines left out. Raises Unusable where the file is damaged."""
    header = read_header(file)
    lines = _lines(file)
    next(lines)
    for line, values in lines:
        trimmed = [value.strip() for value in values]
        if not any(trimmed):
            continue
        fault = ""
        if len(values) != len(header):
            fault = f"has {len(values)} values where the header has {len(header)} columns"
        # A row of the wrong length is still named by what can be read of it.
        yield Row(line, dict(zip(header, trimmed, strict=False)), fault)


def require_columns(file: Path, *, needed: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The header, if it has what is needed and nothing unknown. Raises Unusable."""
    header = read_header(file)
    missing = [name for name in needed if name not in header]
    unknown = [name for name in header if name not in known]
    if missing or unknown:
        says = [f"misses the columns {', '.join(missing)}"] if missing else []
        says += [f"has the unknown columns {', '.join(unknown)}"] if unknown else []
        raise Unusable(f"{file.name} {' and '.join(says)}. It knows {', '.join(known)}.")
    return header


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    before = csv.field_size_limit(LONGEST_VALUE)
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.reader(text, strict=True)
            first = 1
            for values in reader:
                yield first, values
                first = reader.line_num + 1  # a value in quotes may go over several lines
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unusable(f"{file.name} is not UTF-8 text: save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise Unusable(f"{file.name} is not CSV at line {first}: {error}.") from error
    finally:
        csv.field_size_limit(before)
