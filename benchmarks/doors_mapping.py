"""What a mapping costs a message: 20 fields as code beside JMESPath's own interpreter, and the line with and without.

Both read the same expressions of the same payload, in turn, in one process; both put the values where they belong, the
interpreter by a loop over compiled expressions. `python -m benchmarks.doors --only mapping` calls it.
"""

import gc
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import jmespath
from jmespath.functions import Functions, signature

from benchmarks import ground

MOST = 25.0  # µs a message of 20 fields
MESSAGES = 5_000
RUNS = 7
SCALARS = {
    "type": "'track'",
    "event": "'Order Completed'",
    "messageId": "concat('paid-', trade.id)",
    "timestamp": "time(trade.paid_at)",
    "userId": "buyer.id",
    "identifiers.phone": "buyer.mobile",
    "identifiers.openid": "buyer.openid",
    "context.campaign.name": "live.room || source",
    "properties.order_id": "text(trade.id)",
    "properties.total": "yuan(trade.amount)",
    "properties.discount": "yuan(trade.off)",
    "properties.shipping": "yuan(trade.post)",
    "properties.currency": "'CNY'",
    "properties.coupon": "coupons[0].code",
    "properties.store": "trim(shop.name)",
    "properties.city": "lower(address.city)",
    "properties.status": "trade.status",
    "properties.gift": "not_null(trade.gift, `false`)",
    "properties.count": "length(items)",
}
LINES = {"sku": "sku", "price": "yuan(price)", "quantity": "num"}
PAYLOAD = {
    "topic": "paid",
    "trade": {"id": 9_000_123, "paid_at": "2026-03-02 10:00:00", "amount": 125_000, "off": 500, "post": 0,
              "status": "WAIT_SEND", "gift": None},
    "buyer": {"id": "b-1", "mobile": "13800138001", "openid": "ox-1"},
    "live": {"room": "room-7"},
    "coupons": [{"code": "SPRING"}],
    "shop": {"name": " Pudong "},
    "address": {"city": "Shanghai"},
    "items": [{"sku": "A", "price": 62_500, "num": 1}, {"sku": "B", "price": "62500", "num": 1}],
}  # fmt: skip


def text() -> str:
    """The mapping: 20 fields, one of them lines."""
    fields = [f'"{name}" = {json.dumps(value)}' for name, value in SCALARS.items()]
    lines = [f"{name} = {json.dumps(value)}" for name, value in LINES.items()]
    head = ["[[message]]", "when = \"topic == 'paid'\""]
    return "\n".join([*head, *fields, '[message."properties.products"]', 'each = "items"', *lines, ""])


def mapping(figures: ground.Figures, runs: int) -> None:
    """Both ways, in turn."""
    from channels.language import mapping as language
    from channels.language.runtime import Context

    zone = ZoneInfo("Asia/Shanghai")
    began = time.perf_counter()
    compiled = language.compiled(text())
    figures.note("compiled_ms", (time.perf_counter() - began) * 1_000)

    def by_code() -> Any:
        return compiled.messages(PAYLOAD, Context(zone, "CN"))

    ways = {"code": by_code, "interpreter": _interpreted(Context(zone, "CN"))}
    first, second = (json.dumps(way(), default=str, sort_keys=True) for way in ways.values())
    if first != second:
        raise SystemExit(f"the two do not agree:\n{first}\n{second}")
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            took[name].append(_microseconds(way))
    middle = figures.say("mapping_code", "a mapping of 20 fields, as code", took["code"], "µs a message")
    figures.say(
        "mapping_interpreter", "the same by JMESPath's interpreter", took["interpreter"], "µs a message"
    )
    figures.ratio("mapping_ratio", "interpreter : code", took["interpreter"], took["code"])
    print(
        f"{'must: at most':52} {MOST:12.1f} µs a message     {'reached' if middle <= MOST else 'NOT reached'}"
    )
    line(figures, runs)


def _microseconds(way: Callable[[], Any]) -> float:
    began = time.process_time()
    for _ in range(MESSAGES):
        way()
    return (time.process_time() - began) / MESSAGES * 1e6


def _interpreted(context: Any) -> Callable[[], Any]:
    """The same expressions by the library, with our functions as its custom ones."""
    options = jmespath.Options(custom_functions=_custom(context))
    fields = [(name.split("."), jmespath.compile(value)) for name, value in SCALARS.items()]
    when, over = jmespath.compile("topic == 'paid'"), jmespath.compile("items")
    lines = [(name, jmespath.compile(value)) for name, value in LINES.items()]

    def run() -> Any:
        if not when.search(PAYLOAD, options):
            return None
        message: dict[str, Any] = {}
        for path, expression in fields:
            value = expression.search(PAYLOAD, options)
            if value is not None:
                _put(message, path, value)
        message["properties"]["products"] = [
            {name: expression.search(item, options) for name, expression in lines}
            for item in over.search(PAYLOAD, options)
        ]
        return [message]

    return run


def _put(message: dict[str, Any], path: list[str], value: Any) -> None:
    if path[0] == "identifiers":
        message.setdefault("identifiers", []).append({"kind": path[1], "value": value})
        return
    for part in path[:-1]:
        message = message.setdefault(part, {})
    message[path[-1]] = value


def _custom(context: Any) -> Any:
    from channels.language import functions

    def call(name: str) -> Any:
        own = functions.OWN[name]

        @signature({"types": [], "variadic": True})
        def run(_self: Any, *values: Any) -> Any:
            return own.call(context, *values) if own.told else own.call(*values)

        return run

    ours = ("concat", "time", "text", "yuan", "trim", "lower")
    return type("Custom", (Functions,), {f"_func_{name}": call(name) for name in ours})()


def line(figures: ground.Figures, runs: int) -> None:
    """From a request's body to what would be stored: without mappings, beside one of another connector, with one."""
    from channels.inbox.log import Received
    from channels.language import mapping as language
    from channels.mapping.apply import prepare
    from channels.snapshot import ChannelSettings, ConnectorSettings, Snapshot, Version, Versions

    at, zone = datetime(2026, 11, 24, 12, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
    channel = ChannelSettings(1, "web", "CNY", zone, "CN")
    own, other = (ConnectorSettings(n, uuid4(), channel, "web", previous_is_user=False) for n in (1, 2))
    compiled = language.compiled(text())
    versions = Versions((Version(1, datetime(2026, 1, 1, tzinfo=UTC), ""),), lambda _digest: compiled)

    def settings(mapped: dict[int, Any]) -> Snapshot:
        return Snapshot(1, zone, "CNY", b"s", {1: own, 2: other}, {"web": channel}, mappings=mapped)

    message = compiled.messages(PAYLOAD, _context(zone)) or []
    ready = json.dumps({"batch": message * 100}, default=str)
    raw = json.dumps({"batch": [PAYLOAD] * 100})
    ways = {
        "line_without": ("the line, no mapping in the workspace", ready, settings({})),
        "line_beside": ("the line, another connector has one", ready, settings({2: versions})),
        "line_with": ("the line with a mapping of 20 fields", raw, settings({1: versions})),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    gc.disable()  # as in a worker
    for turn in range(runs + 1):
        for name, (_title, body, snapshot) in ways.items():
            rows = [Received(uuid4(), at, 1, "batch", 100, body, 1) for _ in range(20)]
            began = time.process_time()
            prepared = prepare(rows, snapshot)
            spent = time.process_time() - began
            if turn:  # the first is for what a process remembers
                took[name].append(spent / 2_000 * 1e6)
            if prepared.bads or len(prepared.cleans) != 2_000:
                raise SystemExit(f"{name}: {prepared.bads[:1]}")
            del prepared
            gc.collect()
    gc.enable()
    for name, (title, _body, _snapshot) in ways.items():
        figures.say(name, title, took[name], "µs a message")
    figures.ratio("line_beside_ratio", "beside : without", took["line_beside"], took["line_without"])


def _context(zone: Any) -> Any:
    from channels.language.runtime import Context

    return Context(zone, "CN")
