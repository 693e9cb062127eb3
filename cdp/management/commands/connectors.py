"""`manage.py connectors`: the kinds of connectors as docs/connectors.md has them. Not here: their words."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from channels.connect import document


class Command(BaseCommand):
    """Print the kinds of connectors, or write them to a file."""

    requires_system_checks = ()
    help = "Print every kind of connector with its settings as Markdown; --file writes it there instead."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--file`."""
        parser.add_argument("--file", help="where it is written (docs/connectors.md by `make docs`)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, one call, answer."""
        with translation.override("en"):
            text = document.text()
        if options["file"]:
            Path(options["file"]).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")
