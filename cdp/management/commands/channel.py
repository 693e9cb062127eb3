"""`manage.py channel add NAME --kind KIND`, `channel list`. Not here: making one (channels/setup.py)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels import setup
from channels.models import Channel, ChannelKind
from kernel import audit
from kernel.errors import Refused
from kernel.models import Workspace


class Command(BaseCommand):
    """Add a channel with its first connector and write key, or list them."""

    requires_system_checks = ()
    help = "Add a channel with a connector and a write key, or list the channels; prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """`add NAME --kind KIND`, `list`."""
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="a new channel")
        add.add_argument("name")
        add.add_argument("--kind", required=True, choices=ChannelKind.values)
        add.add_argument("--currency", default="", help="default: the workspace's")
        add.add_argument("--timezone", default="", help="default: the workspace's")
        shown = actions.add_parser("list", help="the channels, one JSON object a line")
        for parser_of_one in (add, shown):
            parser_of_one.add_argument("--workspace", default=setup.MAIN, help="slug of the workspace (main)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, one call, answer."""
        try:
            place = setup.workspace(options["workspace"])
            if options["action"] == "list":
                self._list(place)
                return
            added = setup.add_channel(
                place, options["name"], options["kind"], options["currency"], options["timezone"]
            )
            audit.note(place.pk, audit.COMMAND, "channel.add", added.channel.slug)
        except Refused as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(
            json.dumps(
                {
                    "channel": added.channel.slug,
                    "connector": str(added.connector.uuid),
                    "write_key": added.key,
                    "workspace": place.slug,
                }
            )
        )

    def _list(self, place: Workspace) -> None:
        for channel in Channel.objects.filter(workspace=place).order_by("slug"):
            connectors = [str(connector.uuid) for connector in channel.connector_set.order_by("id")]
            shown = {
                "channel": channel.slug,
                "name": channel.name,
                "kind": channel.kind,
                "currency": channel.currency,
                "timezone": channel.timezone,
                "connectors": connectors,
            }
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
