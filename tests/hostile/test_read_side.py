"""Whatever is asked of the read API and the pages: an answer below 500, as JSON where the API is asked.

Every route there is, hostile path parts, the parameters of our own OpenAPI and those of the pages, hostile bodies.
"""

import itertools
import json
import random
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import strategies as st

from kernel.db import rows
from profiles import queries
from tests.hostile import payloads, routing
from tests.hostile.test_front_door import generated
from tests.metrics.journeys.people import mirror_of
from tests.metrics.mirror_tables import serve
from tests.reference.journeys_funnel import Touch
from tests.shop import START, Shop, identify, order, track

LONG, SHORT = 8_000, 300
BIG = "9" * 30
VALUES = (
    "", " ", "\x00", "a\x00b", "0", "-1", "1", "1.5", "1e9", "1e999", BIG, "9" * 5_000, "2147483648", "-2147483649",
    "9223372036854775808", "NaN", "Infinity", "null", "true", "[]", "{}", "٣٤٥", "²", "½", "２０", "x" * 3_000,
    "\u202e",
    "\ud800", "é", "'", '"', "\\", "%", "%%s", "_", "'; drop table profiles_event; --", "{{7*7}}", "<script>", "../..",
    "0001-01-01", "9999-12-31", "0000-00-00", "2026-02-30", "2026-11-24", "2026-11-24T25:00:00", "20261124", "2026-W01",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+23:59:59", "1970-01-01", "2026-11",
    "1e17", "-0", "+1", "1_000", "0x10", "day", "week", "month", "channel", "web-shop", "store", "-last_seen", "name",
    "-revenue", "phone:138", "phone:", ":", "user_id:u1", "user_id:\x00", "email:@", "\x00:x", "open", "replayed",
    "product", "price", "stock", "cost", "spend", "target", "rate", "track", "u1", "order", "all", "-name", "orders",
    str(uuid.UUID(int=0)), "{00000000-0000-0000-0000-000000000000}", "urn:uuid:00000000-0000-0000-0000-000000000000",
    "0" * 32, "AAAA", "W10", "W2ZhbHNlLCJhIiwiYiJd", "W2ZhbHNlLCIyMDI2LTAxLTAxIiwiYiJd", "W2ZhbHNlLCIxIiwiMSJd",
    "W3RydWUsIlx1MDAwMCIsIlx1MDAwMCJd", "W2ZhbHNlLCJpbmZpbml0eSIsIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd",
    "W2ZhbHNlLCJOYU4iLCIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ", 
    "W2ZhbHNlLCI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5Iiwi"
    "MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwIl0",
)  # fmt: skip
# What pages read of their addresses; unknown ones harm nobody, and the API's are in its own description.
PAGE_PARAMETERS = (
    "search", "identifier", "channel", "ordering", "cursor", "from", "to", "interval", "first_seen_after", "limit",
    "last_seen_before", "orders_min", "revenue_min", "reason", "connector", "state", "at", "id", "message", "name", "q",
    "next", "raw", "tab", "touchpoint", "type", "after", "before", "properties.a", "properties.", "by", "key", "what",
    "level", "kind", "metric", "sku", "page", "format", "message_id", "profile", "segment", "workspace", "language",
    "theme", "ids", "password", "username", "currency", "other", "steps", "window", "event",
)  # fmt: skip
# A form as a person fills it in, whichever it is; `what` is to be done with a key.
FORM = {
    "name": "Shop", "kind": "web", "currency": "CNY", "timezone": "Asia/Shanghai", "commission": "5", "colour": "1",
    "limit": "5", "value": "50", "from": "2026-03-01", "to": "", "channel": "web-shop", "reason": "as told",
    "raw": "{}", "query": "channel=store", "language": "en", "theme": "dark",
    "username": "somebody", "password": "secret",
}  # fmt: skip
HEADERS = (
    "HX-Request", "HX-Current-URL", "HX-Target", "Referer", "Cookie", "Accept", "Accept-Language",
    "Authorization", "Content-Type", "X-Forwarded-For", "X-Forwarded-Proto", "Origin", "Range",
    "X-HTTP-Method-Override", "If-Modified-Since", "If-None-Match", "User-Agent",
)  # fmt: skip
HEADER_VALUES = (
    "http://[", "http://[::1", "//[x]/?a", "http://a:99999/", "/?%zz&=&&;", "language=xx", "theme=\x7f", "sessionid=x",
    "csrftoken=x", "messages=x", "a" * 5_000 + "=b", "=", ";;", "Token", "Token ", "Token é", "Basic ====", "bytes=9-1",
    "Mon, 99 Foo 99999", "", "9" * 5_000, "١", "\ud800", "W/", "*", "zh-hans;q=x", "x;q=99e99", "../", "text/html;q=é",
    "application/json; charset=none",
)  # fmt: skip
WHAT = ("revoke", "add", "rotate", "")
TOLD_OTHERWISE = frozenset({"/api/schema/", "/api/docs/"})  # not ours, and no JSON
anything = st.one_of(st.sampled_from(VALUES), st.sampled_from(payloads.STRINGS), st.text(max_size=20))


def text_of(kind: str, known: dict[str, list[str]]) -> Any:
    """A path part: what its converter lets through, more often than not."""
    if kind == "uuid":
        return st.one_of(st.sampled_from(known["uuid"]), st.uuids().map(str), st.sampled_from(VALUES))
    if kind == "int":
        return st.one_of(st.sampled_from(("0", "1", "2147483648", BIG, "9" * 5_000)), st.sampled_from(VALUES))
    return st.one_of(st.sampled_from((*known["uuid"], *known["text"])), anything)


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """People, orders, rejects, conflicts: something behind every route."""
    found = Shop()
    serve(monkeypatch, mirror_of([Touch(1, START, n, "web", name) for n, name in enumerate("ABA")]))
    found.sends(
        identify("u1", name="Lin", phone="13812345678", email="lin@hemu.cn"),
        identify("u2", phone="13812345678"),
        order("o1", "10", "u1", products=[{"sku": "S", "price": "1", "quantity": 1}]),
        track("Product Viewed", "u1", message_id="m/1?x=%00", sku="S"),
        track("Order Completed", "u1"),
    )
    found.records(
        {"type": "price", "sku": "S", "price": "1"}, {"type": "product", "sku": "S", "name": "Sock"}
    )
    return found


@pytest.fixture
def known(shop: Shop) -> dict[str, list[str]]:
    """Ids that are there, and words that mean something."""
    profiles = [item["id"] for item in shop.get("/api/profiles/")["results"]]
    rejects = [item["id"] for item in shop.get("/api/rejects/")["results"]]
    connectors = [item["connector"] for item in shop.get("/api/connectors/")["results"]]
    return {
        "uuid": [*profiles, *rejects, *connectors],
        "number": [str(connector.pk) for connector in shop.connectors.values()] + ["0"],
        "text": [
            "m1",
            "m/1?x=%00",
            "gmv",
            "aov",
            "retention",
            "price_parity",
            "web-shop",
            "webhook",
            "inventory_turnover",
        ],
    }


@pytest.fixture
def people(shop: Shop) -> dict[bool, Client]:
    """An admin: by token at the API, signed in at the pages. What breaks is an answer, as it is for everybody."""
    api: Any = shop.api()
    api.raise_request_exception = False
    pages = Client(raise_request_exception=False)
    from django.contrib.auth.models import User

    pages.force_login(User.objects.get(username=f"admin-{shop.workspace.slug}"))
    return {True: api, False: pages}


def calls(known: dict[str, list[str]]) -> Any:
    """A route, its path parts and its query."""
    described = routing.parameters()

    def of(place: routing.Route) -> Any:
        path = routing.PART.sub(lambda found: "{" + found[2] + "}", place.pattern)
        named = (*described.get(path, ()), *PAGE_PARAMETERS[: 8 if place.is_api else None])
        return st.tuples(
            st.just(place),
            st.fixed_dictionaries({name: text_of(kind, known) for name, kind in place.parts.items()}),
            st.lists(st.tuples(st.sampled_from(named), anything), max_size=4),
        )

    return st.sampled_from(routing.routes()).flatmap(of)


def checked(place: routing.Route, answer: Any, told: Any) -> None:
    """Never 5xx; what the API refuses is told in its form."""
    assert answer.status_code < 500, (told, getattr(answer, "content", b"")[-3_000:])
    if place.is_api and place.pattern not in TOLD_OTHERWISE and answer.status_code >= 400:
        assert set(answer.json()) >= {"code", "message"}, (told, answer.content[:300])


def times(request: pytest.FixtureRequest, share: float = 1.0) -> int:
    return int((LONG if request.config.getoption("--long") else SHORT) * share)


def within(call: Any) -> Any:
    """The answer, and everything as it was before: what a call writes goes back."""
    with transaction.atomic():
        answer = call()
        if getattr(answer, "streaming", False):
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer


def test_no_question_breaks_a_route(
    known: dict[str, list[str]], people: dict[bool, Client], request: pytest.FixtureRequest
) -> None:
    @generated(times(request), call=calls(known), piece=st.booleans())
    def attack(call: Any, piece: bool) -> None:
        place, parts, query = call
        path = routing.filled(place, {name: encodable(value) for name, value in parts.items()})
        asked: dict[str, list[str]] = {}
        for name, value in query:
            asked.setdefault(name, []).append(encodable(value))
        more = {"HTTP_HX_REQUEST": "true"} if piece else {}
        answer = within(lambda: people[place.is_api].get(path, asked, **more))
        checked(place, answer, (path[:300], asked))

    attack()


def fillings(place: routing.Route, known: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    """What may stand in a route's parts: where there are several, what their converters take, each with each."""
    if len(place.parts) > 1:
        of_kind = {"uuid": known["uuid"], "int": known["number"]}
        choices = [of_kind.get(kind, known["text"]) for kind in place.parts.values()]
        for parts in itertools.product(*choices):
            yield dict(zip(place.parts, parts, strict=True))
    for part in [*known["uuid"], *known["text"], *known["number"]] if place.parts else [""]:
        yield dict.fromkeys(place.parts, part)


def there(
    place: routing.Route, known: dict[str, list[str]], ask: Callable[[str], Any]
) -> tuple[str, set[str]]:
    """An address of a route that leads to something, if any does, and the names it reads of its query or form."""
    path, names = "", set()
    for parts in fillings(place, known):
        tried = routing.filled(place, parts)
        with routing.noted() as found:
            answer = within(lambda tried=tried: ask(tried))
        if answer.status_code < 400 or not path or len(found) > len(names):
            path, names = tried, found
        if answer.status_code < 400:
            break
    return path, names


def some(every: list[Any], request: pytest.FixtureRequest, count: int = SHORT) -> list[Any]:
    """All of them in a long run, else a share, the same each time."""
    return every if request.config.getoption("--long") else random.Random(len(every)).sample(every, count)


def test_no_value_breaks_what_a_route_reads(
    known: dict[str, list[str]], people: dict[bool, Client], request: pytest.FixtureRequest
) -> None:
    every = []
    for place in routing.routes():
        path, names = there(place, known, people[place.is_api].get)
        every += [(place, path, name, value) for name in sorted(names) for value in VALUES]
    assert {"until", "cursor", "ordering", "compare"} <= {name for _place, _path, name, _value in every}
    broken = []
    for place, path, name, value in some(every, request):
        asked = {name: encodable(value)}
        answer = within(lambda path=path, asked=asked, place=place: people[place.is_api].get(path, asked))
        if answer.status_code >= 500:
            broken.append((path, asked))
        else:
            checked(place, answer, (path, asked))
    assert not broken, broken[:40]


def test_no_value_breaks_what_a_form_reads(
    shop: Shop, known: dict[str, list[str]], people: dict[bool, Client], request: pytest.FixtureRequest
) -> None:
    """One value at a time, the rest of the form as a person would fill it in."""
    keys = {kind: one["key"] for one in _identifiers(shop) if (kind := one["kind"])}
    form = FORM | {"a": keys["email"], "b": keys["user_id"], "other": known["uuid"][1]}
    client, every = people[False], []
    for place in routing.routes():
        if place.is_api or place.pattern == "/signout/":
            continue
        for what in WHAT:
            good = form | {"what": what}
            path, names = there(place, known, lambda path, good=good: client.post(path, good))
            every += [(path, good, name, value) for name in sorted(names) for value in VALUES]
            if "what" not in names:
                break
    assert {"limit", "key", "value", "reason"} <= {name for _path, _good, name, _value in every}
    broken = []
    for path, good, name, value in some(every, request):
        given = good | {name: encodable(value)}
        if within(lambda path=path, given=given: client.post(path, given)).status_code >= 500:
            broken.append((path, given["what"], name, value))
    assert not broken, broken[:40]


def test_no_header_breaks_a_route(
    known: dict[str, list[str]], people: dict[bool, Client], request: pytest.FixtureRequest
) -> None:
    paths = [(place, there(place, known, people[place.is_api].get)[0]) for place in routing.routes()]
    every = [
        (place, path, name, value) for place, path in paths for name in HEADERS for value in HEADER_VALUES
    ]
    broken = []
    for place, path, name, value in some(every, request):
        shown = "".join(one for one in encodable(value) if one.isprintable())
        given = {name: shown.encode().decode("latin-1")}  # as a server hands bytes over
        answer = within(
            lambda path=path, given=given, place=place: people[place.is_api].get(path, headers=given)
        )
        if answer.status_code >= 500:
            broken.append((path, given))
    assert not broken, broken[:40]


def _identifiers(shop: Shop) -> list[dict[str, Any]]:
    """Those of a person, as the pages know them."""
    [(serial,)] = rows(connection, "select profile_id from profiles_identifier where kind = 'email'")
    return queries.identifiers(connection, shop.workspace.pk, serial, False)


def encodable(text: str) -> str:
    """Half a surrogate cannot stand in an address; its bytes can, and are read as replacement characters."""
    return text.encode("utf-8", "replace").decode()


bodies = st.one_of(
    payloads.objects(
        ("ids", "reason", "all", "connector", "other", "a", "b", "name", "raw", "kind", "key"),
        st.one_of(payloads.scalars, st.just('{"kind":"user_id","value":"u1"}'), payloads.values),
    ),
    payloads.broken,
    payloads.objects(("kind", "value", "namespace"), payloads.scalars).map(
        lambda one: f'{{"a":{one},"b":{{"kind":"phone","value":"13812345678"}},"reason":"\\u0000x"}}'
    ),
)


def test_no_body_breaks_a_call(
    known: dict[str, list[str]], people: dict[bool, Client], request: pytest.FixtureRequest
) -> None:
    writing = [place for place in routing.routes() if place.is_api]

    @generated(
        times(request, 0.6),
        place=st.sampled_from(writing),
        key=st.sampled_from(known["uuid"]),
        other=st.sampled_from(known["uuid"]),
        body=bodies,
        kind=st.sampled_from(
            ("application/json", "application/json", "text/plain", "multipart/form-data; boundary=x")
        ),
    )
    def attack(place: routing.Route, key: str, other: str, body: str, kind: str) -> None:
        path = routing.filled(place, dict.fromkeys(place.parts, key))
        raw = body.replace('"other":1', f'"other":"{other}"').encode("utf-8", "surrogatepass")
        answer = within(lambda: people[True].generic("POST", path, raw, content_type=kind))
        checked(place, answer, (path, body[:300]))

    attack()


def test_no_form_breaks_a_page(
    known: dict[str, list[str]], people: dict[bool, Client], request: pytest.FixtureRequest
) -> None:
    pages = [place for place in routing.routes() if not place.is_api]

    @generated(
        times(request, 0.6),
        data=st.data(),
        place=st.sampled_from(pages),
        form=st.lists(st.tuples(st.sampled_from(PAGE_PARAMETERS), anything), max_size=5),
    )
    def attack(data: Any, place: routing.Route, form: list[tuple[str, str]]) -> None:
        parts = {name: encodable(data.draw(text_of(kind, known))) for name, kind in place.parts.items()}
        path = routing.filled(place, parts)
        given = {name: encodable(value) for name, value in form}
        stranger = place.pattern.startswith("/sign")
        client = Client(raise_request_exception=False) if stranger else people[False]
        checked(place, within(lambda: client.post(path, given)), (path[:300], given))

    attack()


MENDED = (
    "", "\x00", "{", "[]", "1", '{"a":' * 500, '{"type":"track"}', "\ud800", '{"type":"\\u0000"}', "NaN",
    '{"type":"track","event":"x","userId":"u","properties":{"a":1e999}}',
)  # fmt: skip


@pytest.mark.parametrize("text", MENDED)
def test_a_mended_reject_may_hold_anything(shop: Shop, people: dict[bool, Client], text: str) -> None:
    key = shop.get("/api/rejects/")["results"][0]["id"]
    answer = within(lambda: people[False].post(f"/rejects/{key}/mend/", {"raw": encodable(text)}))
    assert answer.status_code < 500


def test_the_description_is_whole_and_names_every_route() -> None:
    described = {pattern.strip("/") for pattern in routing.parameters()}
    for place in routing.routes():
        if place.is_api and place.pattern not in TOLD_OTHERWISE:
            assert (
                routing.PART.sub(lambda found: "{" + found[2] + "}", place.pattern).strip("/") in described
            ), place


def test_answers_are_json_errors(people: dict[bool, Client]) -> None:
    for path in ("/api/", "/api/nothing/", "/api/profiles/none/", "/api/metrics/none/"):
        answer = people[True].get(path)
        assert (answer.status_code, set(json.loads(answer.content))) == (404, {"code", "message"}), path
    for path in ("/api/profiles/?nothing=1", "/api/profiles/?cursor=%00", "/api/events/?limit=0"):
        answer = people[True].get(path)
        assert (answer.status_code, set(json.loads(answer.content))) == (400, {"code", "message"}), path


METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
NAMES = (
    "\x00", "properties.\x00", "a\x00", "properties.", "properties.a.b", 'properties."', "properties.'", "",
    "properties.%s", "properties.%(workspace)s", "properties.{a,b}", "properties.$.a[0]", "properties.\\", "é",
    "properties.\u202e", "x" * 9_000, "properties." + "x" * 9_000, "channel[]", "limit\x00", "__proto__", " limit",
    "limit ", "LIMIT", "format.", "properties", "Properties.a", "properties.\ufffd", "csrfmiddlewaretoken\x00",
)  # fmt: skip


MANY = ("properties.a", "channel", "x")


def test_no_name_no_number_of_parameters_and_no_method_breaks_a_route(
    known: dict[str, list[str]], people: dict[bool, Client], request: pytest.FixtureRequest
) -> None:
    """Nor is a name taken for another: what no filter is called is refused by every call."""
    paths = [(place, there(place, known, people[place.is_api].get)[0]) for place in routing.routes()]
    queries = [
        *(("GET", urlencode({name: "x"})) for name in NAMES),
        *(("POST", urlencode({name: "x"})) for name in NAMES),
        *(("GET", "&".join(f"{name}={number}" for number in range(3_000))) for name in MANY),
        *((method, "") for method in METHODS),
    ]
    api = [(*one, *query) for one in paths if one[0].is_api for query in queries]
    pages = [(*one, *query) for one in paths if not one[0].is_api for query in queries]
    taken = []
    for place, path, method, query in some(api, request) + some(pages, request, SHORT // 4):
        form = {"content_type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        asked = path if form else f"{path}?{query}"
        ask = people[place.is_api].generic
        answer = within(partial(ask, method, asked, query if form else "", **form))
        assert answer.status_code < 500, (method, asked[:300], query[:100])
        if not place.is_api or (place.pattern in TOLD_OTHERWISE and answer.status_code < 400):
            continue
        if answer.status_code < 400 and method == "GET" and not _property(path, query):
            taken.append(asked[:100])
        elif answer.status_code >= 400 and method != "HEAD":
            assert set(answer.json()) >= {"code", "message"}, (method, asked[:300])
    assert not taken, taken[:40]


def _property(path: str, query: str) -> bool:
    """Whether the name of a parameter is a property's, where these are filters."""
    return query.startswith("properties.") and ("/events/" in path or "timeline" in path)
