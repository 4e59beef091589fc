"""Results in: submit, add, correct, withdraw, and read back one's own."""

import re
import uuid
from typing import Any, TypeVar

from django.conf import settings
from django.http import Http404
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Struct
from rest_framework.exceptions import UnsupportedMediaType
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
from .paging import Pages, answer_page, refused
from .reading_back import sample_json, samples_json
from .schema import described, errors, id_in_path
from .shapes import page_of, ref

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
        self.refuse_compressed()
        request = self.request
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_json = request.content_type.split(";")[0].strip().lower() == "application/json"
        if not is_json and (request.content_type or length != "0"):
            raise UnsupportedMediaType(request.content_type[:60] or "nothing")
        return self.read(MAX_BODY, too_large())

    def read(self, most: int, too_large: Refused) -> bytes:
        """The whole body, of so many bytes at most, whatever length was announced."""
        length = self.request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > most:
            raise too_large
        raw: bytes = self.request._request.read(most + 1)
        if len(raw) > most:
            raise too_large
        return raw

    def refuse_compressed(self) -> None:
        """A small body that unpacks to a large one would pass every limit of ours."""
        coding = self.request.headers.get("Content-Encoding", "").strip().lower()
        if coding not in {"", "identity"}:
            raise Refused(415, "unsupported_media_type", f"Send the body as it is, not as {coding[:60]}.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What only the sender may see is kept by nobody on the way."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ("Authorization", "Cookie", "Accept-Language"))
        return response

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


class NewestFirst(Pages):
    page_size = 50
    ordering = ("-recorded_at", "-id")


class SamplesView(SubmittingView):
    @described(
        request=bodies.NewSample,
        response="SampleReceipt",
        summary="Submit a sample with its results",
        operation_id="submit_sample",
    )
    def post(self, request: Request) -> Response:
        return created(submission.submit_sample(self.body(bodies.NewSample), self.source()))

    @extend_schema(
        summary="Your own samples, newest first",
        operation_id="list_own_samples",
        parameters=[
            OpenApiParameter("client_id", str, description="Only the sample you sent under this id."),
            OpenApiParameter("cursor", str, description="From `next` or `previous`."),
        ],
        responses={200: page_of(ref("Sample")), **errors(401, 403)},
    )
    def get(self, request: Request) -> Response:
        samples = Sample.objects.filter(site=self.grant().site).select_related("site", "area")
        client_id = request.query_params.get("client_id")
        if client_id is not None:
            if not is_client_id(client_id):
                raise refused("client_id", f"{bodies.SAID_PLAINLY[bodies.UUID_4]}.")
            samples = samples.filter(client_hash=client_hash(client_id))
        return answer_page(NewestFirst(), samples, request, self, samples_json)


def is_client_id(written: str) -> bool:
    return re.search(bodies.UUID_4, written) is not None


class SampleView(SubmittingView):
    @extend_schema(
        summary="One of your samples, with what its results say",
        operation_id="read_own_sample",
        parameters=id_in_path("sample_id"),
        responses={200: ref("Sample"), **errors(401, 403)},
    )
    def get(self, request: Request, sample_id: uuid.UUID) -> Response:
        return Response(sample_json(self.own_sample(sample_id)))


class SampleResultsView(SubmittingView):
    @described(
        request=bodies.NewResults,
        response="SampleReceipt",
        summary="Add results to a sample",
        operation_id="add_results",
        by="sample_id",
    )
    def post(self, request: Request, sample_id: uuid.UUID) -> Response:
        sample = self.own_sample(sample_id)
        return created(submission.add_results(sample, self.body(bodies.NewResults).results, self.source()))


class CorrectView(SubmittingView):
    scope = SiteKey.Scope.CORRECT

    @described(
        request=bodies.Correction,
        response="CorrectionReceipt",
        summary="Put a new result in the place of a wrong one",
        operation_id="correct_result",
        by="result_id",
    )
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

    @described(
        request=bodies.Takeback,
        response="Withdrawn",
        summary="Take a result back; safe to do twice",
        operation_id="withdraw_result",
        by="result_id",
        creates=False,
    )
    def post(self, request: Request, result_id: uuid.UUID) -> Response:
        result = self.own_result(result_id)
        reason = self.body(bodies.Takeback).reason
        submission.withdraw_result(result, reason=reason, by=self.grant().by)
        withdrawal = Result.objects.get(pk=result.pk).withdrawal
        return Response({"id": str(result.id), "withdrawn": True, "reason": withdrawal.reason})


def bulk_limit_bytes() -> int:
    return int(settings.BULK_MAX_MB) * 1024 * 1024
