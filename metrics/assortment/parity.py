"""Whether goods cost the same on every channel: all SKUs at a moment, day by day, and the prices of some.

Rates, taxes and promotions make prices comparable by the workspace's rules (rules.py); which are held against which is
said in comparing.py. The metric `price_parity` knows no rules: one currency, the very same amount.
Not here: who met two prices (people.py), over HTTP (parity_api.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel import cursor, periods
from kernel.cursor import Order, Page
from kernel.db import Connection, Statements, array, rows
from kernel.errors import BadRequest
from metrics import conversion, targets
from metrics.assortment.asking import A_MOMENT, Asked
from metrics.assortment.comparing import Held, Judged, Suggestion, judged, suggested
from metrics.assortment.rules import ONE, Rules
from metrics.catalogue.inventory import PRICE_PARITY
from metrics.query import ReportingSettings
from metrics.scope import NOTHING, Days

SQL = Statements(__file__)
LATER: Final = "-- later days"  # where `states` takes up `later`
STATES: Final = ("apart", "agreeing", "single")  # prices differ; are the same; there is nothing to compare
STATE: Final = "case when x.agree then 'agreeing' when not x.agree then 'apart' else 'single' end"
# By what SKUs are listed, the largest first; what is not compared comes last.
ORDERINGS: Final[Mapping[str, tuple[str, str]]] = {
    "gap": ("coalesce(x.gap, -1)", "numeric"),
    "spread": ("case when x.compared then x.spread else -1 end", "numeric"),
    "exposure": ("case when x.compared then x.exposure else -1 end", "numeric"),
    "sku": ("x.sku", "text"),
}
# What was sold counts where prices are apart: units x spread is what of the sales was at a disputed price.
BOARD: Final = (
    "select s.*, case when s.agree then 0 else coalesce(u.units, 0) * s.spread end as exposure from ({states}) s "
    "left join lateral (select sum(l.quantity) as units from metrics_order_line l "
    "where l.workspace_id = %(workspace)s::int and l.sku = s.sku and not s.agree "
    "and l.occurred_at >= %(since)s::timestamptz and l.occurred_at < %(before)s::timestamptz offset 0) u on true"
)
TOTALS: Final = (
    "select count(*), count(*) filter (where b.compared), count(*) filter (where b.agree), "
    "coalesce(sum(b.exposure), 0), count(*) filter (where b.unrated > 0) from board b"
)


class Totals(NamedTuple):
    """All SKUs that are asked for. Exposure in the workspace's currency."""

    skus: int = 0
    compared: int = 0
    agreeing: int = 0
    exposure: Decimal = NOTHING
    unrated: int = 0  # SKUs with a price in a currency that has no rate

    @property
    def rate(self) -> Decimal | None:
        """Agreeing of compared; None where nothing is."""
        return Decimal(self.agreeing) / self.compared if self.compared else None


class Sku(NamedTuple):
    """A SKU, its prices by channel in the order channels are shown, and what comes of them."""

    sku: str
    name: str
    category: str
    prices: tuple[Held, ...]
    judged: Judged
    exposure: Decimal
    units: Mapping[int, Decimal]  # sold in the 30 days, by channel
    suggestion: Suggestion | None


class Board(NamedTuple):
    """A page of SKUs, and all of them in sum."""

    totals: Totals
    page: Page


class DayRate(NamedTuple):
    """How many SKUs are compared and agree as a day ends."""

    day: date
    compared: int
    agreeing: int


class Ask(NamedTuple):
    """Which SKUs of the board, in which order; `state` of STATES or any."""

    state: str = ""
    ordering: str = "-gap"
    at: str | None = None  # the cursor
    limit: int = cursor.LIMIT


def board(db: Connection, asked: Asked, rules: Rules, ask: Ask) -> Board:
    """SKUs at a moment, a page of them. Raises BadRequest for an order or state there is none of."""
    if ask.state and ask.state not in STATES:
        raise BadRequest(f"`state` is one of {', '.join(STATES)}.", "bad_state")
    name = ask.ordering.removeprefix("-")
    if name not in ORDERINGS:
        raise BadRequest(f"`ordering` is one of {', '.join(ORDERINGS)}, with - for falling.", "bad_ordering")
    value, cast = ORDERINGS[name]
    order = Order("y.value", cast, "y.sku", "text", descending=ask.ordering.startswith("-"))
    made = BOARD.format(states=SQL["states"].rstrip())
    select = (
        f"with board as materialized ({made}), totals as ({TOTALS}), "  # noqa: S608 (ours)
        f"y as (select {value} as value, x.*, {STATE} as state from board x) "
        "select y.value, y.sku, y.exposure, t.* from y cross join totals t"
    )
    values = _values(asked, rules) | {"state": ask.state}
    wheres = ["y.state = %(state)s::text"] if ask.state else ["true"]
    page = cursor.page(db, select, wheres, values, order, ask.at, ask.limit, tuple)
    if page.items:
        totals = Totals(*page.items[0][3:])
    else:
        alone = f"with board as materialized ({made}) {TOTALS}"
        totals = Totals(*rows(db, alone, **values)[0])
    exposures = {row[1]: row[2] for row in page.items}
    found = skus(db, asked, rules, list(exposures))
    items = [found[sku]._replace(exposure=exposure) for sku, exposure in exposures.items()]
    return Board(totals, page._replace(items=items))


def every(db: Connection, asked: Asked, rules: Rules, state: str, ordering: str) -> Iterable[Sku]:
    """All of them, page by page."""
    at: str | None = None
    while True:
        page = board(db, asked, rules, Ask(state, ordering, at, cursor.LIMIT_MOST)).page
        yield from page.items
        at = page.next
        if at is None:
            return


def totals(db: Connection, asked: Asked, rules: Rules) -> Totals:
    """All SKUs in sum."""
    made = BOARD.format(states=SQL["states"].rstrip())
    return Totals(*rows(db, f"with board as materialized ({made}) {TOTALS}", **_values(asked, rules))[0])


def target(db: Connection, asked: Asked) -> Decimal | None:
    """What share should agree: the target of `price_parity` that holds on the day."""
    goals = targets.goals(db, asked.settings.workspace, [PRICE_PARITY], Days(asked.day, asked.day))
    return goals[PRICE_PARITY.name].value if goals else None


def by_day(db: Connection, asked: Asked, rules: Rules, days: Days) -> list[DayRate]:
    """As each day ends; of a day that is not over, as it is at the moment asked for."""
    zone = periods.zone(asked.settings.zone)
    begin = min(periods.ends(days.first, zone), asked.until)
    values = _values(asked._replace(until=begin, day=days.first), rules)
    values |= {"end": min(periods.ends(days.last, zone), asked.until), "last": days.last}
    states = SQL["states"].rstrip().replace(LATER, f"union all {SQL['later'].rstrip()}")
    changes = (
        "select w.slot, sum(w.compared::int - w.was_compared), sum(w.agrees - w.was_agreeing) from ("  # noqa: S608
        "select s.slot, s.compared, coalesce(s.agree, false)::int as agrees, "
        "lag(s.compared::int, 1, 0) over item as was_compared, "
        "lag(coalesce(s.agree, false)::int, 1, 0) over item as was_agreeing "
        f"from ({states}) s window item as (partition by s.sku order by s.slot)) w "
        "group by w.slot"
    )
    steps = {day: (int(compared), int(agreeing)) for day, compared, agreeing in rows(db, changes, **values)}
    found, compared, agreeing = [], 0, 0
    for place in range(days.length):
        day = days.first + place * periods.ONE_DAY
        more = steps.get(day, (0, 0))
        compared, agreeing = compared + more[0], agreeing + more[1]
        found.append(DayRate(day, compared, agreeing))
    return found


def skus(db: Connection, asked: Asked, rules: Rules, names: Sequence[str]) -> dict[str, Sku]:
    """Some SKUs at the moment; exposure as of what their prices and sales come to."""
    workspace, listed = asked.settings.workspace, array(list(names))
    found = rows(
        db,
        SQL["prices"],
        workspace=workspace,
        skus=listed,
        channels=array(list(asked.settings.channels)),
        until=asked.until,
    )
    sold: dict[str, dict[int, Decimal]] = defaultdict(dict)
    span = {"since": asked.since, "until": asked.until}
    for sku, channel, units in rows(db, SQL["units"], workspace=workspace, skus=listed, **span):
        sold[sku][channel] = units
    called = {sku: rest for sku, *rest in rows(db, SQL["named"], workspace=workspace, skus=listed)}
    prices: dict[str, list[Held]] = defaultdict(list)
    factor_of = factors(db, asked.settings, rules, {row[3] for row in found})
    for sku, *row in found:
        prices[sku].append(held(row, asked.day, asked.settings, rules, factor_of))
    return {sku: _sku(sku, called.get(sku), prices[sku], sold[sku], rules) for sku in names}


def _sku(
    sku: str, called: Sequence[str] | None, prices: Sequence[Held], sold: Mapping[int, Decimal], rules: Rules
) -> Sku:
    found = judged(prices, rules.tolerance)
    units = sum(sold.values(), NOTHING)
    exposure = units * found.spread if found.agree is False else NOTHING
    name, category = called or ("", "")
    return Sku(
        sku, name, category, tuple(prices), found, exposure, sold, suggested(prices, sold, rules.tolerance)
    )


class SkuDay(NamedTuple):
    """What comes of a SKU's prices as a day ends."""

    day: date
    judged: Judged
    prices: tuple[Held, ...]


class History(NamedTuple):
    """A SKU's prices as they came, and what came of them day by day."""

    sku: str
    name: str
    records: tuple[Held, ...]  # oldest first; from before the days too
    days: list[SkuDay]


def history(db: Connection, asked: Asked, rules: Rules, sku: str, days: Days) -> History:
    """Of one SKU over some days; a day that is not over as it is at the moment asked for."""
    settings = asked.settings
    zone = periods.zone(settings.zone)
    until = min(periods.ends(days.last, zone), asked.until)
    found = rows(db, SQL["records"], workspace=settings.workspace, sku=sku, until=until)
    factor_of = factors(db, settings, rules, {row[2] for row in found})
    made, newest, place = [], dict[int, Sequence[Any]](), 0
    for number in range(days.length):
        day = days.first + number * periods.ONE_DAY
        while place < len(found) and found[place][6] <= day:
            newest[found[place][0]] = found[place]
            place += 1
        prices = tuple(
            held(newest[channel], day, settings, rules, factor_of)
            for channel in settings.channels
            if channel in newest
        )
        made.append(SkuDay(day, judged(prices, rules.tolerance), prices))
    called = rows(db, SQL["named"], workspace=settings.workspace, skus=array([sku]))
    records = tuple(held(row, row[6], settings, rules, factor_of) for row in found)
    return History(sku, called[0][1] if called else "", records, made)


Factors = Any  # (channel, currency, day) -> what a unit of a price there is worth to us; None: no rate


def factors(
    db: Connection, settings: ReportingSettings, rules: Rules, currencies: Collection[str]
) -> Factors:
    """How prices become comparable: the channel's tax, and the rate of the price's day."""
    rate_of = conversion.rates(db, settings.workspace, settings.currency, set(currencies))

    def factor(channel: int, currency: str, day: date) -> Decimal | None:
        rate = rate_of(currency, day)
        tax = rules.taxes.get(settings.channels.get(channel, ""), NOTHING)
        return None if rate is None else rate * (ONE + tax)

    return factor


def held(
    row: Sequence[Any], day: date, settings: ReportingSettings, rules: Rules, factor_of: Factors
) -> Held:
    """A row of a price (channel, price, currency, list price, promotion, at, day) as it stands on a day."""
    channel, price, currency, list_price, promotion, at, began = row
    slug = settings.channels.get(channel, "")
    allowed = bool(promotion) and any(
        one.channel == slug and one.until >= day and one.promotion in ("", promotion)
        for one in rules.promotions
    )
    return Held(
        channel, price, currency, list_price, promotion, at, factor_of(channel, currency, began), allowed
    )


def categories(db: Connection, workspace: int) -> list[str]:
    """Those that goods are of."""
    return [name for (name,) in rows(db, SQL["categories"], workspace=workspace)]


def fresh(db: Connection, workspace: int, now: datetime, back: timedelta) -> list[str]:
    """SKUs with a price that began in the time up to now."""
    span = {"since": now - back, "until": now + A_MOMENT}
    return [sku for (sku,) in rows(db, SQL["fresh"], workspace=workspace, **span)]


def apart(db: Connection, asked: Asked, rules: Rules) -> list[tuple[str, Decimal]]:
    """SKUs whose prices differ, with the gap, the largest first."""
    text = (
        f"select x.sku, x.gap from ({SQL['states'].rstrip()}) x where not x.agree "  # noqa: S608 (ours)
        "order by x.gap desc, x.sku"
    )
    return [(sku, gap) for sku, gap in rows(db, text, **_values(asked, rules))]


def _values(asked: Asked, rules: Rules) -> dict[str, Any]:
    """What `states` is asked with; no day after the one asked for."""
    settings = asked.settings
    ids = {slug: channel for channel, slug in settings.channels.items()}
    taxes = [(ids[slug], ONE + tax) for slug, tax in rules.taxes.items() if slug in ids]
    allowed = [(ids[one.channel], one) for one in rules.promotions if one.channel in ids]
    return {
        "workspace": settings.workspace,
        "home": settings.currency,
        "channels": array(list(settings.channels)),
        "day": asked.day,
        "last": asked.day,
        "until": asked.until,
        "end": asked.until,
        "since": asked.since,
        "before": asked.until,
        "category": asked.category or None,
        "skus": array(list(asked.skus)) if asked.skus else None,
        "only": array(list(asked.channels)) if asked.channels else None,
        "taxed": array([channel for channel, _ in taxes]),
        "factors": array([factor for _, factor in taxes]),
        "allowed": array([channel for channel, _ in allowed]),
        "untils": array([one.until for _, one in allowed]),
        "promotions": array([one.promotion for _, one in allowed]),
        "tolerance": rules.tolerance,
    }
