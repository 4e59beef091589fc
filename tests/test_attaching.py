"""Spectra and pictures: only numbers and pixels go through, and nothing large comes of something small."""

import io
import struct
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from checking import attaching, pictures, spectra
from checking.attaching import NotTaken, attach, written_anew
from checking.models import Attachment, Result
from checking.pictures import NotAPicture, redraw
from checking.spectra import NotASpectrum, read_spectrum, write_spectrum
from checking.spectrum_pictures import draw_spectrum, thinned
from tests.factories import make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body

# The published example: one line in difference form with repetitions, and what it says
# (R. S. McDonald, P. A. Wilks, Appl. Spectrosc. 42 (1988) 151-162, the table of ASDF forms).
DIFDUP = "99@VKT%TLkj%J%KLJ%njKjL%kL%jJULJ%kLK1%lLMNPNPRLJ0QTOJ1P"
SAID = [
    0, 0, 0, 0, 2, 4, 4, 4, 7, 5, 4, 4, 5, 5, 7, 10, 11, 11, 6, 5, 7, 6, 9, 9, 7, 10, 10, 9, 10, 11, 12, 15, 16, 16,
    14, 17, 38, 38, 35, 38, 42, 47, 54, 59, 66, 75, 78, 88, 96, 104, 110, 121, 128,
]  # fmt: skip


def jcamp(table: str, *, n: int | None = None, form: str = "##XYDATA=(X++(Y..Y))", **labels: str) -> bytes:
    """A file as an instrument writes it, with people and places in it."""
    said = {"DATA TYPE": "INFRARED SPECTRUM", "XUNITS": "1/CM", "YUNITS": "ABSORBANCE", "XFACTOR": "1",
            "YFACTOR": "1", "FIRSTX": "400", "LASTX": "4000", **labels}  # fmt: skip
    head = ["##TITLE=brought by Jane, 12 Elm Street", "##JCAMP-DX=4.24 $$ FTIR-9 of Harbour"]
    head += ["##OWNER=Jane", "##ORIGIN=Elm Street", *(f"##{name}={value}" for name, value in said.items())]
    if n is not None:
        head.append(f"##NPOINTS={n}")
    return "\r\n".join([*head, form, table, "##END="]).encode()


def ys(content: bytes) -> list[float]:
    return [y for _, y in read_spectrum(content).points]


# Spectra


def test_the_published_example_is_read_as_published():
    assert ys(jcamp(DIFDUP, n=len(SAID))) == SAID


@pytest.mark.parametrize(
    "table",
    [
        "400 1 2 3 3 3 -4.5\n700 10",
        "400+1+2+3+3+3-4.5\n700+10",
        "400A B C C C d.5 \n700A0",
        "400 1 2 3U -4.5\n700 10",
        "400AJJ%%\n700C d.5A0",
    ],
)
def test_every_form_of_the_same_numbers_is_read_alike(table):
    assert ys(jcamp(table)) == [1, 2, 3, 3, 3, -4.5, 10]


def test_x_goes_in_even_steps_and_factors_are_applied():
    points = read_spectrum(jcamp("400 1 2 3", FIRSTX="400", LASTX="800", YFACTOR="0.5")).points

    assert points == ((400, 0.5), (600, 1.0), (800, 1.5))


def test_pairs_are_read():
    content = jcamp("50.1, 3; 60 4.5E+1\n70,1", form="##PEAK TABLE=(XY..XY)", **{"DATA TYPE": "MASS SPECTRUM"})

    assert read_spectrum(content).points == ((50.1, 3), (60, 45), (70, 1))


def test_what_is_written_anew_holds_numbers_and_known_words_only():
    written = write_spectrum(read_spectrum(jcamp("400 1 2 3", **{"SAMPLE DESCRIPTION": "for Jane", "XUNITS": "Jane"})))

    for word in (b"Jane", b"Elm", b"Harbour", b"FTIR-9"):
        assert word not in written
    assert b"INFRARED SPECTRUM" in written
    assert b"XUNITS=ARBITRARY UNITS" in written


POINTS = st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=2, max_size=50)


@given(POINTS)
def test_writing_and_reading_again_gives_the_same_numbers(points):
    spectrum = spectra.Spectrum("RAMAN SPECTRUM", "1/CM", "COUNTS", tuple(points))

    again = read_spectrum(write_spectrum(spectrum))

    assert again.data_type == "RAMAN SPECTRUM"
    for said, read in zip(points, again.points, strict=True):
        assert read == pytest.approx(said, rel=1e-9)


REFUSED_SPECTRA = {
    "not jcamp": b"<html>##TITLE=",
    "nul": jcamp("400 1 2 3\x00"),
    "no data": b"##TITLE=x\n##JCAMP-DX=4.24\n##END=",
    "another form": jcamp("400 1 2 3", form="##XYDATA=(XY..XYZ)"),
    "several": jcamp("400 1 2") + jcamp("400 1 2"),
    "ntuples": jcamp("400 1 2", NTUPLES="NMR SPECTRUM"),
    "linked": jcamp("400 1 2", **{"DATA TYPE": "LINK"}),
    "not a number": jcamp("400 1 2", FIRSTX="nan"),
    "infinite": jcamp("400 1 2", YFACTOR="1E999"),
    "too large": jcamp("400 1 2", YFACTOR="1E200"),
    "too long a number": jcamp("400 " + "9" * 1000),
    "wrong count": jcamp("400 1 2 3", n=4),
    "no value": jcamp("400 1 ? 3"),
    "begins with a repetition": jcamp("400U 1"),
    "begins with a difference": jcamp("400J1"),
    "does not follow": jcamp("400AJ\n500I"),
    "odd": jcamp("1 2 3", form="##XYPOINTS=(XY..XY)"),
    "one point": jcamp("400 1"),
    "letters of another script": jcamp("400 ١ ٢"),
}


@pytest.mark.parametrize("content", REFUSED_SPECTRA.values(), ids=REFUSED_SPECTRA)
def test_a_spectrum_that_cannot_be_read_is_refused_without_repeating_it(content):
    with pytest.raises(NotASpectrum) as refused:
        read_spectrum(content)

    assert "Jane" not in str(refused.value)


BOMBS = {
    "one repetition": jcamp("400 1s999999999"),
    "many repetitions": jcamp("400 1" + "s9999" * 1000),
    "many lines": jcamp("400 1s9999\n" * 1000),
    "differences": jcamp("400AJs99999\n" * 3),
    "large": b"##TITLE=" + b"1 " * 6_000_000,
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_a_spectrum_that_would_grow_is_refused_quickly(content):
    begun = time.process_time()

    with pytest.raises(NotASpectrum, match=r"at most|follow"):
        read_spectrum(content)

    assert time.process_time() - begun < 1.0


def test_a_spectrum_is_drawn_without_words_of_the_file():
    drawn = draw_spectrum(read_spectrum(jcamp(DIFDUP)))

    assert drawn.startswith(b"\x89PNG")
    assert b"tEXt" not in drawn


def test_thinning_keeps_every_peak():
    points = [(float(x), 0.0) for x in range(100_000)]
    points[54_321] = (54_321.0, 1.0)

    assert (54_321.0, 1.0) in thinned(points)
    assert len(thinned(points)) <= 1800


# Pictures


def png(width: int = 4, height: int = 3, mode: str = "RGB", **save) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(file, "PNG", **save)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def made_of(width: int, height: int, pixels: bytes) -> bytes:
    return header(width, height) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


def with_words() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Jane of Elm Street")
    words.add_itxt("Comment", "Jane", zip=True)
    exif = Image.Exif()
    exif[0x010E] = "Jane at Harbour"
    return png(pnginfo=words, exif=exif, dpi=(72, 72))


def chunks_of(content: bytes) -> list[bytes]:
    names, place = [], 8
    while place < len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        names.append(name)
        place += 12 + length
    return names


def test_pixels_stay_and_words_go():
    content = with_words()
    assert b"eXIf" in chunks_of(content)

    drawn = redraw(content)

    assert set(chunks_of(drawn)) == {b"IHDR", b"IDAT", b"IEND"}
    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(drawn)) as after:
        assert list(before.get_flattened_data()) == list(after.get_flattened_data())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_drawn_anew(mode):
    with Image.open(io.BytesIO(redraw(png(mode=mode)))) as drawn:
        assert drawn.size == (4, 3)
        assert drawn.mode in {"L", "RGB", "RGBA", "I;16"}


def test_sixteen_bits_of_grey_stay_as_they_are():
    picture, file = Image.new("I;16", (2, 1)), io.BytesIO()
    picture.putpixel((0, 0), 30_000)
    picture.putpixel((1, 0), 60_000)
    picture.save(file, "PNG")

    with Image.open(io.BytesIO(redraw(file.getvalue()))) as drawn:
        assert list(drawn.get_flattened_data()) == [30_000, 60_000]


REFUSED_PICTURES = {
    "not png": b"GIF89a",
    "jpeg": b"\xff\xd8\xff\xe0",
    "cut off": png()[:-20],
    "only the beginning": b"\x89PNG\r\n\x1a\n",
    "damaged": png()[:45] + b"\x00\x00" + png()[47:],
    "page behind it": png() + b"<script>alert(1)</script>",
    "archive behind it": png() + b"PK\x03\x04",
    "unknown part": png()[:33] + chunk(b"ABCD", b"x") + png()[33:],
    "no pixels": header(1, 1) + chunk(b"IEND", b""),
    "wrong pixels": header(9, 9) + chunk(b"IDAT", b"nothing") + chunk(b"IEND", b""),
    "too few pixels": made_of(9, 9, b"\x00"),
    "no size": made_of(0, 1, b"\x00"),
}


@pytest.mark.parametrize("content", REFUSED_PICTURES.values(), ids=REFUSED_PICTURES)
def test_a_picture_that_cannot_be_read_or_is_two_things_is_refused(content):
    with pytest.raises(NotAPicture):
        redraw(content)


PICTURE_BOMBS = {
    "more pixels than allowed": header(5000, 5000) + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
    "billions of pixels": header(2**31 - 1, 2**31 - 1) + chunk(b"IEND", b""),
    "very wide": header(2_000_000, 2) + chunk(b"IEND", b""),
    "more bytes than allowed": png() + b"\x00" * pictures.MOST_BYTES,
}


@pytest.mark.parametrize("content", PICTURE_BOMBS.values(), ids=PICTURE_BOMBS)
def test_a_picture_that_would_grow_is_refused_quickly(content):
    redraw(png())  # Pillow is loaded
    begun = time.process_time()

    with pytest.raises(NotAPicture):
        redraw(content)

    assert time.process_time() - begun < 0.2


def test_a_picture_of_too_many_bytes_is_refused_whatever_it_holds():
    with pytest.raises(NotAPicture, match="10 MB"):
        redraw(png()[:33] + chunk(b"teSt", b"\x00" * pictures.MOST_BYTES) + png()[33:])


def test_a_colour_that_stands_for_nothing_goes_too():
    drawn = redraw(png(mode="L", transparency=7))

    assert set(chunks_of(drawn)) == {b"IHDR", b"IDAT", b"IEND"}


def test_pixels_beyond_the_size_are_not_unpacked():
    redraw(png())
    content = made_of(1, 1, b"\x00" * 300_000_000)  # 300 MB in 300 kB
    begun = time.process_time()

    drawn = redraw(content)

    assert time.process_time() - begun < 0.2
    assert len(drawn) < 200


def test_words_that_would_unpack_to_gigabytes_are_never_unpacked():
    words = b"x\x00\x00" + zlib.compress(b"\x00" * 100_000_000, 9)
    content = header(1, 1) + chunk(b"zTXt", words) + png(1, 1)[33:]
    begun = time.process_time()

    redraw(content)

    assert time.process_time() - begun < 0.2


# Kept with a result


@pytest.fixture
def result(db) -> Result:
    make_vocabulary()
    receipt = submit(sample_body(lab_body()), make_site("harbour"))
    return Result.objects.get(pk=receipt.result_ids[0])


def test_what_is_kept_is_never_what_was_uploaded(result):
    for content in (with_words(), jcamp(DIFDUP)):
        attachment, is_new = attach(result, content, instrument=" FTIR 9 ", library_version="2026.1", by=None)

        kept = bytes(Attachment.objects.get(pk=attachment.pk).content)
        assert is_new
        assert kept != content
        assert b"Jane" not in kept
        assert (attachment.instrument, attachment.library_version) == ("FTIR 9", "2026.1")


def test_the_same_file_twice_is_kept_once(result):
    first, _ = attach(result, png(), by=None)
    second, is_new = attach(result, png(), by=None)

    assert (second.pk, is_new) == (first.pk, False)
    assert Attachment.objects.count() == 1


def test_a_result_takes_ten_files(result):
    for width in range(1, 11):
        attach(result, png(width), by=None)

    with pytest.raises(NotTaken):
        attach(result, png(11), by=None)


@pytest.mark.parametrize("content", [b"", b"hello", b"<svg/>", b"%PDF-1.7", b"PK\x03\x04", b"##JCAMP"])
def test_a_file_of_another_kind_is_said_to_be_one(content):
    with pytest.raises(NotTaken) as refused:
        written_anew(content)

    assert refused.value.is_other_kind


@pytest.mark.parametrize("words", ["x" * 81, "a\x00b", "a\nb"])
def test_short_words_are_short(result, words):
    with pytest.raises(NotTaken) as refused:
        attach(result, png(), instrument=words, by=None)

    assert refused.value.field == "instrument"


@pytest.mark.parametrize("content", [*REFUSED_SPECTRA.values(), *BOMBS.values()][1:])
def test_every_answer_is_one_of_those_that_are_translated(content):
    with pytest.raises(NotASpectrum) as refused:
        read_spectrum(content)

    assert str(refused.value) in attaching.ANSWERS


@pytest.mark.parametrize("content", [*REFUSED_PICTURES.values(), *PICTURE_BOMBS.values()][2:])
def test_every_answer_about_a_picture_is_one_of_those_that_are_translated(content):
    with pytest.raises(NotAPicture) as refused:
        redraw(content)

    assert str(refused.value) in attaching.ANSWERS
