"""Cells that a spreadsheet would take for formulas, written so that it does not, and read back as they were.

Source: OWASP, "CSV Injection". An apostrophe before the sign makes it text.
"""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")


def escaped(cell: str) -> str:
    """The cell with an apostrophe before it where it would be a formula, or looks as if it had one from us."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def plain_again(cell: str) -> str:
    """The cell as it was before `escaped`."""
    return cell[1:] if _ESCAPED.match(cell) else cell
