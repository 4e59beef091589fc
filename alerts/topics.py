"""What makes two alerts about the same thing: place, class and expected class (docs/rules.md C1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from checking import catalogue
from checking.models import Area
from checking.readings import Subject


def topic_of(area: Area, subject: Subject, expected: Sequence[Subject]) -> str:
    """Such as `us-pa-allegheny|fentanyl_type_opioid|stimulant`. At most 200 characters."""
    taken_for = ",".join(sorted({nearest_class(each) for each in expected})) or "unknown"
    return "|".join((area.slug, nearest_class(subject), taken_for))[:200]


def topic_of_body(area: Area, body: Mapping[str, Any]) -> str:
    """The topic of what people wrote, so that a rule does not say the same again beside them. Empty: not known."""
    known = catalogue.current().subjects
    subject = known.get(next(iter([*body["substances"], *reversed(body["classes"])]), ""))
    if subject is None:
        return ""
    return topic_of(area, subject, [known[slug] for slug in body.get("expected", ()) if slug in known])


def nearest_class(subject: Subject) -> str:
    return subject.classes[0] if subject.classes else subject.slug
