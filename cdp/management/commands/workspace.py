"""`manage.py workspace add NAME`. Not here: what a workspace is (kernel/models.py), making one (channels/setup.py)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels import setup
from kernel.errors import Refused
from kernel.models import Workspace


class Command(BaseCommand):
    """Add a workspace, or list them."""

    requires_system_checks = ()
    help = "Add a workspace (one brand or company) or list them; prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """`add NAME`, `list`."""
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="a new workspace")
        add.add_argument("name")
        add.add_argument(
            "--timezone", default="Asia/Shanghai", help="its days are days there (Asia/Shanghai)"
        )
        add.add_argument("--currency", default="CNY", help="its money is shown in this (CNY)")
        actions.add_parser("list", help="all workspaces, one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, one call, answer."""
        if options["action"] == "list":
            for place in Workspace.objects.order_by("id"):
                self.stdout.write(json.dumps(_shown(place), ensure_ascii=False))
            return
        try:
            place = setup.add_workspace(options["name"], options["timezone"], options["currency"])
        except Refused as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(json.dumps(_shown(place), ensure_ascii=False))


def _shown(place: Workspace) -> dict[str, str]:
    return {
        "workspace": place.slug,
        "name": place.name,
        "timezone": place.timezone,
        "currency": place.currency,
    }
