"""`manage.py token USER --role ROLE`. Not here: what a token may do (kernel/web/access.py)."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from channels import setup
from kernel import audit
from kernel.errors import Refused
from kernel.models import Member, Role
from kernel.web import access

NAME_LENGTH = 150


class Command(BaseCommand):
    """Make a token for the read API."""

    requires_system_checks = ()
    help = "Make a token for the read API; prints it alone, this once. The user is made where needed."

    def add_arguments(self, parser: CommandParser) -> None:
        """`USER --role ROLE`."""
        parser.add_argument("user", help="user name")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--workspace", default=setup.MAIN, help="slug of the workspace (main)")

    def handle(self, *args: Any, **options: Any) -> None:
        """The user and membership where they are missing, then the token."""
        name = options["user"].strip()
        if not name or len(name) > NAME_LENGTH:
            raise CommandError(f"A user name needs 1 to {NAME_LENGTH} characters.")
        try:
            place = setup.workspace(options["workspace"])
        except Refused as trouble:
            raise CommandError(str(trouble)) from trouble
        with transaction.atomic():
            user, new = User.objects.get_or_create(username=name)
            if new:
                user.set_unusable_password()
                user.save(update_fields=["password"])
            Member.objects.get_or_create(workspace=place, user=user, defaults={"role": options["role"]})
            token = access.make_token(place, user, options["role"])
            made = {"name": name, "role": options["role"]}
            audit.note(place.pk, audit.COMMAND, "token.make", token[: access.PREFIX_LENGTH], **made)
        self.stdout.write(token)
