"""The API, below /api/."""

from django.urls import path, re_path

from .attaching import AttachmentsView
from .bulk import BulkView
from .docs import DocsView, SchemaView
from .errors import not_found
from .events import AlertsView, AlertView, EventsView
from .facts import AreasView, MethodsView, SitesView, SubstancesView
from .services import ServicesView
from .submitting import CorrectView, SampleResultsView, SamplesView, SampleView, WithdrawView
from .trends import TrendsView

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    path("v1/samples/", SamplesView.as_view(), name="samples"),
    path("v1/samples/bulk/", BulkView.as_view(), name="bulk"),
    path("v1/samples/<uuid:sample_id>/", SampleView.as_view(), name="sample"),
    path("v1/samples/<uuid:sample_id>/results/", SampleResultsView.as_view(), name="sample-results"),
    path("v1/results/<uuid:result_id>/correct/", CorrectView.as_view(), name="correct"),
    path("v1/results/<uuid:result_id>/withdraw/", WithdrawView.as_view(), name="withdraw"),
    path("v1/results/<uuid:result_id>/attachments/", AttachmentsView.as_view(), name="attachments"),
    path("v1/substances/", SubstancesView.as_view(), name="substances"),
    path("v1/methods/", MethodsView.as_view(), name="methods"),
    path("v1/areas/", AreasView.as_view(), name="areas"),
    path("v1/sites/", SitesView.as_view(), name="sites"),
    path("v1/services/", ServicesView.as_view(), name="services"),
    path("v1/alerts/", AlertsView.as_view(), name="alerts"),
    path("v1/alerts/<uuid:alert_id>/", AlertView.as_view(), name="alert"),
    path("v1/events/", EventsView.as_view(), name="events"),
    path("v1/trends/", TrendsView.as_view(), name="trends"),
    re_path(r"^", not_found),
]
