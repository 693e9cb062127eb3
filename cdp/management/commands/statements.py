"""`manage.py statements`: whether closed statements are as they were. Not here: how (metrics/allocation/chain.py)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from kernel.models import Workspace
from metrics.allocation import chain

WRONG = {
    "content": "is not as it was closed: its figures, answers, notes or orders were changed",
    "link": "does not follow the one before it: that one was changed, or one between them is gone",
    "gone": "is not there as the audit log has it: it was taken away or closed otherwise",
}


class Command(BaseCommand):
    """Check the chain of digests over closed statements."""

    help = "Check closed statements: each against its digest, the one before it, and the audit log."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, one call, answer."""
        found = chain.check(connection)
        names = dict(Workspace.objects.values_list("id", "slug"))
        for one in found.broken:
            self.stderr.write(
                f"{names.get(one.workspace, one.workspace)}: statement {one.number} {WRONG[one.wrong]}"
            )
        if found.broken:
            raise CommandError(f"{len(found.broken)} faults in {found.statements} closed statements.")
        self.stdout.write(f"{found.statements} closed statements are as they were closed.")
