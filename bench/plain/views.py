"""A nested ModelSerializer behind a key: no replays, no interpretation, no vocabulary but slugs."""

import hashlib
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import CreateAPIView
from rest_framework_api_key.permissions import BaseHasAPIKey, KeyParser

from api.models import SiteKey
from checking.models import Area, Expected, Finding, Method, Result, Sample, Substance


class HasSiteKey(BaseHasAPIKey):
    model = SiteKey
    key_parser = KeyParser()


class FindingSerializer(serializers.ModelSerializer):
    substance = serializers.SlugRelatedField(slug_field="slug", queryset=Substance.objects)

    class Meta:
        model = Finding
        fields = ("substance", "is_detected", "identity", "amount_kind", "value", "low", "high", "basis")


class ResultSerializer(serializers.ModelSerializer):
    method = serializers.SlugRelatedField(slug_field="slug", queryset=Method.objects)
    findings = FindingSerializer(many=True)

    class Meta:
        model = Result
        fields = ("method", "performed_on", "outcome", "chosen_because", "findings")


class SampleSerializer(serializers.ModelSerializer):
    area = serializers.SlugRelatedField(slug_field="slug", queryset=Area.objects)
    expected = serializers.SlugRelatedField(slug_field="slug", queryset=Substance.objects, many=True, write_only=True)
    results = ResultSerializer(many=True)

    class Meta:
        model = Sample
        fields = ("id", "area", "collected_on", "form", "carrier", "colours", "mass_mg", "share", "expected", "results")

    @transaction.atomic
    def create(self, data: dict[str, Any]) -> Sample:
        site = self.context["site"]
        expected, results = data.pop("expected"), data.pop("results")
        sample = Sample.objects.create(site=site, geo_basis="stated", recorded_at=timezone.now(), **hashes(), **data)
        for substance in expected:
            Expected.objects.create(sample=sample, substance=substance, written=substance.name)
        for result in results:
            findings = result.pop("findings")
            row = Result.objects.create(
                sample=sample, site=site, lab=site, recorded_at=timezone.now(), **hashes(), **result
            )
            for finding in findings:
                Finding.objects.create(result=row, **finding)
        return sample


def hashes() -> dict[str, bytes]:
    mine = uuid.uuid4().bytes
    return {"client_hash": hashlib.sha256(mine).digest(), "body_hash": hashlib.sha256(mine).digest()}


class SamplesView(CreateAPIView):
    permission_classes = (HasSiteKey,)
    serializer_class = SampleSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        key = HasSiteKey.key_parser.get(self.request)
        return {**super().get_serializer_context(), "site": SiteKey.objects.get_from_key(key).site}
