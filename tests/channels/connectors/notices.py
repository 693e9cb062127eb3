"""For tests of shop platforms' hooks: their sample notices, signed, delivered in any order, with any field broken."""

import base64
import copy
import hashlib
import hmac
import json
import random
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection

from channels import hooks, sender
from channels.connect.connections import Kept
from channels.inbox.log import Received
from channels.mapping.apply import prepare
from channels.models import Connector
from channels.snapshot import ConnectorSettings, Snapshot
from kernel.db import rows
from kernel.event import Prepared
from tests.channels.hooking import deliver
from tests.channels.understanding import NOON, SETTINGS, WEB
from tests.shop import Shop

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SECRET = "hush"
OTHERS = (None, [], [1], {}, {"a": [{"b": None}]}, 7, 0, -1, 10**30, "", "x", "1e400", "NaN", True, "9" * 300)
NODE = """
const hmac = require('crypto').createHmac('sha256', process.argv[1])
process.stdin.on('data', part => hmac.update(part)).on('end', () => console.log(hmac.digest('base64')))
"""
# What a workspace's numbers hang on, without ids of its own.
NUMBERS = {
    "orders": "select order_id, occurred_at, currency, total, refunded, state, tax, shipping, discount, coupon, store,"
    " cancelled_at, sighting_id is null from metrics_order",
    "lines": "select order_id, line, sku, quantity, price, discount, name from metrics_order_line",
    "refunds": "select order_id, kind, key, occurred_at, amount, excess, reason from metrics_refund",
    "goods back": "select order_id, kind, key, line, sku, occurred_at, quantity from metrics_return_line",
    "payments": "select order_id, key, occurred_at, state, amount, method from metrics_payment",
    "parcels": "select order_id, key, shipped_at, delivered_at, carrier from metrics_shipment",
    "waiting": "select order_id, reason, kind, message_id from metrics_waiting",
    "sums": "select measure, day, currency, trim_scale(amount) from metrics_rollup",
    "customers": "select measure, first, last, n from metrics_span",
    "people": "select name, events, orders, revenue, first_seen, last_seen from profiles_summary",
    "stock": "select sku, location, at, quantity from metrics_stock",
    "prices": "select sku, at, price, currency, list_price from metrics_price",
    "messages": "select message_id, type, name, occurred_at from profiles_event",
}


class Notice(NamedTuple):
    """A delivery of a platform: its headers without the signature, and its body."""

    headers: Mapping[str, str]
    body: Any

    @property
    def raw(self) -> bytes:
        """As it goes over the wire."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def sample(kind: str, topic: str) -> Any:
    """The sample of a topic."""
    name = topic.replace("/", "_").replace(".", "_")
    return json.loads((SAMPLES / kind / f"{name}.json").read_text(encoding="utf-8"))


def base64_hmac(body: bytes, secret: str = SECRET) -> str:
    """The signature of both platforms, by the standard library."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def by_node(body: bytes, secret: str, node: str) -> str:
    """The same by a program that shares nothing with ours."""
    made = subprocess.run([node, "-e", NODE, secret], input=body, capture_output=True, check=True)
    return made.stdout.decode().strip()


def send(one: Connector, notices: Iterable[Notice], signature: str) -> None:
    """Delivers them in this order, rightly signed; nothing is worked yet."""
    for notice in notices:
        signed = {**notice.headers, signature: base64_hmac(notice.raw)}
        assert deliver(one, notice.raw, signed).reply.status == 200, notice.headers


def send_shuffled(shop: Shop, one: Connector, notices: list[Notice], signature: str, seed: int) -> None:
    """In an order of chance, some of them twice, worked in batches of chance."""
    pick = random.Random(seed)
    mixed = [*notices, *pick.sample(notices, pick.randrange(len(notices)))]
    pick.shuffle(mixed)
    for notice in mixed:
        send(one, [notice], signature)
        if pick.random() < 0.4:
            shop.drains()
    shop.drains()


def numbers(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """All that its numbers are made of."""
    return {
        name: sorted(
            rows(connection, f"{text} where workspace_id = %(workspace)s", workspace=shop.workspace.pk),
            key=repr,
        )
        for name, text in NUMBERS.items()
    }


# ---- without a database -----------------------------------------------------------------------------


def understood(kind: str, notice: Notice, settings: Mapping[str, Any] = {}) -> Prepared:
    """What a connector of a kind understands of a delivery."""
    own = msgspec.json.encode(settings).decode()
    kept = Kept(kind, str(UUID(int=9)), own, "", "UTC", WEB.currency, "web")
    one = ConnectorSettings(9, UUID(int=9), WEB, "web", previous_is_user=False, kept=kept)
    known: Snapshot = msgspec.structs.replace(SETTINGS, connectors={9: one})
    text, encoded = hooks.as_text(notice.raw)
    said = sender.of_hook(
        sender.Hooked({name.lower(): value for name, value in notice.headers.items()}, "", encoded)
    )
    return prepare([Received(uuid4(), NOON, 9, hooks.DOOR, 1, text, 1, said)], known)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every field of a body, of a list its first element's: the others are alike."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, below in value.items():
            yield from places(below, (*path, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def broken(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The body with something else in a place."""
    found = copy.deepcopy(body)
    holder = found
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    return found


def assert_nothing_is_lost(kind: str, notice: Notice, where: Any) -> None:
    """Every delivery is messages or a reject that says why; none stops the line, and none is "please report it"."""
    prepared = understood(kind, notice)
    assert prepared.cleans or prepared.records or prepared.bads, where
    codes = {bad.code for bad in prepared.bads}
    assert not codes & {"not_understood", "stops_worker"}, (where, codes)


def break_every_field(kind: str, notice: Notice) -> None:
    """Each field in turn is each of what it should not be."""
    assert not understood(kind, notice).bads, notice.headers
    for path in places(notice.body):
        for value in OTHERS:
            hostile = Notice(notice.headers, broken(notice.body, path, value))
            assert_nothing_is_lost(kind, hostile, (notice.headers, path, value))


def break_some_fields(kind: str, notice: Notice, seed: int) -> None:
    """Several fields at once, by chance."""
    pick, body = random.Random(seed), notice.body
    for _ in range(pick.randrange(2, 12)):
        body = broken(body, pick.choice(list(places(body))), pick.choice(OTHERS))
        if not isinstance(body, dict) or not body:
            break
    assert_nothing_is_lost(kind, Notice(notice.headers, body), (notice.headers, seed))


def break_whole_bodies(kind: str, headers: Mapping[str, str]) -> None:
    """Bodies that are something else altogether."""
    for body in (
        b"",
        b"null",
        b"[]",
        b"7",
        b"{",
        b"\xff\x00",
        b'"x"',
        b"{}",
        b"[" * 5_000,
        b'{"id":' + b"[" * 5_000,
    ):
        prepared = understood(kind, Notice(headers, body))
        assert len(prepared.bads) == 1, (headers, body[:20])
        assert prepared.bads[0].reason in {"unreadable_delivery", "not_an_object", "bad_properties"}


@pytest.fixture
def american(db: None) -> Shop:
    """A shop that counts in dollars: the samples' currency."""
    return Shop(currency="USD", zone="America/New_York")
