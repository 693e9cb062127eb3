"""Whatever comes in whatever order, late, twice, joined and split: the mirror that followed is the one made anew."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from console.api import merge, split
from kernel.db import rows
from kernel.errors import Trouble
from tests.metrics.mirror.state import anew, followed
from tests.shop import START, Shop, identify, order, track

pytestmark = pytest.mark.django_db
USERS, COOKIES = ("u-1", "u-2", "u-3"), ("a-1", "a-2", "a-3", "a-4")
ORDERS, SKUS = ("o-1", "o-2", "o-3"), ("s-1", "s-2")
CAMPAIGN = {"campaign": {"name": "Double 11", "source": "douyin"}}
DAYS = (0, 1, 30, 45, -40)  # several months, so that orders move between files


class Anything:
    """What a channel may send."""

    def __init__(self, pick: random.Random) -> None:
        self.pick = pick

    def message(self) -> dict[str, Any]:
        """A message of some kind."""
        choose = self.pick.choice
        self.at = START + timedelta(days=choose(DAYS), minutes=self.pick.randrange(600))
        self.user, self.number = choose((*USERS, None)), choose(ORDERS)
        self.cookie = choose((*COOKIES, None)) if self.user else choose(COOKIES)
        make: Callable[[], dict[str, Any]] = choose(
            (self.person, self.order, self.about_order, self.service, self.look)
        )
        return make()

    def person(self) -> dict[str, Any]:
        """Who it is."""
        city, phone = self.pick.choice(("Hangzhou", "Xi'an")), self.pick.choice(("13800138000", ""))
        return identify(self.user or "u-1", self.at, city=city, phone=phone)

    def order(self) -> dict[str, Any]:
        """What is bought."""
        line = {"product_id": self.pick.choice(SKUS), "quantity": self.pick.randrange(1, 4), "price": "9.90"}
        total = self.pick.choice(("10", "20.50"))
        said = {"anonymous": self.cookie, "products": [line], "currency": "CNY", "context": CAMPAIGN}
        return order(self.number, total, self.user, self.at, **said)

    def about_order(self) -> dict[str, Any]:
        """What becomes of it."""
        name, said = self.pick.choice(
            (
                ("Order Refunded", {"refund_id": self.pick.choice("rs"), "total": "3"}),
                ("Payment Failed", {"payment_id": "p", "amount": "5"}),
                ("Payment Succeeded", {"payment_id": "p", "amount": "5"}),
                ("Order Shipped", {}),
                ("Order Cancelled", {}),
                ("Return Received", {}),
            )
        )
        return track(name, self.user, self.at, order_id=self.number, **said)

    def service(self) -> dict[str, Any]:
        """Answers and tickets."""
        if self.pick.random() < 0.5:
            score, key = self.pick.randrange(1, 6), self.pick.choice("fg")
            return track(
                "Feedback Given", self.user, self.at, anonymous=self.cookie, score=score, feedback_id=key
            )
        return track(
            self.pick.choice(("Ticket Opened", "Ticket Resolved")), self.user, self.at, ticket_id="t"
        )

    def look(self) -> dict[str, Any]:
        """Pages and products."""
        if self.pick.random() < 0.3:
            return {"type": "page", "name": "Home", "anonymousId": "a-1", "timestamp": self.at.isoformat()}
        said = {"context": CAMPAIGN, "category": "tea", "tags": ["x"]}
        return track("Product Viewed", self.user, self.at, anonymous=self.cookie, **said)


def decide(shop: Shop, pick: random.Random) -> None:
    """A person joins or splits, where there is anybody."""
    from django.db import connection

    found = rows(
        connection,
        "select key::text, profile_id from profiles_identifier where workspace_id = %(workspace)s order by key",
        workspace=shop.workspace.pk,
    )
    if len(found) < 2:
        return
    (a, one), (b, other) = pick.sample(found, 2)
    try:
        if one == other:
            split(shop.workspace.pk, a, b, "two people", "test")
        else:
            merge(shop.workspace.pk, a, b, "one person", "test")
    except Trouble:
        pass  # refused: their own words say why


@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 2**32), steps=st.integers(2, 6))
def test_followed_is_made_anew(seed: int, steps: int) -> None:
    pick, shop = random.Random(seed), Shop()
    anything = Anything(pick)
    followed(shop.workspace.pk)
    sent: list[dict[str, Any]] = []
    for _ in range(steps):
        batch = [anything.message() for _ in range(pick.randrange(1, 12))]
        again = pick.sample(sent, min(len(sent), 2))
        sent += batch
        for part in (batch, again):
            if part:
                shop.sends(*part, drain=False)
        if pick.random() < 0.3:
            worth = {"at": START.isoformat(), "currency": "CNY"}
            shop.records(
                {"type": "cost", "sku": "s-1", "unit_cost": str(pick.randrange(1, 9))} | worth, drain=False
            )
            shop.records(
                {"type": "price", "sku": "s-2", "price": str(pick.randrange(1, 9))} | worth, drain=False
            )
        shop.drains()
        if pick.random() < 0.4:
            decide(shop, pick)
        if pick.random() < 0.6:
            followed(shop.workspace.pk)
    assert followed(shop.workspace.pk) == anew(shop.workspace.pk)
