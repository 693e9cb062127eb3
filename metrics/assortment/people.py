"""Customers who met a SKU on two channels at different prices: bought it, or looked at it with a price. By the mirror.

What they paid is what a piece came to, less the line's discount; what they saw is the price that a view of a product
says. Both after the channel's tax and by the rate of their day; further apart than the tolerance, of the lower one.
Not here: the list of them (profiles/queries.py), over HTTP (parity_api.py).
"""

from datetime import datetime
from typing import Any, Final

from kernel import periods
from kernel.db import Connection, Statements, rows
from metrics.assortment.rules import ONE, Rules
from metrics.facts import changes
from metrics.journeys.base import Asked

SQL = Statements(__file__)
VIEWED: Final = "Product Viewed"
MET: Final = """with rates as (
    select unnest($currencies::varchar[]) as currency, unnest($since::timestamp[]) as since,
        unnest($rates::double[]) as rate
),
places as (
    select unnest($channels::integer[]) as channel, unnest($own::varchar[]) as own, unnest($factors::double[]) as factor
),
met as (
    select p.profile, l.sku, l.channel, l.occurred_at, l.currency, (l.net / l.quantity)::double as price
    from order_lines l join purchases p on p.order_id = l.order_id and p.channel = l.channel
    where p.profile is not null and l.quantity > 0 and l.net is not null and l.sku <> ''
        and l.occurred_at >= $begin and l.occurred_at < $end
    union all
    select t.profile, coalesce(json_extract_string(t.properties, '$.sku'),
            json_extract_string(t.properties, '$.product_id')), t.channel, t.occurred_at,
        coalesce(upper(json_extract_string(t.properties, '$.currency')), k.own),
        try_cast(json_extract_string(t.properties, '$.price') as double)
    from contacts t join places k on k.channel = t.channel
    where t.name = $viewed and t.occurred_at >= $begin and t.occurred_at < $end
),
worth as (
    select m.profile, m.sku, m.channel,
        m.price * k.factor * case when m.currency in ('', $home) then 1 else r.rate end as worth
    from met m
    join places k on k.channel = m.channel
    asof left join rates r on r.currency = m.currency and r.since <= m.occurred_at
    where m.price >= 0 and ($sku = '' or m.sku = $sku)
),
each as (
    select profile, sku, channel, min(worth) as low, max(worth) as high
    from worth where worth is not null and sku is not null group by all
)
select distinct a.profile
from each a join each b on b.profile = a.profile and b.sku = a.sku and b.channel <> a.channel
where a.high - b.low > $tolerance * b.low + 1e-9
order by a.profile"""


def people(db: Connection, asked: Asked, rules: Rules, sku: str = "") -> list[int]:
    """The profiles (their serial ids) who met a gap within the days, of one SKU or any."""
    settings = asked.settings
    facts = changes.settings_of(db, settings.workspace)
    zone = periods.zone(settings.zone)
    rates = [
        (currency, _naive(periods.begins(day, zone)), float(rate))
        for currency, day, rate in rows(db, SQL["rates"], workspace=settings.workspace)
    ]
    given: dict[str, Any] = {
        "currencies": [currency for currency, _, _ in rates],
        "since": [since for _, since, _ in rates],
        "rates": [rate for _, _, rate in rates],
        "channels": list(settings.channels),
        "own": [facts.currency_of(channel) for channel in settings.channels],
        "factors": [float(ONE + rules.taxes.get(slug, 0)) for slug in settings.channels.values()],
        "begin": asked.begin,
        "end": asked.end,
        "home": settings.currency,
        "viewed": VIEWED,
        "sku": sku,
        "tolerance": float(rules.tolerance),
    }
    return [profile for (profile,) in asked.mirror.rows(MET, **given)]


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
