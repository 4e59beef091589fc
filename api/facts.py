"""Public facts: what we call things, where we check, what we check with, and help nearby."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checking.models import Area, Method, Service, Site, Substance, SubstanceName

from .schema import page_of

TEXT = {"type": "string"}
MAYBE = {"type": ["string", "null"]}


class FactsView(APIView):
    """A list of rows with `slug` and `name`, a page at a time."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    class Pages(CursorPagination):
        page_size = 100
        page_size_query_param = "limit"
        max_page_size = 1000
        ordering = "slug"

    def rows(self) -> models.QuerySet[Any]:
        raise NotImplementedError

    def as_json(self, row: Any) -> dict[str, Any]:
        raise NotImplementedError

    def get(self, request: Request) -> Response:
        pages = self.Pages()
        page: Iterable[Any] = pages.paginate_queryset(self.rows(), request, view=self) or []
        return Response(
            {
                "results": [self.as_json(row) for row in page],
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
            }
        )


PAGES = [OpenApiParameter("cursor", str), OpenApiParameter("limit", int)]


@extend_schema(
    summary="Substances and the names we accept for them",
    parameters=PAGES,
    responses=page_of({"slug": TEXT, "name": TEXT, "class": TEXT, "names": {"type": "array", "items": TEXT}}),
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


@extend_schema(
    summary="Methods, what they look for and what they miss",
    parameters=PAGES,
    responses=page_of({"slug": TEXT, "name": TEXT, "family": TEXT}),
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


@extend_schema(
    summary="Areas, from country to county",
    parameters=PAGES,
    responses=page_of({"slug": TEXT, "name": TEXT, "parent": MAYBE}),
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


@extend_schema(
    summary="Sites that are listed",
    parameters=PAGES,
    responses=page_of({"slug": TEXT, "name": TEXT, "kind": TEXT, "area": TEXT}),
)
class SitesView(FactsView):
    def rows(self) -> models.QuerySet[Any]:
        return Site.objects.filter(is_listed=True, is_training=False).select_related("area")

    def as_json(self, row: Site) -> dict[str, Any]:
        return {"slug": row.slug, "name": row.name, "kind": row.kind, "area": row.area.slug}


@extend_schema(
    summary="Help nearby",
    parameters=PAGES,
    responses=page_of({"slug": TEXT, "name": TEXT, "area": TEXT}),
)
class ServicesView(FactsView):
    def rows(self) -> models.QuerySet[Any]:
        return Service.objects.select_related("area")

    def as_json(self, row: Service) -> dict[str, Any]:
        return {
            "slug": row.slug,
            "name": row.name,
            "area": row.area.slug,
            "offers": row.offers,
            "phone": row.phone or None,
            "text_line": row.text_line or None,
            "address": row.address or None,
            "hours": row.hours or None,
            "url": row.url or None,
            "languages": row.languages,
            "last_confirmed_on": row.last_confirmed_on,
        }
