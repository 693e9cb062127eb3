"""What is spent on marketing against all that is sold: blended, for the catalogue alone knows no credit.

Credit of single campaigns and channels is /api/attribution/'s: the sum of its rows, the one without a touch included,
is what stands above here, and so all its money over all spend is what these come to. Not here: what a new customer
costs (customers.py).
"""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue import margin, rows, sales
from metrics.catalogue.base import Difference, Measure, Metric

GROUP = _("Marketing")
BLENDED = _(
    "All orders stand above, whatever led to them, and all spend below, on the channel it was booked on: what single "
    "campaigns earned is said by attribution, whose rows come to the same together."
)

SPENT = Measure(
    "spend",
    label=_("Spend"),
    unit="money",
    rows=rows.SPEND,
    sum="spent",
    kept=("spend_acquisition", "spend_retention"),
)
EARNED_BEYOND = Difference(
    "margin_less_spend",
    left=margin.EARNED,
    less=SPENT,
    label=_("Gross margin less spend"),
    unit="money",
    rows=rows.DAYS,
)

ROAS = Metric(
    name="roas",
    label=_("Return on ad spend"),
    question=_("How much is sold for each unit of money spent on marketing."),
    formula=_("net revenue ÷ spend"),
    unit="ratio",
    good="up",
    group=GROUP,
    value=sales.STAYED / SPENT,
    care=BLENDED,
)
ROI = Metric(
    name="roi",
    label=_("Return on marketing"),
    question=_("What marketing leaves of the margin, for what it costs."),
    formula=_("(gross margin − spend) ÷ spend"),
    unit="share",
    good="up",
    group=GROUP,
    value=EARNED_BEYOND / SPENT,
    care=_(
        "0% means that spend ate the whole margin. All goods stand above, whatever led to their order: their margin is "
        "that of lines with a price and a known cost."
    ),
    needs_cost=True,
)
CPA = Metric(
    name="cpa",
    label=_("Cost per order"),
    question=_("What marketing costs for each order."),
    formula=_("spend ÷ orders"),
    unit="money",
    good="down",
    group=GROUP,
    value=SPENT / sales.ORDERS,
    care=BLENDED,
)

METRICS: tuple[Metric, ...] = (ROAS, ROI, CPA)
