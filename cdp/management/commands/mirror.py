"""`manage.py mirror`: brings the columnar copy up to date that journeys and break-downs read; with --rebuild, anew."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cdp.pipeline import mirroring
from kernel.errors import TryAgain


class Command(BaseCommand):
    """Prints one JSON line: how many workspaces were written, and the seconds it took."""

    help = "Brings the columnar mirror up to date. Workers do so by themselves; --rebuild makes every file again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether all is made again."""
        parser.add_argument("--rebuild", action="store_true", help="make every file again from PostgreSQL")

    def handle(self, *args: Any, **options: Any) -> None:
        """One call, one line."""
        began = time.monotonic()
        try:
            workspaces = mirroring.now(anew=options["rebuild"])
        except TryAgain as trouble:
            raise CommandError(f"{trouble} Nothing is lost; try again when its cause is gone.") from None
        self.stdout.write(
            json.dumps({"workspaces": workspaces, "seconds": round(time.monotonic() - began, 3)})
        )
