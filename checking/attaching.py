"""Spectra and chromatograms beside a result, for staff. What was uploaded is never stored and never served."""

import hashlib
import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from . import pictures, spectra
from .models import Attachment, Result, User

MOST_BYTES = max(pictures.MOST_BYTES, spectra.MOST_BYTES)
MOST_OF_ONE_RESULT = 10
LONGEST_WORDS = 80  # characters of instrument and library version
CONTENT_TYPES = {Attachment.Kind.SPECTRUM: "chemical/x-jcamp-dx", Attachment.Kind.IMAGE: "image/png"}
# What the readers of files answer, who know no Django and no language.
ANSWERS = (
    gettext_noop("A spectrum may have 5 MB at most."),
    gettext_noop("This is not a text file."),
    gettext_noop("This file holds several data sets. Please export one by itself."),
    gettext_noop("There are no data in this file."),
    gettext_noop("This file has too many lines."),
    gettext_noop("The data of this file are in a form we do not read."),
    gettext_noop("This file says another number of points than it holds."),
    gettext_noop("A spectrum may have 200000 points at most."),
    gettext_noop("A point of this file has no second number."),
    gettext_noop("A line of this file does not follow from the one before."),
    gettext_noop("A line of this file begins with a repetition."),
    gettext_noop("A line of this file begins with a difference."),
    gettext_noop("A line of this file cannot be read."),
    gettext_noop("Some points of this file have no value."),
    gettext_noop("A number of this file is too long."),
    gettext_noop("A number of this file cannot be read."),
    gettext_noop("A number of this file is out of range."),
    gettext_noop("A picture may have 10 MB at most."),
    gettext_noop("The pixels of this picture cannot be read."),
    gettext_noop("This PNG file does not begin as one does."),
    gettext_noop("This PNG file has a part that nobody knows."),
    gettext_noop("Something stands after the end of this picture."),
    gettext_noop("This PNG file is cut off."),
    gettext_noop("A picture may have 24 million pixels at most."),
)
_WORDS = re.compile(r"[^\x00-\x1f\x7f]*")


class NotTaken(Exception):
    """A file we do not take; the message says why. `is_other_kind`: it is neither of the two kinds."""

    def __init__(self, message: str, *, is_other_kind: bool = False, field: str = "file") -> None:
        super().__init__(message)
        self.is_other_kind = is_other_kind
        self.field = field


def attach(
    result: Result, content: bytes, *, instrument: str = "", library_version: str = "", by: User | None
) -> tuple[Attachment, bool]:
    """Write a file anew and keep it with a result; False where the same was there. Raises NotTaken."""
    for field, words in (("instrument", instrument), ("library_version", library_version)):
        if len(words) > LONGEST_WORDS or not _WORDS.fullmatch(words):
            raise NotTaken(_("Say this in %(n)s characters at most.") % {"n": LONGEST_WORDS}, field=field)
    kind, written = written_anew(content)
    return _keep(result, kind, written, instrument.strip(), library_version.strip(), by)


def written_anew(content: bytes) -> tuple[Attachment.Kind, bytes]:
    """Which kind a file is, by what stands in it, and the new file made of it. Raises NotTaken."""
    try:
        if pictures.is_png(content):
            return Attachment.Kind.IMAGE, pictures.redraw(content)
        if spectra.is_jcamp(content):
            return Attachment.Kind.SPECTRUM, spectra.write_spectrum(spectra.read_spectrum(content))
    except (pictures.NotAPicture, spectra.NotASpectrum) as refused:
        raise NotTaken(_(str(refused))) from refused
    raise NotTaken(_("This is neither a JCAMP-DX nor a PNG file."), is_other_kind=True)


@transaction.atomic
def _keep(
    result: Result, kind: Attachment.Kind, content: bytes, instrument: str, library_version: str, by: User | None
) -> tuple[Attachment, bool]:
    sha256 = hashlib.sha256(content).hexdigest()
    same = Attachment.objects.filter(result=result, sha256=sha256).defer("content").first()
    if same is not None:
        return same, False
    if Attachment.objects.filter(result=result).count() >= MOST_OF_ONE_RESULT:
        raise NotTaken(_("There are %(n)s files here already.") % {"n": MOST_OF_ONE_RESULT})
    return Attachment.objects.get_or_create(
        result=result,
        sha256=sha256,
        defaults={
            "kind": kind,
            "content": content,
            "instrument": instrument,
            "library_version": library_version,
            "recorded_at": timezone.now(),
            "entered_by": by,
        },
    )
