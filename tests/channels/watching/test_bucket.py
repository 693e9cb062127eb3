"""A watched bucket: objects are taken once and cleared away, with the connector's own keys, over an allowed way."""

from typing import Any
from uuid import uuid4

import obstore
import pytest

from channels.connectors import file as files
from channels.models import Import
from channels.watching import bucket, words
from channels.watching.words import Changed, Unwatched
from kernel.outside import ForbiddenAddress
from tests.channels.watching.watched import look, orders, states, watcher
from tests.metrics.mirror.store import BUCKET, KEY, SECRET, Store
from tests.shop import Shop

A, B = ["1001", "2026-03-02 10:00", "10", "13812345678"], ["1002", "2026-03-02 11:00", "20", "13812345678"]
KEYS = {"access_key": KEY, "secret_key": SECRET}


class Place:
    """A prefix of the bucket."""

    def __init__(self, s3: Store) -> None:
        self.s3, self.prefix = s3, uuid4().hex
        self.own = {
            "watch": f"s3://{BUCKET}/{self.prefix}/till",
            "endpoint": s3.endpoint,
            "region": "us-east-1",
        }

    def put(self, name: str, content: str) -> None:
        obstore.put(self.s3.client, f"{self.prefix}/till/{name}", content.encode())

    def names(self) -> list[str]:
        found = (one["path"] for some in obstore.list(self.s3.client, prefix=self.prefix) for one in some)
        return sorted(path.removeprefix(f"{self.prefix}/till/") for path in found)


@pytest.fixture
def place(s3: Store, settings: Any) -> Any:
    settings.ALLOW_ADDRESSES = ["127.0.0.1"]
    yield Place(s3)
    s3.free()


def test_an_object_is_taken_once(shop: Shop, place: Place) -> None:
    one = watcher(shop, secrets=KEYS, pattern="*.csv", **place.own)
    place.put("orders.csv", orders(A))
    place.put("deeper/orders.csv", orders(B))
    place.put("readme.txt", "x")
    assert (states(look(one)), shop.value("gmv")) == (
        {"orders.csv": "done"},
        "10",
    )  # whole from the first look
    look(one, 2)
    assert Import.objects.count() == 1
    place.put("orders.csv", orders(A, B))
    assert (states(look(one)), shop.value("gmv")) == ({"orders.csv": "done"}, "30")
    assert place.names() == ["deeper/orders.csv", "orders.csv", "readme.txt"]


@pytest.mark.parametrize(("after", "left"), [("moved", ["done/orders.csv"]), ("deleted", [])])
def test_what_was_read_is_cleared_away(shop: Shop, place: Place, after: str, left: list[str]) -> None:
    one = watcher(shop, secrets=KEYS, after=after, **place.own)
    place.put("orders.csv", orders(A))
    assert (states(look(one)), place.names()) == ({"orders.csv": "gone"}, left)
    place.put("orders.csv", orders(A, B))
    assert (states(look(one)), place.names(), shop.value("orders")) == ({"orders.csv": "gone"}, left, "2")


def test_another_object_of_the_name_is_neither_read_as_it_nor_deleted(place: Place) -> None:
    own = files.Settings(**place.own)
    place.put("a.csv", "old")
    with bucket.opened(own, KEY, SECRET) as held:
        [file], _more = held.list("*")
        assert b"".join(held.pieces(file)) == b"old"
        place.put("a.csv", "newer")
        with pytest.raises(Changed):
            list(held.pieces(file))
        with pytest.raises(Changed):
            held.clear(file, "deleted")
        assert place.names() == ["a.csv"]


def test_a_bucket_that_says_no_is_said_without_keys(shop: Shop, place: Place) -> None:
    one = watcher(shop, secrets=KEYS, **place.own)
    place.s3.refusal = b"<Error><Code>AccessDenied</Code></Error>"
    found = look(one)
    said = words.said(found.failure)
    assert "AccessDenied" in said
    assert KEY not in str(found.failure)
    assert SECRET not in str(found.failure)
    place.s3.free()
    place.put("orders.csv", orders(A))
    assert states(look(one)) == {"orders.csv": "done"}


def test_a_bucket_that_is_not_there(shop: Shop, place: Place) -> None:
    one = watcher(shop, secrets=KEYS, **place.own | {"watch": "s3://no-such-bucket-here/x"})
    assert words.said(look(one).failure)


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ({"watch": "s3://UPPER"}, "bad_bucket"),
        ({"watch": "s3://bucket/../other"}, "bad_bucket"),
        ({"endpoint": "ftp://server"}, "bad_endpoint"),
        ({"endpoint": "https://user:secret@server"}, "bad_endpoint"),
        ({"endpoint": "https://server/path"}, "bad_endpoint"),
        ({"endpoint": "http://s3.example.com"}, "plain_http"),
    ],
    ids=str,
)
def test_what_is_no_place_says_so(place: Place, own: dict[str, str], code: str) -> None:
    with pytest.raises(Unwatched) as found, bucket.opened(files.Settings(**place.own | own), KEY, SECRET):
        pass
    assert (found.value.code, bool(str(found.value))) == (code, True)


def test_a_private_address_is_not_asked(place: Place, settings: Any) -> None:
    settings.ALLOW_ADDRESSES = []
    before = len(place.s3.asked)
    for endpoint in (
        "https://127.0.0.1",
        "https://169.254.169.254",
        "https://10.1.2.3:9000",
        "https://localhost",
    ):
        own = files.Settings(**place.own | {"endpoint": endpoint})
        with pytest.raises(ForbiddenAddress), bucket.opened(own, KEY, SECRET):
            pass
    with pytest.raises(Unwatched), bucket.opened(files.Settings(**place.own), KEY, SECRET):
        pass  # http, and not named
    assert len(place.s3.asked) == before


def test_this_machine_s_own_keys_are_never_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ours")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "ours")
    own = files.Settings(**place.own)
    for keys in (("", ""), (KEY, ""), ("", SECRET)):
        with pytest.raises(Unwatched, match="needed"), bucket.opened(own, *keys):
            pass
    with bucket.opened(own, KEY, SECRET) as held:
        assert held.list("*") == ([], False)
