"""`manage.py event made-by NAME company`. Not here: which events of ours others make (kernel/vocabulary.py)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels import setup
from kernel.errors import Refused
from kernel.vocabulary import COMPANY, CUSTOMER

AGAIN = "It counts from now on; `manage.py rebuild` counts what came before anew."


class Command(BaseCommand):
    """Say who makes an event of the workspace's own, or list what was said."""

    requires_system_checks = ()
    help = (
        "Say which of a workspace's own events the company makes: they make no customer active. Prints JSON."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`made-by NAME WHO`, `list`."""
        actions = parser.add_subparsers(dest="action", required=True)
        made = actions.add_parser("made-by", help="who makes an event")
        made.add_argument("name", help="as it is sent; case, blanks, _ and - do not matter")
        made.add_argument("who", choices=(CUSTOMER, COMPANY))
        listed = actions.add_parser("list", help="the workspace's own events that the company makes")
        for one in (made, listed):
            one.add_argument("--workspace", default=setup.MAIN, help="its slug (main)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, one call, answer."""
        try:
            place = setup.workspace(options["workspace"])
            if options["action"] == "list":
                said = setup.makers(place)
            else:
                said = setup.set_maker(place, options["name"], options["who"])
                self.stderr.write(AGAIN)
        except Refused as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(json.dumps(said, ensure_ascii=False))
