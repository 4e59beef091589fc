"""The words of the review pages: rules, and why one of them did not speak by itself."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RULES: Mapping[str, str | Promise] = {
    "first_detection": _("First time here"),
    "mis_sold": _("Not what it was sold as"),
    "amount_over_threshold": _("More in one unit than a threshold"),
    "overdose_linked": _("Reported with an overdose"),
    "watch_list": _("On the watch list"),
    "evidence_changed": _("Evidence of an alert has changed"),
    "could_not_screen": _("The rules could not look at it"),
}

# The conditions of a rule that would speak by itself, as `Signal.held_back_by` names those that did not hold.
HELD_BACK: Mapping[str, str | Promise] = {
    "approved_by_two": _("two people have not approved this rule’s words in the last six months"),
    "switched_on": _("the rule is not switched on for this site and method"),
    "past_first_hundred": _("the site has had fewer than a hundred samples"),
    "entered_promptly": _("it was not entered singly within three days"),
    "lab_or_two_techniques": _("neither a lab nor two different techniques agree"),
    "lot_sound": _("a strip lot, or the sample, is in doubt"),
    "fits_rule": _("a rule may not speak of this by itself"),
    "not_trace": _("it was only a trace"),
    "not_residue": _("it was residue"),
    "not_overdose_linked": _("an overdose was reported with it"),
    "not_imported": _("it was imported"),
    "not_training": _("it is from a training site"),
    "shared": _("the person asked that it is not counted"),
    "place_to_speak_for": _("no place was chosen that it may name"),
    "not_said_of_this_result": _("this result has been spoken of already"),
    "not_again_in_14_days": _("the same was said in the last 14 days"),
    "under_two_in_7_days": _("two rules’ notices went out here in 7 days"),
    "enough_tested": _("fewer than 30 were tested for it in 90 days"),
    "reviewer_first": _("a reviewer looks at this first"),
    "could_not_screen": _("a person has to read it"),
    "evidence_stands": _("its evidence no longer stands"),
}

STATES: Mapping[str, str | Promise] = {
    "draft": _("Draft"),
    "proposed": _("Waiting"),
    "published": _("Out"),
    "ended": _("Ended"),
    "lapsed": _("Ran out without a second review"),
    "withdrawn": _("Withdrawn: it was wrong"),
    "stopped": _("Never sent"),
}
