"""A retailer with rules in force, and what tests do with its statements over HTTP. Not here: tests."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from kernel.models import Member, Role
from kernel.web import access
from tests.shop import START, Shop, order, track

RULES: dict[str, Any] = {"pot": {"of": "revenue", "rate": "0.1"}, "weights": {"sold": 1}}
MARCH, APRIL, MAY = ("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-04-30"), ("2026-05-01", "2026-05-31")
IN_APRIL, IN_MAY = START + timedelta(days=33), START + timedelta(days=64)
STATEMENTS = "/api/allocation/statements/"


class Settling(Shop):
    """A web shop and a store that share by rules."""

    def __init__(self, rules: dict[str, Any] | None = None, **rest: Any) -> None:
        super().__init__(**rest)
        self.agrees_on(rules or RULES)

    def agrees_on(self, rules: dict[str, Any]) -> None:
        """Rules into force."""
        answer = self.api().put("/api/allocation/rules/", {"rules": rules}, format="json")
        assert answer.status_code == 200, answer.content

    def makes(self, days: tuple[str, str] = MARCH) -> dict[str, Any]:
        """A draft."""
        first, last = days
        answer = self.api().post(STATEMENTS, {"from": first, "to": last}, format="json")
        assert answer.status_code == 201, answer.content
        return answer.json()

    def does(self, number: int, act: str, client: APIClient | None = None, **given: Any) -> Any:
        """A deed; the answer, whatever it is."""
        return (client or self.api()).post(f"{STATEMENTS}{number}/{act}/", given, format="json")

    def done(self, number: int, act: str, **given: Any) -> dict[str, Any]:
        """The same; fails on anything but 200."""
        answer = self.does(number, act, **given)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def closes(self, number: int) -> dict[str, Any]:
        """Sent, agreed to by all, closed."""
        for share in self.done(number, "send")["shares"]:
            if share["state"] == "waiting":
                self.done(number, "agree", channel=share["channel"])
        return self.done(number, "close")

    def settles(self, days: tuple[str, str] = MARCH) -> dict[str, Any]:
        """A period from draft to closed."""
        return self.closes(self.makes(days)["number"])

    def statement(self, number: int) -> dict[str, Any]:
        """One as an admin sees it."""
        return self.get(f"{STATEMENTS}{number}/")

    def user_of(self, *slugs: str, name: str = "") -> User:
        """Somebody of a channel."""
        from channels.queries import channels_of

        there = channels_of(self.workspace.pk)
        user = User.objects.create(
            username=name or f"{'-'.join(slugs)}-{next(self.ids)}-{self.workspace.slug}"
        )
        ids = [there[slug].pk for slug in slugs]
        Member.objects.create(workspace=self.workspace, user=user, role=Role.VIEWER, channels=ids)
        return user

    def people_of(self, *slugs: str, name: str = "") -> APIClient:
        """The same with a token."""
        client = APIClient()
        token = access.make_token(self.workspace, self.user_of(*slugs, name=name), Role.VIEWER)
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        return client

    def browser_of(self, *slugs: str) -> Client:
        """The same at the pages."""
        client = Client()
        client.force_login(self.user_of(*slugs))
        return client


def amounts(statement: dict[str, Any], field: str = "amount") -> dict[str, str]:
    """By channel."""
    return {one["channel"]: one[field] for one in statement["shares"]}


def refund(order_id: str, total: str | None, at: Any, **more: Any) -> dict[str, Any]:
    """A refund."""
    given = {"order_id": order_id, **({"total": total} if total else {}), **more}
    return track("Order Refunded", at=at, **given)


def sold(shop: Shop, order_id: str, total: str, at: Any, to: str = "web-shop", **more: Any) -> None:
    """An order of nobody known."""
    shop.sends(order(order_id, total, None, at, **more), to=to)


def closed_and_open(shop: Shop) -> None:
    """March disputed, agreed and closed in a shop that has none of this yet; April a draft with a correction."""
    shop.__class__ = Settling
    shop.agrees_on(RULES | {"services": {"return": "0.01"}})
    shop.makes()
    for share in shop.done(1, "send")["shares"]:
        shop.done(1, "dispute", channel=share["channel"], comment="look again")
        shop.done(1, "agree", channel=share["channel"])
    shop.done(1, "close")
    sold(shop, "too-late", "12", START + timedelta(days=4))
    shop.makes(APRIL)
