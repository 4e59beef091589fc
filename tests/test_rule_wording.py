"""A rule's own words: composed on its page, checked, approved anew by two, and never told in words nobody approved."""

import pytest

from alerts import lifecycle, messages, rule_approvals, rule_wording, rule_words, rule_yes
from alerts.approving import NotAllowed, NotReleased
from alerts.models import Alert, AlertEvent, RuleWording
from alerts.rule_wording import NotSound, Typed
from tests.alerting import later
from tests.test_rule_approvals import RULE, approve, check_fentanyl_in_cocaine, make_ready, make_reviewers, page_of

pytestmark = pytest.mark.django_db

OWN_STEP = {"en": "Ask us for a second test.", "es": "Pídanos una segunda prueba."}


def with_step(rule: str = RULE) -> rule_words.OwnWords:
    """The library's words with one more step, before all the others."""
    typed = rule_wording.typed_now(rule, rule_words.own_words(rule))
    return rule_wording.own_of(
        rule,
        {
            language: Typed(
                each.headline,
                each.headline_unknown,
                each.steps,
                {**each.lists, "actions": [OWN_STEP[language], *each.lists["actions"]]},
            )
            for language, each in typed.items()
        },
    )


def reword(
    person, own: rule_words.OwnWords | None = None, *, shown: str = "", because: str = "asked by the outreach team"
):
    return rule_wording.reword(
        RULE,
        with_step() if own is None else own,
        shown=shown or rule_words.words_sha256(RULE),
        by=person,
        because=because,
    )


def test_a_rule_speaks_in_its_own_words_once_two_approved_them():
    site = make_ready()
    ben, ada = make_reviewers()
    reword(ben)
    for person in (ben, ada):
        approve(person)
    check_fentanyl_in_cocaine(site)

    lifecycle.publish_due_notices()

    texts = AlertEvent.objects.get().payload["alert"]["texts"]
    assert {language: texts[language]["blocks"]["actions"][0] for language in OWN_STEP} == OWN_STEP
    assert OWN_STEP["en"] in texts["en"]["body"]


def test_new_words_silence_the_rule_until_two_approved_them():
    make_ready()
    ben, ada = make_reviewers()
    now = rule_wording.timezone.now()
    assert rule_yes.is_approved(RULE, now)

    reword(ben)
    assert not rule_yes.is_approved(RULE, rule_wording.timezone.now())

    approve(ben)
    assert not rule_yes.is_approved(RULE, rule_wording.timezone.now())
    approve(ada)
    assert rule_yes.is_approved(RULE, rule_wording.timezone.now())


def test_what_waits_is_not_sent_in_words_that_nobody_approves_any_more():
    """Two approve other words while a notice waits out its hold: it was made of the ones before."""
    site = make_ready(hold=1)
    ben, ada = make_reviewers()
    check_fentanyl_in_cocaine(site)
    assert Alert.objects.filter(state=Alert.State.PROPOSED).exists()
    reword(ben)
    for person in (ben, ada):
        approve(person)

    lifecycle.publish_due_notices(later(minutes=2))

    assert not AlertEvent.objects.exists()


def test_the_words_the_library_has_for_another_drug_stay():
    body = rule_approvals.example_of(RULE, {}, rule_wording.timezone.now())
    usual = body["blocks"]["en"]["actions"]
    own = {"en": {"lists": {"actions": rule_words.differing(usual, [usual[0], "Our own step.", *usual[2:]])}}}
    facts = rule_approvals.example_facts("amount_over_threshold", rule_wording.timezone.now())

    said = messages.compose(facts, own)["blocks"]["en"]["actions"]

    library = messages.compose(facts)["blocks"]["en"]["actions"]
    assert "Our own step." in said
    assert [line for line in said if line != "Our own step."] == [line for line in library if line != usual[1]]


@pytest.mark.parametrize(
    "wanted",
    [
        ["a", "b", "c"],
        ["x", "a", "b", "c"],
        ["a", "x", "y", "b", "c"],
        ["a", "c"],
        ["c", "a", "b"],
        ["a", "b", "c", "x"],
        ["x"],
        [],
    ],
)
def test_a_list_as_it_was_typed_is_what_is_said(wanted):
    difference = rule_words.differing(["a", "b", "c"], wanted)

    assert messages._differently(["a", "b", "c"], difference) == wanted


@pytest.mark.parametrize(
    "headline",
    [
        "Sold as {expected}, a lab found something",
        "{found}",
        "Sold as {expected}, {found.__class__}",
        "Sold as {expected}, {found!r}",
        "Sold as {expected}, {found:>99999999}",
        "Sold as {expected}, {0}{found}",
        "Sold as {expected}, {network} found {found}",
        "Sold as {expected}, {found",
    ],
)
def test_a_headline_has_the_gaps_there_are_and_no_others(headline):
    now = rule_wording.typed_now(RULE, {})
    typed = {**now, "en": Typed(headline, now["en"].headline_unknown, now["en"].steps, now["en"].lists)}

    with pytest.raises(NotSound):
        rule_wording.own_of(RULE, typed)


def test_words_that_must_be_mended_are_not_kept():
    ben, _ = make_reviewers()
    own = with_step()
    own["en"]["lists"]["actions"]["put_in"][0][0] = "This batch is safe."

    with pytest.raises(NotSound, match="safe"):
        reword(ben, own)

    assert not RuleWording.objects.exists()


def test_a_change_needs_a_reviewer_a_reason_a_difference_and_the_words_it_replaces():
    ben, _ = make_reviewers()
    shown = rule_words.words_sha256(RULE)

    with pytest.raises(NotAllowed):
        reword(make_dee())
    with pytest.raises(NotSound, match="why"):
        reword(ben, because=" ")
    with pytest.raises(NotSound, match="already"):
        reword(ben, {})
    reword(ben)
    with pytest.raises(NotReleased):
        reword(ben, {}, shown=shown)

    assert RuleWording.objects.count() == 1


def make_dee():
    from tests.alerting import make_member

    return make_member("dee", "coordinator")


def test_the_librarys_words_can_be_had_again():
    ben, ada = make_reviewers()
    before = rule_words.words_sha256(RULE)
    for person in (ben, ada):
        approve(person)
    reword(ben)

    reword(ada, {})

    assert rule_words.words_sha256(RULE) == before
    assert rule_yes.is_approved(RULE, rule_wording.timezone.now()), "these exact words were approved within six months"


# The page


def form_data(**changes: str) -> dict[str, str]:
    data = {"shown": rule_words.words_sha256(RULE), "because": "asked by the outreach team"}
    for language, typed in rule_wording.typed_now(RULE, rule_words.own_words(RULE)).items():
        data |= {f"{language}-{name}": getattr(typed, name) for name in ("headline", "headline_unknown", "steps")}
        data |= {f"{language}-{name}": "\n".join(lines) for name, lines in typed.lists.items()}
    return data | changes


ADDRESS = f"/staff/review/rules/{RULE}/words/"


def test_the_page_composes_shows_and_keeps_words():
    ben, _ = make_reviewers()
    client, page = page_of(ben)
    assert ADDRESS in page
    first = form_data()["en-actions"]

    previewed = client.post(ADDRESS + "preview/", form_data(**{"en-actions": f"Ask us first.\n{first}"}))
    assert "Ask us first." in previewed.content.decode()
    assert not RuleWording.objects.exists()

    both = {"en-actions": f"Ask us first.\n{first}", "es-actions": f"Pregúntenos primero.\n{form_data()['es-actions']}"}
    saved = client.post(ADDRESS, form_data(**both), follow=True)
    assert "The rule is silent until two people approved them." in saved.content.decode()
    again = client.get(ADDRESS).content.decode()
    assert "Ask us first." in again
    assert "asked by the outreach team" in again


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"en-headline": "A lab found something"}, "has to hold {found}"),
        ({"en-headline": ""}, "Please look at what is marked"),
        ({"because": ""}, "Please look at what is marked"),
        ({"shown": "another"}, "have changed since they were shown"),
        ({"en-actions": "\n".join(f"Step {n}." for n in range(20))}, "up to 12 lines"),
        ({"en-actions": "This is safe."}, "safe"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_its_reason_and_what_was_typed(changes, says):
    ben, _ = make_reviewers()
    client, _page = page_of(ben)

    answer = client.post(ADDRESS, form_data(**{"es-steps": "Palabras que escribí.", **changes}))

    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert "Palabras que escribí." in answer.content.decode()
    assert not RuleWording.objects.exists()


def test_who_may_not_approve_may_not_compose():
    client, _page = page_of(make_dee())

    client.post(ADDRESS, form_data())
    answer = client.get(ADDRESS)

    assert answer.status_code in (302, 403)
    assert not RuleWording.objects.exists()


def test_no_rule_no_page():
    client, _page = page_of(make_reviewers()[0])

    assert client.get("/staff/review/rules/no_such_rule/words/").status_code == 404
