"""What was noticed, what was said, and who was told."""

from .alerts import Alert, AlertContent, AlertEvent, AlertEvidence, Approval
from .rules import RuleApproval, RuleSwitch
from .signals import Signal
from .telling import Delivery, Subscription, Told

__all__ = [
    "Alert",
    "AlertContent",
    "AlertEvent",
    "AlertEvidence",
    "Approval",
    "Delivery",
    "RuleApproval",
    "RuleSwitch",
    "Signal",
    "Subscription",
    "Told",
]
