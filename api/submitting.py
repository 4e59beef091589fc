"""Results in: submit, add, correct, withdraw, and read back one's own."""

import uuid
from typing import Any, TypeVar

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Struct
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checking import bodies, submission
from checking.accepting import client_hash
from checking.decoding import decode
from checking.models import Result, Sample
from checking.submission import Receipt, Source

from .authentication import Grant, MayScope
from .errors import Refused
from .models import SiteKey
from .reading_back import sample_json
from .schema import SampleJson, SampleList, described

T = TypeVar("T", bound=Struct)
MAX_BODY = 256 * 1024


class SubmittingView(APIView):
    """What all doors for results have in common."""

    permission_classes = (MayScope,)
    parser_classes = ()
    scope = SiteKey.Scope.SUBMIT

    def scope_for(self, request: Request) -> str:
        return SiteKey.Scope.READ if request.method in {"GET", "HEAD"} else self.scope

    def grant(self) -> Grant:
        assert isinstance(self.request.auth, Grant)  # held by MayScope
        return self.request.auth

    def source(self) -> Source:
        grant = self.grant()
        return Source(site=grant.site, by=grant.by)

    def body(self, shape: type[T]) -> T:
        return decode(self.raw_body(), shape)

    def raw_body(self) -> bytes:
        request = self.request
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_json = request.content_type.split(";")[0].strip().lower() == "application/json"
        if not is_json and (request.content_type or length != "0"):
            raise UnsupportedMediaType(request.content_type[:60] or "nothing")
        if length.isdigit() and int(length) > MAX_BODY:
            raise too_large()
        raw: bytes = request._request.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise too_large()
        return raw

    def own_sample(self, sample_id: uuid.UUID) -> Sample:
        sample = Sample.objects.filter(pk=sample_id, site=self.grant().site).first()
        if sample is None:
            raise Http404
        return sample

    def own_result(self, result_id: uuid.UUID) -> Result:
        results = Result.objects.select_related("sample__site", "sample__area")
        result: Result | None = results.filter(pk=result_id, site=self.grant().site).first()
        if result is None:
            raise Http404
        return result


def too_large() -> Refused:
    return Refused(413, "too_large", f"A body here may have {MAX_BODY // 1024} kB at most.")


def created(receipt: Receipt, *, body: dict[str, Any] | None = None) -> Response:
    """201, or 200 with the same answer for a replay."""
    answer = receipt.as_json() if body is None else body
    if receipt.is_replay:
        return Response(answer, status=200, headers={"Idempotent-Replayed": "true"})
    return Response(answer, status=201)


class OwnSamples(CursorPagination):
    page_size = 50
    ordering = ("-recorded_at", "-id")


class SamplesView(SubmittingView):
    @described(request=bodies.NewSample, response=SampleJson, summary="Submit a sample with its results")
    def post(self, request: Request) -> Response:
        return created(submission.submit_sample(self.body(bodies.NewSample), self.source()))

    @extend_schema(
        summary="Your own samples, newest first",
        parameters=[OpenApiParameter("client_id", str), OpenApiParameter("cursor", str)],
        responses=SampleList,
    )
    def get(self, request: Request) -> Response:
        samples = Sample.objects.filter(site=self.grant().site).select_related("site", "area")
        if client_id := request.query_params.get("client_id"):
            samples = samples.filter(client_hash=client_hash(client_id))
        pages = OwnSamples()
        page = pages.paginate_queryset(samples, request, view=self) or []
        return Response(
            {
                "results": [sample_json(sample) for sample in page],
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
            }
        )


class SampleView(SubmittingView):
    @extend_schema(summary="One of your samples, with what its results say", responses=SampleJson)
    def get(self, request: Request, sample_id: uuid.UUID) -> Response:
        return Response(sample_json(self.own_sample(sample_id)))


class SampleResultsView(SubmittingView):
    @described(request=bodies.NewResults, response=SampleJson, summary="Add results to a sample")
    def post(self, request: Request, sample_id: uuid.UUID) -> Response:
        sample = self.own_sample(sample_id)
        return created(submission.add_results(sample, self.body(bodies.NewResults).results, self.source()))


class CorrectView(SubmittingView):
    scope = SiteKey.Scope.CORRECT

    @described(request=bodies.Correction, response=SampleJson, summary="Put a new result in the place of a wrong one")
    def post(self, request: Request, result_id: uuid.UUID) -> Response:
        result = self.own_result(result_id)
        receipt = submission.correct_result(result, self.body(bodies.Correction), self.source())
        return created(receipt, body={**receipt.as_json(), **_corrected(receipt, result)})


def _corrected(receipt: Receipt, result: Result) -> dict[str, Any]:
    [new] = receipt.as_json()["results"]
    return {
        "id": new["id"],
        "sample": str(receipt.sample_id),
        "corrects": str(result.id),
        "interpretation": new["interpretation"],
    }


class WithdrawView(SubmittingView):
    scope = SiteKey.Scope.CORRECT

    @described(request=bodies.Takeback, response=None, summary="Take a result back")
    def post(self, request: Request, result_id: uuid.UUID) -> Response:
        result = self.own_result(result_id)
        reason = self.body(bodies.Takeback).reason
        submission.withdraw_result(result, reason=reason, by=self.grant().by)
        withdrawal = Result.objects.get(pk=result.pk).withdrawal
        return Response({"id": str(result.id), "withdrawn": True, "reason": withdrawal.reason})


def bulk_limit_bytes() -> int:
    return int(settings.BULK_MAX_MB) * 1024 * 1024
