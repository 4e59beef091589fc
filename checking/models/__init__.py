"""What was checked: places, people, vocabulary, methods, samples, results, and what was released."""

from .methods import Confuser, KitLot, Method, MethodMiss, MethodScope, MethodTarget
from .people import Membership, SignInLink, User
from .places import Area, Network, Site, Threshold, Watched
from .released import (
    Coverage,
    Release,
    ReleaseCorrection,
    ReleasedExpected,
    ReleasedResult,
    ReleasedSample,
    ReleasedShare,
)
from .samples import (
    Expected,
    Finding,
    ImportRun,
    OverdoseReport,
    Result,
    Sample,
    Screening,
    Withdrawal,
)
from .services import Service
from .vocabulary import (
    AllowedWhenExpected,
    AmbiguousName,
    NonSubstanceText,
    Substance,
    SubstanceClass,
    SubstanceName,
)

__all__ = [
    "AllowedWhenExpected",
    "AmbiguousName",
    "Area",
    "Confuser",
    "Coverage",
    "Expected",
    "Finding",
    "ImportRun",
    "KitLot",
    "Membership",
    "Method",
    "MethodMiss",
    "MethodScope",
    "MethodTarget",
    "Network",
    "NonSubstanceText",
    "OverdoseReport",
    "Release",
    "ReleaseCorrection",
    "ReleasedExpected",
    "ReleasedResult",
    "ReleasedSample",
    "ReleasedShare",
    "Result",
    "Sample",
    "Screening",
    "Service",
    "SignInLink",
    "Site",
    "Substance",
    "SubstanceClass",
    "SubstanceName",
    "Threshold",
    "User",
    "Watched",
    "Withdrawal",
]
