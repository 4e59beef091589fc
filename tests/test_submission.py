"""The one door: once each, whole or not at all, and never edited after."""

import json
import threading
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from checking import bodies, submission
from checking.accepting import Problems, accept_sample
from checking.codes import code_for, find_sample, folded
from checking.decoding import decode
from checking.models import Finding, KitLot, OverdoseReport, Result, Sample
from checking.storing import Conflict
from checking.submission import Source
from tests.factories import make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body


@pytest.fixture
def harbour(db):
    make_vocabulary()
    return make_site("harbour")


def problems_of(body, site) -> Problems:
    with pytest.raises(Problems) as refused:
        submit(body, site)
    return refused.value


def test_a_sample_is_stored_whole(harbour):
    body = sample_body(strip_body("absent"), lab_body(("fentanyl", "caffeine")), overdose_associated="yes")

    receipt = submit(body, harbour)

    sample = Sample.objects.get(pk=receipt.sample_id)
    assert sample.results.count() == 2
    assert [row.named.slug for row in sample.expected.all()] == ["cocaine"]
    assert sample.overdose_report.is_associated
    assert Finding.objects.filter(result__sample=sample).count() == 3  # the strip's class, and two of the lab


def test_the_same_body_again_is_the_same_sample(harbour):
    body = sample_body(lab_body())

    first, second = submit(body, harbour), submit(body, harbour)

    assert second.is_replay
    assert (first.sample_id, first.result_ids, first.code) == (second.sample_id, second.result_ids, second.code)
    assert Sample.objects.count() == 1


def test_another_body_under_a_used_id_is_a_conflict(harbour):
    body = sample_body(lab_body())
    submit(body, harbour)

    with pytest.raises(Conflict):
        submit({**body, "form": "crystal"}, harbour)

    assert Sample.objects.get().form == "powder"


def test_two_sites_may_make_the_same_id(harbour):
    body = sample_body()
    submit(body, harbour)

    assert not submit(body, make_site("riverside")).is_replay


def test_a_result_that_belongs_to_another_sample_is_a_conflict(harbour):
    result = lab_body()
    submit(sample_body(result), harbour)

    with pytest.raises(Conflict) as refused:
        submit(sample_body(result), harbour)

    assert refused.value.field == "results.0.client_id"
    assert Sample.objects.count() == 1


def test_a_strip_speaks_by_its_lines(harbour):
    for lines, outcome in (("absent", "detected"), ("faint", "not_detected"), ("clear", "not_detected")):
        receipt = submit(sample_body(strip_body(lines)), harbour)
        assert Result.objects.get(pk=receipt.result_ids[0]).outcome == outcome
    receipt = submit(sample_body(strip_body("absent", control=False)), harbour)
    assert Result.objects.get(pk=receipt.result_ids[0]).outcome == "invalid"


def test_a_strip_names_a_class_and_never_a_compound(harbour):
    receipt = submit(sample_body(strip_body("absent")), harbour)

    finding = Finding.objects.get(result_id=receipt.result_ids[0])
    assert finding.substance is None
    assert finding.substance_class.slug == "fentanyl_type_opioid"


@pytest.mark.parametrize(
    ("result", "field"),
    [
        (strip_body("absent", outcome="detected"), "results.0.outcome"),
        ({**strip_body(), "test_line": None}, "results.0.test_line"),
        ({**strip_body(), "control": None}, "results.0.control"),
        (strip_body(findings=[{"substance": "fentanyl"}]), "results.0.findings"),
        (lab_body(control=True), "results.0.control"),
        ({**lab_body(), "outcome": None}, "results.0.outcome"),
        ({**lab_body(), "outcome": "not_detected"}, "results.0.outcome"),
        ({**lab_body(()), "outcome": "detected"}, "results.0.findings"),
        ({**lab_body(()), "outcome": "consistent_with"}, "results.0.outcome"),
        (lab_body(performed_on="2100-01-01"), "results.0.performed_on"),
        (lab_body(performed_on="1999-01-01"), "results.0.performed_on"),
        (lab_body(lot={"brand": "BTNX", "lot": "1"}), "results.0.lot"),
    ],
)
def test_results_that_contradict_themselves_are_refused_by_field(harbour, result, field):
    assert field in problems_of(sample_body(result), harbour).invalid
    assert Sample.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"collected_on": "2100-01-01"}, "collected_on"),
        ({"collected_on": "1900-01-01"}, "collected_on"),
        ({"entered_at": "2100-01-01T00:00:00+00:00"}, "entered_at"),
        ({"entered_at": "2026-01-01T00:00:00"}, "entered_at"),
        ({"split_of": str(uuid.uuid4())}, "split_of"),
    ],
)
def test_samples_that_cannot_be_are_refused_by_field(harbour, change, field):
    assert field in problems_of({**sample_body(), **change}, harbour).invalid


def test_a_name_nobody_knows_comes_back_with_the_nearest(harbour):
    problems = problems_of(sample_body(lab_body(("fentanylish",)), expected=("cocain",)), harbour)

    assert "cocaine" in problems.suggestions["expected.0"]
    assert "results.0.findings.0.substance" in problems.unknown
    assert not problems.invalid


def test_a_name_that_means_several_things_is_asked_about(harbour):
    problems = problems_of(sample_body(expected=("down",)), harbour)

    assert {"fentanyl", "heroin"} <= set(problems.suggestions["expected.0"])


def test_a_mixture_is_several_expected_and_unknown_is_none(harbour):
    mixture = submit(sample_body(expected=("tusi",)), harbour)
    unknown = submit(sample_body(expected=("unknown",)), harbour)

    slugs = {row.named.slug for row in Sample.objects.get(pk=mixture.sample_id).expected.all()}
    assert slugs == {"ketamine", "mdma", "2c-b"}
    assert [row.named for row in Sample.objects.get(pk=unknown.sample_id).expected.all()] == [None]


def test_an_overdose_nobody_asked_about_leaves_no_row(harbour):
    submit(sample_body(overdose_associated="not_asked"), harbour)

    assert not OverdoseReport.objects.exists()


def test_an_unregistered_lot_is_made_once_and_unverified(harbour):
    lot = {"brand": "BTNX", "lot": "D1234"}
    submit(sample_body(strip_body(lot=lot)), harbour)
    submit(sample_body(strip_body(lot=lot)), harbour)

    assert KitLot.objects.get().state == "unverified"


def test_an_old_queue_is_marked_late(harbour):
    receipt = submit(sample_body(lab_body(), entered_at="2026-01-02T10:00:00+00:00"), harbour)

    assert Sample.objects.get(pk=receipt.sample_id).entry == "late"
    assert Result.objects.get(pk=receipt.result_ids[0]).entry == "late"


def correction(result_body, reason="read the wrong chromatogram", **other):
    body = {**lab_body(("xylazine",)), "reason": reason, **other}
    return decode(json.dumps(body).encode(), bodies.Correction)


def test_a_correction_is_a_new_row_and_the_old_one_stays(harbour):
    receipt = submit(sample_body(lab_body()), harbour)
    old = Result.objects.get(pk=receipt.result_ids[0])

    new = submission.correct_result(old, correction(old), Source(site=harbour))

    assert set(Result.objects.current().values_list("pk", flat=True)) == set(new.result_ids)
    assert Result.objects.get(pk=new.result_ids[0]).corrects_id == old.pk
    assert old.findings.get().named.slug == "fentanyl"


def test_only_what_is_current_can_be_corrected(harbour):
    receipt = submit(sample_body(lab_body()), harbour)
    old = Result.objects.get(pk=receipt.result_ids[0])
    submission.correct_result(old, correction(old), Source(site=harbour))

    with pytest.raises(Conflict):
        submission.correct_result(old, correction(old), Source(site=harbour))


def test_a_withdrawn_result_is_no_longer_current_and_withdrawing_twice_changes_nothing(harbour):
    receipt = submit(sample_body(lab_body()), harbour)
    result = Result.objects.get(pk=receipt.result_ids[0])

    first = submission.withdraw_result(result, reason="mixed up vials")
    second = submission.withdraw_result(result, reason="another reason")

    assert (first, second) == (True, False)
    assert not Result.objects.current().exists()
    assert Result.objects.get(pk=result.pk).withdrawal.reason == "mixed up vials"


def test_results_added_later_join_the_sample_once(harbour):
    receipt = submit(sample_body(), harbour)
    sample = Sample.objects.get(pk=receipt.sample_id)
    late = decode(json.dumps({"results": [lab_body()]}).encode(), bodies.NewResults).results

    first = submission.add_results(sample, late, Source(site=harbour))
    second = submission.add_results(sample, late, Source(site=harbour))

    assert (first.is_replay, second.is_replay) == (False, True)
    assert first.result_ids == second.result_ids
    assert sample.results.count() == 1


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("checking_result", "outcome = 'not_detected'"),
        ("checking_result", "method_id = method_id + 1"),
        ("checking_finding", "identity = 'tentative'"),
    ],
)
def test_the_database_itself_refuses_to_edit_what_a_result_says(harbour, table, change):
    submit(sample_body(lab_body()), harbour)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change}")


def test_the_code_opens_the_sample_however_it_is_typed(harbour):
    receipt = submit(sample_body(), harbour)
    typed = receipt.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert find_sample(typed).pk == receipt.sample_id
    assert find_sample("0000-0000-0000") is None
    assert find_sample("") is None


def test_only_a_hash_of_the_code_and_of_the_clients_id_is_stored(harbour):
    body = sample_body()
    receipt = submit(body, harbour)
    sample = Sample.objects.get()

    stored = b"".join(bytes(value) for value in (sample.code_hash, sample.client_hash, sample.body_hash))

    assert folded(receipt.code).encode() not in stored
    assert body["client_id"].encode() not in stored
    assert receipt.code == code_for(sample.id)
    assert sample.id != uuid.UUID(body["client_id"])


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_store_each_sample_once():
    make_vocabulary()
    harbour = make_site("harbour")
    shared = [sample_body(lab_body()) for _ in range(5)]
    failures: list[BaseException] = []

    def send(number: int) -> None:
        try:
            for body in shared:
                submit(body, harbour)
            submit(sample_body(strip_body()), harbour)
        except BaseException as error:  # the test reports it
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    assert Sample.objects.count() == len(shared) + 16


# What must not contradict itself, or get lost


AMOUNT = {"kind": "percent_w_w", "value": 5}


@pytest.mark.parametrize(
    ("amount", "field"),
    [
        ({**AMOUNT, "low": 6, "high": 7}, "low"),
        ({**AMOUNT, "low": 1, "high": 2}, "high"),
        ({**AMOUNT, "low": 6, "high": 4}, "low"),
        ({**AMOUNT, "value": 101}, "value"),
        ({**AMOUNT, "value": 0.000_000_1}, "value"),
        ({"kind": "relative", "value": "trace", "low": 1}, "low"),
        ({"kind": "relative", "value": 5}, "value"),
    ],
)
def test_amounts_that_cannot_be_or_would_be_stored_otherwise_are_refused(harbour, amount, field):
    body = lab_body()
    body["findings"] = [{"substance": "fentanyl", "amount": amount}]

    assert f"results.0.findings.0.amount.{field}" in problems_of(sample_body(body), harbour).invalid


def test_found_and_not_found_in_one_result_is_a_contradiction_under_any_name(harbour):
    body = lab_body(("fentanyl",))
    body["findings"].append({"substance": "fent", "detected": False})

    assert "results.0.findings.1.detected" in problems_of(sample_body(body), harbour).invalid


def test_results_added_together_have_ids_of_their_own(harbour):
    sample = Sample.objects.get(pk=submit(sample_body(), harbour).sample_id)
    result = lab_body()
    added = decode(json.dumps({"results": [result, result]}).encode(), bodies.NewResults)

    with pytest.raises(Problems) as refused:
        submission.add_results(sample, added.results, Source(site=harbour))

    assert "results.1.client_id" in refused.value.invalid


def test_two_samples_of_one_batch_cannot_have_the_same_result(harbour):
    result = lab_body()
    sent = [sample_body(result), sample_body(result), sample_body(lab_body())]
    read = [decode(json.dumps(body).encode(), bodies.NewSample) for body in sent]

    answers = submission.submit_many([accept_sample(body, Source(site=harbour)) for body in read])

    assert [isinstance(answer, Conflict) for answer in answers] == [False, True, False]
    assert answers[1].field == "results.0.client_id"
    assert Sample.objects.count() == 2


def test_an_area_that_is_none_comes_back_with_the_nearest(harbour):
    problems = problems_of(sample_body(area="us-pa-alegheny"), harbour)

    assert problems.suggestions["area"][0] == "us-pa-allegheny"
