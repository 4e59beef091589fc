"""The API described: for programs at /api/schema/, for people at /api/docs/, from this server alone."""

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularJSONAPIView,
    SpectacularSwaggerSplitView,
    SpectacularYAMLAPIView,
)

from .errors import ErrorsAreJson


class SchemaView(ErrorsAreJson, SpectacularAPIView):
    """OpenAPI 3.1, as JSON (which every reader of YAML reads too) unless YAML is asked for."""

    renderer_classes = [*SpectacularJSONAPIView.renderer_classes, *SpectacularYAMLAPIView.renderer_classes]


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
class DocsView(ErrorsAreJson, SpectacularSwaggerSplitView):
    """Swagger's own page writes its styles inline; scripts stay files of ours."""

    url_name = "schema"
    metadata_class = None  # what OPTIONS would tell of a page is no page
