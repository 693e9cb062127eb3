"""How attempts to pay end: by method, by channel, by the reason they failed for.

A payment belongs to the period of its earliest message, and to the channel of its order; where no order has that
number, to its own: a checkout that fails often never becomes an order, and counts all the same. Started: every payment,
as one that succeeded was started, said or not. Failed: it failed and never succeeded. What is neither is open.
Retried elsewhere: within 24 hours after a failure its order, or its customer, was paid for by another method, or in
another channel; won: one of those attempts succeeded. By reason only what failed at some time is counted.
Not here: what a new method changed (arrival.py), payments that somebody must mend (troubles.py).
"""

# ruff: noqa: S608 - nothing that somebody wrote is in these texts

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from metrics.journeys import values
from metrics.journeys.base import MOST_VALUES, OTHER, Asked
from metrics.query import RATIO_PLACES
from metrics.service.base import asked_rows, said
from metrics.service.listing import Listing

BY: Final = {
    "method": values.known("method"),
    "channel": "channel::varchar",
    "reason": values.known("reason"),
}
ELSEWHERE: Final = """q.occurred_at >= f.failed_at and q.occurred_at <= f.failed_at + interval 24 hours
    and (q.channel <> f.channel or q.method <> f.method)"""
TRIED: Final = f"""with tried as (select * from attempts where occurred_at >= $begin and occurred_at < $end),
failures as (select * from tried where state = 'failed' and failed_at is not null),
later as (select * from attempts where occurred_at >= $begin),
again as (
    select order_id, channel, service_channel, key, bool_or(won) as won
    from (
        select f.order_id, f.channel, f.service_channel, f.key, q.succeeded_at is not null as won
        from failures f join later q on q.order_id = f.order_id and {ELSEWHERE}
        union all
        select f.order_id, f.channel, f.service_channel, f.key, q.succeeded_at is not null
        from failures f join later q on q.profile = f.profile and {ELSEWHERE}
    ) group by all
),
told as (
    select t.*, a.won is not null as retried, coalesce(a.won, false) as won
    from tried t left join again a using (order_id, channel, service_channel, key)
)
"""
SUMS: Final = """count(*), count(succeeded_at), count(*) filter (state = 'failed'), count(*) filter (retried),
    count(*) filter (won)"""
OUTCOMES: Final = {  # payments one may ask for alone
    "started": "true",
    "succeeded": "succeeded_at is not null",
    "failed": "state = 'failed'",
    "open": "state = 'started'",
    "retried": "retried",
    "won": "won",
}


class Ended(NamedTuple):
    """How payments ended."""

    started: int = 0
    succeeded: int = 0
    failed: int = 0
    retried_elsewhere: int = 0
    won: int = 0

    @property
    def open(self) -> int:
        """Neither succeeded nor failed, so far."""
        return self.started - self.succeeded - self.failed

    @property
    def conversion(self) -> Decimal | None:
        """The share that succeeded; None of none."""
        if not self.started:
            return None
        return (Decimal(self.succeeded) / Decimal(self.started)).quantize(RATIO_PLACES)

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return self._asdict() | {"open": self.open, "conversion": said(self.conversion)}


class Group(NamedTuple):
    """The payments of a method, a channel (by slug) or a reason; None: it is not said."""

    key: str | None
    ended: Ended

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {"key": self.key, **self.ended.json()}


class Payments(NamedTuple):
    """The answer: the largest group first, then `other`, then what says none."""

    by: str
    groups: list[Group]
    total: Ended
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """Contracts 11."""
        groups = [group.json() for group in self.groups]
        return {"by": self.by, "groups": groups, "total": self.total.json(), "as_of": self.as_of}


def payments(asked: Asked, by: str) -> Payments:
    """How the payments of a period ended. `by`: one of BY."""
    where = " where failed_at is not null" if by == "reason" else ""
    text = f"{TRIED}select {BY[by]}, {SUMS} from told{where} group by 1"
    found = {key: Ended(*rest) for key, *rest in asked_rows(asked, text)}
    sizes = {key: one.started for key, one in found.items()}
    slugs = {str(channel): slug for channel, slug in asked.settings.channels.items()}
    named = sorted((key for key in found if key is not None), key=lambda key: (-sizes[key], key))
    groups = [
        Group(slugs.get(key, key) if by == "channel" else key, found[key]) for key in named[:MOST_VALUES]
    ]
    if rest := named[MOST_VALUES:]:
        groups.append(Group(OTHER, _added([found[key] for key in rest])))
    if None in found:
        groups.append(Group(None, found[None]))
    (whole,) = asked_rows(asked, f"{TRIED}select {SUMS} from told{where}")
    return Payments(by, groups, Ended(*whole), asked.as_of)


def _added(ended: Sequence[Ended]) -> Ended:
    return Ended(*(sum(column) for column in zip(*ended, strict=True)))


def rows(by: str, outcome: str, *, keyed: bool) -> Listing:
    """The payments of a group that ended so (of OUTCOMES), newest first. `keyed`: only those of `$key`."""
    narrowed = f"{BY[by]} is not distinct from $key" if keyed else "true"
    failing = "failed_at is not null" if by == "reason" else "true"
    return Listing(
        f"""{TRIED}
select order_id, channel, service_channel, method, reason, state, amount, currency, occurred_at, succeeded_at,
    failed_at, retried, won, profile
from told where {narrowed} and {failing} and {OUTCOMES[outcome]}""",
        (
            *("order_id", "channel", "paid_in", "method", "reason", "state", "amount", "currency", "at"),
            *("succeeded_at", "failed_at", "retried_elsewhere", "won", "profile"),
        ),
        "occurred_at desc, order_id, channel, service_channel, key",
    )
