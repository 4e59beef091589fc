"""Guidance as this network has it."""

from . import catalogue
from .guidance import AmountLimit, Guidance
from .models import Network, Threshold


def current_guidance() -> Guidance:
    """The mis-sold table and this network's own thresholds."""
    thresholds = Threshold.objects.filter(network_id=Network.ROW).select_related("substance")
    return Guidance(
        allowed=catalogue.current().allowed,
        limits=tuple(
            AmountLimit(row.substance.slug, row.kind, row.above, row.basis, row.level, row.source)
            for row in thresholds.order_by("substance__slug", "above")
        ),
    )
