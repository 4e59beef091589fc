"""Sites beside each other: only within one expected drug, form and method, and never in an order (docs/analysts.md).

What must not be compared is refused in plain words, each with what would make it comparable.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import catalogue
from .denominators import Scopes, ScopeState, is_tested
from .estimates import share, share_interval
from .funnel import INNER, OUTER, Limits, limits, pooled
from .live_figures import MOST_SAMPLES, TooMany, by_method, told
from .live_questions import LiveQuestion
from .live_rows import chosen, read
from .models import KitLot, MethodScope, Result, Site
from .reach import Reach
from .readings import ResultRead, SampleRead, Subject
from .scope_rows import load_scopes
from .trend_words import name_of

_DONT_SAY = ("", "unknown", "other")  # forms that are none


@dataclass(frozen=True)
class SiteCount:
    """One site's samples."""

    slug: str
    name: str
    tested: int
    detected: int

    @property
    def share(self) -> float | None:
        """0 to 1; None where too few were tested for a per cent."""
        return share(self.detected, self.tested)

    @property
    def interval(self) -> tuple[float, float]:
        return share_interval(self.detected, self.tested)


@dataclass(frozen=True)
class Comparison:
    """Sites by name. Where `refused` says anything, nothing else is there."""

    question: LiveQuestion
    refused: tuple[str, ...] = ()
    sites: tuple[SiteCount, ...] = ()
    left_out: tuple[str, ...] = ()  # which sites are not in it, and why
    pooled: float = 0.0

    def inner(self, site: SiteCount) -> Limits:
        return limits(site.tested, self.pooled, INNER)

    def outer(self, site: SiteCount) -> Limits:
        return limits(site.tested, self.pooled, OUTER)


@dataclass
class _Readings:
    """What was read of one site's samples, and how."""

    tested: int = 0
    detected: int = 0
    results: dict[str, ResultRead] = field(default_factory=dict)

    @property
    def methods(self) -> frozenset[str]:
        return frozenset(result.method.slug for result in self.results.values())

    @property
    def labs(self) -> frozenset[str]:
        return frozenset(result.lab for result in self.results.values())


def compare(question: LiveQuestion, reach: Reach) -> Comparison:
    """The sites, or why they cannot be compared. Raises TooMany."""
    if lacking := not_settled(question):
        return Comparison(question, tuple(lacking))
    rows = chosen(
        reach,
        first=question.first,
        last=question.last,
        area=question.area,
        expected=question.expected,
        family=question.family,
        material=question.material,
        form=question.form,
    )
    if rows[: MOST_SAMPLES + 1].count() > MOST_SAMPLES:
        raise TooMany
    scopes = load_scopes()
    by_site = _by_site(question, read(rows), scopes)
    sites = {site.slug: site for site in Site.objects.filter(slug__in=by_site)}
    left_out = _events_apart(by_site, sites)
    if refused := _refusals(question, by_site, sites, scopes):
        return Comparison(question, tuple(refused), left_out=left_out)
    counts = [SiteCount(slug, sites[slug].name, one.tested, one.detected) for slug, one in by_site.items()]
    return Comparison(
        question=question,
        sites=tuple(sorted(counts, key=lambda count: (count.name.casefold(), count.slug))),
        left_out=left_out,
        pooled=pooled((count.detected, count.tested) for count in counts),
    )


def not_settled(question: LiveQuestion) -> list[str]:
    """What has to be chosen before any sites can be compared."""
    lacking = []
    if question.expected is None:
        lacking.append(_("Say what the samples were taken for: sites are brought different drugs."))
    elif question.expected.is_class:
        lacking.append(_("Choose one drug, not a class: within a class, sites are brought different drugs."))
    if question.form in _DONT_SAY:
        lacking.append(_("Choose one form: the same drug holds other things as powder than as rock or crystal."))
    return lacking


def _by_site(question: LiveQuestion, samples: Iterable[SampleRead], scopes: Scopes) -> dict[str, _Readings]:
    """Samples taken for this drug and for nothing besides."""
    found: dict[str, _Readings] = defaultdict(_Readings)
    for sample in samples:
        if any(each != question.expected for each in sample.expected):
            continue
        sample = by_method(sample, question)
        if not is_tested(sample, question.subject, question.family, scopes):
            continue
        results, is_detected = told(sample, question, scopes)
        one = found[sample.site]
        one.tested += 1
        one.detected += is_detected
        one.results |= {result.id: result for result in results}
    return dict(found)


def _events_apart(by_site: dict[str, _Readings], sites: Mapping[str, Site]) -> tuple[str, ...]:
    """Events do not compare with places people come to all year: they are taken out, unless there is nothing else."""
    events = sorted(slug for slug in by_site if sites[slug].kind == Site.Kind.EVENT)
    if not events or len(events) == len(by_site):
        return ()
    for slug in events:
        del by_site[slug]
    return tuple(
        _("%(site)s is an event: it does not compare with places people come to all year.") % {"site": sites[slug].name}
        for slug in events
    )


def _refusals(
    question: LiveQuestion, by_site: Mapping[str, _Readings], sites: Mapping[str, Site], scopes: Scopes
) -> list[str]:
    if len(by_site) < 2:
        return [_("Fewer than two sites tested such samples: there is nothing to compare.")]
    methods = sorted({method for one in by_site.values() for method in one.methods})
    if len(methods) > 1:
        names = _and(method_name(slug) for slug in methods)
        return [_("They were read by different methods: %(names)s. Choose one of them.") % {"names": names}]
    refused = _changes_of_scope(question, methods[0], by_site, scopes)
    refused += _unlike_scopes(question, methods[0], by_site, sites, scopes)
    if question.family == "strip":
        refused += _unlike_lots(by_site)
    return refused


def _changes_of_scope(
    question: LiveQuestion, method: str, by_site: Mapping[str, _Readings], scopes: Scopes
) -> list[str]:
    labs = {lab for one in by_site.values() for lab in one.labs}
    days = [day for day in scopes.opened_on(question.subject, [method], labs) if question.first < day <= question.last]
    if not days:
        return []
    said = {
        "day": date_format(max(days), "DATE_FORMAT"),
        "substance": name_of(question.subject),
    }
    return [
        _("On %(day)s it changed what a lab looks for, for %(substance)s. Choose days before, or days after.") % said
    ]


def _unlike_scopes(
    question: LiveQuestion,
    method: str,
    by_site: Mapping[str, _Readings],
    sites: Mapping[str, Site],
    scopes: Scopes,
) -> list[str]:
    """Where labs look down to different amounts, or one said what it looks for and of another it is assumed."""
    looks: dict[str, frozenset[tuple[ScopeState, float | None]]] = {}
    for slug, one in by_site.items():
        looks[slug] = frozenset(
            (scopes.state(lab, method), limit)
            for lab in one.labs
            for limit in _limits_of(lab, method, question.subject, question.last)
        )
    if len(set(looks.values())) == 1:
        return []
    names = _and(sorted(sites[slug].name for slug in looks))
    return [
        _(
            "The labs behind %(names)s do not look for %(substance)s alike: down to different amounts, or one of them "
            "never said what it looks for. Their figures do not compare."
        )
        % {"names": names, "substance": name_of(question.subject)}
    ]


def _limits_of(lab: str, method: str, subject: Subject, on: date) -> set[float | None]:
    """Down to which share a lab looks for the subject, by its own rows; nothing known where it has none."""
    rows = MethodScope.objects.on(on).filter(lab__slug=lab, method__slug=method, is_full=True)
    named = rows.filter(substance__slug=subject.slug) | rows.filter(substance_class__slug__in=subject.classes)
    return set(named.values_list("limit_w_w", flat=True)) or {None}


def _unlike_lots(by_site: Mapping[str, _Readings]) -> list[str]:
    keys = [key for one in by_site.values() for key in one.results]
    lots = set(Result.objects.filter(pk__in=keys).values_list("lot", flat=True).distinct())
    if len(lots) == 1 and None not in lots:
        return []
    names = _and(sorted(str(lot) for lot in KitLot.objects.filter(pk__in=lots - {None})))
    if not names:
        return [_("Nobody wrote down which lot the strips were of. Strips compare only within one lot.")]
    return [_("The strips were of different lots (%(names)s). Strips compare only within one lot.") % {"names": names}]


def method_name(slug: str) -> str:
    facts = catalogue.current().method(slug)
    return facts.name_es if get_language() == "es" else facts.name


def _and(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def site_labels(sites: Sequence[SiteCount]) -> list[str]:
    """A, B, C ... AA, AB: short enough to stand beside a mark, in the order of the table."""
    labels = []
    for number in range(len(sites)):
        first, second = divmod(number, 26)
        labels.append(("" if first == 0 else chr(64 + first)) + chr(65 + second))
    return labels
