"""Names in the reader's language: of boards and analyses that came with the demo or are a metric's own, of ways to pay,
of reasons.

What a person typed, and a sender's word that is not known here, stay as they are. Not here: names of channels.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, override

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

# Methods as connectors and senders write them; two spellings of one may stand beside each other.
METHODS = {
    "alipay": gettext_lazy("Alipay"),
    "wechat_pay": gettext_lazy("WeChat Pay"),
    "wechat": gettext_lazy("WeChat Pay"),
    "weixin": gettext_lazy("WeChat Pay"),
    "unionpay": gettext_lazy("UnionPay"),
    "card": gettext_lazy("Bank card"),
    "credit_card": gettext_lazy("Credit card"),
    "debit_card": gettext_lazy("Debit card"),
    "cash": gettext_lazy("Cash"),
    "balance": gettext_lazy("Account balance"),
    "stored_value": gettext_lazy("Stored value"),
    "cash_on_delivery": gettext_lazy("Cash on delivery"),
    "paid_by_another": gettext_lazy("Paid by somebody else"),
    "apple_pay": gettext_lazy("Apple Pay"),
    "jd_pay": gettext_lazy("JD Pay"),
    "douyin_credit": gettext_lazy("Douyin pay later"),
    "qq": gettext_lazy("QQ Wallet"),
    "lianlian": gettext_lazy("LianLian Pay"),
    "paypal": gettext_lazy("PayPal"),
}
# Why a payment failed, an order was called off, goods came back.
REASONS = {
    "insufficient_funds": gettext_lazy("Not enough money"),
    "bank_declined": gettext_lazy("Declined by the bank"),
    "timeout": gettext_lazy("Timed out"),
    "closed_by_user": gettext_lazy("Closed by the customer"),
    "changed_mind": gettext_lazy("Changed their mind"),
    "found_cheaper": gettext_lazy("Found it cheaper"),
    "wrong_address": gettext_lazy("Wrong address"),
    "ordered_twice": gettext_lazy("Ordered twice"),
}


def said(name: str) -> str:
    """A name as it is shown."""
    return _(name) if name in KNOWN or name in _labels() else name


def method(word: str) -> str:
    """A way to pay."""
    return str(METHODS.get(word, word))


def methods(words: Iterable[str]) -> dict[str, str]:
    """Ways to pay that stand in one list: spellings of the same one have theirs behind the name."""
    names = {word: method(word) for word in words}
    known = list(names.values())
    return {word: name if known.count(name) == 1 else f"{name} ({word})" for word, name in names.items()}


def reason(word: str) -> str:
    """Why a payment failed, an order was called off, goods came back."""
    return str(REASONS.get(word, word))


def _labels() -> frozenset[str]:
    """The metrics' labels as they are in English."""
    with override("en"):
        return frozenset(str(metric.label) for metric in METRICS)
