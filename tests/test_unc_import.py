"""History from the UNC lab's files: every trap of the format, and that nothing goes in half, twice or aloud."""

import hashlib
import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from alerts.models import AlertEvent, Signal
from checking.importing import unc_words
from checking.models import Expected, Finding, ImportRun, OverdoseReport, Result, Sample, Screening
from tests.factories import make_vocabulary
from tests.unc_files import CARD, DETAIL, bring_in, bring_in_real, card, detail, load_places, write, write_files

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _vocabulary(django_db_setup, django_db_blocker) -> None:
    """Committed once, not once a test: it takes longer than they do."""
    with django_db_blocker.unblock():
        make_vocabulary()


@pytest.fixture(autouse=True)
def harbour(tmp_path: Path) -> None:
    load_places(tmp_path)
    call_command("make_site", slug="harbour", name="Harbour", area="us-pa", stdout=io.StringIO())


def remarks(report: dict) -> str:
    return " | ".join(each["text"] for each in report["remarks"])


def reasons(report: dict) -> str:
    return " | ".join(each["why"] for each in report["rejected"])


def everything() -> list[int]:
    return [
        model.objects.count() for model in (Sample, Expected, OverdoseReport, Result, Finding, Screening, ImportRun)
    ]


# What a row becomes


def test_a_sample_becomes_rows_of_ours(tmp_path):
    code, report = bring_in(write_files(tmp_path, [card()], [detail(), detail("xylazine", abundance="trace")]))

    sample = Sample.objects.get()
    result = sample.results.get()
    assert (code, report["rejected"], report["remarks"]) == (0, [], [])
    assert (sample.area.slug, sample.geo_basis) == ("us-pa-allegheny", "stated")
    assert (sample.collected_on, sample.form, sample.carrier) == (date(2024, 3, 3), "powder", "spatula")
    assert (sample.material, sample.colours, sample.entry) == ("product", ["white"], "import")
    assert (result.method.slug, result.outcome, result.chosen_because) == ("gc-ms", "detected", "all")
    assert (result.performed_on, result.completed_on) == (date(2024, 3, 19), date(2024, 3, 19))
    assert set(result.findings.values_list("substance__slug", "amount_kind", "rank")) == {
        ("fentanyl", "relative", "primary"),
        ("xylazine", "relative", "trace"),
    }


def test_nobody_gets_a_code_for_history(tmp_path):
    bring_in(write_files(tmp_path, [card()], [detail()]))

    assert Sample.objects.get().code_hash is None


def test_the_programmes_own_ids_are_kept_as_keyed_hashes_only(tmp_path):
    bring_in(write_files(tmp_path, [card(sampleid="600763")], [detail(sampleid="600763")]))

    sample = Sample.objects.get()
    guesses = {hashlib.sha256(text.encode()).digest() for text in ("600763", "harbour600763", '["harbour", "600763"]')}
    assert bytes(sample.client_hash) not in guesses
    assert not [value for value in vars(sample).values() if "600763" in str(value)]


@pytest.mark.parametrize("written", ["03Mar2024", "03mar2024", "3MAR2024", "2024-03-03"])
def test_both_spellings_of_a_date_are_read(tmp_path, written):
    bring_in(write_files(tmp_path, [card(date_collect=written)], [detail()]))

    assert Sample.objects.get().collected_on == date(2024, 3, 3)


def test_a_blank_county_is_the_sites_own_area_and_remarked(tmp_path):
    code, report = bring_in(write_files(tmp_path, [card(county="")], [detail()]))

    sample = Sample.objects.get()
    assert (code, sample.area.slug, sample.geo_basis) == (0, "us-pa", "site")
    assert "county is blank" in remarks(report)


@pytest.mark.parametrize(("county", "state"), [("Franklin County", "PA"), ("Nowhere County", "PA"), ("Allegheny", "")])
def test_a_county_that_is_no_area_of_that_state_is_the_sites_own_area(tmp_path, county, state):
    code, report = bring_in(write_files(tmp_path, [card(county=county, state=state)], [detail()]))

    assert (code, Sample.objects.get().geo_basis) == (0, "site")
    assert "is no area here" in remarks(report)


@pytest.mark.parametrize("county", ["Allegheny", "allegheny county", "ALLEGHENY COUNTY"])
def test_a_county_is_found_in_any_case_with_or_without_county(tmp_path, county):
    bring_in(write_files(tmp_path, [card(county=county, state="pa")], [detail()]))

    assert Sample.objects.get().area.slug == "us-pa-allegheny"


def test_a_city_and_a_county_of_one_name_are_told_apart_or_not_guessed(tmp_path):
    areas = tmp_path / "more.csv"
    areas.write_text("slug,name,parent\nva-city,Franklin city,us-va\nva-2,Franklin County,us-va\n", encoding="utf-8")
    call_command("load_areas", areas, stdout=io.StringIO())
    cards = [
        card(sampleid="1", county="Franklin County", state="VA"),
        card(sampleid="2", county="Franklin", state="VA"),
    ]

    bring_in(write_files(tmp_path, cards, []))

    assert set(Sample.objects.values_list("area__slug", flat=True)) == {"va-2", "us-va-franklin"}


def test_a_null_result_is_a_result_that_found_nothing(tmp_path):
    code, _ = bring_in(write_files(tmp_path, [card()], [detail("no compounds of interest detected")]))

    result = Result.objects.get()
    assert (code, result.outcome, result.findings.count()) == (0, "not_detected", 0)


def test_a_damaged_sample_was_not_found_to_hold_nothing(tmp_path):
    bring_in(write_files(tmp_path, [card()], [detail("sample damaged in transit")]))

    assert Result.objects.get().outcome == "invalid"


def test_a_peak_without_a_name_is_not_nothing(tmp_path):
    _, report = bring_in(write_files(tmp_path, [card()], [detail("pending identification")]))

    assert Result.objects.get().outcome == "inconclusive"
    assert "names no substance" in remarks(report)


def test_the_same_substance_on_two_rows_is_two_findings(tmp_path):
    rows = [detail("procaine", abundance="trace"), detail("procaine")]

    bring_in(write_files(tmp_path, [card()], rows))

    assert sorted(Finding.objects.values_list("substance__slug", "rank")) == [
        ("procaine", "primary"),
        ("procaine", "trace"),
    ]


def test_a_derivatised_run_is_a_result_of_its_own(tmp_path):
    rows = [detail(), detail("mannitol", method="Derivatized GCMS")]

    bring_in(write_files(tmp_path, [card()], rows))

    assert set(Result.objects.values_list("method__slug", "findings__substance__slug")) == {
        ("gc-ms", "fentanyl"),
        ("gc-ms-derivatised", "mannitol"),
    }


def test_a_blank_method_is_gc_ms_and_remarked(tmp_path):
    code, report = bring_in(write_files(tmp_path, [card()], [detail(method="")]))

    assert (code, Result.objects.get().method.slug) == (0, "gc-ms")
    assert "method is blank" in remarks(report)


@pytest.mark.parametrize(
    ("said", "kept"), [("involved in OD", [True]), ("not overdose related", [False]), ("unknown", []), ("", [])]
)
def test_an_overdose_is_kept_only_where_somebody_said_yes_or_no(tmp_path, said, kept):
    bring_in(write_files(tmp_path, [card(overdose=said)], [detail()]))

    assert list(OverdoseReport.objects.values_list("is_associated", flat=True)) == kept


def test_a_card_word_that_names_no_substance_is_kept_privately_and_counts_as_unknown(tmp_path):
    code, report = bring_in(write_files(tmp_path, [card(expectedsubstance="heroin; cut")], [detail()]))

    assert code == 0
    assert set(Expected.objects.values_list("substance__slug", "written")) == {("heroin", "heroin"), (None, "cut")}
    assert "“cut” names no substance" in remarks(report)


def test_unknown_is_a_word_of_the_card_and_no_fault(tmp_path):
    code, report = bring_in(write_files(tmp_path, [card(expectedsubstance="unknown")], [detail()]))

    assert (code, report["remarks"]) == (0, [])
    assert Expected.objects.get().substance is None


def test_an_ambiguous_card_word_is_never_guessed(tmp_path):
    _, report = bring_in(write_files(tmp_path, [card(expectedsubstance="M30")], [detail()]))

    assert Expected.objects.get().named is None
    assert "can mean several things" in remarks(report)


def test_a_class_and_a_mixture_on_a_card_are_what_they_stand_for(tmp_path):
    bring_in(write_files(tmp_path, [card(expectedsubstance="benzo dope")], [detail()]))

    assert {expected.named.slug for expected in Expected.objects.all()} == {"fentanyl", "benzodiazepine"}


@pytest.mark.parametrize(
    ("said", "carrier", "material"),
    [
        ("swab", "swab", "residue"),
        ("cotton", "cotton", "residue"),
        ("syringe", "syringe", "residue"),
        ("scoop", "spatula", "product"),
        ("spatula; swab", "swab", "residue"),
        ("unknown", "unknown", "product"),
        ("", "unknown", "product"),
        ("teaspoon", "other", "product"),
    ],
)
def test_the_sample_type_says_the_carrier_and_whether_it_may_be_residue(tmp_path, said, carrier, material):
    bring_in(write_files(tmp_path, [card(sampletype=said)], [detail()]))

    sample = Sample.objects.get()
    assert (sample.carrier, sample.material) == (carrier, material)


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("powder; dull; fine", "powder"),
        ("crystals", "crystal"),
        ("tar", "tar"),
        ("chunky", "unknown"),
        ("", "unknown"),
        ("rock; crystals", "other"),
    ],
)
def test_the_texture_says_the_form(tmp_path, said, form):
    bring_in(write_files(tmp_path, [card(texture=said)], [detail()]))

    assert Sample.objects.get().form == form


def test_a_colour_nobody_may_send_is_kept_as_other(tmp_path):
    bring_in(write_files(tmp_path, [card(color="light brown; translucent; plaid")], [detail()]))

    assert sorted(Sample.objects.get().colours) == ["light brown", "other", "transparent"]


def test_a_name_we_do_not_know_is_read_by_its_identifier(tmp_path):
    code, report = bring_in(write_files(tmp_path, [card()], [detail("gibberish-123", unii="UF599785JZ")]))

    assert (code, Finding.objects.get().substance.slug) == (0, "fentanyl")
    assert "unii is fentanyl's" in remarks(report)


def test_a_blank_date_is_a_remark_and_no_fault(tmp_path):
    files = write_files(tmp_path, [card(date_collect="", date_complete="")], [detail(date_complete="")])

    code, report = bring_in(files)

    assert (code, Sample.objects.get().collected_on, Result.objects.get().completed_on) == (0, None, None)
    assert "date of collection is blank" in remarks(report)
    assert "date of completion is blank" in remarks(report)


def test_a_lab_row_without_a_date_takes_the_cards(tmp_path):
    bring_in(write_files(tmp_path, [card()], [detail(date_complete="")]))

    assert Result.objects.get().completed_on == date(2024, 3, 19)


def test_a_sample_the_lab_has_not_read_goes_in_and_its_result_follows(tmp_path):
    bring_in(write_files(tmp_path, [card(date_complete="")], []))
    assert (Sample.objects.count(), Result.objects.count()) == (1, 0)

    code, report = bring_in(write_files(tmp_path, [card()], [detail()]))

    assert (code, report["samples"]["known"], report["lab_rows"]["created"]) == (0, 1, 1)
    assert Result.objects.get().sample == Sample.objects.get()
    assert Screening.objects.count() == 1


# What does not go in


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"date_collect": "31Feb2024"}, "31Feb2024"),
        ({"date_collect": "yesterday"}, "yesterday"),
        ({"date_collect": "03Mar2999"}, "in the future"),
        ({"sampleid": ""}, "sampleid is blank"),
    ],
)
def test_a_faulty_card_is_rejected_by_line_with_its_reason(tmp_path, fault, why):
    good = card(sampleid="1")
    code, report = bring_in(write_files(tmp_path, [good, card(**fault)], [detail(sampleid="1")]))

    assert (code, Sample.objects.count()) == (1, 1)
    assert [(row["file"], row["line"]) for row in report["rejected"]] == [("samples.csv", 3)]
    assert why in reasons(report)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"substance": "fentanylle"}, "perhaps fentanyl"),
        ({"substance": "speed"}, "can mean several things"),
        ({"substance": ""}, "substance is blank"),
        ({"abundance": "lots"}, "abundance is “lots”"),
        ({"method": "crystal ball"}, "method is “crystal ball”"),
        ({"date_complete": "32mar2024"}, "32mar2024"),
        ({"date_complete": "01mar2024"}, "before the sample was collected"),
    ],
)
def test_a_faulty_lab_row_keeps_its_whole_sample_out(tmp_path, fault, why):
    code, report = bring_in(write_files(tmp_path, [card()], [detail("xylazine"), detail(**fault)]))

    assert (code, Sample.objects.count(), Finding.objects.count()) == (1, 0, 0)
    assert [(row["file"], row["line"]) for row in report["rejected"]] == [
        ("samples.csv", 2),
        ("lab_detail.csv", 2),
        ("lab_detail.csv", 3),
    ]
    assert why in report["rejected"][2]["why"]
    assert (report["samples"]["rejected"], report["lab_rows"]["rejected"]) == (1, 2)


def test_a_lab_row_without_a_sample_is_rejected(tmp_path):
    code, report = bring_in(write_files(tmp_path, [card()], [detail(), detail(sampleid="999")]))

    assert (code, Sample.objects.count()) == (1, 1)
    assert [(row["line"], row["sample"]) for row in report["rejected"]] == [(3, "999")]


def test_of_two_cards_with_one_id_the_first_goes_in(tmp_path):
    code, report = bring_in(write_files(tmp_path, [card(), card(state="VA")], [detail()]))

    assert (code, Sample.objects.count()) == (1, 1)
    assert report["lab_rows"] == {"read": 1, "created": 1, "known": 0, "rejected": 0}
    assert "used before, at line 2" in reasons(report)


def test_a_row_with_too_many_values_is_rejected(tmp_path):
    files = write_files(tmp_path, [card()], [detail()])
    with files[0].open("a") as text:
        text.write("101,too,few\r\n")

    code, report = bring_in(files)

    assert (code, Sample.objects.count()) == (1, 1)
    assert report["rejected"][0] == {
        "file": "samples.csv", "line": 3, "sample": "101", "why": "has 3 values where the header has 11 columns",
    }  # fmt: skip


# Files that cannot be used


def test_either_order_of_the_files_will_do(tmp_path):
    code, _ = bring_in(reversed(write_files(tmp_path, [card()], [detail()])))

    assert (code, Finding.objects.count()) == (0, 1)


def test_a_file_with_a_byte_order_mark_will_do(tmp_path):
    files = write_files(tmp_path, [card()], [detail()])
    files[0].write_bytes(b"\xef\xbb\xbf" + files[0].read_bytes())

    assert bring_in(files)[0] == 0


def _damage_encoding(files: list[Path]) -> None:
    files[1].write_bytes(files[1].read_bytes() + "100,café,,,,,GCMS,19mar2024\r\n".encode("latin-1"))


def _damage_quotes(files: list[Path]) -> None:
    files[1].write_text(files[1].read_text() + '100,"fentanyl,,,,,GCMS,19mar2024\r\n')


def _leave_out_a_column(files: list[Path]) -> None:
    write(files[1], [], [column for column in DETAIL if column != "abundance"])


def _empty(files: list[Path]) -> None:
    files[0].write_text("")


def _swap_for_another_table(files: list[Path]) -> None:
    files[1].write_text("a,b\n1,2\n")


def _both_samples(files: list[Path]) -> None:
    write(files[1], [card()], CARD)


def _not_there(files: list[Path]) -> None:
    files[0].unlink()


@pytest.mark.parametrize(
    "damage",
    [
        _damage_encoding, _damage_quotes, _leave_out_a_column, _empty, _swap_for_another_table, _both_samples,
        _not_there,
    ],
)  # fmt: skip
def test_a_damaged_file_changes_nothing(tmp_path, damage):
    files = write_files(tmp_path, [card()], [detail()])
    damage(files)

    code, report = bring_in(files)

    assert (code, report, everything()) == (2, {}, [0] * 7)


def test_one_file_alone_cannot_be_used(tmp_path):
    assert bring_in(write_files(tmp_path, [card()], [detail()])[:1])[0] == 2


def test_a_site_nobody_knows_cannot_take_an_import(tmp_path):
    assert bring_in(write_files(tmp_path, [card()], [detail()]), site="nowhere")[0] == 2


# Again, dry, and quietly


def test_twice_in_a_row_changes_nothing(tmp_path):
    files = write_files(tmp_path, [card(), card(sampleid="2")], [detail(), detail("cocaine", sampleid="2")])
    bring_in(files)
    before = everything()

    code, report = bring_in(files)

    assert (code, everything()) == (0, before)
    assert report["samples"] == {"read": 2, "created": 0, "known": 2, "rejected": 0}
    assert report["lab_rows"] == {"read": 2, "created": 0, "known": 2, "rejected": 0}


def test_words_of_a_card_stand_in_one_order_in_every_process():
    assert unc_words.words("e; d; b;c; a; a;") == ("a", "b", "c", "d", "e")


def test_the_same_said_in_another_order_is_no_change(tmp_path):
    rows = [detail(), detail("xylazine", abundance="trace")]
    bring_in(write_files(tmp_path, [card(expectedsubstance="fentanyl; xylazine; cocaine; heroin; mdma")], rows))

    files = write_files(
        tmp_path,
        [card(expectedsubstance="mdma; Heroin; cocaine; xylazine; Fentanyl", date_collect="3mar2024")],
        rows[::-1],
    )

    assert bring_in(files)[0] == 0


@pytest.mark.parametrize("change", [{"expectedsubstance": "heroin"}, {"date_collect": "04Mar2024"}])
def test_a_card_that_changed_is_rejected_and_the_first_one_stands(tmp_path, change):
    bring_in(write_files(tmp_path, [card()], [detail()]))
    before = everything()

    code, report = bring_in(write_files(tmp_path, [card(**change)], [detail()]))

    assert (code, everything()) == (1, before)
    assert "says something else now" in reasons(report)


def test_a_lab_result_that_changed_is_rejected_and_the_first_one_stands(tmp_path):
    bring_in(write_files(tmp_path, [card()], [detail()]))

    code, report = bring_in(write_files(tmp_path, [card()], [detail(), detail("xylazine")]))

    assert (code, Finding.objects.count()) == (1, 1)
    assert (report["samples"]["known"], report["lab_rows"]["rejected"]) == (1, 2)


def test_the_same_id_at_another_site_is_another_sample(tmp_path):
    call_command("make_site", slug="riverside", name="Riverside", area="us-va", stdout=io.StringIO())
    files = write_files(tmp_path, [card()], [detail()])

    bring_in(files)
    code, report = bring_in(files, site="riverside")

    assert (code, report["samples"]["created"], Sample.objects.count()) == (0, 1, 2)


def test_a_dry_run_writes_nothing_and_says_what_would_go_in(tmp_path):
    files = write_files(tmp_path, [card(), card(sampleid="2", date_collect="?")], [detail()])

    code, report = bring_in(files, dry_run=True)

    assert (code, everything()) == (1, [0] * 7)
    assert (report["dry_run"], report["samples"]["created"], report["samples"]["rejected"]) == (True, 1, 1)


def test_an_import_counts_as_looked_at_and_says_nothing_to_anybody(tmp_path):
    bring_in(write_files(tmp_path, [card(expectedsubstance="cocaine")], [detail("carfentanil")]))

    assert not Result.objects.waiting().exists()
    assert Screening.objects.count() == 1
    assert (Signal.objects.count(), AlertEvent.objects.count()) == (0, 0)


def test_many_samples_go_in_over_several_batches(tmp_path, monkeypatch):
    monkeypatch.setattr("checking.importing.history.BATCH", 7)
    cards = [card(sampleid=str(number)) for number in range(30)]

    _, report = bring_in(write_files(tmp_path, cards, [detail(sampleid=str(number)) for number in reversed(range(30))]))

    assert (report["samples"]["created"], report["lab_rows"]["created"]) == (30, 30)
    assert Sample.objects.filter(results__findings__substance__slug="fentanyl").count() == 30
    assert ImportRun.objects.get().ready_at is not None


# As if it had come in by day


@pytest.fixture
def judged(monkeypatch) -> list[ImportRun]:
    """Stands in for the judging of a replay: here it is only asked whether, and with what."""
    runs: list[ImportRun] = []
    monkeypatch.setattr("alerts.management.commands.import_results.screen_replay", runs.append)
    return runs


def test_a_replay_leaves_its_results_to_be_judged_by_day(tmp_path, judged):
    code, _ = bring_in(write_files(tmp_path, [card()], [detail()]), replay=True, burn_in=0)

    run = ImportRun.objects.get()
    assert (code, judged, Screening.objects.count()) == (0, [run], 0)
    assert (run.is_replay, run.burn_in) == (True, 0)
    assert run.ready_at is not None
    assert not Result.objects.waiting().exists()  # nothing of it may raise a signal at once


def test_a_replay_that_was_cut_off_is_gone_on_with(tmp_path, judged):
    files = write_files(tmp_path, [card()], [detail()])
    bring_in(files, replay=True)
    ImportRun.objects.update(ready_at=None)

    code, report = bring_in(files, replay=True)

    assert (code, report["samples"]["known"]) == (0, 1)
    assert judged == [ImportRun.objects.get()] * 2


def test_a_replay_without_anything_new_judges_nothing(tmp_path, judged):
    files = write_files(tmp_path, [card()], [detail()])
    bring_in(files)

    bring_in(files, replay=True)

    assert judged == []


def test_a_burn_in_goes_with_a_replay_only(tmp_path):
    assert bring_in(write_files(tmp_path, [card()], [detail()]), burn_in=5)[0] == 2


# For people


def test_the_report_is_readable_too(tmp_path):
    said = io.StringIO()
    files = write_files(tmp_path, [card(county=""), card(sampleid="2", date_collect="?")], [detail()])

    with pytest.raises(CommandError, match="1 row did not go in"):
        call_command("import_results", *map(str, files), file_format="unc", site="harbour", stdout=said)

    assert "2 samples: 1 went in, 0 were in already, 1 did not go in." in said.getvalue()
    assert "samples.csv line 3, sample 2: date_collect is “?”" in said.getvalue()
    assert "Remark, samples.csv, 1 row (line 2): the county is blank" in said.getvalue()


# The real files


def test_real_history_goes_in_whole(shared):
    code, report = bring_in_real(shared, "allegheny_pa", site="harbour")

    assert (code, report["samples"]["created"], report["lab_rows"]["created"]) == (0, 55, 219)
    assert Sample.objects.filter(area__slug="us-pa-allegheny").count() == 54
    assert Sample.objects.filter(area__slug="us-pa-beaver").count() == 1
    assert OverdoseReport.objects.filter(is_associated=True).count() == 4


def test_real_history_with_blank_counties_goes_in_whole(shared):
    code, report = bring_in_real(shared, "rv_va", site="harbour")

    [blank] = [each for each in report["remarks"] if "county is blank" in each["text"]]
    assert (code, report["samples"]["created"], report["lab_rows"]["created"]) == (0, 40, 205)
    assert blank["rows"] == 38
    assert Sample.objects.filter(area__slug="us-va-franklin").count() == 2
    assert OverdoseReport.objects.filter(is_associated=True).count() == 7
