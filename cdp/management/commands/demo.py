"""`manage.py demo`: the demo retailer, sent through the front door of the running product, with a progress bar."""

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from cdp.run.databases import state
from demo import load, simulate
from kernel.errors import Trouble


class Command(BaseCommand):
    """Without options the demo is loaded once, and an interrupted load goes on; with options, that size too."""

    help = "Load the demo retailer into the workspace `demo` (safe to repeat; an interrupted load goes on)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Sizes and seed; the same ones make the same data."""
        parser.add_argument(
            "--customers", type=int, help=f"people, {simulate.CUSTOMERS} unless said otherwise"
        )
        parser.add_argument(
            "--days", type=int, help=f"days up to the end, {simulate.DAYS} unless said otherwise"
        )
        parser.add_argument("--seed", type=int, help=f"{simulate.SEED} unless said otherwise")
        parser.add_argument(
            "--end", type=dt.date.fromisoformat, help="the last day (YYYY-MM-DD), today if not given"
        )
        parser.add_argument(
            "--truth",
            action="store_true",
            help="load nothing, say what there is to find in the demo of these options, else the newest one (JSON)",
        )
        parser.add_argument("--address", help="of the running product; known when `make run` runs here")

    def handle(self, *_args: Any, **options: Any) -> None:
        """One job, one bar; or the truth alone."""
        now = dt.datetime.now(dt.UTC)
        if options["truth"]:
            self.stdout.write(_truth(options, now))
            return
        address = options["address"] or state(settings.VAR).get("address")
        if not address:
            raise CommandError("the product does not run here: `make run` first, or give --address.")
        try:
            job = load.begun(_wanted(options, now), now)
            if job is None:
                self.stdout.write("The demo retailer is already loaded.")
                return
            with tqdm(desc="demo", unit=" events", unit_scale=True) as bar:

                def tell(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                load.load(job, address, tell)
        except Trouble as problem:
            raise CommandError(str(problem)) from problem


def _truth(options: dict[str, Any], now: dt.datetime) -> str:
    try:
        return json.dumps(load.truth(_wanted(options, now)), ensure_ascii=False, indent=2)
    except Trouble as problem:
        raise CommandError(str(problem)) from problem


def _wanted(options: dict[str, Any], now: dt.datetime) -> load.Size | None:
    """The size that was asked for; None: any will do."""
    named = {name: options[name] for name in ("customers", "days", "seed") if options[name] is not None}
    if any(value < 1 for name, value in named.items() if name != "seed"):
        raise CommandError("--customers and --days are at least 1.")
    if not named and options["end"] is None:
        return None
    return load.Size(**named, end=load.end_of(options["end"], now) if options["end"] else "")
