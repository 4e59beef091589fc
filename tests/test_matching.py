"""Who hears of an alert."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import matching
from alerts.matching import BadFilter, Filter, heard_by, heard_of, hears, highest, spoken_classes
from alerts.models.alerts import LEVELS
from checking import area_tree, tree
from checking.area_tree import AreaTree
from checking.catalogue import Catalogue
from checking.readings import Subject
from tests.factories import make_areas, make_vocabulary
from tests.said import say, say_more

Parents = Mapping[str, str]  # slug -> slug of what holds it, "" at the top


# A reference that is slow and obvious: it walks up from one thing and looks whether it meets the other.


def holds(upper: str, lower: str, parents: Parents) -> bool:
    while lower:
        if lower == upper:
            return True
        lower = parents[lower]
    return False


def obviously_hears(filter: Filter, areas, substances, classes, level: str, places: Parents, things: Parents) -> bool:
    def area_is_heard() -> bool:
        return any(holds(mine, said, places) or holds(said, mine, places) for mine in filter.areas for said in areas)

    def subject_is_heard() -> bool:
        return any(holds(mine, said, things) for mine in filter.substances for said in (*substances, *classes)) or any(
            holds(said, mine, things) for mine in filter.substances for said in classes
        )

    return (
        (not filter.areas or area_is_heard())
        and (not filter.substances or subject_is_heard())
        and LEVELS.index(level) >= LEVELS.index(filter.level)
    )


def forest(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Each name below one of those before it, or at the top."""
    return st.tuples(*(st.sampled_from(["", *names[:place]]) for place in range(len(names)))).map(
        lambda above: dict(zip(names, above, strict=True))
    )


PLACES = [f"area-{n}" for n in range(9)]
CLASSES = [f"class-{n}" for n in range(6)]
SUBSTANCES = [f"substance-{n}" for n in range(6)]
some = st.frozensets
levels = st.sampled_from(LEVELS)
filters = st.builds(
    Filter, some(st.sampled_from(PLACES), max_size=3), some(st.sampled_from(CLASSES + SUBSTANCES), max_size=3), levels
)
things = st.tuples(forest(CLASSES), st.tuples(*(st.sampled_from(CLASSES) for _ in SUBSTANCES))).map(
    lambda both: {**both[0], **dict(zip(SUBSTANCES, both[1], strict=True))}
)
said = st.fixed_dictionaries(
    {
        "areas": some(st.sampled_from(PLACES), max_size=3),
        "substances": some(st.sampled_from(SUBSTANCES), max_size=2),
        "classes": some(st.sampled_from(CLASSES), max_size=2),
        "level": levels,
    }
)


def area_tree_of(parents: Parents) -> AreaTree:
    paths = tree.paths(parents, {slug: number for number, slug in enumerate(parents, 1)})
    return AreaTree(paths=paths, names={}, keys={}, release_areas=())


def catalogue_of(parents: Parents) -> Catalogue:
    def classes(slug: str) -> tuple[str, ...]:
        above = [slug] if slug in CLASSES else []
        while slug := parents[slug]:
            above.append(slug)
        return tuple(above)

    subjects = {slug: Subject(slug, slug, slug, slug in CLASSES, classes(slug)) for slug in parents}
    empty = MappingProxyType({})
    return Catalogue(subjects, empty, empty, empty, empty, frozenset(), empty, frozenset())


@pytest.fixture
def small_world() -> Iterator[None]:
    places = {"country": "", "state": "country", "county": "state", "other-county": "state", "elsewhere": "country"}
    with _world(places, {**dict.fromkeys(CLASSES, ""), **dict.fromkeys(SUBSTANCES, CLASSES[0])}):
        yield


def _world(places: Parents, subjects: Parents):
    areas, known = area_tree_of(places), catalogue_of(subjects)
    return patch.multiple(
        matching,
        area_tree=type("Areas", (), {"current": staticmethod(lambda holding=(): areas)}),
        catalogue=type("Known", (), {"current": staticmethod(lambda: known)}),
    )


@given(filters, said, forest(PLACES), things)
def test_the_quick_way_hears_what_the_obvious_way_hears(filter, said, places, subjects):
    with _world(places, subjects):
        quick = hears(filter, heard_by(**said))

    assert quick == obviously_hears(filter, **said, places=places, things=subjects)


@given(filters, said, said, forest(PLACES), things)
def test_who_heard_one_version_hears_the_union_of_all(filter, first, second, places, subjects):
    both = {name: first[name] | second[name] for name in ("areas", "substances", "classes")}

    with _world(places, subjects):
        heard_first = hears(filter, heard_by(**first))
        heard_union = hears(filter, heard_by(**both, level=highest([first["level"], second["level"]])))

    assert heard_union or not heard_first


@pytest.mark.parametrize("area", ["country", "state", "county"])
def test_an_alert_for_a_state_is_heard_above_it_in_it_and_within_it(small_world, area):
    heard = heard_by(areas=["state"], substances=[], classes=[], level="notice")

    assert hears(Filter(areas=frozenset({area})), heard)


def test_the_county_next_door_does_not_hear_a_county(small_world):
    heard = heard_by(areas=["county"], substances=[], classes=[], level="notice")

    assert not hears(Filter(areas=frozenset({"other-county", "elsewhere"})), heard)


def test_an_area_nobody_knows_is_heard_by_itself_alone(small_world):
    heard = heard_by(areas=["gone"], substances=[], classes=[], level="notice")

    assert hears(Filter(areas=frozenset({"gone"})), heard)
    assert not hears(Filter(areas=frozenset({"country"})), heard)


def test_level_means_at_least(small_world):
    heard = heard_by(areas=[], substances=[], classes=[], level="caution")

    assert [hears(Filter(level=level), heard) for level in LEVELS] == [True, True, False]


# With the real vocabulary


@pytest.fixture
def vocabulary(db) -> None:
    make_vocabulary()
    area_tree.forget()
    make_areas()


@pytest.mark.parametrize(
    ("followed", "is_heard"),
    [("fentanyl", True), ("carfentanil", True), ("fentanyl_type_opioid", True), ("opioid", True), ("xylazine", False),
     ("nitazene", False)],
)  # fmt: skip
def test_a_strip_that_names_a_class_is_heard_by_what_is_in_the_class_and_above_it(vocabulary, followed, is_heard):
    heard = heard_by(areas=["us-pa"], substances=[], classes=["fentanyl_type_opioid"], level="notice")

    assert hears(Filter.parse({"substance": [followed]}), heard) is is_heard


@pytest.mark.parametrize(
    ("followed", "is_heard"),
    [("fentanyl", True), ("fentanyl_type_opioid", True), ("opioid", True), ("carfentanil", False), ("nitazene", False),
     ("xylazine", False)],
)  # fmt: skip
def test_an_alert_on_a_substance_is_not_heard_by_its_siblings(vocabulary, followed, is_heard):
    classes = spoken_classes(["fentanyl"], ["opioid", "fentanyl_type_opioid"])

    heard = heard_by(areas=["us-pa"], substances=["fentanyl"], classes=classes, level="notice")

    assert hears(Filter.parse({"substance": [followed]}), heard) is is_heard


def test_a_class_above_what_is_named_is_not_spoken_of_as_a_whole(vocabulary):
    assert spoken_classes(["fentanyl"], ["opioid", "fentanyl_type_opioid"]) == []
    assert spoken_classes([], ["opioid", "fentanyl_type_opioid"]) == ["fentanyl_type_opioid"]
    assert spoken_classes(["xylazine"], ["nitazene"]) == ["nitazene"]


def test_an_event_row_is_heard_by_what_it_holds(vocabulary):
    first = say(area="us-pa-allegheny", level="caution")
    later = say_more(first, "withdrawn")

    wanted = Filter.parse({"area": ["us-pa"], "substance": ["opioid"], "level": ["caution"]})

    assert hears(wanted, heard_of(first))
    assert hears(wanted, heard_of(later))


# What a filter may say


def test_nothing_asked_is_everything(vocabulary):
    assert Filter.parse({}) == Filter.parse({"area": [""], "substance": ["  "], "level": []}) == Filter()
    assert Filter.parse({}).is_everything


def test_names_people_write_are_accepted(vocabulary):
    assert Filter.parse({"substance": ["Fentanyl", "fetty"]}).substances == {"fentanyl"}
    assert Filter.parse({"substance": "benzos"}).substances == {"benzodiazepine"}


def test_the_lowest_of_several_levels_says_it_all(vocabulary):
    assert Filter.parse({"level": ["warning", "caution"]}).level == "caution"


def test_an_area_that_came_later_is_known_at_once(vocabulary):
    Filter.parse({"area": ["us-pa"]})
    from checking.models import Area

    Area.objects.create(slug="ca", name="Canada", path=tree.step(900))

    assert Filter.parse({"area": ["ca"]}).areas == {"ca"}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"area": ["atlantis"]}, "area"),
        ({"substance": ["unobtainium"]}, "substance"),
        ({"substance": ["down"]}, "substance"),  # means several things: asked, never guessed
        ({"substance": ["unknown"]}, "substance"),
        ({"level": ["green"]}, "level"),
        ({"area": [1]}, "area"),
        ({"area": {"us": 1}}, "area"),
        ({"level": 3}, "level"),
        ({"area": ["us"] * 101}, "area"),
        ({"substance": ["x" * 201]}, "substance"),
    ],
)
def test_a_filter_that_cannot_be_heard_by_names_its_field(vocabulary, params, field):
    with pytest.raises(BadFilter) as caught:
        Filter.parse(params)

    assert caught.value.field == field
    assert caught.value.message


def test_a_slip_of_the_pen_gets_the_nearest_names(vocabulary):
    with pytest.raises(BadFilter) as caught:
        Filter.parse({"substance": ["fentonil"]})

    assert caught.value.suggestions


def test_an_ambiguous_name_says_what_it_can_mean(vocabulary):
    with pytest.raises(BadFilter) as caught:
        Filter.parse({"substance": ["blues"]})

    assert set(caught.value.suggestions) == {"diazepam", "fentanyl", "oxycodone"}
