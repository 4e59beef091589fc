"""Give a person a role, and a link to sign in with."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from checking.models import Membership, Site, User
from checking.people import add_person, make_link


class Command(BaseCommand):
    help = (
        "Give a person a role at a site, or for the whole network, and print a link that signs them in once within "
        "a day. For a person who is there already the role is added, and the new link lets them in again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="to sign in with; a pseudonym is fine")
        parser.add_argument("--role", required=True, choices=Membership.Role.values)
        parser.add_argument("--site", help="slug; without it the role is for the whole network")

    def handle(self, *args: Any, **options: Any) -> None:
        site = None
        if options["site"]:
            site = Site.objects.filter(slug=options["site"]).first()
            if site is None:
                raise CommandError(f"There is no site {options['site']}.")
        try:
            User(username=options["name"]).clean_fields(exclude=["password"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        if User.objects.filter(username=options["name"], is_active=False).exists():
            raise CommandError(f"{options['name']} has left: switch the account on again first.")
        user = add_person(name=options["name"], role=options["role"], site=site)
        self.stdout.write(make_link(user))
