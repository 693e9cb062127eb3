"""Numbers by any dimension and of what filters leave, over random shops that the mirror followed, against a judge."""

import random
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.db import connection
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metrics.breakdown import reading
from metrics.mirror import sync
from tests.metrics.breakdown.histories import Varied
from tests.metrics.comparing import Get, differences, reader, unconverted
from tests.metrics.sending import labels, send
from tests.metrics.strategies import BEGIN, CHANNELS, DAYS
from tests.reference.breakdown import COSTLY, KNOWN, MOST, Breakdown, Filter, Question, key
from tests.shop import START, Shop, order, track

pytestmark = pytest.mark.django_db
ZONES = ("Asia/Shanghai", "America/New_York", "Asia/Kathmandu")
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
FEW, MANY = 3, 40  # values that are listed where there are few; stores where there are many


class Shape(NamedTuple):
    """What kind of history it is."""

    seed: int
    zone: str
    messages: int
    people: int
    edited: bool  # people are joined and split by hand
    stores: int
    most: int  # values that are listed


class Drawn(NamedTuple):
    """A question before it is known which values there are: places in lists, taken round and round."""

    metric: str
    by: int
    filters: list[tuple[int, int]]
    begins: int
    lasts: int
    interval: str

    def question(self, judge: Breakdown) -> tuple[Question, list[Filter]]:
        """What is asked: by one of the metric's dimensions, of what values of others leave."""
        known = KNOWN[self.metric][0]
        by = ("", *known)[self.by % (len(known) + 1)]
        first = judge.day(BEGIN) + timedelta(days=self.begins)
        asked = Question(self.metric, by, first, first + timedelta(days=self.lasts), self.interval)
        filters = []
        for place, value in self.filters:
            dimension = known[place % len(known)]
            there = list(CHANNELS) if dimension == "channel" else sorted(map(key, judge.values(dimension)))
            there += ["other"] if dimension != "channel" else []
            filters.append((dimension, there[value % len(there)]))
        return asked, filters


SHAPES = st.builds(
    Shape,
    seed=st.integers(0, 2**32),
    zone=st.sampled_from(ZONES),
    messages=st.sampled_from((120, 200)),
    people=st.sampled_from((5, 12)),
    edited=st.booleans(),
    stores=st.sampled_from((0, MANY)),
    most=st.sampled_from((FEW, MOST)),
)
QUESTIONS = st.builds(
    Drawn,
    metric=st.sampled_from(sorted(KNOWN)),
    by=st.integers(0, 50),
    filters=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=2),
    begins=st.integers(-2, DAYS - 5),
    lasts=st.sampled_from((0, 3, 6, 13, DAYS)),
    interval=st.sampled_from(("day", "week", "month")),
)


def decide(shop: Shop, get: Get, dice: random.Random) -> None:
    """Somebody joins two people, or splits one, where the rules allow it."""
    ids = labels(get)
    a, b = dice.sample(sorted(ids), 2)
    body: dict[str, Any] = {"reason": "decided by hand"}
    if ids[a] == ids[b]:
        body |= {name: dict(zip(("kind", "value"), one, strict=True)) for name, one in (("a", a), ("b", b))}
        answer = shop.api().post(f"/api/profiles/{ids[a]}/split/", body, format="json")
    else:
        answer = shop.api().post(f"/api/profiles/{ids[a]}/merge/", body | {"other": ids[b]}, format="json")
    assert answer.status_code in (200, 409), answer.content


def happens(shape: Shape) -> tuple[Get, Breakdown]:
    """A history is sent in two parts, the mirror follows each; then it is there to be asked, and its judge."""
    dice, shop = random.Random(shape.seed), Shop(zone=shape.zone)
    shop.channel("Tmall", "marketplace")
    shop.channel("Global", "web", currency="USD")
    sent = Varied(shape.seed, shape.people, shape.stores).everything(shape.messages)
    get, half = reader(shop), len(sent) // 2
    for part in (sent[:half], sent[half:]):
        send(shop, part, dice)
        sync.follow(connection)
        for _ in range(3 if shape.edited else 0):
            decide(shop, get, dice)
    sync.follow(connection)
    judge = Breakdown(sent, CHANNELS, shape.zone)
    if shape.edited:
        judge.settle(labels(get))
    return get, judge


def compare(get: Get, judge: Breakdown, drawn: Drawn, most: int) -> None:
    """One answer, figure by figure."""
    asked, filters = drawn.question(judge)
    query: dict[str, Any] = {"from": asked.first, "to": asked.last, "interval": asked.interval}
    query |= {"by": asked.by} if asked.by else {}
    query["filter"] = [f"{dimension}:{value}" for dimension, value in filters]
    answer = get(f"/api/metrics/{asked.metric}/", **query)
    expected = judge.broken(asked, filters, most)
    assert not (found := differences(answer, expected.whole)), (query, found)
    assert unconverted(answer, expected.whole["total"]), (query, answer["unconverted"], expected.whole)
    if asked.metric in COSTLY:
        assert answer["missing_cost"] == expected.missing_cost, query
    if asked.by:
        assert list(answer["by"]) == list(expected.by), (query, answer["by"], expected.by)
        for value, line in answer["by"].items():
            assert not (found := differences(line, expected.by[value])), (query, value, found)


def judged(shape: Shape, questions: list[Drawn]) -> None:
    """All questions about a history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "MOST_VALUES", shape.most)
        get, judge = happens(shape)
        for drawn in questions:
            compare(get, judge, drawn, shape.most)


@settings(max_examples=4, deadline=None, phases=PHASES)
@given(shape=SHAPES, questions=st.lists(QUESTIONS, min_size=15, max_size=15))
def test_every_value_is_what_was_sent_comes_to(shape: Shape, questions: list[Drawn]) -> None:
    judged(shape, questions)


@pytest.mark.long
@settings(max_examples=40, deadline=None, phases=PHASES)
@given(shape=SHAPES, questions=st.lists(QUESTIONS, min_size=40, max_size=60))
def test_every_value_of_many_shops(shape: Shape, questions: list[Drawn]) -> None:
    judged(shape, questions)


def test_of_two_orders_of_one_instant_the_messageid_tells_which_was_first_however_it_is_asked() -> None:
    """Events' ids are in no order of their messageIds: of twelve customers they would tell of one another."""
    shop = Shop()
    for n in range(12):
        said = {"at": START, "store": "Bund"}
        shop.sends(order(f"w{n}", "10", f"u{n}", message_id=f"m{n}-b", **said), drain=False)
        shop.sends(order(f"s{n}", "10", f"u{n}", message_id=f"m{n}-a", **said), to="store", drain=False)
        answer = {"at": START, "score": 1}
        shop.sends(track("Feedback Given", f"u{n}", message_id=f"f{n}-a", **answer), drain=False)
        shop.sends(
            track("Feedback Given", f"u{n}", message_id=f"f{n}-b", **answer | {"score": 5}), drain=False
        )
    shop.drains()
    sync.follow(connection)
    for slug, n in (("store", "12"), ("web-shop", "0")):
        there = shop.value("new_customers", filter=[f"channel:{slug}", "store:Bund"])
        assert there == shop.value("new_customers", channel=slug) == n
    assert shop.value("orders", filter=["channel:store", "new_or_returning:new"]) == "12"
    satisfied = shop.metric("satisfaction", by="city")["by"]["null"]["total"]["numerator"]
    assert satisfied == shop.metric("satisfaction")["total"]["numerator"] == "12"
