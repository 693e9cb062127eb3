"""What a refused message would have brought in, as far as it says: the total of an order. Not here: what is said of it.

An order whose total cannot be used may still say what it came to in another field, or by its lines.
"""

from decimal import Decimal
from typing import Any, Final

import msgspec

from channels.inbox import fixes
from channels.mapping import decode
from kernel import money, vocabulary

ORDER: Final = "order_completed"
SAID_AS: Final = (
    "total",
    "amount",
    "revenue",
    "value",
    "pay_amount",
    "payment",
    "subtotal",
)  # the first that says one


class _Message(msgspec.Struct):
    event: Any = None
    properties: Any = None


_MESSAGE = msgspec.json.Decoder(_Message)


def of(raw: str) -> tuple[Decimal | None, str | None]:
    """An order's amount, and its currency where that is said and known: else it is that of the channel."""
    text = decode.mended(raw)
    try:
        said = _MESSAGE.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None, None
    name = said.event
    if not isinstance(name, str) or vocabulary.event(name).kind != ORDER:
        return None, None
    properties = decode.exact_properties(text.encode("utf-8", "replace"))
    amount = next((found for found in map(_amount, map(properties.get, SAID_AS)) if found), None)
    amount = amount or _lines(properties.get(vocabulary.LINES))
    return (amount, money.currency(properties.get("currency"))) if amount else (None, None)


def _amount(value: Any) -> Decimal | None:
    """As it counts, or as a person would read it: ¥1,234.50."""
    found = money.amount(value)
    return money.amount(fixes.number(value)) if found is None else found


def _lines(value: Any) -> Decimal | None:
    """Price by quantity of what was ordered."""
    entries = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    found = Decimal(0)
    for one in entries:
        price, quantity = money.amount(one.get("price")), money.amount(one.get("quantity", 1))
        found += (price or 0) * (quantity or 0)
    return found if 0 < found <= money.LARGEST else None
