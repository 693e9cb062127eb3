"""The judge of orders: the contract's sentences one after the other, slow and plain. Shares no code with the product.

Takes messages as plain dicts: id, message_id, at, kind, key, channel, order_channel, sighting, and what was said
(total, amount, currency, lines as lists of dicts; an Order Completed says its currency). Gives plain dicts, as `ledger`
below says. `own`: what a channel's amounts are in, by channel.
"""

from decimal import ROUND_HALF_UP, Decimal

UNITS = {"JPY": Decimal(1)}  # minor units; 0.01 for all others that the tests use
GOODS = ("return_requested", "return_received")
FAMILIES = {
    "order_refunded": "refund",
    "return_requested": "return",
    "return_received": "return",
    "payment_started": "payment",
    "payment_succeeded": "payment",
    "payment_failed": "payment",
    "order_shipped": "shipment",
    "order_delivered": "shipment",
}


def when(message):
    return (message["at"], message["message_id"], message["id"])


def value(messages, field):
    """Per field the value of the latest message that carries it, and that message."""
    carrying = own_word([m for m in messages if m.get(field) is not None])
    if not carrying:
        return None, None
    newest = max(carrying, key=when)
    return newest[field], newest


def own_word(messages):
    """What the order's own systems say stands before what another says of it."""
    return [m for m in messages if not m.get("second_hand")] or messages


def speaks_of(messages):
    """Each message's order channel, or why it has none: dict of message id -> channel or reason; the orders."""
    completed, orders = made(messages)
    where = {}
    for m in messages:
        named = m["order_channel"]
        if m["kind"] in FAMILIES:
            naming = [n for n in messages if fact(n) == fact(m) and n["order_channel"]]
            named = max(naming, key=when)["order_channel"] if naming else None
        if m["kind"] == "order_completed":
            where[m["id"]] = named or m["channel"]
        elif named:
            where[m["id"]] = named if named in orders else "unknown_order"
        elif m["channel"] in orders:
            where[m["id"]] = m["channel"]
        else:
            where[m["id"]] = elsewhere(completed)
    return where, orders


def elsewhere(completed):
    """The only channel with an Order Completed, or what is wrong."""
    if len(completed) == 1:
        return next(iter(completed))
    return "not_unique" if completed else "unknown_order"


def made(messages):
    """The channels with an Order Completed; all channels with an order."""
    completed = {m["order_channel"] or m["channel"] for m in messages if m["kind"] == "order_completed"}
    updated = [m for m in messages if m["kind"] == "order_updated"]
    named = {m["order_channel"] for m in updated if m["order_channel"]}
    own = {m["channel"] for m in updated if not m["order_channel"]}
    return completed, completed | named | (set() if completed else own)


def fact(message):
    """Same id in the same channel: one fact."""
    family = FAMILIES.get(message["kind"])
    return family and (family, message["channel"], message["key"])


def rounded(amount, currency):
    return amount.quantize(UNITS.get(currency, Decimal("0.01")), rounding=ROUND_HALF_UP)


def currency_of(ordering, own):
    """Said beside the latest total; an update that says none leaves it as it was."""
    currency = own[ordering[0]["channel"]]
    for message in own_word([m for m in ordering if m.get("total") is not None]):
        if message.get("currency"):
            currency = message["currency"]
    return currency


def foreign(message, currency):
    """An amount that says no currency is in its order's."""
    return message.get("currency") not in (None, currency)


def ledger(messages, own):
    """{"orders": {channel: …}, "waiting": {message id: reason}, "vain": {(channel, own channel, key): …}}"""
    where, channels = speaks_of(messages)
    waiting = {m["id"]: where[m["id"]] for m in messages if isinstance(where[m["id"]], str)}
    lost = [m for m in messages if isinstance(where[m["id"]], str)]
    orders, vain = {}, in_vain(lost, own)
    for channel in channels:
        mine = [m for m in messages if where[m["id"]] == channel]
        ordering = sorted((m for m in mine if m["kind"] in ("order_completed", "order_updated")), key=when)
        total, _ = value(ordering, "total")
        if total is None:
            waiting.update({m["id"]: "no_total" for m in mine})
            vain |= in_vain(mine, own, channel)
        else:
            currency = currency_of(ordering, own)
            orders[channel] = order(mine, rounded(total, currency), currency, waiting)
    return {"orders": orders, "waiting": waiting, "vain": vain}


def in_vain(messages, own, channel=None):
    """Payments of no order: {(channel, own channel, key): (state, amount)}; on the channel named, else on their own."""
    found = {}
    for name, mine in facts(messages, "payment").items():
        naming = [m for m in mine if m["order_channel"]]
        on = channel or (max(naming, key=when)["order_channel"] if naming else mine[0]["channel"])
        amount, said = value(mine, "amount")
        currency = (said or {}).get("currency") or own[on]
        succeeded = any(m["kind"] == "payment_succeeded" for m in mine)
        last = "failed" if mine[-1]["kind"] == "payment_failed" else "started"
        amount = None if amount is None else rounded(amount, currency)
        found[on, *name[1:]] = ("succeeded" if succeeded else last, amount)
    return found


def order(mine, total, currency, waiting):
    completed = sorted((m for m in mine if m["kind"] == "order_completed"), key=when)
    updated = sorted((m for m in mine if m["kind"] == "order_updated"), key=when)
    people = [m["sighting"] for m in own_word(completed) + own_word(updated) if m["sighting"] is not None]
    lines, said = value(completed + updated, "lines")
    lines = [dict(line) for line in lines or ()]
    amounts = any(line.get("cost") is not None or line.get("price") is not None for line in lines)
    if amounts and foreign(said, currency):
        waiting[said["id"]] = "other_currency"
        lines = [line | {"cost": None, "price": None} for line in lines]
    for line in lines:
        line["price"] = None if line["price"] is None else rounded(line["price"], currency)
    payout, paid_out = value(completed + updated, "payout")
    if payout is not None and foreign(paid_out, currency):
        waiting.setdefault(paid_out["id"], "other_currency")
        payout = None
    fees, naming = value(completed + updated, "fees")
    if fees and foreign(naming, currency):
        waiting.setdefault(naming["id"], "other_currency")
        fees = None
    cancels = sorted(own_word([m for m in mine if m["kind"] == "order_cancelled"]), key=when)
    result = {
        "at": (own_word(completed) or own_word(updated))[0]["at"],
        "sighting": people[0] if people else None,
        "currency": currency,
        "total": total,
        "lines": [(line["sku"], line["quantity"], line.get("cost"), line["price"]) for line in lines],
        "cancelled": cancels[0]["at"] if cancels else None,
        "payout": None if payout is None else rounded(payout, currency),
        "fees": None if fees is None else sum((rounded(fee, currency) for fee in fees), Decimal(0)),
        "payments": payments(mine, cancels, currency, waiting),
    }
    result["refunds"] = refunds(mine, cancels, lines, (total, currency), waiting)
    result["refunded"] = sum((amount for _, amount, _ in result["refunds"].values()), Decimal(0))
    result["returned"], result["received"] = returns(mine, cancels, lines)
    return result


def facts(mine, family):
    of_family = [m for m in mine if FAMILIES.get(m["kind"]) == family]
    named = {fact(m) for m in own_word(of_family)}
    return {name: sorted((m for m in mine if fact(m) == name), key=when) for name in named}


def worth(products, lines, own_prices):
    """The quantities named at the order's prices; where it has none, at the refund's own; else nothing."""
    found = Decimal(0)
    for product in products:
        price = [
            line["price"] for line in lines if line["sku"] == product["sku"] and line["price"] is not None
        ]
        price = price or [product["price"] if own_prices and product["price"] is not None else Decimal(0)]
        found += product["quantity"] * price[0]  # an SKU has one line in these orders
    return found


def refunds(mine, cancels, lines, money, waiting):
    """(channel, key) -> (time, what counts, excess)."""
    (total, currency), taken = money, []
    for name, messages in facts(mine, "refund").items():
        amount, said = value(messages, "total")
        products, naming = value(messages, "lines")
        if amount is not None and foreign(said, currency):
            waiting[said["id"]] = "other_currency"
        else:
            if amount is None and products:
                amount = worth(products, lines, not foreign(naming, currency))
            amount = None if amount is None else rounded(amount, currency)
            taken.append((when(messages[0]), name[1:], amount))
    if cancels:
        taken.append((when(cancels[0]), "cancel", None))
    found = {}
    for moment, name, amount in sorted(taken, key=lambda one: one[0]):
        left = total - sum((part for _, part, _ in found.values()), Decimal(0))
        if amount is None:
            found[name] = (moment[0], left, Decimal(0))
        else:
            found[name] = (moment[0], min(left, amount), max(Decimal(0), amount - left))
    return found


def returns(mine, cancels, lines):
    """{(channel, key) or "cancel": {sku: quantity taken}}, and the returns that were received."""
    steps = []
    for name, messages in facts(mine, "return").items():
        received = [m for m in messages if m["kind"] == "return_received"]
        if received:
            steps.append((when(received[0]), name[1:], value(messages, "lines")[0] or None))
    received = {name: moment[0] for moment, name, _ in steps}
    if cancels:
        steps.append((when(cancels[0]), "cancel", None))
    left = {}
    for line in lines:
        left[line["sku"]] = left.get(line["sku"], Decimal(0)) + line["quantity"]
    found = {}
    for _, name, products in sorted(steps, key=lambda one: one[0]):
        found[name] = taken(left, products)
    return found, received


def taken(left, products):
    """Takes products (none: all) out of what is left; what was taken."""
    asked = list(left.items())
    if products:
        asked = [(line["sku"], line["quantity"]) for line in products]
    found = {}
    for sku, quantity in asked:
        part = min(left.get(sku, Decimal(0)), quantity)
        if part:
            left[sku] -= part
            found[sku] = found.get(sku, Decimal(0)) + part
    return found


def payments(mine, cancels, currency, waiting):
    """(channel, key) -> (state, amount); what succeeded after the cancellation is listed."""
    found = {}
    for name, messages in facts(mine, "payment").items():
        amount, said = value(messages, "amount")
        if amount is not None and foreign(said, currency):
            waiting[said["id"]] = "other_currency"
            amount = None
        amount = None if amount is None else rounded(amount, currency)
        succeeded = [m for m in messages if m["kind"] == "payment_succeeded"]
        if succeeded and cancels and when(succeeded[0]) > when(cancels[0]):
            waiting.setdefault(succeeded[0]["id"], "paid_after_cancel")
        last = "failed" if messages[-1]["kind"] == "payment_failed" else "started"
        found[name[1:]] = ("succeeded" if succeeded else last, amount)
    return found


def rollup(told, day, own):
    """The sums of money that orders of many numbers add up to: {(measure, channel, day, rate day, currency): amount}.

    `told`: lists of messages, one list a number. Lines count only with a cost of their own here.
    """
    sums = {}
    for messages in told:
        for channel, one in ledger(messages, own)["orders"].items():
            for amount, measure, on, rate_day, currency in [
                *money(one, day),
                *goods(one, day),
                *back(one, channel, day),
            ]:
                key = (measure, channel, on, rate_day, currency)
                sums[key] = sums.get(key, Decimal(0)) + amount
    return {key: amount for key, amount in sums.items() if amount}


def money(one, day):
    """Of one order: gmv, orders, refunds."""
    sold = day(one["at"])
    yield one["total"], "gmv", sold, sold, one["currency"]
    yield 1, "orders", sold, sold, one["currency"]
    if one["fees"] is not None:
        yield one["fees"], "platform_fees", sold, sold, one["currency"]
        yield one["total"], "gmv_with_fees", sold, sold, one["currency"]
    if one["payout"] is not None:
        yield one["payout"], "payout", sold, sold, one["currency"]
    for at, amount, _ in one["refunds"].values():
        yield amount, "refunds", day(at), sold, one["currency"]


def goods(one, day):
    """Of one order: the cost of what was sold and of what came back."""
    sold = day(one["at"])
    for _, quantity, cost, _ in one["lines"]:
        if cost is None:
            yield 1, "missing_cost", sold, sold, ""
        else:
            yield quantity * cost, "cogs", sold, sold, one["currency"]
    costs = {sku: cost or Decimal(0) for sku, _, cost, _ in one["lines"]}
    for name, parts in one["returned"].items():
        at = one["cancelled"] if name == "cancel" else one["received"][name]
        for sku, quantity in parts.items():
            yield quantity * costs[sku], "cogs_returned", day(at), sold, one["currency"]


def back(one, channel, day):
    """Of one order: returns received."""
    for name, at in one["received"].items():
        yield 1, "returns", day(at), day(at), ""
        if name[0] != channel:
            yield 1, "returns_elsewhere", day(at), day(at), ""
