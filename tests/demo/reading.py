"""The demo's requests, read by the product's own mapping without a database: what the tests of this folder share."""

import datetime as dt
import itertools
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec

from channels.connect.connections import Kept
from channels.inbox.log import Received
from channels.mapping import apply
from channels.snapshot import ChannelSettings, ConnectorSettings, Snapshot
from demo import outlets
from demo.people import Id
from demo.post import Request
from demo.simulate import Simulation
from demo.truth import Truth
from kernel.event import Identifier, Prepared

END = dt.datetime(2026, 11, 24, 14, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
ZONE = ZoneInfo("Asia/Shanghai")
NAMESPACE = UUID(int=1)


@lru_cache(maxsize=4)
def simulated(customers: int = 400, days: int = 120, seed: int = 7) -> tuple[list[Request], Truth]:
    """A simulation that has run: its requests and its truth."""
    simulation = Simulation(customers, days, seed, END)
    return list(simulation.requests()), simulation.truth


def snapshot() -> Snapshot:
    """The demo's channels and connectors as load.py makes them."""
    channels = {
        outlet.slug: ChannelSettings(number, outlet.slug, "CNY", ZONE, "CN")
        for number, outlet in enumerate(outlets.OUTLETS, start=1)
    }
    connectors = {
        number: ConnectorSettings(
            id=number,
            uuid=uuid5(NAMESPACE, code),
            channel=channels[slug],
            app=slug,
            previous_is_user=False,
            kept=Kept("http", code, "{}", "", str(ZONE), "CNY", slug),
        )
        for number, (code, slug) in enumerate(outlets.CHANNEL_OF.items(), start=1)
    }
    return Snapshot(
        workspace=1, zone=ZONE, currency="CNY", secret=b"tests", connectors=connectors, channels=channels
    )


def understood(requests: Iterable[Request]) -> Prepared:
    """What the mapping makes of them."""
    numbers = {code: number for number, code in enumerate(outlets.CHANNEL_OF, start=1)}
    now = dt.datetime.now(dt.UTC)
    rows = [
        Received(
            request=UUID(int=place),
            received_at=now,
            connector_id=numbers[request.connector],
            door=request.path.rpartition("/")[2],
            n=len(next(iter(request.body.values()))),
            body=msgspec.json.encode(request.body).decode(),
            attempts=1,
        )
        for place, request in enumerate(requests, start=1)
    ]
    return apply.prepare(rows, snapshot())


def plain(identifier: Identifier) -> Id:
    """As the truth writes it."""
    return identifier.kind, identifier.namespace, identifier.value


def pairs(groups: Iterable[Iterable[object]]) -> set[frozenset[object]]:
    """Every two that are together."""
    return {frozenset(pair) for group in groups for pair in itertools.combinations(group, 2)}
