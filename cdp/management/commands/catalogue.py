"""`manage.py catalogue`: the metrics as docs/metrics.md has them. Not here: their words (metrics/catalogue/)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from metrics.catalogue import document


class Command(BaseCommand):
    """Print the catalogue of metrics, or write it to a file."""

    requires_system_checks = ()
    help = "Print the catalogue of metrics, their formulas and terms as Markdown; --file writes it there instead."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--file`."""
        parser.add_argument("--file", help="where it is written (docs/metrics.md by `make docs`)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, one call, answer."""
        text = document.text()
        if options["file"]:
            Path(options["file"]).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")
