"""The metrics there are, in the order of the catalogue. A new one: declare it in its theme's file, list it there.

Not here: the form of a declaration (base.py), how they are read (metrics/query.py).
"""

from collections.abc import Collection

from metrics.catalogue import (
    customers,
    fulfilment,
    inventory,
    margin,
    marketing,
    membership,
    sales,
    service,
    settlement,
    stock,
    visits,
)
from metrics.catalogue.base import Metric, by_name

BY_NAME = by_name(
    (
        *sales.METRICS,
        *settlement.METRICS,
        *customers.METRICS,
        *membership.METRICS,
        *marketing.METRICS,
        *inventory.METRICS,
        *margin.METRICS,
        *stock.METRICS,
        *visits.METRICS,
        *fulfilment.METRICS,
        *service.METRICS,
    )
)
METRICS: Collection[Metric] = BY_NAME.values()
