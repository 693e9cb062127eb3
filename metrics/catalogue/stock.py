"""What is there, and at what prices: days without stock, how long stock lasts, what differing prices touch; the rows.

Not here: the worth of stock and how often it turns, which prices agree (inventory.py).
"""

from django.utils.translation import gettext_lazy as _

from kernel.db import Statements
from metrics import stock_readers
from metrics.catalogue.base import Mean, Metric, Term
from metrics.catalogue.inventory import GROUP
from metrics.catalogue.margin import KEPT
from metrics.catalogue.rows import CHANNEL, Column, Rows

SQL = Statements(__file__)
COVER_DAYS = 30  # of sales that say how long stock lasts
_SKU = Column("sku", _("SKU"), "named")

STOCK_DAYS = Rows(
    kind="stock_days",
    statement="stock_days",
    source=SQL,
    key_cast="text",
    at_cast="text",
    shown=("sku", "name", "channel_id", "days", "days_out"),
    usual="-days_out",
    columns=(
        _SKU,
        CHANNEL,
        Column("days", _("Days with a level"), "number"),
        Column("days_out", _("Days without stock"), "number"),
    ),
)
STOCK_LEVELS = Rows(
    kind="stock",
    statement="stock_levels",
    source=SQL,
    key_cast="text",
    at_cast="text",
    shown=("sku", "name", "channel_id", "location", "quantity", "counted_at"),
    usual="-quantity",
    columns=(
        _SKU,
        CHANNEL,
        Column("location", _("Location")),
        Column("counted_at", _("Counted"), "moment"),
        Column("quantity", _("Quantity"), "number"),
    ),
)
EXPOSED_SKUS = Rows(
    kind="skus",
    statement="exposed",
    source=SQL,
    key_cast="text",
    at_cast="text",
    shown=("sku", "name", "channels", "prices", "currency", "spread", "quantity", "exposed"),
    usual="-spread",
    columns=(
        _SKU,
        Column("prices", _("Prices"), "prices"),
        Column("spread", _("Spread"), "money"),
        Column("quantity", _("Sold in 30 days"), "number"),
    ),
)
DAYS_OF_SALES = Rows(
    kind="days",
    shown=("day",),
    usual="-day",
    columns=(Column("day", _("Day"), "day"),),
    mean=True,
    back=COVER_DAYS,
)

KNOWN = Term(
    "sku_days",
    label=_("Days of SKUs with a level"),
    unit="count",
    rows=STOCK_DAYS,
    sum="days",
    reader=stock_readers.days_known,
)
OUT = Term(
    "sku_days_out",
    label=_("Days of SKUs without stock"),
    unit="count",
    rows=STOCK_DAYS,
    sum="days_out",
    where="x.days_out > 0",
    reader=stock_readers.days_out,
)
THERE = Term(
    "closing_units",
    label=_("Units in stock"),
    unit="count",
    rows=STOCK_LEVELS,
    sum="quantity",
    reader=stock_readers.closing_units,
)
SOLD_A_DAY = Mean("daily_units", label=_("Units sold a day"), unit="count", rows=DAYS_OF_SALES, of=KEPT)
EXPOSED = Term(
    "exposed",
    label=_("Units sold × gap"),
    unit="money",
    rows=EXPOSED_SKUS,
    sum="exposed",
    reader=stock_readers.exposed,
)

STOCK_OUT_RATE = Metric(
    name="stock_out_rate",
    label=_("Stock-out rate"),
    question=_("How much of the time goods were not there to be sold."),
    formula=_("days of SKUs on channels with nothing in stock ÷ days of SKUs on channels with a level"),
    unit="share",
    good="down",
    group=GROUP,
    value=OUT / KNOWN,
    care=_(
        "The level of a SKU on a channel is that of all its locations together, as the day closes; before its first "
        "count it has none. A SKU on two channels counts twice a day."
    ),
)
DAYS_OF_COVER = Metric(
    name="days_of_cover",
    label=_("Days of cover"),
    question=_("How long what is in stock lasts at the present pace."),
    formula=_("units in stock at the end of the period ÷ units sold a day in the 30 days up to then"),
    unit="days",
    good="none",
    group=GROUP,
    value=THERE / SOLD_A_DAY,
    care=_(
        "Stock as of the end of the period, what is owed as none; units sold less those taken back, on the mean of the "
        "30 days up to then, whatever the period. Of a single SKU it may be far from this."
    ),
)
PARITY_EXPOSURE = Metric(
    name="parity_exposure",
    label=_("Exposure to price gaps"),
    question=_("How much money the goods sold would differ by, at the prices of the channels."),
    formula=_("for each SKU whose prices differ: units sold in 30 days × (highest price − lowest price)"),
    unit="money",
    good="down",
    group=GROUP,
    value=EXPOSED,
    over_time="steady",  # of the 30 days up to the end, whatever the period
    care=_(
        "Prices as of the end of the period, in one currency; units ordered in the 30 days up to then, on all "
        "channels, returns not deducted. Of one channel: SKUs priced there, as far as they were sold there."
    ),
)

METRICS: tuple[Metric, ...] = (STOCK_OUT_RATE, DAYS_OF_COVER, PARITY_EXPOSURE)
