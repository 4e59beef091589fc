"""Pictures of chromatograms: a PNG is decoded, and drawn anew from its pixels with nothing else.

Every part of the file that is not pixels is dropped before anything decodes it: comments, colour
profiles, animations. What stands after the end is refused, because such a file is two things at once.
"""

import io
import struct
import threading
import zlib

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 24_000_000
_LONGEST_SIDE = 20_000
_MAGIC = b"\x89PNG\r\n\x1a\n"
_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_turns = threading.Lock()  # one picture at a time: the largest takes about 100 MB


class NotAPicture(Exception):
    """The file cannot be taken; the message says why."""


def is_png(content: bytes) -> bool:
    return content.startswith(_MAGIC)


def redraw(content: bytes) -> bytes:
    """The same pixels as a new PNG. Raises NotAPicture."""
    if len(content) > MOST_BYTES:
        raise NotAPicture(f"A picture may have {MOST_BYTES // 1024 // 1024} MB at most.")
    if not is_png(content):
        raise NotAPicture("This is not a PNG file.")
    needed = _needed_chunks(content)
    # Here, not above: most processes never see a picture.
    from PIL import Image, UnidentifiedImageError

    with _turns:
        try:
            with Image.open(io.BytesIO(needed), formats=["PNG"]) as read:
                read.load()
                pixels = read.convert(_mode(read.mode, has_transparency="transparency" in read.info))
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, zlib.error) as error:
            raise NotAPicture("The pixels of this picture cannot be read.") from error
        pixels.info.clear()
        drawn = io.BytesIO()
        pixels.save(drawn, "PNG")
    return drawn.getvalue()


def _mode(mode: str, *, has_transparency: bool) -> str:
    if mode.startswith("I"):  # sixteen bits of grey, kept: turned into eight, all but the darkest would be white
        return "I;16"
    if mode in {"1", "L"}:
        return "L"
    return "RGBA" if has_transparency or mode in {"LA", "PA", "RGBA"} else "RGB"


def _needed_chunks(content: bytes) -> bytes:
    """Only what makes the pixels, and nothing after the end. Checksums are Pillow's to look at."""
    kept = [_MAGIC]
    place = len(_MAGIC)
    names: set[bytes] = set()
    while place + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if end > len(content):
            break
        if not names and (name != b"IHDR" or length != 13):
            raise NotAPicture("This PNG file does not begin as one does.")
        names.add(name)
        if name == b"IHDR":
            _check_size(content, place + 8)
        if name in _NEEDED:
            kept.append(content[place:end])
        elif name[:1].isupper():
            raise NotAPicture("This PNG file has a part that nobody knows.")
        place = end
        if name == b"IEND":
            if place != len(content):
                raise NotAPicture("Something stands after the end of this picture.")
            return b"".join(kept)
    raise NotAPicture("This PNG file is cut off.")


def _check_size(content: bytes, place: int) -> None:
    """By what the header says, before any pixel is decoded."""
    width, height = struct.unpack_from(">II", content, place)
    if not width or not height or max(width, height) > _LONGEST_SIDE or width * height > MOST_PIXELS:
        raise NotAPicture(f"A picture may have {MOST_PIXELS // 1_000_000} million pixels at most.")
