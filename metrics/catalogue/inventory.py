"""Goods: how fast they turn, whether their prices agree. Not here: goods that come back (service.py)."""

from django.utils.translation import gettext_lazy as _

from metrics import term_readers
from metrics.catalogue import rows
from metrics.catalogue.base import Difference, Measure, Metric, Term

GROUP = _("Goods")
KNOWN_COST = "x.unit_cost is not null"

SOLD = Measure(
    "cogs",
    label=_("Cost of goods sold"),
    unit="money",
    rows=rows.LINES,
    sum="cost",
    where=KNOWN_COST,
    kept="cogs",
)
TAKEN_BACK = Measure(
    "cogs_returned",
    label=_("Cost of goods taken back"),
    unit="money",
    rows=rows.LINES_BACK,
    sum="cost",
    where=KNOWN_COST,
    kept="cogs_returned",
)
COST_OF_GOODS_SOLD = Difference(
    "cogs_net",
    left=SOLD,
    less=TAKEN_BACK,
    label=_("Cost of goods sold less taken back"),
    unit="money",
    rows=rows.LINES_MOVED,
)
STOCK = Term(
    "stock",
    label=_("Average inventory"),
    unit="money",
    rows=rows.DAYS_OF_STOCK,
    reader=term_readers.average_stock,
)
COMPARED = Term(
    "compared", label=_("SKUs compared"), unit="count", rows=rows.SKUS, reader=term_readers.compared
)
AGREEING = Term(
    "agreeing",
    label=_("SKUs with the same price"),
    unit="count",
    rows=rows.SKUS,
    where="x.agreeing",
    reader=term_readers.agreeing,
)
DIFFERING = Difference(
    "differing",
    left=COMPARED,
    less=AGREEING,
    label=_("SKUs with different prices"),
    unit="count",
    rows=rows.SKUS,
    where="not x.agreeing",
)

INVENTORY_TURNOVER = Metric(
    name="inventory_turnover",
    label=_("Inventory turnover"),
    question=_("How often the stock was sold in the period."),
    formula=_("cost of goods sold ÷ average inventory"),
    unit="turns",
    good="up",
    group=GROUP,
    value=COST_OF_GOODS_SOLD / STOCK,
    over_time="adds_up",  # turns are made day by day
    care=_("Goods are valued at the cost valid when they were sold, stock at its closing value of each day."),
    needs_cost=True,
)
PRICE_PARITY = Metric(
    name="price_parity",
    label=_("Price parity"),
    question=_("On how many SKUs all channels charge the same price."),
    formula=_(
        "SKUs whose newest prices agree on all their channels ÷ SKUs with a price on two channels or more"
    ),
    unit="share",
    good="up",
    group=GROUP,
    value=AGREEING / COMPARED,
    care=_("Prices as of the end of the period, in one currency; later prices do not count."),
    aside=(DIFFERING,),
)

METRICS: tuple[Metric, ...] = (INVENTORY_TURNOVER, PRICE_PARITY)
