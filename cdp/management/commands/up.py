"""`manage.py up`: everything runs until Ctrl-C. The work: cdp/run/supervisor.py; manage.py calls it without Django."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cdp.run import supervisor


class Command(BaseCommand):
    """What `make run` calls."""

    help = "Run everything: databases, web, worker, beat, and on the first start the demo. Ctrl-C stops it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """`--port`, `--host`, `--no-demo`, `--with-parent`."""
        supervisor.arguments(parser)

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Reached only when called from code: manage.py takes a shorter way."""
        raise SystemExit(supervisor.main([]))
