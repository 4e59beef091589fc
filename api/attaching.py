"""A spectrum or a picture beside one of your results: sent as it is, read, and written anew before it is kept."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from checking.attaching import MOST_BYTES, NotTaken, attach

from .errors import Refused
from .schema import errors, id_in_path
from .submitting import SubmittingView

TYPES = ("chemical/x-jcamp-dx", "image/png", "application/octet-stream")
WORDS = {
    "instrument": "What it was read with.",
    "library_version": "The library of spectra it was compared with, and which version.",
}
ATTACHMENT: dict[str, Any] = {
    "type": "object",
    "required": ["id", "result", "kind", "sha256"],
    "properties": {
        "id": {"type": "integer"},
        "result": {"type": "string", "format": "uuid"},
        "kind": {"type": "string", "enum": ["spectrum", "image"]},
        "sha256": {"type": "string", "description": "Of the file as we wrote it, not as it was sent."},
    },
}


class AttachmentsView(SubmittingView):
    """Only staff of the site and the lab ever see the file; it is in no other answer of this API."""

    @extend_schema(
        summary="Attach a spectrum (JCAMP-DX) or a picture (PNG) to one of your results",
        operation_id="attach_file",
        parameters=[
            *id_in_path("result_id"),
            *(OpenApiParameter(name, str, description=said) for name, said in WORDS.items()),
        ],
        request={name: {"type": "string", "format": "binary"} for name in TYPES},
        responses={
            201: OpenApiResponse(ATTACHMENT, description="Written anew and kept"),
            200: OpenApiResponse(ATTACHMENT, description="The same was here before. Idempotent-Replayed: true"),
            **errors(400, 401, 403, 404, 413, 415, 429),
        },
    )
    def post(self, request: Request, result_id: uuid.UUID) -> Response:
        result = self.own_result(result_id)
        content = self.raw_file()
        words = {name: request.query_params.get(name, "") for name in WORDS}
        try:
            kept, is_new = attach(result, content, **words, by=self.grant().by)
        except NotTaken as refused:
            status, code = (415, "unsupported_media_type") if refused.is_other_kind else (400, "invalid")
            raise Refused(status, code, str(refused), {refused.field: [str(refused)]}) from refused
        answer = {"id": kept.pk, "result": str(result.pk), "kind": kept.kind, "sha256": kept.sha256}
        if is_new:
            return Response(answer, status=201)
        return Response(answer, status=200, headers={"Idempotent-Replayed": "true"})

    def raw_file(self) -> bytes:
        self.refuse_compressed()
        request = self.request
        if request.content_type.split(";")[0].strip().lower() not in TYPES:
            raise UnsupportedMediaType(request.content_type[:60] or "nothing")
        return self.read(MOST_BYTES, too_large())


def too_large() -> Refused:
    return Refused(413, "too_large", f"A file may have {MOST_BYTES // 1024 // 1024} MB at most.")
