"""Whatever is sent and whatever a mapping says: each payload is messages, or a reject, or nothing on purpose."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channels import sender
from channels.connect.connections import Kept
from channels.language import mapping
from channels.mapping.apply import messages, prepare
from channels.snapshot import Version, Versions
from tests.channels.mapping_with import PAID, paid
from tests.channels.test_mapped_messages import RULES
from tests.channels.understanding import NOON, PLAIN, SETTINGS, received

TEXTS = [
    "",
    "pass = false\n",
    PAID,
    PAID + RULES.replace("stores", "shops"),
    RULES,
    '[[message]]\nkeep = true\neach = "@"\n',
    '[[message]]\nkeep = true\ndrop = ["properties.total", "traits.a.b", "messageId"]\n"properties.x" = "@"\n',
    '[[message]]\neach = "items || [@]"\n"type" = "\'track\'"\nevent = "to_string(@)"\nuserId = "id"\n',
    '[[message]]\ntype = "type"\nsku = "sku"\nprice = "yuan(price)"\n"context" = "context"\n',
]
names = st.sampled_from(
    ["type", "event", "topic", "id", "messageId", "properties", "items", "sku", "userId", "amount"]
)
values = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["track", "page", "stock", "paid", "Order Completed", "12.50", "", " ", "\u0000", "2026-01-06"]),
    st.text(max_size=10),
)  # fmt: skip
payloads = st.one_of(
    st.recursive(
        values, lambda below: st.lists(below, max_size=4) | st.dictionaries(names, below, max_size=6)
    ),
    st.dictionaries(names, values, max_size=6).map(lambda more: paid() | more),
)


def by(text: str, kind: str) -> Any:
    """Settings in which the first connector, of a kind, has a mapping."""
    compiled = mapping.compiled(text)
    kept = Kept(kind, str(PLAIN.uuid), "{}", "", "Asia/Shanghai", "CNY", "web")
    connectors = SETTINGS.connectors | {1: replace(PLAIN, kept=kept)}
    versions = Versions((Version(1, NOON, ""),), lambda _digest: compiled)
    return replace(SETTINGS, mappings={1: versions}, connectors=connectors)


@pytest.mark.parametrize("text", TEXTS)
@given(
    payloads=st.lists(payloads, min_size=1, max_size=4),
    door=st.sampled_from(["batch", "records", "hook", "page"]),
)
def test_nothing_is_lost_and_nothing_stops_the_line(text: str, payloads: list[Any], door: str) -> None:
    body = {"batch": payloads, "records": payloads} if door in ("batch", "records") else payloads
    said = sender.of_hook(sender.Hooked()) if door == "hook" else None
    row = received(json.dumps(body), door, sender=said)
    settings = by(text, "webhook" if door == "hook" else "http")
    whole = prepare([row], settings)
    assert "not_taken_here" not in {bad.code for bad in whole.bads}
    assert whole.cleans or whole.records or whole.bads or any(key.rule == "skip" for key in whole.cleaned)
    parts = list(messages(row, settings))
    for name in ("cleans", "records", "bads"):
        ids = [one.id for part in parts for one in getattr(part, name)]
        assert ids == [one.id for one in getattr(whole, name)]
    again = prepare([row], settings)
    assert [bad.raw for bad in again.bads] == [bad.raw for bad in whole.bads]
