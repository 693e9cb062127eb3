"""What an event and a page cost as the database grows, and the bytes it takes; drawn out to a thousand million events.

    .venv/bin/python -m benchmarks.growth [--sizes 1,5,10] [--base 100000 --people 2000 --fresh 20000 --runs 3]

Sizes are millions of events (10 needs about 20 GB of disk). One database grows by clones; at each size new events are
worked, and all pages of reads.py asked. New events of everybody: the more people, the fewer of a batch's events are of
one of them, which costs more than size does; so also of as many people as at the first size. Not here: growing
(clones.py), pages (reads.py).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks import ground, reads
from benchmarks.clones import Clones, Crowd, sizes, step_seconds
from benchmarks.stream import Stream

MILLION = 1_000_000
FAR = 1_000 * MILLION
WARM = 5_000  # events worked before the measured ones
SHARE_OF_MEMORY = 0.5  # of a machine's memory that may hold the dedupe key: the rest is for everything else
MACHINES = (24, 128, 512)  # GB
DEDUPE = "channels_seen"


class Bytes(NamedTuple):
    """A table's, for each event stored."""

    table: str
    heap: float
    index: float


def main() -> None:
    """Each size in turn, then the drawn-out table."""
    options = ground.options(
        __doc__, sizes="1,5,10", base=100_000, people=2_000, fresh=20_000, runs=3, rounds=20
    )
    with ground.ground() as servers:
        growing = Growing(ground.Figures("growth", options), servers, options)
        found = [growing.at(float(size)) for size in options.sizes.split(",")]
        first, last = found[0], found[-1]
        name = f"{last.millions:g} : {first.millions:g} million, CPU of an event"
        growing.figures.ratio("grown", f"{name} of everybody", last.costs, first.costs)
        growing.figures.ratio("grown_alike", f"{name} of as many people", last.alike, first.alike)
        _far(growing.figures, last.bytes)
        growing.figures.write()


class Size(NamedTuple):
    """What one size came to."""

    millions: float
    costs: list[float]  # of everybody
    alike: list[float]  # of as many people as at the first size
    bytes: list[Bytes]


class Growing:
    """The database, from its originals on."""

    def __init__(self, figures: ground.Figures, servers: Any, options: Any) -> None:
        self.figures, self.options = figures, options
        self.workspace, self.connectors, _key = ground.place()
        stream = Stream(options.people, step=step_seconds(options.base))
        ground.fill(self.workspace.pk, self.connectors, stream.bodies(options.base))
        ground.drain()
        ground.analyze()
        self.inbox = [
            Bytes(name, heap / options.base, index / options.base)
            for name, _rows, heap, index in sizes()
            if name == "channels_inbox"
        ]
        self.cpu, self.clones, self.fresh = ground.cpu(servers), Clones(self.workspace.pk), 0
        self.first = 0  # clones at the first size

    def at(self, millions: float) -> Size:
        """Grows to a size, measures there."""
        times = round(millions * MILLION / self.options.base) - 1 - self.clones.made
        took = self.clones.grow(times)
        ground.analyze()
        print(f"-- {millions:g} million events ({times} clones more, {took:.0f} s)", flush=True)
        self.first = self.first or self.clones.made
        size = f"{millions:g}"
        alike = self._costs(size, "alike", "as many people as at first", self.first)
        costs = self._costs(size, "cost", "everybody", self.clones.made)
        ground.analyze()
        bytes_each = [*_bytes((self.clones.made + 1) * self.options.base + self.fresh), *self.inbox]
        _say_bytes(self.figures, bytes_each, size)
        title = f"{size} million: "
        reads.pages(self.figures, self.workspace, self.options, title, self.clones.made)
        return Size(millions, costs, alike, bytes_each)

    def _costs(self, size: str, key: str, title: str, clones: int) -> list[float]:
        """Microseconds of CPU of everything for each new event of originals and so many of their clones."""
        crowd = Crowd(self.options.people, clones, seed=20 + self.fresh)
        costs, rates = [], []
        for run in range(self.options.runs + 1):
            count = self.options.fresh if run else WARM
            ground.fill(self.workspace.pk, self.connectors, crowd.bodies(count))
            self.cpu.since()
            ground.drain()
            took, spent = self.cpu.since()
            self.fresh += count
            if run:
                costs.append(spent / count * MILLION)
                rates.append(count / took)
        self.figures.say(f"{key}_{size}", f"{size} million: CPU of an event, {title}", costs, "us")
        self.figures.say(f"{key}_rate_{size}", f"{size} million: one worker, {title}", rates, "events/s")
        return costs


def _bytes(events: int) -> Iterator[Bytes]:
    for table, rows, heap, index in sizes():
        if rows and (table == DEDUPE or not table.startswith(("channels", "kernel", "django", "auth"))):
            yield Bytes(table, heap / events, index / events)


def _say_bytes(figures: ground.Figures, found: list[Bytes], size: str) -> None:
    for one in sorted(found, key=lambda one: -one.heap - one.index):
        if one.heap + one.index >= 1:
            print(f"   {one.table:28} {one.heap:7.1f} + {one.index:6.1f} bytes an event (heap + index)")
    total = Bytes("", sum(one.heap for one in found), sum(one.index for one in found))
    print(f"   {'all':28} {total.heap:7.1f} + {total.index:6.1f} bytes an event", flush=True)
    figures.note(f"bytes_{size}", [one._asdict() for one in found])


def _far(figures: ground.Figures, found: list[Bytes]) -> None:
    """A thousand million events, and how many a machine takes until the key of every message leaves its memory."""
    total = sum(one.heap + one.index for one in found)
    index = next(one.index for one in found if one.table == DEDUPE)
    print(f"-- drawn out to {FAR / MILLION:,.0f} million events: {total * FAR / 1e12:.2f} TB")
    for one in sorted(found, key=lambda one: -one.heap - one.index)[:8]:
        print(
            f"   {one.table:28} {one.heap * FAR / 1e9:9,.0f} GB rows {one.index * FAR / 1e9:9,.0f} GB indexes"
        )
    for memory in MACHINES:
        room = memory * 1e9 * SHARE_OF_MEMORY / index / MILLION
        print(f"   the dedupe key fits half of {memory:3} GB of memory up to {room:9,.0f} million events")
    figures.note("far", {"bytes": total, "dedupe_index": index})


if __name__ == "__main__":
    main()
