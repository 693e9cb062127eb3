"""`manage.py drain`: works the inbox in the foreground until it is empty, beside live workers if there are any."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cdp.pipeline import batches


class Command(BaseCommand):
    """Prints one JSON line: counts, and the seconds per stage."""

    help = "Works the inbox until it is empty and prints one JSON line of counts and the seconds per stage."

    def add_arguments(self, parser: CommandParser) -> None:
        """How much a batch takes."""
        parser.add_argument("--batch", type=int, default=batches.BATCH_EVENTS, help="events a batch, at most")

    def handle(self, *args: Any, **options: Any) -> None:
        """One call, one line."""
        self.stdout.write(json.dumps(batches.drain(options["batch"], wait=True)))
