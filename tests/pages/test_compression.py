"""Pages, pieces, the API's JSON and files leave compressed, and say the same as they do plain."""

import gzip
import re

import pytest

from tests.shop import Shop, identify

ASKS = {"headers": {"accept-encoding": "br, gzip"}}
VARIES = re.compile(
    rb'(?<=")[A-Za-z0-9]{64}(?=")|\d+'
)  # a form's token, written anew each time; what time it is


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.fixture
def shop(db):
    """Enough people for a list of some length, and no second page: its cursor is another one each time."""
    found = Shop()
    found.sends(*(identify(f"u{n}", name=f"Lin {n}", phone=f"138{n:08}") for n in range(45)))
    return found


@pytest.fixture
def client(shop):
    from django.contrib.auth.models import User
    from django.test import Client

    shop.api()
    client = Client()
    client.force_login(User.objects.get(username=f"admin-{shop.workspace.slug}"))
    return client


@pytest.mark.parametrize(
    "address", ["/customers/", "/customers/export.csv", "/api/profiles/", "/api/schema/"]
)
def test_an_answer_is_short_on_the_way_and_the_same_when_read(client, address):
    plain, packed = client.get(address), client.get(address, **ASKS)
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    whole, short = body(plain), body(packed)
    assert VARIES.sub(b"", gzip.decompress(short)) == VARIES.sub(b"", whole)
    assert len(short) < len(whole) / 3


def test_a_page_of_many_rows_is_a_fifth_or_less(client):
    packed = client.get("/customers/", **ASKS)
    assert len(packed.content) < len(gzip.decompress(packed.content)) / 5
    assert packed["Content-Length"] == str(len(packed.content))


def test_how_long_an_answer_is_tells_nothing_of_what_repeats_in_it(client):
    lengths = {len(client.get("/api/profiles/", **ASKS).content) for _turn in range(12)}
    assert len(lengths) > 3


def test_what_is_short_or_no_text_stays_as_it_is(client):
    assert "Content-Encoding" not in client.get("/api/profiles/?limit=1", **ASKS)
    font = client.get("/static/vendor/inter-latin-wght-normal.woff2", **ASKS)
    assert (font.status_code, "Content-Encoding" in font) == (200, False)
