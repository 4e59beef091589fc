"""Room in a text message: for the number it ends with, and for what a later step says before it.

People approve a text as it is first said. Every later step puts words of ours around it (`Updated.`, or what it
means that it is over), in two segments as well: what was approved is to stay whole in each of them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import gsm7

NUMBER = " 9999999"  # the longest that `messages.numbered` puts at the end
_MOST_LETTERS = gsm7.TWO_SEGMENTS + 1  # whatever comes after these is cut anyhow


def fits(text: str) -> bool:
    """True where the text and its number go into two segments."""
    return gsm7.segments(text + NUMBER) <= 2


def fitted(text: str, *, before: str = "") -> str:
    """The text in letters of a text message, cut at a word where it is too long."""
    kept = gsm7.plain(text)[:_MOST_LETTERS]
    while not fits(before + kept) and " " in kept:
        kept = kept.rsplit(" ", 1)[0]
    return kept


def around(said: Callable[[str], str], words: str, *, before: str = "") -> str:
    """What `said` makes of the words, in letters of a text message; of the words as many as there is room for.

    So the end, which says what helps and how to stop, is not what is cut, unless the rest is too long without any of
    the words. `before`: what may come before it later.
    """
    kept = gsm7.plain(words)[:_MOST_LETTERS]
    while not fits(before + said(kept)) and " " in kept:
        kept = kept.rsplit(" ", 1)[0]
    return fitted(said(kept), before=before)


def later_texts(
    block: Mapping[str, Any], spoken: Mapping[str, Any], *, level: str, area: str, network: str
) -> Iterator[tuple[str, str]]:
    """Each later step of an alert, and its text message as it would be without any cut.

    `block` holds the approved `sms` and `headline`, a drill's with their mark before them; `spoken` is the frame of
    sentences of its language (`messages.words`). The day is the longest one in words.
    """
    longest = max(spoken["month_names"], key=len)
    day = spoken["day"].format(day=30, month=longest, year=2026)
    for kind, closing in spoken["closing"].items():
        if kind == "updated":
            yield kind, f"{closing['word']}. {block.get('sms', '')}"
        elif kind != "lapsed" or level == "warning":  # only a warning goes out before its second review
            yield (
                kind,
                spoken["closing_sms"].format(
                    word=closing["word"].upper(),
                    area=area,
                    headline=block.get("headline", ""),
                    text=closing["text"].format(level=spoken["levels"][level].lower(), day=day),
                    network=network,
                ),
            )


def cut_later(
    block: Mapping[str, Any], spoken: Mapping[str, Any], *, level: str, area: str, network: str
) -> dict[str, str]:
    """The later steps whose text message would lose words, each with what it would say; none is as it should be."""
    later = later_texts(block, spoken, level=level, area=area, network=network)
    return {kind: text for kind, text in later if not fits(text)}
