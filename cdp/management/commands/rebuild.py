"""`manage.py rebuild`: makes events, profiles, facts and sums again from the inbox. Same ids, same answers."""

import json
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from cdp.pipeline import rebuild


class Command(BaseCommand):
    """Shows its progress, prints one JSON line of counts."""

    help = "Makes everything again from the inbox, with the same ids and the same answers."

    def handle(self, *args: Any, **options: Any) -> None:
        """One call, one line."""
        with tqdm(desc="rebuild", unit=" requests") as bar:

            def tell(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            counts = rebuild.everything(tell)
        self.stdout.write(json.dumps(counts))
