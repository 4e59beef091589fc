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
    "reported": _("People told what they saw"),
    "could_not_screen": _("The rules could not look at it"),
}

# Those that may speak by themselves (`alerts.rules.SPEAKING`).
SPEAKING_RULES: Mapping[str, str | Promise] = {
    "lab_named_opioid": _("A lab named an opioid that was not expected"),
    "ftir_and_strip_fentanyl": _("FTIR and a strip point to fentanyl in a powder taken for no opioid"),
    "watch_listed_by_lab": _("A lab named a watched substance"),
    "amount_over_threshold": _("A lab measured more in one unit than a threshold"),
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
    "not_contradicted": _("another reading of the sample looked for it and did not see it"),
    "not_said_of_this_sample": _("this sample has been spoken of already, or a person stopped it"),
    "not_again_in_14_days": _("the same was said in the last 14 days"),
    "under_two_in_7_days": _("two rules’ notices went out here in 7 days"),
    "enough_tested": _("fewer than 30 were tested for it in 90 days"),
    "reviewer_first": _("a reviewer looks at this first"),
    "only_told": _("people told it, and nobody has checked it"),
    "could_not_screen": _("a person has to read it"),
    "evidence_stands": _("its evidence no longer stands"),
}

# What a rule counted, as `Signal.counts` names it.
COUNTS: Mapping[str, str | Promise] = {
    "found_before": _("Found here before"),
    "tested_before_at_least": _("Samples tested for it before, at least"),
    "first_tested_on": _("First tested for it on"),
    "value": _("Measured"),
    "above": _("Threshold"),
    "basis": _("Counted as"),
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
