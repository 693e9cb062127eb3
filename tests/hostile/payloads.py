"""Hostile JSON as text: what no serializer would write. Strategies of hypothesis, and the strings that break pages."""

import gzip
import json
import zlib
from typing import Any

from hypothesis import strategies as st

# Numbers, texts and constants that stop parsers, casts, clocks and columns.
NUMBERS = (
    "0", "-0", "-1", "1e400", "-1e400", "1e-400", "1E+99999", "9" * 5_000, "-" + "9" * 400, "9223372036854775808",
    "2147483648", "-9223372036854775809", "0.1", "1.7976931348623157e308", "123456789012345678901234567890.123456789",
    "NaN", "Infinity", "-Infinity", "1e15", "253402300800", "253402300800000", "-62135596801", "01", "1.", ".5", "+1",
    "0x10", "1_000",
)  # fmt: skip
TEXTS = (
    "", " ", "\\u0000", "a\\u0000b", "\\u0000\\u0000", "\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83d\\ude00",
    "\\\\ud83d", "\\\\\\ud83d", "\\\\u0000", "\\\\\\u0000", "\\ud83d\\u0000\\ude00", "\\uffff\\ufffe", "\\u202e",
    "\\u2028\\u2029", "ﷺ" * 40, "e" + "\u0301" * 300, "x" * 2_000, "'; drop table channels_inbox; --", "{{7*7}}",
    "${jndi:ldap://x}", "%s%n%(a)s", "../../etc/passwd", "=1+1", "null", "0000-00-00", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-02-30", "2026-01-01T23:59:60Z", "2026-11-24T00:00:00+99:99", "1e999", "NaN",
    "-Infinity", "٣٤٥", "１３８１２３４５６７８", "+86 138 1234 5678", "a@b.cn", "@", "a@" + "b" * 300 + ".cn",
    "xn--a@xn--.cn", "2026-W01", "20261124", "True", "\\b\\f\\n\\r\\t", "\\u001f", "\\x41", "\u007f\u0080\u009f",
)  # fmt: skip
FIELDS = (
    "type", "event", "userId", "anonymousId", "messageId", "timestamp", "originalTimestamp", "sentAt", "properties",
    "traits", "context", "identifiers", "previousId", "groupId", "name", "category", "integrations", "channel",
    "writeKey", "batch", "records", "\\u0000", "type\\u0000", "\\ud800", "constructor", "__proto__",
)  # fmt: skip
PROPERTIES = (
    "order_id", "total", "currency", "products", "sku", "price", "quantity", "discount", "tax", "shipping", "store",
    "refund_id", "return_id", "payment_id", "amount", "shipment_id", "promised_at", "ticket_id", "first_response_at",
    "score", "scale", "about", "member_no", "tier", "order_channel", "campaign", "medium", "source", "phone", "email",
    "unionid", "openid", "name", "revenue", "coupon", "reason", "cost",
)  # fmt: skip
RECORD_FIELDS = (
    "type", "at", "id", "sku", "name", "category", "brand", "tags", "price", "currency", "list_price", "quantity",
    "location", "unit_cost", "amount", "date", "from", "to", "campaign", "medium", "kind", "clicks", "impressions",
    "metric", "value", "rate", "channel",
)  # fmt: skip
TYPES = ("track", "identify", "page", "screen", "group", "alias", "Track ", "delete", "")
EVENTS = (
    "Order Completed", "Order Updated", "Order Cancelled", "Order Refunded", "Return Requested", "Return Received",
    "Payment Started", "Payment Succeeded", "Payment Failed", "Order Shipped", "Order Delivered", "Ticket Opened",
    "Ticket Resolved", "Feedback Given", "Membership Joined", "Membership Upgraded", "Store Visited",
    "Campaign Touched", "Product Viewed",
)  # fmt: skip
RECORDS = ("product", "price", "stock", "cost", "spend", "target", "rate", "nothing")

quoted = st.one_of(st.sampled_from(TEXTS), st.text(max_size=12).map(lambda text: json.dumps(text)[1:-1])).map(
    lambda text: f'"{text}"'
)
scalars = st.one_of(
    quoted, st.sampled_from(NUMBERS), st.sampled_from(("true", "false", "null", "[]", "{}", '""'))
)


def nested(open_: str, close: str, depth: int) -> str:
    """Brackets in brackets."""
    return open_ * depth + "1" + close * depth


deep = st.builds(
    lambda pair, depth: nested(pair[0], pair[1], depth),
    st.sampled_from((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]"))),
    st.sampled_from((20, 99, 101, 199, 201, 2_000, 20_000)),
)


def objects(names: tuple[str, ...], values: Any, most: int = 5) -> Any:
    """An object as text; a name may come twice."""
    pair = st.tuples(st.sampled_from(names), values).map(lambda item: f'"{item[0]}":{item[1]}')
    return st.lists(pair, max_size=most).map(lambda pairs: "{" + ",".join(pairs) + "}")


inner = st.one_of(
    scalars,
    st.lists(scalars, max_size=3).map(lambda items: "[" + ",".join(items) + "]"),
    objects(PROPERTIES, scalars),
    st.lists(
        objects(("sku", "product_id", "price", "quantity", "cost", "discount", "name"), scalars), max_size=3
    ).map(lambda items: "[" + ",".join(items) + "]"),
    st.lists(objects(("kind", "value", "namespace", "type", "id"), scalars), max_size=3).map(
        lambda items: "[" + ",".join(items) + "]"
    ),
)
values = st.one_of(
    inner,
    objects((*PROPERTIES, "device", "campaign", "externalIds", "traits"), inner),
    deep,
)


def _message(kind: str, event: str, hostile: str, user: str) -> str:
    """A message that would do, and then fields of it said again: the last one counts, as with every reader."""
    usual = f'"type":"{kind}","event":"{event}","userId":{user}'
    more = hostile.strip()[1:-1]
    return "{" + usual + ("," + more if more else "") + "}"


messages = st.builds(
    _message,
    st.sampled_from(TYPES),
    st.sampled_from(EVENTS),
    objects(FIELDS, values, 4),
    st.one_of(st.just('"h1"'), scalars),
)
USUAL = (
    '"order_id":"H1","total":"10","amount":5,"ticket_id":"T1","score":4,"member_no":"M1","payment_id":"P1",'
    '"products":[{"sku":"S1","price":"2.50","quantity":2}]'
)


def _fact(event: str, hostile: str, user: str, rest: str) -> str:
    """An event that means something and would do, some of its properties said again."""
    more = hostile[1:-1]
    properties = "{" + USUAL + ("," + more if more else "") + "}"
    return f'{{"type":"track","event":"{event}","userId":{user},"properties":{properties}{rest}}}'


facts = st.builds(
    _fact,
    st.sampled_from(EVENTS),
    objects(PROPERTIES, inner, 3),
    st.one_of(st.just('"h2"'), scalars),
    st.one_of(
        st.just(""),
        values.map(lambda value: f',"context":{value}'),
        scalars.map(lambda value: f',"timestamp":{value}'),
        values.map(lambda value: f',"identifiers":{value}'),
    ),
)
USUAL_RECORD = (
    '"sku":"S1","price":"3","currency":"CNY","quantity":4,"unit_cost":"1.23456","amount":"100","date":"2026-03-01",'
    '"metric":"gmv","value":"5","from":"2026-03-01","rate":"7.1"'
)
records = st.builds(
    lambda kind, fields: (
        f'{{"type":"{kind}",{USUAL_RECORD}' + ("," + fields[1:-1] if len(fields) > 2 else "") + "}"
    ),
    st.sampled_from(RECORDS),
    objects(RECORD_FIELDS, inner, 3),
)
items = st.sampled_from((facts, facts, messages, values)).flatmap(
    lambda kind: kind
)  # `one_of` would flatten them
broken = st.one_of(
    st.sampled_from(
        ("", " ", "null", "1", '"text"', "[", "{", "}", "{]", '{"batch"', "\x00", "[]", "undefined")
    ),
    st.text(max_size=40),
    st.builds(lambda text, cut: text[: len(text) * cut // 10], messages, st.integers(1, 9)),
)
SURROGATES = "surrogatepass"


def _bomb() -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b"0" * (1 << 20)
    return b"".join(squeezer.compress(piece) for _ in range(200)) + squeezer.flush()


BOMB = _bomb()


def wrapped(form: str, body: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """A body in one of the ways of sending it, with the headers that say so, or lie."""
    gz = (b"Content-Encoding", b"gzip")
    whole = gzip.compress(body, 1)
    forms = {
        "plain": (body, []),
        "gzip": (whole, [gz]),
        "unsaid gzip": (whole, []),
        "cut gzip": (whole[: len(whole) // 2], [gz]),
        "gzip with more": (whole + b"more", [gz]),
        "gzip twice": (gzip.compress(whole, 1), [gz]),
        "two members": (whole + gzip.compress(b" "), [gz]),
        "no gzip": (body, [gz]),
        "other": (body, [(b"Content-Encoding", b"br")]),
        "bomb": (BOMB, [gz]),
        "utf-16": (body.decode("utf-8", "replace").encode("utf-16"), []),
        "utf-32": (body.decode("utf-8", "replace").encode("utf-32"), []),
        "cut character": (body[:-2] + b"\xe4\xbd" + body[-2:], []),
        "latin": (body.decode("utf-8", "replace").encode("latin-1", "replace"), []),
        "marked": (b"\xef\xbb\xbf" + body, []),
    }
    return forms[form]


FORMS = ("plain", "gzip", "unsaid gzip", "cut gzip", "gzip with more", "gzip twice", "two members", "no gzip", "other",
         "bomb", "utf-16", "utf-32", "cut character", "latin", "marked")  # fmt: skip
HARMLESS = frozenset(FORMS[:3]) | {"two members", "utf-16", "utf-32", "marked"}  # the JSON arrives whole

# What a person could put into a name so that a page, a sheet, a database or a reader trips over it.
STRINGS = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "</title><script>alert(3)</script>",
    "</textarea><script>alert(4)</script>",
    "</style><script>alert(5)</script>",
    "<!--<script>alert(6)</script>-->",
    "<img src=x onerror=alert(7)>",
    "\"><img src=x onerror=alert(8)>",
    "'><img src=x onerror=alert(9)>",
    "\" onmouseover=\"alert(10)",
    "' onfocus='alert(11)' autofocus='",
    "` onload=alert(12) `",
    "<svg/onload=alert(13)>",
    "<svg><animate onbegin=alert(14) attributeName=x>",
    "<iframe srcdoc='<script>parent.alert(15)</script>'>",
    "<iframe src=javascript:alert(16)>",
    "<a href=javascript:alert(17)>x</a>",
    "javascript:alert(18)",
    "data:text/html,<script>alert(19)</script>",
    "<form action=//evil.test><button>x</button></form>",
    "<base href=//evil.test/>",
    "<link rel=stylesheet href=//evil.test/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.test'>",
    "<style>*{display:none}</style>",
    "<div hx-get=/signout/ hx-trigger=load>x</div>",
    "<div hx-on::load=alert(26)>x</div>",
    "<div hx-vals='js:{x:alert(27)}' hx-trigger=load hx-get=/>",
    "{{7*7}}{% debug %}${7*7}#{7*7}",
    "=HYPERLINK(\"http://evil.test\",\"x\")",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "'; DROP TABLE channels_inbox; --",
    "\" OR 1=1 --",
    "\u202egnp.exe\u202c\u2066txt\u2069",
    "\u200f\u0645\u0631\u062d\u0628\u0627<b>\u200e",
    "Z\u0351\u036b\u0343\u0368a\u034al\u0367g\u0300o" + "\u0321" * 60,
    "\u2028\u2029\ufeff\u0007\u001b[31m",
    "&lt;script&gt;alert(40)&lt;/script&gt;&#x3C;img src=x onerror=alert(40)&#x3E;",
)  # fmt: skip
