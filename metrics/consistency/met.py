"""Who met a gap between channels, and when: as DuckDB reads it out of the mirror, a row a customer, kind and moment.

`price_gap`: bought what another channel sold for less that day, by the newest prices of the day in one currency; on the
order's own channel what it cost there, else what was paid a unit. `late`: a parcel was not there when it had been
promised; met at that moment. `slow_answer`: a ticket had no first response 24 hours after it was opened; met then.
`oversold`: bought what was no longer in stock on that channel. Not here: what became of them (churn.py).
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from kernel.db import Connection, Statements, rows

SQL = Statements(__file__)
KINDS: Final = ("price_gap", "late", "slow_answer", "oversold")
SLOW: Final = timedelta(hours=24)  # until a first response

# gaps: profile, kind, channel of the gap, sku ('' where it is of none), met; of moments from $since to $until.
GAPS: Final = """
lines as (
    select o.profile, l.order_id, l.channel, l.sku, l.occurred_at, l.day, l.quantity, l.net, l.currency
    from order_lines l join purchases o on o.order_id = l.order_id and o.channel = l.channel
    where o.profile is not null and l.occurred_at >= $since and l.occurred_at < $until
),
daily as (
    select sku, channel, day, arg_max({'price': price, 'currency': currency}, occurred_at) as newest
    from prices group by all
),
sold_out as (
    select unnest($oversold_orders::varchar[]) as order_id, unnest($oversold_channels::integer[]) as channel,
        unnest($oversold_skus::varchar[]) as sku
),
gaps as (
    select distinct l.profile, 'price_gap' as kind, l.channel, l.sku, l.occurred_at as met
    from lines l
    join (select distinct sku, channel from prices) c on c.sku = l.sku and c.channel <> l.channel
    asof join daily p on p.sku = c.sku and p.channel = c.channel and p.day <= l.day
    asof left join daily own on own.sku = l.sku and own.channel = l.channel and own.day <= l.day
    where case
        when own.newest is not null then p.newest.currency = own.newest.currency and p.newest.price < own.newest.price
        else l.quantity > 0 and p.newest.currency = l.currency and p.newest.price * l.quantity < l.net
    end
    union all
    select l.profile, 'oversold', l.channel, l.sku, l.occurred_at
    from lines l join sold_out using (order_id, channel, sku)
    union all
    select o.profile, 'late', o.channel, '', s.promised_at
    from shipments s join purchases o on o.order_id = s.order_id and o.channel = s.channel
    where o.profile is not null and s.promised_at >= $since and s.promised_at < $until
        and s.promised_at >= o.occurred_at and (s.delivered_at is null or s.delivered_at > s.promised_at)
    union all
    select profile, 'slow_answer', channel, '', opened_at + $slow
    from inquiries
    where profile is not null and opened_at + $slow >= $since and opened_at + $slow < $until
        and (first_response_at is null or first_response_at > opened_at + $slow)
)"""


Sold = list[tuple[str, int, str]]  # of lines that were no longer in stock: order, channel, SKU


def oversold(db: Connection, workspace: int, since: datetime, until: datetime) -> Sold:
    """Those ordered in a time; moments naive and in UTC."""
    aware = {"since": since.replace(tzinfo=UTC), "until": until.replace(tzinfo=UTC)}
    return rows(db, SQL["oversold"], workspace=workspace, **aware)


def given(since: datetime, until: datetime, sold: Sold) -> dict[str, Any]:
    """What GAPS is asked with; moments naive and in UTC."""
    return {
        "since": since,
        "until": until,
        "slow": SLOW,
        "oversold_orders": [order for order, _, _ in sold],
        "oversold_channels": [channel for _, channel, _ in sold],
        "oversold_skus": [sku for _, _, sku in sold],
    }
