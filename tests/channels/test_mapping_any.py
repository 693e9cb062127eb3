"""Whatever stands in a body: nothing is raised, every item comes out once, and good neighbours survive."""

import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.mapping.apply import prepare
from channels.reasons import Why, english
from tests.channels.understanding import SETTINGS, received, seen

FIELDS = [
    "type", "event", "messageId", "userId", "anonymousId", "identifiers", "properties", "traits", "context", "name",
    "previousId", "groupId", "timestamp", "originalTimestamp", "sentAt", "category", "sku", "price", "at", "channel",
    "amount", "from", "to", "date", "order_id", "total", "currency", "products", "score", "phone", "device",
    "externalIds", "campaign", "kind", "value", "namespace", "id", "tags", "quantity", "unit_cost", "rate", "clicks",
]  # fmt: skip
WORDS = [
    "track", "identify", "page", "alias", "group", "Order Completed", "order_refunded", "Payment Succeeded", "CNY",
    "Feedback Given", "product", "price", "spend", "rate", "u-1", "13800000001", "a@b.cn", "NaN", "1e5", "-0", "null",
    "2026-11-24T10:00:00Z", "0001-01-01T00:00:00+14:00", "web", "\x00", "\ufeff",
    "😀", "9999-12-31T23:59:59-14:00", "openid",
]  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(WORDS)
    | st.integers(10**17, 10**30)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=20,
)
ITEMS = VALUES | st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=12)
JSON = msgspec.json.Encoder()


@settings(max_examples=400, deadline=None)
@given(
    st.lists(ITEMS, max_size=4),
    st.sampled_from(["batch", "records", "of-another-version", "track", "identify", "webhook"]),
    VALUES,
)
def test_every_item_comes_out_once_and_can_be_written(items, door, around):
    if door in ("track", "identify", "webhook"):
        rows = [received(json.dumps(item), door) for item in items]
    else:
        field = "records" if door == "records" else "batch"
        rows = [received({field: items, "context": around, "sentAt": around}, door)]
    prepared = prepare(rows, SETTINGS)
    places = [
        (one.request, one.position)
        for part in (prepared.cleans, prepared.records, prepared.bads)
        for one in part
    ]
    assert len(places) == len(set(places)) == len(items)
    for message in prepared.cleans:
        parts = [message.properties, message.traits, message.context, message.observed]
        JSON.encode(parts)
        assert "\\x00" not in repr([parts, message.name, message.message_id]).replace("\\\\", "")
        assert len({one.key for one in message.identifiers}) == len(message.identifiers)
    for one in prepared.bads:
        assert one.reason
        assert english(Why(one.reason, one.field, one.code, one.params))


@settings(max_examples=200, deadline=None)
@given(ITEMS, ITEMS)
def test_good_neighbours_survive(left, right):
    good = seen(messageId="good")
    prepared = prepare([received({"batch": [left, good, right]})], SETTINGS)
    assert [
        message.position
        for message in prepared.cleans
        if message.message_id == "good" and message.position == 1
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", "replace")))
def test_any_text_at_all(body):
    for door in ("batch", "records", "track", "pixel"):
        prepared = prepare([received(body, door)], SETTINGS)
        assert len(prepared.cleans) + len(prepared.records) + len(prepared.bads) >= 0
