"""What goods earn: how many were sold, what is left of their price after their cost. Not here: stock (inventory.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue import rows
from metrics.catalogue.base import Difference, Measure, Metric
from metrics.catalogue.inventory import GROUP

COUNTED = "x.counted"  # not left out for the want of a rate for the other side of the line

QUANTITY_SOLD = Measure("quantity_sold", label=_("Units sold"), unit="count", rows=rows.LINES, sum="quantity")
QUANTITY_BACK = Measure(
    "quantity_back", label=_("Units taken back"), unit="count", rows=rows.LINES_BACK, sum="quantity"
)
KEPT = Difference(
    "units",
    left=QUANTITY_SOLD,
    less=QUANTITY_BACK,
    label=_("Units sold less taken back"),
    unit="count",
    rows=rows.LINES_MOVED,
)
REVENUE = Measure(
    "margin_revenue",
    label=_("Net revenue of lines with a cost"),
    unit="money",
    rows=rows.MARGIN_REVENUE,
    sum="moved",
    where=COUNTED,
)
COST = Measure(
    "margin_cost", label=_("Their cost"), unit="money", rows=rows.MARGIN_COST, sum="moved", where=COUNTED
)
EARNED = Difference(
    "margin",
    left=REVENUE,
    less=COST,
    label=_("Net revenue less cost"),
    unit="money",
    rows=rows.MARGIN,
)
CARE = _(
    "Only lines with a price and a known cost: price × quantity − the line's discount. What is taken back counts on "
    "its own day, at its share of the line."
)

UNITS = Metric(
    name="units",
    label=_("Units"),
    question=_("How many items were sold and stayed sold."),
    formula=_("quantities of order lines, by order time − quantities taken back, by their own time"),
    unit="count",
    good="up",
    group=GROUP,
    value=KEPT,
    care=_("Goods of a cancelled order are taken back when it is cancelled: a day may be below zero."),
)
MARGIN = Metric(
    name="margin",
    label=_("Gross margin"),
    question=_("What goods brought in beyond their cost."),
    formula=_("net revenue of lines with a cost − their cost of goods sold"),
    unit="money",
    good="up",
    group=GROUP,
    value=EARNED,
    care=CARE,
    needs_cost=True,
)
GROSS_MARGIN_RATE = Metric(
    name="gross_margin_rate",
    label=_("Gross margin rate"),
    question=_("What part of the goods' revenue is left after their cost."),
    formula=_("gross margin ÷ net revenue of lines with a cost"),
    unit="share",
    good="up",
    group=GROUP,
    value=EARNED / REVENUE,
    care=CARE,
    needs_cost=True,
)

METRICS: tuple[Metric, ...] = (UNITS, MARGIN, GROSS_MARGIN_RATE)
