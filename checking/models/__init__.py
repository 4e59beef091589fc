"""What was checked: places, people, vocabulary, methods, samples, results, and what was released."""

from .circumstances import ReleasedScope, ReleasedStrip
from .exports import DayView, Export
from .mappings import ColumnMapping, Upload
from .methods import Confuser, KitLot, Method, MethodMiss, MethodScope, MethodTarget
from .notes import Note
from .people import Membership, SignInLink, User
from .places import Area, Network, Site, Threshold, Watched
from .quality import Attachment, LotMark, QualityCheck, QualityPlan, SecondReading, WorklistDismissal
from .released import (
    Coverage,
    Release,
    ReleaseCorrection,
    ReleasedAmount,
    ReleasedExpected,
    ReleasedPair,
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
from .services import Holiday, Service, ServiceChange
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
    "Attachment",
    "ColumnMapping",
    "Confuser",
    "Coverage",
    "DayView",
    "Expected",
    "Export",
    "Finding",
    "Holiday",
    "ImportRun",
    "KitLot",
    "LotMark",
    "Membership",
    "Method",
    "MethodMiss",
    "MethodScope",
    "MethodTarget",
    "Network",
    "NonSubstanceText",
    "Note",
    "OverdoseReport",
    "QualityCheck",
    "QualityPlan",
    "Release",
    "ReleaseCorrection",
    "ReleasedAmount",
    "ReleasedExpected",
    "ReleasedPair",
    "ReleasedResult",
    "ReleasedSample",
    "ReleasedScope",
    "ReleasedShare",
    "ReleasedStrip",
    "Result",
    "Sample",
    "Screening",
    "SecondReading",
    "Service",
    "ServiceChange",
    "SignInLink",
    "Site",
    "Substance",
    "SubstanceClass",
    "SubstanceName",
    "Threshold",
    "Upload",
    "User",
    "Watched",
    "Withdrawal",
    "WorklistDismissal",
]
