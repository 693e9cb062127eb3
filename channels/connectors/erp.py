"""What ERPs have in common: whose shop an order is of, and what of a shop an ERP does not tell.

An ERP keeps the orders of many shops. Where a shop has a connector of its own, the same order comes twice: by the shop
and by the ERP. The table `shops` names the channel of each of an ERP's shops; then a message says `channel`, and is
the shop's as far as the shop itself is silent (ConnectorKind.second_hand). An order's number is the shop's, never the
ERP's own. Not here: an ERP's fields (jushuitan.py, wangdiantong.py), what of two that speak of one order holds
(metrics/facts/ledger.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta

from channels.connectors import shops
from channels.connectors.base import Message
from channels.connectors.shops import Buyer

CURRENCY: Final = "CNY"
CENT: Final = Decimal("0.01")

Shops = Annotated[
    dict[Annotated[str, Meta(max_length=100)], Annotated[str, Meta(max_length=100)]],
    Meta(
        max_length=500,
        title=gettext_noop("Channels of the ERP's shops"),
        description=gettext_noop(
            "The shop's number or name in the ERP = the short name of its channel here. An order that the shop's own "
            "connector tells too is one order then. Shops that are not named stay on this connector's channel."
        ),
    ),
]
Back = Annotated[int, Meta(ge=1, le=365, title=gettext_noop("Days back at the first pull"), description="")]
Address = Annotated[str, Meta(max_length=300, title=gettext_noop("Address of the API"))]
Orders = Annotated[bool, Meta(title=gettext_noop("Pull orders"))]
Refunds = Annotated[bool, Meta(title=gettext_noop("Pull refunds and returns"))]
Stock = Annotated[bool, Meta(title=gettext_noop("Pull stock"))]
Goods = Annotated[bool, Meta(title=gettext_noop("Pull goods and their costs"))]

UNTOLD: Final = (
    _(
        "Who bought: names, phones and addresses come masked, encrypted or as numbers lent for a delivery. None "
        "of them is read as an identifier; who bought is told by the shop's own connector."
    ),
    _(
        "An order that was split in the ERP, of a shop without a connector of its own, has the lines and the amount of "
        "the part that changed last."
    ),
)


def channel_of(table: Mapping[str, str], *names: Any) -> str | None:
    """The channel of a shop by its number or its name; None: it is not in the table."""
    known = {_folded(name): slug.strip() for name, slug in table.items()}
    return next((known[name] for one in names if (name := _folded(one)) and known.get(name)), None)


def _folded(name: Any) -> str:
    return (shops.text(name) or "").casefold()


def placed(messages: Iterable[Message], channel: str | None) -> Iterator[Message]:
    """The messages of a shop on its channel. Who bought is its own connector's word, there."""
    for message in messages:
        yield message | {"channel": channel} if channel else message


def buyer_of(channel: str | None, account: str | None, namespace: str) -> Buyer:
    """Who bought, by the number that the ERP passes on; of a shop on a channel of its own that shop tells it."""
    return Buyer() if channel or not account else Buyer(account, namespace)


def line(sku: str | None, name: Any, quantity: Any, amount: Any, price: Any = None) -> dict[str, Any]:
    """A line that comes to `amount`: at its price, the rest of it discount; at what one came to where none is told."""
    several, whole, one = shops.amount(quantity), shops.amount(amount), shops.amount(price)
    if several is None or several <= 0 or whole is None or whole < 0:
        return shops.said(sku=sku, name=shops.text(name), quantity=quantity, price=price)
    if one is None or one * several < whole:
        one = (whole / several).quantize(CENT, rounding=ROUND_CEILING)
    left = one * several - whole
    return shops.said(
        sku=sku,
        name=shops.text(name),
        quantity=shops.written(several),
        price=shops.written(one),
        discount=shops.written(left) if left > 0 else None,
    )


def above_nought(value: Any) -> str | None:
    """An amount where it is more than 0: these platforms write 0 for what they do not know."""
    found = shops.amount(value)
    return shops.written(found) if found is not None and found > 0 else None
