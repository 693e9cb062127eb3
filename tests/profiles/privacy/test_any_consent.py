"""Whatever is said in whatever order, batches, joins and splits: what holds is what a plain list of words says."""

from datetime import datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles import queries
from tests.profiles.identity.wiping import wiped
from tests.reference import consent
from tests.shop import Shop, later, track

PEOPLE = ("ann", "bob", "cyd")
PURPOSES = ("marketing", "profiling")
CHANNELS = ("", "sms")

words = st.builds(
    consent.Word,
    who=st.sampled_from(PEOPLE),
    at=st.integers(0, 5).map(lambda hours: later(hours=hours)),
    purpose=st.sampled_from(PURPOSES),
    channel=st.sampled_from((*CHANNELS, "banner")),
    given=st.booleans(),
)
deeds = st.tuples(st.booleans(), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))


def message(word: consent.Word) -> dict:
    """As its own event, or (`banner`) as a category of any other."""
    if word.channel == "banner":
        context = {"consent": {"categoryPreferences": {word.purpose.title(): word.given}}}
        return track("Product Viewed", word.who, word.at, context=context)
    name = "Consent Given" if word.given else "Consent Withdrawn"
    channel = {"channel": word.channel} if word.channel else {}
    return track(name, word.who, word.at, purpose=word.purpose, **channel)


@pytest.mark.usefixtures("db")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(st.lists(words, min_size=1, max_size=14), st.lists(deeds, max_size=3), st.data())
def test_what_holds_is_the_latest_word(said, done, data):
    with wiped():
        shop = Shop()
        shop.sends(*(track("Store Visited", who, later(hours=9)) for who in PEOPLE))
        left = list(said)
        while left:
            n = data.draw(st.integers(1, len(left)))
            shop.sends(*map(message, left[:n]))
            left = left[n:]
            if done:
                deed(shop, *done.pop())
        plain = [word._replace(channel="") if word.channel == "banner" else word for word in said]
        check(shop, plain)


def deed(shop: Shop, join: bool, one: str, other: str) -> None:
    """Joins two people, or takes them apart, where that can be done."""
    a, b = (shop.profile(f"user_id:{who}")["id"] for who in (one, other))
    if join and a != b:
        answer = shop.api().post(f"/api/profiles/{a}/merge/", {"other": b, "reason": "x"}, format="json")
        assert answer.status_code in (200, 400, 409), answer.content
    elif not join and a == b and one != other:
        pair = {name: {"kind": "user_id", "value": who} for name, who in (("a", one), ("b", other))}
        answer = shop.api().post(f"/api/profiles/{a}/split/", pair | {"reason": "x"}, format="json")
        assert answer.status_code == 200, answer.content


def check(shop: Shop, plain: list[consent.Word]) -> None:
    """Each person's answer, of one and of many."""
    of = {who: shop.profile(f"user_id:{who}")["id"] for who in PEOPLE}
    for who, key in of.items():
        people = {other for other in PEOPLE if of[other] == key}
        answer = shop.get(f"/api/profiles/{key}/consent/")["now"]
        found = {
            (one["purpose"].lower(), one["channel"] or ""): (
                one["given"],
                datetime.fromisoformat(one["since"]),
            )
            for one in answer
        }
        assert found == consent.now(plain, people)
        serial, _ = queries.resolve(connection, shop.workspace.pk, key)
        for purpose in PURPOSES:
            for channel in CHANNELS:
                asked = queries.consents_of(connection, shop.workspace.pk, [serial], purpose, channel)
                assert asked.get(serial) == consent.may(plain, people, purpose, channel), who
