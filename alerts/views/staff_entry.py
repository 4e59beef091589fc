"""Entering at the counter: a new sample, a result that came later. Each goes through `checking.submission`."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from checking import area_tree, catalogue, submission
from checking.accepting import Problems, client_hash
from checking.decoding import NotABody
from checking.entering import (
    LabEntry,
    SampleEntry,
    StripEntry,
    as_results,
    as_sample,
    field_at,
    sources_of,
)
from checking.models import Expected, Sample, Site, User
from checking.readings import Subject
from checking.staff_rights import samples_for, sites_for_entering
from checking.storing import Conflict
from checking.submission import Receipt, Source

from .staff_door import for_staff, may_enter
from .staff_forms import LabForm, SampleForm, StripForm, all_are_valid, read_lots, write_lots
from .staff_words import in_this_language, method_name, subject_name

STRIPS_WITHOUT_SCRIPT = 3
COMMON_CHIPS = 9  # three rows of three on the narrowest phone
COMMON_DAYS = 90
# Until a site has its own: what services see most in the field, as slugs.
USUALLY_EXPECTED = (
    "cocaine",
    "fentanyl",
    "heroin",
    "methamphetamine",
    "mdma",
    "ketamine",
    "lsd",
    "alprazolam",
    "oxycodone",
)
LOTS, SITE = "strip_lots", "site"  # in the session, so for this browser and this sitting only

Methods = list[tuple[str, str]]


class Choices(NamedTuple):
    """What the forms offer, in the language of the page."""

    strips: Methods
    others: Methods
    names: list[str]  # substances and classes, for the search field


def sites_of(request: HttpRequest) -> list[Site]:
    return list(sites_for_entering(request.user))


def chosen_site(request: HttpRequest, sites: Sequence[Site]) -> Site:
    """The site asked for, else the one of last time, else the first. Never one of somebody else."""
    for slug in (request.GET.get("site"), request.session.get(SITE)):
        found = next((site for site in sites if site.slug == slug), None)
        if found is not None:
            request.session[SITE] = found.slug
            return found
    return sites[0]


def today_at(site: Site) -> date:
    """Which day it is where the site is."""
    return timezone.now().astimezone(ZoneInfo(site.time_zone)).date()


@for_staff(may_enter)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """One page for a sample with its strips, and a lab result where there is one already."""
    sites = sites_of(request)
    site = _posted_site(request, sites) if request.method == "POST" else chosen_site(request, sites)
    forms = _NewForms(request, site)
    if request.method == "POST" and forms.are_valid():
        receipt = forms.submit(Source(site=site, by=person(request)))
        if receipt is not None:
            remember_lots(request, forms.entries)
            return redirect("staff_sample", receipt.sample_id)
    context = {
        "site": site,
        "sites": sites,
        "forms": forms,
        "sample": forms.sample,
        "faults": faults_of(forms.all_forms),
        "already": forms.already,
        "choices": forms.choices,
        "lots": lots_in_words(forms.lots, forms.choices),
    }
    return render(request, "staff/new.html", context, status=400 if request.method == "POST" else 200)


class _NewForms:
    """The forms of one new sample, and what became of sending them."""

    def __init__(self, request: HttpRequest, site: Site) -> None:
        data = request.POST if request.method == "POST" else None
        today = today_at(site)
        self.choices = offered()
        self.lots = read_lots(data.get("lots", "")) if data else request.session.get(LOTS, {})
        self.sample = SampleForm(
            data, chips=expected_chips(site), areas=area_choices(site), initial=_blank(site, today, self.lots)
        )
        self.strips = strip_forms(data, self.choices.strips, today)
        self.labs = [LabForm(data, prefix="lab-0", methods=self.choices.others, labs=lab_choices(site))]
        self.already: UUID | None = None  # the sample this form was saved as before
        self.entries: list[StripEntry | LabEntry] = []

    @property
    def all_forms(self) -> list[Form]:
        findings = [row for lab in self.labs for row in lab.findings]
        return [self.sample, *self.strips, *self.labs, *findings]

    def are_valid(self) -> bool:
        return all_are_valid((self.sample, *self.strips, *self.labs))

    def submit(self, source: Source) -> Receipt | None:
        """Through the one door. None where it was not accepted; the fields then say why."""
        clean = self.sample.cleaned_data
        self.entries = used_entries(self.strips, self.labs, self.sample.known_lots())
        entry = SampleEntry(
            client_id=str(clean["client_id"]),
            collected_on=clean["collected_on"],
            expected=self.sample.expected_names(),
            results=tuple(self.entries),
            more=self.sample.rest(),
        )
        try:
            return submission.submit_sample(as_sample(entry), source)
        except (NotABody, Problems) as refused:
            self._explain(refused, entry)
        except Conflict:
            sent = client_hash(entry.client_id)
            self.already = (
                Sample.objects.filter(site=source.site, client_hash=sent).values_list("pk", flat=True).first()
            )
            self.sample.add_error(None, _("This form was saved before, and something on it has changed since."))
        return None

    def _explain(self, refused: NotABody | Problems, entry: SampleEntry) -> None:
        sources = {name: name for name in self.sample.fields}
        sources |= {f"expected.{place}": name for place, (name, _said) in enumerate(entry.expected)}
        sources |= sources_of(entry.results) | {"overdose_associated": "overdose"}
        explain(refused, sources, self.all_forms)
        if isinstance(refused, Problems):
            for path, names in refused.suggestions.items():
                if path.startswith("expected."):
                    written = entry.expected[int(path.split(".")[1])][1]
                    self.sample.unsettled.append((written, names))


@for_staff(may_enter)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, id: UUID) -> HttpResponse:
    """Results that came later: from the lab, or another strip."""
    sample = get_object_or_404(samples_for(request.user), pk=id)
    data = request.POST if request.method == "POST" else None
    choices, today = offered(), today_at(sample.site)
    lots = read_lots(data.get("lots", "")) if data else request.session.get(LOTS, {})
    labs = [
        LabForm(
            data,
            prefix="lab-0",
            methods=choices.others,
            labs=lab_choices(sample.site),
            initial={"performed_on": today},
        )
    ]
    strips = strip_forms(data, choices.strips, today)
    forms: list[Form] = [*labs, *(row for lab in labs for row in lab.findings), *strips]
    if data is not None and all_are_valid((*strips, *labs)):
        entries = used_entries(strips, labs, lots)
        if not entries:
            labs[0].add_error("method", _("There is nothing to add yet: choose a method, or read a strip."))
        elif _add(request, sample, entries, forms):
            remember_lots(request, entries)
            return redirect("staff_sample", sample.pk)
    context = {
        "sample": sample,
        "site": sample.site,
        "labs": labs,
        "strips": strips,
        "faults": faults_of(forms),
        "choices": choices,
        "lots": lots_in_words(lots, choices),
        "lots_written": write_lots(lots),
        "client_id": posted_id(request),
    }
    return render(request, "staff/add.html", context, status=200 if data is None else 400)


def _add(request: HttpRequest, sample: Sample, entries: Sequence[StripEntry | LabEntry], forms: Sequence[Form]) -> bool:
    try:
        body = as_results(posted_id(request), entries)
        submission.add_results(sample, body.results, Source(site=sample.site, by=person(request)))
    except (NotABody, Problems) as refused:
        explain(refused, sources_of(entries), forms)
        return False
    except Conflict:
        messages.warning(request, _("This form was saved before. What you changed since was not: correct the result."))
    return True


def posted_id(request: HttpRequest) -> str:
    """The id this form was made with, so that sending it twice saves it once; a new one for a new form."""
    try:
        return str(UUID(request.POST.get("client_id", ""), version=4))
    except ValueError:
        return str(uuid4())


def used_entries(
    strips: Sequence[StripForm], labs: Sequence[LabForm], lots: Mapping[str, list[str]]
) -> list[StripEntry | LabEntry]:
    return [
        *(form.entry(lots) for form in strips if form.is_used),
        *(form.entry() for form in labs if form.is_used),
    ]


def explain(refused: NotABody | Problems, sources: Mapping[str, str], forms: Sequence[Form]) -> None:
    """Put what was found wrong beside the field it was typed into."""
    suggestions = refused.suggestions if isinstance(refused, Problems) else {}
    for path, said in (refused.fields or {"": [str(refused)]}).items():
        field = field_at(path, sources)
        form, name = _form_of(field, forms)
        for message in said:
            form.add_error(name, in_this_language(message))
        if near := suggestions.get(path):
            form.add_error(name, _("Perhaps: %(names)s.") % {"names": ", ".join(near)})


def _form_of(field: str, forms: Sequence[Form]) -> tuple[Form, str | None]:
    """The form that has this field; the first one, as a whole, where none has."""
    for form in forms:
        for name in form.fields:
            if form.add_prefix(name) == field:
                return form, name
    return forms[0], None


def faults_of(forms: Sequence[Form]) -> list[tuple[str, str]]:
    """(id of the field, what is wrong) for the list at the top."""
    found = []
    for form in forms:
        if form.is_bound:
            for name, errors in form.errors.items():
                target = form[name].auto_id if name in form.fields else ""
                found += [(str(target), str(error)) for error in errors]
    return found


def strip_forms(data: Any, methods: Methods, today: date) -> list[StripForm]:
    made: list[StripForm] = []
    for place in range(STRIPS_WITHOUT_SCRIPT):
        initial = {"method": methods[min(place, len(methods) - 1)][0], "performed_on": today} if methods else {}
        follows = made[0] if made else None
        made.append(StripForm(data, prefix=f"strip-{place}", methods=methods, follows=follows, initial=initial))
    return made


def offered() -> Choices:
    known, language = catalogue.current(), get_language() or "en"
    named = [(slug, method_name(method, language), method.family) for slug, method in known.methods.items()]
    named.sort(key=lambda row: known.method_ids[row[0]])  # as the vocabulary has them: what is used most first
    return Choices(
        strips=[(slug, name) for slug, name, family in named if family == "strip"],
        others=[(slug, name) for slug, name, family in named if family != "strip"],
        names=sorted({subject_name(subject, language) for subject in known.subjects.values()}, key=str.casefold),
    )


def expected_chips(site: Site) -> list[tuple[str, str]]:
    """What people most often bring here, then what is usual anywhere, then "not known"."""
    known, language = catalogue.current().subjects, get_language() or "en"
    since = timezone.now() - timedelta(days=COMMON_DAYS)
    rows = Expected.objects.filter(sample__site=site, sample__recorded_at__gte=since)
    counted = rows.values_list("substance__slug", "substance_class__slug").annotate(n=Count("pk")).order_by("-n")
    here = [substance or named_class for substance, named_class, _n in counted[: COMMON_CHIPS + 1]]
    slugs = [slug for slug in dict.fromkeys([*here, *USUALLY_EXPECTED]) if slug in known][:COMMON_CHIPS]
    return [*((slug, _chip(known[slug], language)) for slug in slugs), ("unknown", _("Not known"))]


def _chip(subject: Subject, language: str) -> str:
    """As people say it: "LSD" rather than its chemical name, where the slug is that short word."""
    name = subject_name(subject, language)
    return subject.slug.upper() if len(subject.slug) <= 4 and subject.slug.casefold() in name.casefold() else name


def lab_choices(site: Site) -> list[tuple[str, str]]:
    labs = Site.objects.filter(kind=Site.Kind.LAB).exclude(pk=site.pk).order_by("name")
    return [("", _("Here")), *labs.values_list("slug", "name")]


def area_choices(site: Site) -> list[tuple[str, str]]:
    """Published areas beside the site's own: a mobile or mail-in site hears from several."""
    tree = area_tree.current()
    return [(slug, tree.name(slug)) for slug in tree.release_areas if slug != site.area.slug]


def lots_in_words(lots: Mapping[str, list[str]], choices: Choices) -> list[tuple[str, str]]:
    names = dict(choices.strips)
    return [(names[method], f"{brand} {lot}") for method, (brand, lot, _until) in lots.items() if method in names]


def remember_lots(request: HttpRequest, entries: Sequence[StripEntry | LabEntry]) -> None:
    used = {
        entry.method: [entry.brand, entry.lot, entry.expires_on.isoformat() if entry.expires_on else ""]
        for entry in entries
        if isinstance(entry, StripEntry) and entry.lot
    }
    if used:
        request.session[LOTS] = {**request.session.get(LOTS, {}), **used}


def _blank(site: Site, today: date, lots: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        "client_id": uuid4(),
        "site": site.slug,
        "lots": write_lots(lots),
        "carrier": "bag",
        "overdose": "not_asked",
        "collected_on": today,
        "material": "",
    }


def _posted_site(request: HttpRequest, sites: Sequence[Site]) -> Site:
    """The site the form was made for: never another one, were a role taken away in between."""
    for site in sites:
        if site.slug == request.POST.get("site"):
            return site
    raise Http404


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # held by for_staff
    return request.user
