"""`manage.py erase --again`: after a backup was restored, erases again whoever was erased since it was made."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cdp.pipeline import erasure


class Command(BaseCommand):
    """Prints one JSON line: the erasures that were done again."""

    help = "Erases again, by the journal beside the backups, whoever a restored backup brought back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--again` says that it is meant."""
        parser.add_argument("--again", action="store_true", help="every erasure of the journal")

    def handle(self, *args: Any, **options: Any) -> None:
        """One call, one line."""
        if not options["again"]:
            raise CommandError("Say --again: all erasures of the journal are done once more.")
        self.stdout.write(json.dumps({"erased": [str(one) for one in erasure.again()]}))
