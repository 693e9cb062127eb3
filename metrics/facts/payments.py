"""Payments as rows: of an order, and of a number that stands for no order (yet). Pure.

A checkout that fails often never becomes an order, so what speaks of no order is a payment all the same: it waits as
all such messages do, it is in no sum of money, and it is seen by who asks how payments went and what was paid in vain.
Not here: which order a payment speaks of (order_matching.py).
"""

from collections.abc import Iterable
from decimal import Decimal

from kernel import money
from metrics.facts.base import WorkspaceSettings
from metrics.facts.messages import PAY_FAILED, PAY_STARTED, PAY_SUCCEEDED, Message, latest, said
from metrics.facts.order_matching import Fact
from metrics.facts.rows import Payment

FAMILY = "payment"


def of_order(  # noqa: PLR0913 (what an order says of its payment)
    order_id: str,
    channel: int,
    fact: Fact,
    settings: WorkspaceSettings,
    priced: Message | None,
    currency: str,
    sighting: int | None,
) -> Payment:
    """A payment; one that once succeeded has succeeded. `priced`: the message whose amount counts; None: none does."""
    first, paid = fact.messages[0], fact.first(PAY_SUCCEEDED)
    last = "failed" if fact.messages[-1].kind == PAY_FAILED else "started"
    people = (message.sighting for message in fact.messages if message.sighting is not None)
    return Payment(
        order_id=order_id,
        channel_id=channel,
        service_channel_id=fact.channel,
        key=fact.key,
        occurred_at=first.occurred_at,
        day=settings.day(first.occurred_at),
        started_at=fact.at(PAY_STARTED),
        succeeded_at=paid.occurred_at if paid else None,
        failed_at=fact.at(PAY_FAILED),
        state="succeeded" if paid else last,
        amount=money.rounded(priced.data.amount or Decimal(0), currency) if priced else None,
        currency=currency,
        method=said(fact.messages, "method"),
        reason=said(fact.messages, "reason"),
        sighting_id=next(people, None) if sighting is None else sighting,
    )


def without_order(
    order_id: str, facts: Iterable[Fact], settings: WorkspaceSettings, channel: int | None = None
) -> list[Payment]:
    """Those of a number's facts that are payments, none of which has an order; on `channel`, else on their own."""
    found = [fact for fact in facts if fact.family == FAMILY]
    found = [fact for fact in found if not fact.second_hand] or found
    made = []
    for fact in found:
        where = channel or fact.order_channel or fact.channel
        priced = latest(fact.messages, "amount")
        currency = priced.data.currency if priced else None
        made.append(
            of_order(order_id, where, fact, settings, priced, currency or settings.currency_of(where), None)
        )
    return made
