"""Numbers judged from outside: random shops in shuffled requests, each answer of the read API against the contract."""

import random
from datetime import date

import pytest

from metrics.catalogue import METRICS
from tests.metrics.comparing import (
    Get,
    compare_metric,
    compare_people,
    compare_records,
    compare_waiting,
    reader,
)
from tests.metrics.sending import labels, send
from tests.metrics.strategies import CHANNELS, Anything
from tests.reference.outside import Outside
from tests.shop import Shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mirror_of_postgresql")]
PERIODS = ((date(2026, 2, 27), date(2026, 3, 18)), (date(2026, 3, 4), date(2026, 3, 10)))


def shop_in(zone: str) -> Shop:
    """A web shop, a store, a marketplace and a shop that sells in dollars."""
    made = Shop(zone=zone)
    made.channel("Tmall", "marketplace")
    made.channel("Global", "web", currency="USD")
    return made


def compare(get: Get, outside: Outside, intervals: tuple[str, ...]) -> None:
    """Everything, the two periods in turn."""
    for metric in METRICS:
        for period, interval in zip(PERIODS * 2, intervals, strict=False):
            compare_metric(get, outside, metric.name, period, interval)
    compare_waiting(get, outside)
    compare_people(get, outside)
    compare_records(get, outside)


def edit(shop: Shop, get: Get) -> None:
    """Two merges and a split by hand."""
    ids = labels(get)
    client = shop.api()
    for a, b in (("u1", "u2"), ("u3", "u4")):
        one, other = ids["user_id", a], ids["user_id", b]
        answer = client.post(
            f"/api/profiles/{one}/merge/", {"other": other, "reason": "same person"}, format="json"
        )
        assert answer.status_code == 200, answer.content
    kept = [one for one in ids if one[0] == "user_id" and one[1] > "u4"]
    pairs = [(a, b) for a in kept for b in ids if a != b and ids[a] == ids[b]]
    a, b = pairs[0]
    body = {name: dict(zip(("kind", "value"), one, strict=True)) for name, one in (("a", a), ("b", b))}
    answer = client.post(f"/api/profiles/{ids[a]}/split/", body | {"reason": "not the same"}, format="json")
    assert answer.status_code == 200, answer.content
    now = labels(get)
    assert now["user_id", "u1"] == now["user_id", "u2"]
    assert now["user_id", "u3"] == now["user_id", "u4"]
    assert now.get(a) != now.get(b)  # one of them may be nobody's by now: no customer in a list


@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=[pytest.mark.long] if n > 1 else []) for n in range(12)]
)
def test_every_number_is_what_the_contract_says(seed: int) -> None:
    dice, zone = random.Random(seed), ("Asia/Shanghai", "America/New_York")[seed % 2]
    shop, workers = shop_in(zone), 1 + seed % 3 % 2
    n = 150 if seed < 2 else 250  # messages and records, twice
    intervals = ("week", "day") if seed < 2 else ("week", "day", "month", "week")
    sent = Anything(seed, people=7 if seed % 2 else 18).everything(2 * n)
    get = reader(shop)
    send(shop, sent[:n], dice, workers)
    outside = Outside(sent[:n], CHANNELS, zone)
    compare(get, outside, intervals)
    edit(shop, get)
    send(shop, sent[n:], dice, workers)
    outside = Outside(sent, CHANNELS, zone)
    outside.labels = labels(get)
    compare(get, outside, intervals)
