"""Any API in JSON: every way to say who asks, every way in which a page follows another, only what is new."""

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from channels.connect import connections
from channels.connectors import rest_pages
from channels.connectors.rest_pull import REST_PULL, Settings
from kernel.db import rows
from kernel.errors import BadRequest
from kernel.outside import NoList, Redirected
from tests.channels.mapping_with import save
from tests.channels.pulls.pulling import again, cursor, kept, listed, names, rest, track, turn
from tests.platform_double import Asked, Said, said
from tests.shop import Shop

SECRET = "tell-nobody"


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


def page(*events: str, **rest: Any) -> Said:
    return said({"items": [track(name) for name in events]} | rest)


# ---- who asks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "where", "name", "value"),
    [
        ({"auth": "bearer"}, "headers", "authorization", f"Bearer {SECRET}"),
        ({"auth": "header", "name": "X-Shop-Key"}, "headers", "x-shop-key", SECRET),
        ({"auth": "header"}, "headers", "x-api-key", SECRET),
        (
            {"auth": "basic"},
            "headers",
            "authorization",
            "Basic " + base64.b64encode(f"{SECRET}:".encode()).decode(),
        ),
        ({"auth": "query", "name": "key"}, "query", "key", SECRET),
        ({"auth": "query"}, "query", "api_key", SECRET),
        ({"headers": {"X-Version": "2"}}, "headers", "x-version", "2"),
        ({"query": {"status": "paid"}}, "query", "status", "paid"),
    ],
    ids=str,
)
def test_a_request_says_who_asks(
    shop: Shop, platforms: Any, settings: dict[str, Any], where: str, name: str, value: str
) -> None:
    with platforms(page("A")) as api:
        rest(shop, api, SECRET, **settings)
        turn()
        assert getattr(api.asked[0], where)[name] == value
        assert names(shop) == ["A"]


@pytest.mark.parametrize("auth", ["bearer", "header", "basic", "query", "oauth2"])
def test_without_its_secret_nobody_is_asked(shop: Shop, platforms: Any, auth: str) -> None:
    with platforms() as api:
        one = rest(shop, api, auth=auth)
        turn()
        assert api.asked == []
        assert listed(shop, one)["failure"]["code"] == "credentials_refused"


class Granting:
    """A platform with tokens of OAuth2; `good` is the one that it takes."""

    def __init__(self) -> None:
        self.n, self.asked, self.seconds = 0, list[Asked](), 3600
        self.revoked = False

    def __call__(self, asked: Asked) -> Said:
        if asked.path != "/token":
            right = asked.headers.get("authorization") == f"Bearer token-number-{self.n}"
            return page("A") if right and not self.revoked else said({"error": "expired"}, 401)
        self.asked.append(asked)
        if self.revoked:
            return said({"error": "invalid_client"}, 400)
        self.n += 1
        return said({"access_token": f"token-number-{self.n}", "expires_in": self.seconds})


def oauth(shop: Shop, api: Any, **settings: Any) -> Any:
    own = {"auth": "oauth2", "client": "me", "token_url": f"{api.url}/token", "scope": "read"}
    return rest(shop, api, SECRET, **own | settings)


@pytest.mark.parametrize("where", ["form", "basic"])
def test_a_token_of_client_credentials_is_kept_until_it_runs_out(
    shop: Shop, platforms: Any, where: str
) -> None:
    granting = Granting()
    with platforms(granting) as api:
        one = oauth(shop, api, client_in=where)
        turn()
        again(one)
        assert (granting.n, names(shop)) == (1, ["A"])
        [asked] = granting.asked
        if where == "form":
            assert asked.form == {
                "grant_type": "client_credentials",
                "client_id": "me",
                "client_secret": SECRET,
                "scope": "read",
            }
        else:
            assert base64.b64decode(asked.headers["authorization"][6:]).decode() == f"me:{SECRET}"
            assert asked.form == {"grant_type": "client_credentials", "scope": "read"}
        granting.n = 7  # the platform forgot it before its time
        again(one)
        assert listed(shop, one)["state"] == "ok", "a new one was asked for, and the page once more"
        assert len(granting.asked) == 2


def test_credentials_that_were_withdrawn_are_said_to_be_and_cost_no_row(shop: Shop, platforms: Any) -> None:
    granting = Granting()
    with platforms(granting) as api:
        one = oauth(shop, api)
        turn()
        granting.revoked = True
        again(one)
        told = listed(shop, one)
        assert (told["state"], told["failure"]["code"]) == ("failing", "credentials_refused")
        assert "invalid_client" in told["failure"]["words"]
        assert names(shop) == ["A"]
        granting.revoked = False
        shop.api().patch(f"/api/connectors/{one.uuid}/", {"secrets": {"secret": "new-one"}}, format="json")
        again(one)
        assert listed(shop, one)["state"] == "ok"


def test_another_secret_needs_another_token(shop: Shop, platforms: Any) -> None:
    granting = Granting()
    with platforms(granting) as api:
        one = oauth(shop, api)
        turn()
        shop.api().patch(f"/api/connectors/{one.uuid}/", {"secrets": {"secret": "new-one"}}, format="json")
        again(one)
        assert [asked.form["client_secret"] for asked in granting.asked] == [SECRET, "new-one"]


def test_secrets_and_tokens_stand_nowhere_in_clear(shop: Shop, platforms: Any) -> None:
    with platforms(Granting()) as api:
        oauth(shop, api)
        turn()
        for table in ("channels_connector", "channels_token", "channels_pull", "channels_inbox"):
            found = str(rows(connection, f"select t::text from {table} t"))
            assert SECRET not in found
            assert "token-number" not in found


# ---- page after page --------------------------------------------------------------------------------

ALL = [f"E{n}" for n in range(7)]


def sliced(at: int, size: int) -> list[str]:
    return ALL[at : at + size]


def by_page(asked: Asked) -> Said:
    size = int(asked.query["n"])
    return page(*sliced((int(asked.query["p"]) - 1) * size, size))


def by_offset(asked: Asked) -> Said:
    return page(*sliced(int(asked.query["offset"]), int(asked.query["n"])))


def by_cursor(asked: Asked) -> Said:
    at = int(asked.query.get("after", "c0")[1:])
    return page(*sliced(at, 3), meta={"next": f"c{at + 3}" if at + 3 < len(ALL) else None})


def by_header(asked: Asked) -> Said:
    at = int(asked.query.get("at", "0"))
    found = page(*sliced(at, 3))
    links = (
        f'</first>; rel="first", </things?at={at + 3}&x=1>; rel="next"'
        if at + 3 < len(ALL)
        else "</a>; rel=prev"
    )
    return found._replace(headers={**found.headers, "link": links})


def by_link(asked: Asked) -> Said:
    at = int(asked.query.get("at", "0"))
    to = f"http://{asked.headers['host']}/things?at={at + 3}" if at + 3 < len(ALL) else ""
    return page(*sliced(at, 3), next=to)


def by_body(asked: Asked) -> Said:
    assert asked.method == "POST"
    assert asked.headers["content-type"] == "application/json"
    return page(*sliced(asked.json["offset"], asked.json["n"]))


PAGES = {
    "page": (by_page, {"paging": "page", "page_param": "p", "size_param": "n", "size": 3}, 3),
    "offset": (by_offset, {"paging": "offset", "size_param": "n", "size": 3}, 3),
    "cursor": (by_cursor, {"paging": "cursor", "page_param": "after", "next": "meta.next"}, 3),
    "header": (by_header, {"paging": "link"}, 3),
    "link": (by_link, {"paging": "link", "next": "next"}, 3),
    "post": (by_body, {"paging": "offset", "method": "POST", "size_param": "n", "size": 7}, 2),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_fetched_once(shop: Shop, platforms: Any, name: str) -> None:
    answers, settings, requests = PAGES[name]
    with platforms(answers) as api:
        one = rest(shop, api, SECRET, auth="query", name="key", query={"kind": "all"}, **settings)
        turn()
        assert (names(shop), len(api.asked)) == (ALL, requests)
        assert all(asked.query["key"] == SECRET for asked in api.asked)
        assert api.asked[0].query.get("kind", "all") == "all"
        assert (cursor(one), listed(shop, one)["state"]) == ({}, "ok")


def test_a_link_to_another_server_is_not_followed(shop: Shop, platforms: Any) -> None:
    with platforms(page("A", next="https://evil.example.com/things?at=2")) as api:
        one = rest(shop, api, SECRET, auth="bearer", paging="link", next="next")
        turn()
        told = listed(shop, one)["failure"]
        assert (told["code"], "evil.example.com" in told["message"]) == ("redirected", True)


def test_a_platform_is_asked_no_faster_than_is_set(shop: Shop, platforms: Any) -> None:
    import time

    at: list[float] = []

    def answers(asked: Asked) -> Said:
        at.append(time.monotonic())
        return by_page(asked)

    with platforms(answers) as api:
        rest(shop, api, paging="page", page_param="p", size_param="n", size=3, rate=5)
        turn()
        assert len(at) == 3
        assert at[2] - at[0] > 0.35, "two pauses of a fifth of a second"


# ---- only what is new -------------------------------------------------------------------------------


def test_since_the_last_run_begins_before_it(shop: Shop, platforms: Any) -> None:
    with platforms(page("A"), page(), page("B")) as api:
        one = rest(shop, api, since="run", since_param="from", since_format="epoch", overlap=10, start="1")
        turn()
        began = cursor(one)["since"]
        again(one)
        again(one)
        assert [asked.query["from"] for asked in api.asked][:2] == ["1", str(began - 600)]
        assert names(shop) == ["A", "B"]


def test_the_newest_never_goes_back(shop: Shop, platforms: Any) -> None:
    """Also where a platform shows an older state, and within a chain the filter stays the same."""
    pages = [
        said({"items": [track("A", at="2026-01-05")], "next": "x"}),
        said({"items": [track("B", at="2026-01-03")]}),
        said({"items": [track("C", at="2026-01-01")]}),
    ]
    with platforms(*pages) as api:
        one = rest(shop, api, since="newest", newest="at", paging="cursor", next="next")
        turn()
        assert cursor(one) == {"since": "2026-01-05"}
        assert "updated_since" not in api.asked[1].query
        again(one)
        assert api.asked[2].query == {"updated_since": "2026-01-05"}
        assert cursor(one) == {"since": "2026-01-05"}


VALUES = st.one_of(
    st.integers(-(10**12), 10**12),
    st.integers(0, 10**20).map(str),
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2099, 1, 1)).map(  # noqa: DTZ001
        lambda at: at.replace(tzinfo=UTC).isoformat()
    ),
    st.text(max_size=5),
)


@given(VALUES, VALUES)
def test_the_later_of_two_is_one_of_them_whichever_comes_first(one: Any, other: Any) -> None:
    found = rest_pages.later(one, other)
    assert found in (one, other)
    swapped = rest_pages.later(other, one)
    assert found == swapped or rest_pages._key(found) == rest_pages._key(swapped)


@given(st.lists(st.integers(0, 10**15), min_size=1))
def test_the_newest_number_of_many_is_the_greatest_also_as_text(numbers: list[int]) -> None:
    newest: Any = None
    for number in numbers:
        newest = rest_pages.later(newest, str(number))
    assert int(newest) == max(numbers)


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1))
def test_the_newest_time_of_many_is_the_last(times: list[datetime]) -> None:
    newest: Any = None
    for at in times:
        newest = rest_pages.later(newest, at.isoformat())
    assert datetime.fromisoformat(newest) == max(times)


@given(
    st.integers(0, 60),
    st.integers(1, 9),
    st.sampled_from(["page", "offset"]),
    st.booleans(),
    st.integers(0, 1),
)
def test_any_list_is_read_whole_and_the_chain_ends(
    n: int, size: int, paging: Any, said_size: bool, first: int
) -> None:
    everything = [{"id": number} for number in range(n)]
    how = Settings(
        url="http://x/", paging=paging, size=size, size_param="n" if said_size else "", first=first
    )
    place: dict[str, Any] = {}
    read: list[Any] = []
    for _ in range(n + 3):
        asked = rest_pages.asked(how, place)
        at = int(asked.params[paging])
        begin = (at - first) * size if paging == "page" else at
        found = everything[begin : begin + size]
        read += found
        following = rest_pages.after(how, place, found, found, {}, 1.0)
        assert json.loads(json.dumps(following.cursor)) == following.cursor
        place = following.cursor
        if not following.more:
            break
    assert read == everything
    assert place == {}


# ---- items ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("", [1, 2], [1, 2]),
        ("", {"a": 1}, [{"a": 1}]),
        ("data.list", {"data": {"list": [1]}}, [1]),
        ("data.list", {"data": {"list": None}}, []),
        ("data.list", {"data": {"list": {"a": 1}}}, [{"a": 1}]),
        ("[].order", [{"order": 1}, {"order": 2}], [1, 2]),
        ("data.list", {"data": {}}, NoList),
        ("data.list", {"error": "no"}, NoList),
        ("data.list", {"data": {"list": "text"}}, NoList),
        ("", None, NoList),
        ("", "text", NoList),
        ("data[", {"data": []}, NoList),
    ],
    ids=str,
)
def test_items_are_a_list_or_the_answer_has_none(path: str, value: Any, found: Any) -> None:
    if found is NoList:
        with pytest.raises(NoList):
            rest_pages.items(path, value)
    else:
        assert rest_pages.items(path, value) == found


MAPPING = """
[[message]]
when = "no"
type = "'track'"
event = "'Order Completed'"
userId = "buyer"
timestamp = "time(at)"
"properties.order_id" = "no"
"properties.total" = "money"
"""


def test_a_mapping_reads_the_items_exactly(shop: Shop, platforms: Any) -> None:
    body = b'{"list": [{"no": "T1", "buyer": "u1", "at": "2026-03-02 10:00:00", "money": 0.10000000000000000001e1}]}'
    with platforms(Said(200, body, {})) as api:
        one = rest(shop, api, items="list", id="no")
        save(one, MAPPING)
        turn()
        assert names(shop) == ["Order Completed"]
        stored = rows(connection, "select message_id from profiles_event")
        assert stored[0][0].startswith("T1")


def test_of_two_items_with_one_id_the_first_counts_and_without_an_id_what_differs(
    shop: Shop, platforms: Any
) -> None:
    first, second = {**track("A"), "no": 1, "v": 1}, {**track("A"), "no": 1, "v": 2}
    for settings, events in (
        ({"id": "no"}, 1),
        ({}, 2),
        ({"id": "join('-', [to_string(no), to_string(v)])"}, 2),
    ):
        shop = Shop()
        with platforms(
            said({"items": [first]}), said({"items": [first, second]}), said({"items": [second]})
        ) as api:
            one = rest(shop, api, **settings)
            turn()
            again(one)
            again(one)
            assert len(names(shop)) == events, settings
            assert kept(one) == 3


def test_a_reject_of_one_item_is_that_item_and_can_be_replayed(shop: Shop, platforms: Any) -> None:
    with platforms(said({"items": [{"no": "T1", "buyer": "u1", "at": "bad time", "money": 1}]})) as api:
        one = rest(shop, api, id="no")
        save(one, MAPPING)
        turn()
        assert names(shop) == []
        [reject] = shop.get("/api/rejects/")["results"]
        assert json.loads(reject["raw"])["no"] == "T1", "the item alone, not its page"
        save(one, MAPPING.replace('timestamp = "time(at)"', "timestamp = \"'2026-03-02T00:00:00Z'\""))
        done = shop.api().post("/api/rejects/replay/", {"all": True}, format="json").json()
        assert done == {"replayed": 1, "still_bad": 0}, shop.get("/api/rejects/")["results"]
        assert names(shop) == ["Order Completed"]


def test_exact_numbers_and_their_marks_do_not_depend_on_the_order_of_fields() -> None:
    one = REST_PULL.payloads
    assert one is not None
    from channels.connectors.base import Connection, Delivery

    here = Connection(Settings(), {}, UTC, "CNY", "")
    ids = [
        next(iter(one(here, Delivery("POST", {}, "", body)))).id
        for body in (b'[{"a": 1.10, "b": 2}]', b'[{"b":2,"a":1.10}]', b'[{"b":2,"a":1.11}]')
    ]
    assert ids[0] == ids[1] != ids[2]
    assert next(iter(one(here, Delivery("POST", {}, "", b'[{"a": 1.10}]')))).value == {"a": Decimal("1.10")}


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"url": "ftp://x/"}, "Address"),
        ({"url": "http://x y/"}, "Address"),
        ({"every": 0}, "Minutes between two runs"),
        ({"size": 0}, "Items of a page"),
        ({"name": "X Key"}, "Header or parameter of the secret"),
        ({"rate": -1}, "Requests a second at most"),
        ({"paging": "magic"}, "Pages"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest, match=field):
        connections.checked(REST_PULL, settings)


def test_a_link_elsewhere_is_none_of_ours() -> None:
    how = Settings(url="https://a.example/x", paging="link", next="next")
    for to in ("http://a.example/x", "https://b.example/", "//b.example/", "https://a.example:8443/x"):
        with pytest.raises(Redirected):
            rest_pages.after(how, {}, {"next": to}, [1], {}, 0)
    assert (
        rest_pages.after(how, {}, {"next": "/x?page=2"}, [1], {}, 0).cursor["at"]
        == "https://a.example/x?page=2"
    )
