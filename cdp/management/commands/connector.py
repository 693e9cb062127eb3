"""`manage.py connector add CHANNEL`. Not here: making one (channels/setup.py)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels import setup
from kernel import audit
from kernel.errors import Refused


class Command(BaseCommand):
    """Add a connector to a channel."""

    requires_system_checks = ()
    help = "Add a connector with a write key to a channel; prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """`add CHANNEL`."""
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="a new connector")
        add.add_argument("channel", help="slug of the channel")
        add.add_argument("--name", default="", help="default: the channel's name and a number")
        add.add_argument("--workspace", default=setup.MAIN, help="slug of the workspace (main)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, one call, answer."""
        try:
            place = setup.workspace(options["workspace"])
            added = setup.add_connector(setup.channel(place, options["channel"]), options["name"])
            audit.note(place.pk, audit.COMMAND, "connector.add", str(added.connector.uuid))
        except Refused as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(
            json.dumps(
                {
                    "connector": str(added.connector.uuid),
                    "write_key": added.key,
                    "channel": added.channel.slug,
                    "workspace": place.slug,
                }
            )
        )
