"""The metrics there are, in the order of the catalogue. A new one: declare it in its theme's file, list it there.

Not here: how they are read (metrics/query.py).
"""

from metrics.catalogue import customers, inventory, sales, service
from metrics.catalogue.base import Metric

METRICS: tuple[Metric, ...] = (*sales.METRICS, *customers.METRICS, *inventory.METRICS, *service.METRICS)
BY_NAME = {metric.name: metric for metric in METRICS}
