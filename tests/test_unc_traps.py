"""Every quirk that the description of the UNC lab's files names, where it lies, or where else it is tested.

In test_unc_import.py: two spellings of dates; a blank or wrong county; several values in one cell, in any
order; words that name no substance; a blank sample type, texture, overdose or day; a null result; the same
substance twice; a blank method; derivatised runs. In test_counting.py: a sample counts once, a trace is
no primary. Here is the rest.
"""

import io
import json

import pytest
from django.core.management import call_command

from checking.models import Finding, Result, Sample
from tests.factories import make_vocabulary
from tests.unc_files import CARD, bring_in, bring_in_real, card, detail, load_places, write, write_files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _harbour(tmp_path) -> None:
    make_vocabulary()
    load_places(tmp_path)
    call_command("make_site", slug="harbour", name="Harbour", area="us-pa", stdout=io.StringIO())


def counts(substance: str) -> dict:
    said = io.StringIO()
    call_command("counts", "--site=harbour", f"--substance={substance}", "--by=year", "--json", stdout=said)
    [row] = json.loads(said.getvalue())
    return row


def test_sample_ids_are_text_so_leading_zeros_tell_two_samples_apart(tmp_path):
    cards, details = [card(sampleid="0042"), card(sampleid="42")], [detail(sampleid="0042"), detail(sampleid="42")]

    code, report = bring_in(write_files(tmp_path, cards, details))

    assert (code, report["samples"]["created"], report["lab_rows"]["created"]) == (0, 2, 2)


def test_a_sample_whose_only_detection_is_a_trace_was_detected_and_is_no_null_result(tmp_path):
    bring_in(write_files(tmp_path, [card()], [detail("xylazine", abundance="trace")]))

    assert Result.objects.get().outcome == "detected"
    assert (counts("xylazine")["detected"], counts("xylazine")["primary"]) == (1, 0)


def test_a_trace_is_a_word_and_never_a_per_cent(tmp_path):
    bring_in(write_files(tmp_path, [card()], [detail("xylazine", abundance="trace")]))

    finding = Finding.objects.get()
    assert (finding.amount_kind, finding.rank, finding.value, finding.low, finding.high) == (
        "relative", "trace", None, None, None,
    )  # fmt: skip


def test_a_row_without_any_chemical_identifier_is_read_by_its_name(tmp_path):
    bare = detail("ethyl-4-ANPP", pubchemcid="", cas="", unii="")

    code, report = bring_in(write_files(tmp_path, [card()], [bare]))

    assert (code, report["remarks"], Finding.objects.get().named.name) == (0, [], "ethyl-4-ANPP")


def test_the_labs_own_counts_are_no_part_of_ours(tmp_path):
    files = write_files(tmp_path, [card()], [detail()])
    extra = {"lab_num_substances_any": "9", "lab_num_substances": "0", "lab_fentanyl": "0", "lab_xylazine_any": "1"}
    write(files[0], [card(**extra)], [*CARD, *extra])

    code, report = bring_in(files)

    assert (code, report["lab_rows"]["read"], Finding.objects.count()) == (0, 1, 1)
    assert (counts("fentanyl")["detected"], counts("xylazine")["detected"]) == (1, 0)


@pytest.mark.parametrize("column", ["color", "texture", "sampletype", "overdose", "expectedsubstance"])
def test_a_blank_on_the_card_is_no_fault(tmp_path, column):
    code, report = bring_in(write_files(tmp_path, [card(**{column: ""})], [detail()]))

    assert (code, report["rejected"], Sample.objects.count()) == (0, [], 1)


def test_gc_ms_that_was_not_derivatised_did_not_look_for_sugars(tmp_path):
    cards = [card(sampleid="1"), card(sampleid="2")]
    rows = [detail(sampleid="1"), detail("mannitol", sampleid="2", method="Derivatized GCMS")]
    bring_in(write_files(tmp_path, cards, rows))

    row = counts("mannitol")

    assert (row["samples"], row["tested"], row["detected"]) == (2, 1, 1)


def test_two_programmes_with_their_own_numbers_never_meet(shared, tmp_path):
    call_command("make_site", slug="riverside", name="Riverside", area="us-va", stdout=io.StringIO())
    bring_in_real(shared, "allegheny_pa", site="harbour")

    code, report = bring_in_real(shared, "allegheny_pa", site="riverside")

    assert (code, report["samples"]["created"], Sample.objects.count()) == (0, 55, 110)


def test_the_real_files_hold_the_quirks_they_are_known_for(shared):
    _, report = bring_in_real(shared, "rv_va", site="harbour")

    said = " | ".join(each["text"] for each in report["remarks"])
    nulls = Result.objects.filter(outcome="not_detected")
    twice = Finding.objects.filter(substance__slug="procaine").values_list("result", "rank")
    results = [result for result, _rank in twice]
    assert "county is blank" in said
    assert nulls.count() == 2  # expected_figures.md: rv_va/602678 and rv_va/603309
    assert len(results) != len(set(results))  # rv_va/602521
