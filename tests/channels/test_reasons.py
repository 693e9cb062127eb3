"""Every code that a message can be refused by: a message that gets it, and its words in both languages."""

import ast
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import translation

from cdp.pipeline import store
from channels import reasons
from channels.mapping import apply
from kernel.db import rows, run
from kernel.process.timing import StageTimer
from kernel.vocabulary import RECORDS
from tests.channels import test_mapped_reasons
from tests.channels.plan import test_plan_reasons
from tests.channels.understanding import bad, received, seen
from tests.pages.test_numbers import person
from tests.shop import Shop

TYPES = "track, identify, page, screen, group, alias"
LARGE = "y" * 513 * 1024
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Case(NamedTuple):
    """A message and what is kept of it; `apart`: nothing in it is wrong, its worker sets it apart."""

    item: Any
    code: str
    field: str
    params: dict[str, str | int]
    sentence: str
    apart: bool = False


def order(**properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Order Completed",
        "properties": {"order_id": "o", "total": 1} | properties,
    }


def nested(depth: int) -> Any:
    """Lists in lists, so deep."""
    value: Any = "deep"
    for _ in range(depth):
        value = [value]
    return value


MESSAGES = [
    Case(7, "not_an_object", "", {}, 'An item is a JSON object: {"type": "track", …}.'),
    Case(
        {"userId": "u"},
        "no_type",
        "type",
        {},
        "Set the message type: track, identify, page, screen, group or alias.",
    ),
    Case(
        {"type": "tarck", "userId": "u"},
        "unknown_type",
        "type",
        {"expected": TYPES},
        f"The type is one of {TYPES}.",
    ),
    Case(
        {"type": 5, "userId": "u"}, "type_no_text", "type", {}, 'The type is a text: "track", "identify", …'
    ),
    Case(
        seen(userId="null"),
        "no_identity",
        "userId",
        {},
        "Send a userId, an anonymousId or another identifier. Placeholders (0, null, guest …), masked phones and "
        "e-mails without a domain do not count as one.",
    ),
    Case(
        seen(event=" "),
        "no_event_name",
        "event",
        {},
        'A track needs its event\'s name: "event": "Product Viewed".',
    ),
    Case(
        {"type": "identify", "userId": "u", "traits": "x"},
        "bad_properties",
        "traits",
        {},
        '"traits" is a JSON object: {"name": value, …}.',
    ),
    Case(
        seen(properties={"x": nested(150)}),
        "too_deep",
        "properties",
        {"limit": 100},
        "Values are nested more than 100 levels deep: flatten them.",
    ),
    Case(
        seen(originalTimestamp="yesterday"),
        "bad_time",
        "originalTimestamp",
        {},
        "Send a time from 1970 on: ISO 8601 (2026-11-24T10:00:00Z), or epoch seconds or milliseconds.",
    ),
    Case(
        seen(properties={"x": LARGE}),
        "too_large",
        "",
        {"limit": 512},
        "A message has at most 512 KB: send less with it.",
    ),
    Case(
        order(total=None),
        "missing_field",
        "properties.total",
        {"event": "Order Completed"},
        "Order Completed needs total.",
    ),
    Case(
        order(order_id="{{order.id}}"),
        "placeholder",
        "properties.order_id",
        {"event": "Order Completed"},
        "Order Completed needs order_id: a placeholder such as null or 0 names nothing.",
    ),
    Case(
        order(order_id="x" * 256),
        "no_key",
        "properties.order_id",
        {"limit": 255},
        "order_id is a text or a number of at most 255 characters.",
    ),
    Case(
        order(total=-1),
        "bad_amount",
        "properties.total",
        {},
        "total is a number from 0 to 10^15, as a JSON number or a text like 1234.50.",
    ),
    Case(
        order(currency="RMB"),
        "bad_currency",
        "properties.currency",
        {},
        "The currency is a code of ISO 4217: CNY, USD, EUR …",
    ),
    Case(
        order(order_channel="kiosk"),
        "unknown_channel",
        "properties.order_channel",
        {"value": "kiosk"},
        "There is no channel 'kiosk': use the short name that the Channels page shows.",
    ),
    Case(
        {
            "type": "track",
            "event": "consent_given",
            "userId": "u",
            "properties": {"purpose": "marketing", "channel": ["sms", "email"]},
        },
        "bad_consent",
        "properties.channel",
        {"event": "Consent Given", "limit": 100},
        "channel of Consent Given is a text of 1 to 100 characters that names something, no list and no placeholder.",
    ),
    Case(
        seen(messageId="kills"),
        "stops_worker",
        "",
        {},
        "This message repeatedly crashed the worker: please report it.",
        apart=True,
    ),
    Case(
        seen(messageId="drags"),
        "too_slow",
        "",
        {},
        "This message repeatedly did not finish in time, even on its own: replay it when the database is fast again.",
        apart=True,
    ),
]
SPEND = {"type": "spend", "amount": 1}
RECORDED = [
    Case(
        {"sku": "s"},
        "no_record_type",
        "type",
        {"expected": ", ".join(RECORDS)},
        f"Set the record type: {', '.join(RECORDS)}.",
    ),
    Case(
        {"type": "prize", "sku": "s"},
        "unknown_type",
        "type",
        {"expected": ", ".join(RECORDS)},
        f"The type is one of {', '.join(RECORDS)}.",
    ),
    Case(
        {"type": "price", "sku": "s", "price": 1, "name": LARGE},
        "record_too_large",
        "",
        {"limit": 512},
        "A record has at most 512 KB: send less with it.",
    ),
    Case(
        {"type": "price", "sku": "s"},
        "missing_in_record",
        "price",
        {"record": "price"},
        "A price needs price.",
    ),
    Case(SPEND, "spend_without_date", "from", {}, "Spend needs its date, or from and to."),
    Case(
        SPEND | {"from": "2026-11-02", "to": "2026-11-01"},
        "ends_before_it_begins",
        "to",
        {},
        "The period ends before it begins.",
    ),
    Case(
        SPEND | {"from": "1990-01-01", "to": "2026-11-01"},
        "spread_too_long",
        "to",
        {"limit": 3660},
        "Spend is spread over at most 3,660 days.",
    ),
    Case(
        {"type": "target", "metric": "gmv", "value": 1, "from": "2026-11-01", "period": "fortnight"},
        "unknown_period_of_target",
        "period",
        {},
        "A target is per day, week, month, quarter, year, so many days (45d), or whole: for all its days to the last.",
    ),
    Case(
        SPEND | {"date": "2026-11-01", "kind": "x"},
        "unknown_kind_of_spend",
        "kind",
        {},
        "The kind of spend is acquisition or retention.",
    ),
    Case(
        SPEND | {"date": "2026-11-01", "clicks": 1.5},
        "not_whole",
        "clicks",
        {},
        "clicks is a whole number.",
    ),
    Case(
        {"type": "stock", "sku": "s", "quantity": "-1e16"},
        "bad_level",
        "quantity",
        {},
        "quantity is a number up to 10^15, below 0 where it is owed.",
    ),
    Case(
        {"type": "rate", "currency": "USD", "rate": 0},
        "zero_rate",
        "rate",
        {},
        "A rate is the worth of one unit in the workspace's currency: more than 0.",
    ),
]
CASES = [*MESSAGES, *RECORDED]
# Of platforms' deliveries: tests/channels/connectors/test_refused.py has one for each.
DELIVERED = {
    *(
        "unreadable_body",
        "unknown_topic",
        "field_of_platform",
        "cannot_open",
        "not_understood",
        "not_taken_here",
    ),
}
# Of rows of a file: tests/channels/imports/test_files.py.
OF_FILES = {"digits_lost", "too_many_cells", "open_quote", "broken_text", "row_no_json"}


def test_every_code_has_a_message_that_gets_it():
    elsewhere = test_mapped_reasons.CODES | test_plan_reasons.CODES | DELIVERED | OF_FILES
    assert sorted(reasons.CODES) == sorted({case.code for case in CASES} | elsewhere)


@pytest.fixture
def shop(db):
    """A shop that was sent all of them."""
    shop = Shop()
    for door, cases in (("batch", MESSAGES), ("records", RECORDED)):
        sent = [_with_id(case, n) for n, case in enumerate(cases) if not case.apart]
        shop.sends(*sent, door=door)
    for n, case in enumerate(MESSAGES):
        if case.apart:
            _set_apart(shop, _with_id(case, n), reasons.CODES[case.code])
    return shop


def _with_id(case: Case, number: int) -> Any:
    place = "record" if case in RECORDED else "message"
    return case.item | {"messageId": f"{place}-{number}"} if isinstance(case.item, dict) else case.item


def _set_apart(shop: Shop, item: Any, code: reasons.Code) -> None:
    """What a worker does with a message that ended others or took too long."""
    row = received({"batch": [item]}, connector=shop.connectors["web-shop"].pk)
    (prepared,) = apply.messages(row, store.snapshot(connection, shop.workspace.pk), apart=code)
    store.store(connection, prepared, StageTimer())


def test_a_reject_is_kept_as_code_field_and_parameters(shop):
    kept = rows(
        connection,
        "select reason, code, field, params::text, hint from channels_reject where workspace_id = %(w)s",
        w=shop.workspace.pk,
    )
    said = {
        (reason, code, field, json.dumps(json.loads(params or "{}")), hint)
        for reason, code, field, params, hint in kept
    }
    assert said == {
        (reasons.CODES[case.code].reason.name, case.code, case.field, json.dumps(case.params), "")
        for case in CASES
    }
    assert len(kept) == len(CASES)


def test_programs_read_why_in_english_whatever_their_user_reads(shop):
    answer = shop.api().get("/api/rejects/", {"limit": 500}, HTTP_ACCEPT_LANGUAGE="zh-hans")
    told = sorted(
        (one["reason"], one["field"], re.sub(r" Received: “.*”\.$", "", one["hint"], flags=re.DOTALL))
        for one in answer.json()["results"]
    )
    assert told == sorted((reasons.CODES[case.code].reason.name, case.field, case.sentence) for case in CASES)
    life = shop.api().get(
        f"/api/events/message-{MESSAGES.index(_kiosk())}/life/", HTTP_ACCEPT_LANGUAGE="zh-hans"
    )
    assert life.json()["reject"]["hint"] == _kiosk().sentence


def test_people_read_why_in_their_language(shop):
    client = person(shop)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    expected = "没有渠道 &#x27;kiosk&#x27;：请用渠道页上的短名称。"
    opened = _opened(client, "unknown_channel")
    life = client.get(f"/events/message-{MESSAGES.index(_kiosk())}/").content.decode()
    stream = client.get("/live/stream/?state=rejected").content.decode()
    row = next(one for one in re.findall(r"<tr.*?</tr>", stream, re.DOTALL) if "kiosk" in one)
    piece = re.search(r'hx-get="(/live/[^"]+)"', row)[1].replace("&amp;", "&")
    for page in (opened, life, row, client.get(piece).content.decode()):
        assert expected in page
        assert "There is no channel" not in page


def _kiosk() -> Case:
    return next(case for case in CASES if case.code == "unknown_channel")


def _opened(client: Client, reason: str) -> str:
    """The newest reject of a reason, as its piece shows it."""
    page = client.get(f"/rejects/?reason={reason}").content.decode()
    where = re.search(r'hx-get="(/rejects/[0-9a-f-]{36}/)"', page)
    assert where, page
    return client.get(where[1]).content.decode()


def test_what_may_be_good_as_it_is_is_offered_so_first(shop):
    client = person(shop)
    first = re.compile(r'btn-primary btn-s">([^<]+)<')
    for reason in ("unknown_channel", "too_slow", "stops_worker", "bad_time"):
        expected = "Replay as it is" if reasons.of(reason).replay else "Fix and replay"
        assert first.findall(_opened(client, reason)) == [expected], reason
    assert {reason.name for reason in reasons.REASONS.values() if reason.replay} == {
        "unknown_channel",
        "too_slow",
        "unreadable_delivery",
        "mapping",
        "cleaning",
        "plan",
    }


def test_a_reject_older_than_codes_says_what_it_always_said(shop):
    run(
        connection,
        "update channels_reject set code = null, params = null, hint = 'Say when <it> was.' where reason = 'bad_time'",
    )
    client = person(shop)
    for language in ("en", "zh-hans"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        assert "Say when &lt;it&gt; was." in _opened(client, "bad_time")
    assert {one["hint"] for one in shop.get("/api/rejects/", reason="bad_time")["results"]} == {
        "Say when <it> was."
    }
    shop.api().post("/api/rejects/replay/", {"reason": "bad_time"}, format="json")
    assert "Say when <it> was." not in {
        one["hint"] for one in shop.get("/api/rejects/", reason="bad_time")["results"]
    }


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("shop " + "x" * 100, "'shop " + "x" * 55 + "'"),
        ("it's", '"it\'s"'),
        ("a\nb", "'a\\nb'"),
        ("shop \ud83d", "'shop \ufffd'"),
        ("100%(s)s", "'100%(s)s'"),
        (["a", 5], "\"['a', 5]\""),
    ],
)
def test_what_a_sender_wrote_is_quoted_and_bounded(sent, shown):
    found = bad(order(order_channel=sent))
    why = reasons.Why(found.reason, found.field, found.code, found.params)
    assert reasons.english(why).startswith(f"There is no channel {shown}: ")


def test_whatever_a_sender_wrote_can_be_kept(db):
    shop = Shop()
    odd = ("\x00", "\ud800", "\\u0000", "'\"{}\\", "%s", "\u2028", "😀" * 80)
    sent = [f"shop {value}" for value in odd] + [{"\x00": "\x00"}, ["\ud800"]]
    shop.sends(*(order(order_channel=value) for value in sent))
    kept = shop.get("/api/rejects/", reason="unknown_channel")["results"]
    assert len(kept) == len(sent)
    assert all(one["hint"].startswith("There is no channel ") for one in kept)
    assert reasons.quoted("a\x00b\ud800") == "ab?"


@pytest.mark.parametrize(
    ("total", "said"),
    [
        ("面议", "Received: “面议”."),
        (-89, "Received: “-89”."),
        ({"a": 1}, 'Received: “{"a": 1}”.'),
        ("", None),
        (None, None),
    ],
)
def test_the_refused_value_is_quoted_in_the_sentence(db, total, said):
    shop = Shop()
    shop.sends(order(total=total))
    (kept,) = shop.get("/api/rejects/")["results"]
    assert kept["hint"].endswith(said) if said else "Received" not in kept["hint"]
    client = person(shop)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert ("收到的值" in client.get(f"/rejects/{kept['id']}/").content.decode()) == bool(said)


def test_a_viewer_reads_no_contact_data_in_the_sentence(db):
    shop = Shop()
    shop.sends(order(order_channel="13812345021"), {"type": "13812345021", "userId": "u"})
    hints = [one["hint"] for one in shop.get("/api/rejects/", role="viewer")["results"]]
    assert len(hints) == 2
    assert not any("12345021" in hint for hint in hints)


# ---- the list -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", reasons.CODES.values(), ids=reasons.CODES)
def test_a_code_has_all_its_words_in_both_languages(code):
    def words() -> list[str]:
        return [str(code.reason.label), str(code.reason.remedy), translation.gettext(code.sentence)]

    with translation.override("en"):
        english = words()
    with translation.override("zh-hans"):
        chinese = words()
    assert all(english)
    assert not any(map(CHINESE.search, english))
    assert all(map(CHINESE.search, chinese))


def test_every_reason_has_a_code():
    assert {code.reason.name for code in reasons.CODES.values()} == set(reasons.REASONS)
    assert all(name == reason.name for name, reason in reasons.REASONS.items())


def test_a_code_cannot_be_there_twice():
    with pytest.raises(ValueError, match="bad_time"):
        reasons._code(reasons.BAD_TIME.reason, "bad_time", "Again.")


def test_a_code_without_an_entry_is_no_start():
    """What refuses a message imports its code by name when its module is loaded: a missing one ends it there."""
    codes = {name for name, value in vars(reasons).items() if isinstance(value, reasons.Code)}
    assert len(codes) == len(reasons.CODES)
    used = set()
    for path in [*Path("channels").rglob("*.py"), *Path("cdp/pipeline").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        loaded = {
            alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module == "channels.reasons"
            for alias in node.names
        }
        used |= loaded & codes
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Rejection":
                name = getattr(node.args[0], "id", "")
                assert name in loaded | {"why"}, f"{path}:{node.lineno}: import the code by its name"
            late = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "reasons"
            assert not (late and node.attr.isupper() and node.attr in codes), f"{path}:{node.lineno}"
    assert used == codes
