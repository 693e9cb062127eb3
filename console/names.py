"""Names of boards and analyses in the reader's language, where they came with the demo or are a metric's own.

What a person typed stays as typed.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from metrics.catalogue import METRICS

KNOWN = (
    gettext_noop("Cross-channel"),
    gettext_noop("Net revenue by channel"),
    gettext_noop("Customer acquisition cost by channel"),
    gettext_noop("Satisfaction by channel"),
    gettext_noop("From a look to an order"),
    gettext_noop("Most frequent paths"),
    gettext_noop("Who comes back"),
    gettext_noop("Channel switching"),
    gettext_noop("Touchpoints"),
)


def said(name: str) -> str:
    """A name as it is shown."""
    return _(name) if name in KNOWN or name in _labels() else name


def _labels() -> frozenset[str]:
    """The metrics' labels as they are in English."""
    with override("en"):
        return frozenset(str(metric.label) for metric in METRICS)
