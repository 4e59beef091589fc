"""Public facts: what we call things, where we check, what we check with, and help nearby."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checking.models import Area, Method, Site, Substance, SubstanceName

from .paging import Pages, answer_page
from .shapes import FROM_ONE, SLUGS, Schema, listed, maybe, page_of, record, text, yes_or_no

View = TypeVar("View", bound=type[APIView])

SLUG = text("What it is called in addresses and bodies; it never changes.")
NAME = text("What people call it.")


class FactsView(APIView):
    """A list of rows with `slug` and `name`, a page at a time."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    def rows(self) -> models.QuerySet[Any]:
        raise NotImplementedError

    def as_json(self, row: Any) -> dict[str, Any]:
        raise NotImplementedError

    def get(self, request: Request) -> Response:
        return answer_page(BySlug(), self.rows(), request, self, lambda rows: [self.as_json(row) for row in rows])


class BySlug(Pages):
    ordering = "slug"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000


PAGES = [
    OpenApiParameter("cursor", str, description="From `next` or `previous`."),
    OpenApiParameter("limit", FROM_ONE, description="Most rows on one page: 100 unless said, 1000 at most."),
]


def facts(operation_id: str, summary: str, described_as: str, fields: dict[str, Schema]) -> Callable[[View], View]:
    row = record(described_as, {"slug": SLUG, "name": NAME, **fields})
    decorate: Callable[[View], View] = extend_schema_view(
        get=extend_schema(
            operation_id=operation_id, summary=summary, parameters=PAGES, responses={200: page_of(row)}, auth=[]
        )
    )
    return decorate


@facts(
    "list_substances",
    "Substances and the names we accept for them",
    "A substance.",
    {
        "class": text("Slug of its class."),
        "names": listed({"type": "string"}, "Other names we accept, street names among them."),
        "cas": maybe(text("CAS registry number.")),
        "inchikey": maybe(text("InChIKey.")),
        "pubchem_cid": maybe(text("PubChem compound number.")),
        "unii": maybe(text("FDA's UNII.")),
        "is_reviewed": yes_or_no("Whether a chemist has looked at this row."),
    },
)
class SubstancesView(FactsView):
    def rows(self) -> models.QuerySet[Any]:
        shown = SubstanceName.objects.filter(kind__in=["preferred", "synonym", "street"]).order_by("pk")
        return Substance.objects.select_related("substance_class").prefetch_related(
            models.Prefetch("names", queryset=shown, to_attr="shown_names")
        )

    def as_json(self, row: Substance) -> dict[str, Any]:
        names = dict.fromkeys(name.written for name in row.shown_names)  # type: ignore[attr-defined]  # prefetched
        return {
            "slug": row.slug,
            "name": row.name,
            "class": row.substance_class.slug,
            "names": [name for name in names if name not in {row.slug, row.name}],
            "cas": row.cas or None,
            "inchikey": row.inchikey or None,
            "pubchem_cid": row.pubchem_cid or None,
            "unii": row.unii or None,
            "is_reviewed": row.is_reviewed,
        }


@facts(
    "list_methods",
    "Methods, what they look for and what they miss",
    "A method of reading a sample.",
    {
        "family": text("Which figures it feeds.", enum=["strip", "reagent", "spectroscopy", "lab"]),
        "tells": text("Whether it names a class or a compound."),
        "names_exactly": yes_or_no("Whether it makes a finding confirmed."),
        "measures_amount": yes_or_no("Whether it tells how much."),
        "looks_for": listed(SLUGS, "Substances and classes."),
        "misses": listed(SLUGS, "Substances and classes it is known to miss."),
        "confused_by": listed(SLUGS, "What makes it react without its target."),
        "source": text("Where this is known from."),
        "is_reviewed": yes_or_no("Whether a chemist has looked at this row."),
    },
)
class MethodsView(FactsView):
    def rows(self) -> models.QuerySet[Any]:
        both = ("substance", "substance_class")
        return Method.objects.prefetch_related(
            *(f"{many}__{one}" for many in ("targets", "misses", "confusers") for one in both)
        )

    def as_json(self, row: Method) -> dict[str, Any]:
        return {
            "slug": row.slug,
            "name": row.name,
            "family": row.family,
            "tells": row.tells,
            "names_exactly": row.names_exactly,
            "measures_amount": row.measures_amount,
            "looks_for": [_slug(target) for target in row.targets.all()],
            "misses": [_slug(miss) for miss in row.misses.all()],
            "confused_by": [_slug(confuser) for confuser in row.confusers.all()],
            "source": row.source,
            "is_reviewed": row.is_reviewed,
        }


def _slug(row: Any) -> str:
    slug: str = row.named.slug
    return slug


@facts(
    "list_areas",
    "Areas, from country to county",
    "A place in the tree.",
    {
        "kind": text("Country, region, county, as whoever loaded it wrote; may be empty."),
        "parent": maybe(text("Slug of the area above it.")),
        "codes": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Codes elsewhere, such as fips.",
        },
        "is_release": yes_or_no("Whether public figures are published for it."),
    },
)
class AreasView(FactsView):
    def rows(self) -> models.QuerySet[Any]:
        areas: models.QuerySet[Any] = Area.objects.select_related("parent")
        return areas

    def as_json(self, row: Area) -> dict[str, Any]:
        return {
            "slug": row.slug,
            "name": row.name,
            "kind": row.kind,
            "parent": row.parent.slug if row.parent else None,
            "codes": row.codes,
            "is_release": row.is_release,
        }


@facts(
    "list_sites",
    "Sites that are listed",
    "A place or service that checks drugs, or a laboratory.",
    {"kind": text("Fixed, mobile, by mail, at an event, or a lab."), "area": text("Slug of its area.")},
)
class SitesView(FactsView):
    def rows(self) -> models.QuerySet[Any]:
        return Site.objects.filter(is_listed=True, is_training=False).select_related("area")

    def as_json(self, row: Site) -> dict[str, Any]:
        return {"slug": row.slug, "name": row.name, "kind": row.kind, "area": row.area.slug}
