"""What was noticed, what was said, and who was told."""

from .alerts import Alert, AlertContent, AlertEvent, AlertEvidence, Approval
from .grading import Grade
from .reviewing import NoticeOutcome, ReviewerPage
from .rules import RuleApproval, RuleSwitch, RuleWording
from .sightings import Sighting
from .signals import Signal
from .signing import SigningKey
from .telling import Delivery, Subscription, Told

__all__ = [
    "Alert",
    "AlertContent",
    "AlertEvent",
    "AlertEvidence",
    "Approval",
    "Delivery",
    "Grade",
    "NoticeOutcome",
    "ReviewerPage",
    "RuleApproval",
    "RuleSwitch",
    "RuleWording",
    "Sighting",
    "Signal",
    "SigningKey",
    "Subscription",
    "Told",
]
