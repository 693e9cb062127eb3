"""Two people at one statement at the same moment: one deed is done, the other is told who was first."""

import threading
from functools import partial

import pytest
from django.db import connection

from tests.metrics.allocation.settling import APRIL, MARCH, STATEMENTS, Settling, sold
from tests.shop import later

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*asks):
    """What each gets that is asked at the same moment, each on a connection of its own."""
    ready, answers = threading.Barrier(len(asks)), [None] * len(asks)

    def go(place, ask):
        try:
            ready.wait(10)
            answers[place] = ask()
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=pair) for pair in enumerate(asks)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return answers


@pytest.fixture
def shop(transactional_db):
    made = Settling()
    sold(made, "w1", "100", later(days=1))
    sold(made, "s1", "50", later(days=2), to="store")
    return made


def test_two_who_agree_at_once_give_one_agreement_and_a_clear_409(shop):
    shop.makes()
    shop.done(1, "send")
    for _ in range(3):
        one, two = (
            shop.people_of("store", name=f"one{_}@store"),
            shop.people_of("store", name=f"two{_}@store"),
        )
        answers = at_once(*(partial(shop.does, 1, "agree", who, channel="store") for who in (one, two)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        late = next(answer for answer in answers if answer.status_code == 409).json()
        first = next(answer for answer in answers if answer.status_code == 200).json()["shares"][0][
            "decided_by"
        ]
        assert first in late["message"]
        assert "agreed to this share already" in late["message"]
        agreed = [note for note in shop.statement(1)["notes"] if note["act"] == "agreed"]
        assert len(agreed) == 1
        shop.done(1, "reopen")
        shop.api().post(f"{STATEMENTS}1/refresh/")
        shop.api().delete(f"{STATEMENTS}1/")
        shop.makes()
        shop.done(1, "send")


def test_of_two_drafts_at_once_one_is_made(shop):
    clients = [shop.api(), shop.api()]
    asked = {"from": MARCH[0], "to": MARCH[1]}
    answers = at_once(*(lambda client=one: client.post(STATEMENTS, asked, format="json") for one in clients))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


def test_of_two_who_close_one_is_told(shop):
    shop.makes()
    for share in shop.done(1, "send")["shares"]:
        shop.done(1, "agree", channel=share["channel"])
    clients = [shop.api(), shop.api()]
    answers = at_once(*(lambda client=one: shop.does(1, "close", client) for one in clients))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert shop.makes(APRIL)["number"] == 2


def test_of_two_versions_of_the_rules_made_from_the_same_one_is_told(shop):
    rules = {"pot": {"of": "revenue", "rate": "0.2"}, "weights": {"sold": 1}}
    clients = [shop.api(), shop.api()]
    asked = {"rules": rules, "version": 1}
    answers = at_once(
        *(lambda client=one: client.put("/api/allocation/rules/", asked, format="json") for one in clients)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert shop.get("/api/allocation/rules/")["version"] == 2
