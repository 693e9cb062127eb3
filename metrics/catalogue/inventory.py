"""Goods: how fast they turn, whether their prices agree. Not here: goods that come back (service.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue.base import AverageStock, Metric, PricedTwice, Sum

COST_OF_GOODS_SOLD = Sum("cogs") - Sum("cogs_returned")

INVENTORY_TURNOVER = Metric(
    name="inventory_turnover",
    label=_("Inventory turnover"),
    unit="turns",
    good="up",
    formula=_("cost of goods sold ÷ average inventory"),
    value=COST_OF_GOODS_SOLD / AverageStock(),
    needs_cost=True,
)
PRICE_PARITY = Metric(
    name="price_parity",
    label=_("Price parity"),
    unit="share",
    good="up",
    formula=_(
        "SKUs whose newest prices agree on all their channels ÷ SKUs with a price on two channels or more"
    ),
    value=PricedTwice(agreeing=True) / PricedTwice(),
)

METRICS = (INVENTORY_TURNOVER, PRICE_PARITY)
