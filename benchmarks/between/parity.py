"""Price parity and stock at size: SKUs on eight channels, each with a history of prices and levels, and what was sold.

    .venv/bin/python -m benchmarks.between.parity [--skus 10000 --prices 5 --levels 4 --lines 400000 --rounds 25]

Over a retailer that is there, as one of 5 million events: `measure`. Rows are written straight into the
tables of facts: what is measured is how they are read. Each round asks for another day or order of the list.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from benchmarks import ground

MUST_MS: Final = 300.0  # p95 of the board
CHANNELS: Final = 8
APART: Final = 0.1  # of the prices are others than the usual one
DAYS: Final = 90  # over which prices, levels and sales lie
A_DAY: Final = 86_400_000_000  # microseconds
ZONE: Final = timedelta(hours=8)
ASKED: Final = (
    ("API parity", "/api/parity/?at={day}"),
    ("API parity, by exposure", "/api/parity/?at={day}&ordering=-exposure&limit=100"),
    ("API parity, a category", "/api/parity/?at={day}&category=c3"),
    ("API parity, one SKU over time", "/api/parity/history/?sku={sku}&at={day}"),
    ("API parity, day by day", "/api/parity/rates/?at={day}"),
    ("Page of price parity", "/parity/?from={first}&to={day}"),
    ("Page of one SKU", "/parity/sku/?sku={sku}&from={first}&to={day}"),
    ("API stock of a channel", "/api/stock/?at={day}&channel={channel}"),
    ("Page of stock, a category", "/stock/?from={first}&to={day}&category=c3"),
    ("Page of stock", "/stock/?from={first}&to={day}"),
)
MUST: Final = frozenset(("API parity", "API parity, by exposure", "API parity, a category"))
LONG: Final = frozenset(("Page of stock",))  # asked fewer times
FEW: Final = 5
STAMP: Final = ("id", "received_at", "request", "position")
LINE: Final = "order_id channel_id line sku occurred_at day quantity currency name category brand"


def main() -> None:
    """On a database of its own."""
    sizes = {"skus": 10_000, "prices": 5, "levels": 4, "lines": 400_000, "rounds": 25}
    options = ground.options(__doc__, **sizes)
    with ground.ground():
        from channels import setup

        figures = ground.Figures("parity", options)
        workspace = setup.add_workspace("Parity")
        for number in range(CHANNELS):
            setup.add_channel(workspace, f"Channel {number}", "web")
        _measure(figures, workspace, options)
        figures.write()


def measure(figures: ground.Figures, place: Any, options: Any) -> None:
    """The same over a retailer that is there."""
    for name, value in {"skus": 10_000, "prices": 5, "levels": 4, "lines": 400_000}.items():
        if not hasattr(options, name):
            setattr(options, name, value)
    _measure(figures, place.workspace, options)


def _measure(figures: ground.Figures, workspace: Any, options: Any) -> None:
    from channels.models import Channel

    channels = dict(Channel.objects.filter(workspace=workspace).order_by("pk").values_list("pk", "slug"))
    dice, now = random.Random(7), datetime.now(UTC)
    began = time.perf_counter()
    Rows(workspace.pk, list(channels), options, dice).write()
    ground.analyze()
    size = f"{options.skus:,} SKUs x {len(channels)} channels, {options.prices} prices each"
    print(f"   {size}, written in {time.perf_counter() - began:.0f} s", flush=True)
    reader = ground.reader(workspace)
    for name, path in ASKED:
        rounds = FEW if name in LONG else options.rounds
        _ask(figures, name, rounds, lambda path=path: reader.get(_filled(path, dice, now, options, channels)))
    _ask(figures, "Alarm, nothing new", options.rounds, _alarm(workspace.pk))


def _filled(path: str, dice: random.Random, now: datetime, options: Any, channels: dict[int, str]) -> str:
    day = (now + ZONE).date() - timedelta(days=dice.randrange(1, 30))
    return path.format(
        day=day,
        first=day - timedelta(days=29),
        sku=f"sku-{dice.randrange(options.skus):05}",
        channel=dice.choice(list(channels.values())),
    )


def _alarm(workspace: int) -> Callable[[], Any]:
    from django.db import connection

    from metrics import alerts

    return lambda: alerts.prices(connection, workspace, datetime.now(UTC) + timedelta(days=30))


def _ask(figures: ground.Figures, name: str, rounds: int, ask: Callable[[], Any]) -> None:
    took = []
    for number in range(rounds + 1):
        began = time.perf_counter()
        answer = ask()
        if number:  # the first one warms
            took.append((time.perf_counter() - began) * 1_000)
        assert getattr(answer, "status_code", 200) == 200, (name, answer.content[:300])
    took.sort()
    p95 = took[min(int(len(took) * 0.95), len(took) - 1)]
    must = f"   must be < {MUST_MS:.0f}: {'met' if p95 < MUST_MS else 'MISSED'}" if name in MUST else ""
    print(f"   {name:34} p50 {median(took):7.1f} ms   p95 {p95:7.1f} ms{must}", flush=True)
    figures.note(name, {"p50_ms": round(median(took), 1), "p95_ms": round(p95, 1)})


# ---- rows ------------------------------------------------------------------------------------------------


class Rows:
    """Rows of goods, as facts have them."""

    def __init__(self, workspace: int, channels: list[int], options: Any, dice: random.Random) -> None:
        self.workspace, self.channels, self.options, self.dice = workspace, channels, options, dice
        self.now, self.request = datetime.now(UTC), uuid.uuid4()
        self.skus = [f"sku-{number:05}" for number in range(options.skus)]

    def write(self) -> None:
        """All of them."""
        from django.db import connection

        from kernel.db import copy

        for table, columns, rows, record in (
            ("metrics_product", "sku at name category brand tags", self.products(), True),
            ("metrics_price", "channel_id sku at day price currency promotion", self.prices(), True),
            ("metrics_stock", "channel_id sku location at day quantity", self.levels(), True),
            ("metrics_order_line", LINE, self.lines(), False),
        ):
            named = ("workspace_id", *columns.split(), *(STAMP if record else ()))
            copy(connection, table, named, (self._stamped(row, record) for row in rows))

    def _stamped(self, row: tuple[object, ...], record: bool) -> tuple[object, ...]:
        stamp = (uuid.uuid4(), self.now, self.request, 0) if record else ()
        return (self.workspace, *row, *stamp)

    def _moment(self) -> tuple[datetime, object]:
        at = self.now - timedelta(microseconds=self.dice.randrange(2 * A_DAY, DAYS * A_DAY))
        return at, (at + ZONE).date()

    def products(self) -> Iterable[tuple[object, ...]]:
        """A product record each."""
        for number, sku in enumerate(self.skus):
            yield sku, self.now, sku, f"c{number % 20}", "", "[]"

    def prices(self) -> Iterable[tuple[object, ...]]:
        """Some for each SKU and channel, a few of them other than usual."""
        for number, sku in enumerate(self.skus):
            for channel in self.channels:
                for _ in range(self.options.prices):
                    off = self.dice.random() < APART / len(self.channels)
                    yield channel, sku, *self._moment(), 10 + number % 90 - off, "CNY", None

    def levels(self) -> Iterable[tuple[object, ...]]:
        """Some for each SKU and channel, a quarter of them 0."""
        for sku in self.skus:
            for channel in self.channels:
                for _ in range(self.options.levels):
                    yield channel, sku, "", *self._moment(), self.dice.choice((0, 5, 20, 80))

    def lines(self) -> Iterable[tuple[object, ...]]:
        """Lines of orders; some SKUs sell much more than others."""
        for number in range(self.options.lines):
            sku = self.skus[int(len(self.skus) * self.dice.random() ** 2)]
            yield (
                f"line-{number}",
                self.dice.choice(self.channels),
                0,
                sku,
                *self._moment(),
                1,
                "CNY",
                "",
                "",
                "",
            )


if __name__ == "__main__":
    main()
