"""A retailer who joined two of three channels on a day; from then on these sell more, and spend less on a new customer.

105 days of orders, refunds, answers and spend by chance, the same in each run. Not here: what is asked of it.
"""

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

from tests.shop import Shop, later, order, track

AT = date(2026, 5, 24)  # 84 days of data before it: four windows of 21
DAYS, BEFORE = 105, 84


@cache
def messages() -> dict[str, list[dict[str, Any]]]:
    """By channel. From AT on the joined sell twice as much for the same spend, and satisfy more."""
    chance, numbers = random.Random(4), 0
    found: dict[str, list[dict[str, Any]]] = {"web-shop": [], "tmall": [], "store": []}
    for day in range(DAYS):
        for slug, sent in found.items():
            lift = 2 if day >= BEFORE and slug != "store" else 1
            for n in range(chance.randint(2, 4) * lift):
                numbers += 1
                at, total = later(days=day, hours=1 + n % 12), chance.randint(50, 150)
                known = chance.random() < 0.5
                user = f"{slug}-old-{chance.randint(1, 8)}" if known else f"new-{numbers}"
                goods = [{"sku": "A", "quantity": 1, "price": str(total)}]
                sent.append(order(f"o{numbers}", str(total), user, at, products=goods))
                if chance.random() < 0.2:
                    back, number = str(chance.randint(5, 40)), f"o{numbers}"
                    sent.append(
                        track("Order Refunded", user, at + timedelta(days=1), order_id=number, total=back)
                    )
                if chance.random() < 0.6:
                    score, key = 5 if chance.random() < (0.9 if lift > 1 else 0.6) else 1, f"f{numbers}"
                    said = at + timedelta(hours=2)
                    sent.append(track("Feedback Given", user, said, feedback_id=key, score=score))
    return found


def joined_shop() -> Shop:
    """With all of it stored."""
    made = Shop()
    made.channel("Tmall", "marketplace")
    made.records({"type": "cost", "sku": "A", "unit_cost": "40", "at": later().isoformat()}, drain=False)
    for slug, sent in messages().items():
        made.records(*(spend(slug, day) for day in range(DAYS)), to=slug, drain=False)
        made.sends(*(dict(one) for one in sent), to=slug, drain=False)
    made.drains()
    return made


def spend(slug: str, day: int) -> dict[str, Any]:
    """What was spent on new customers on a day."""
    amount, on = str(100 + 7 * (day % 5)), later(days=day).date().isoformat()
    return {
        "type": "spend",
        "amount": amount,
        "currency": "CNY",
        "kind": "acquisition",
        "date": on,
        "id": f"{slug}-{day}",
    }
