"""Rules that may speak by themselves: what stands of each, and all of them at once on a simulated network."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from alerts import rule_words
from alerts.models import RuleApproval, RuleSwitch
from alerts.rule_yes import is_approved
from alerts.rules import SPEAKING
from alerts.simulating import approve_all_rules
from checking.models import Network


class Command(BaseCommand):
    help = (
        "List the rules that may publish a notice by themselves, who approved their words, and where they are on. "
        "On a simulated network only, --approve-all lets all of them speak everywhere."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--approve-all", action="store_true", help="simulated networks only")
        parser.add_argument("--hold", type=int, metavar="MINUTES", help="simulated networks only")
        parser.add_argument("--no-caps", action="store_true", help="however often; simulated networks only")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hold"] is not None and options["hold"] < 0:
            raise CommandError("--hold is a number of minutes, 0 or more.")
        if options["approve_all"] or options["no_caps"] or options["hold"] is not None:
            self._change(options)
        self._list()

    def _change(self, options: dict[str, Any]) -> None:
        network = Network.current()
        if not network.simulated:
            raise CommandError("Only a simulated network takes this: on a real one, people approve each rule's words.")
        if options["approve_all"]:
            approve_all_rules()
        if options["hold"] is not None:
            network.hold_minutes = options["hold"]
        if options["no_caps"]:
            network.caps = False
        network.save(update_fields=["hold_minutes", "caps"])

    def _list(self) -> None:
        network = Network.current()
        caps = "as docs/rules.md C1 has them" if network.caps else "lifted"
        self.stdout.write(f"hold {network.hold_minutes} minutes, caps {caps}")
        for rule in SPEAKING:
            sha256 = rule_words.words_sha256(rule)
            approved = RuleApproval.objects.filter(rule=rule, words_sha256=sha256).select_related("by").order_by("at")
            state = "may speak" if is_approved(rule, timezone.now()) else "not approved by two"
            self.stdout.write(f"{rule}: {state}; words {sha256[:12]}")
            for each in approved:
                self.stdout.write(f"  approved by a {each.role.replace('_', ' ')} on {each.at.date()}")
            for switch in RuleSwitch.objects.filter(rule=rule).select_related("site", "method"):
                where = f"{switch.site or 'every site'}, {switch.method or 'every method'}"
                waived = ", first hundred waived" if switch.waives_first_hundred else ""
                self.stdout.write(f"  {'on' if switch.is_on else 'off'}: {where}{waived}")
