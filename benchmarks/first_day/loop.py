"""Its worker: message after message, each in a transaction of its own.

`lean` stores the event and whose it is; whole, it does for each message what the product does for it: traits, orders
with their lines, who was active when, the day's numbers.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from benchmarks.first_day.models import Active, Daily, Event, Line, Name, Order, Person, Trait
from benchmarks.first_day.serializers import EventSerializer

CHANNEL, CURRENCY = "web", "CNY"


class Loop:
    """Takes messages."""

    def __init__(self, *, lean: bool) -> None:
        self.lean = lean

    def take(self, message: dict[str, Any]) -> None:
        """One message; a copy of one that is there is passed over."""
        serializer = EventSerializer(data=message)
        if not serializer.is_valid():
            if serializer.errors.get("messageId", [None])[0].code == "unique":
                return
            serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            person = self._person(serializer.validated_data)
            event = serializer.save(person=person)
            _seen(person, event)
            if not self.lean:
                _said(person, event)
                _active(person, event)
                if event.name == "Order Completed":
                    _bought(person, event)

    def _person(self, sent: dict[str, Any]) -> Person:
        """By the names that the message brings; two people who turn out to be one become one."""
        owner = None
        for kind in ("user_id", "anonymous_id"):
            if not sent.get(kind):
                continue
            try:
                name = Name.objects.select_related("person").get(kind=kind, value=sent[kind])
            except Name.DoesNotExist:
                person = owner or Person.objects.create()
                name, _new = Name.objects.get_or_create(
                    kind=kind, value=sent[kind], defaults={"person": person}
                )
            if owner is not None and name.person_id != owner.pk:
                self._join(owner, name.person)
            owner = owner or name.person
        assert owner is not None
        return owner

    def _join(self, owner: Person, other: Person) -> None:
        Event.objects.filter(person=other).update(person=owner)
        Name.objects.filter(person=other).update(person=owner)
        owner.events += other.events
        if not self.lean:
            _moved(owner, other)
        owner.traits = other.traits | owner.traits
        other.delete()


def _moved(owner: Person, other: Person) -> None:
    """What was the other's and has to be added up."""
    Order.objects.filter(person=other).update(person=owner)
    owner.orders += other.orders
    owner.revenue += other.revenue
    for trait in Trait.objects.filter(person=other):
        defaults = {"last_at": trait.last_at}
        mine, _new = Trait.objects.get_or_create(
            person=owner, name=trait.name, value=trait.value, defaults=defaults
        )
        Trait.objects.filter(pk=mine.pk).update(said=F("said") + trait.said)
    for cell in Active.objects.filter(person=other):
        mine, new = Active.objects.get_or_create(person=owner, day=cell.day, channel=cell.channel)
        Active.objects.filter(pk=mine.pk).update(events=F("events") + cell.events)
        if not new:
            _add(cell.day, "active", -1)
    Trait.objects.filter(person=other).delete()
    Active.objects.filter(person=other).delete()


def _seen(person: Person, event: Event) -> None:
    person.traits.update(event.traits)
    person.events += 1
    person.first_seen = min(person.first_seen or event.at, event.at)
    person.last_seen = max(person.last_seen or event.at, event.at)
    person.save()


def _said(person: Person, event: Event) -> None:
    for name, value in event.traits.items():
        defaults = {"last_at": event.at}
        trait, _new = Trait.objects.update_or_create(person=person, name=name, value=value, defaults=defaults)
        Trait.objects.filter(pk=trait.pk).update(said=F("said") + 1)


def _active(person: Person, event: Event) -> None:
    cell, new = Active.objects.get_or_create(person=person, day=event.at.date(), channel=CHANNEL)
    Active.objects.filter(pk=cell.pk).update(events=F("events") + 1)
    _add(event.at.date(), "events", 1)
    if new:
        _add(event.at.date(), "active", 1)


def _bought(person: Person, event: Event) -> None:
    sent = event.properties
    total = Decimal(str(sent["total"]))
    values = {"person": person, "at": event.at, "total": total, "currency": sent.get("currency", CURRENCY)}
    order, new = Order.objects.update_or_create(order_id=sent["order_id"], defaults=values)
    for number, product in enumerate(sent["products"]):
        line = {name: product[name] for name in ("sku", "name", "price", "quantity")}
        Line.objects.update_or_create(order=order, number=number, defaults=line)
    if new:
        Person.objects.filter(pk=person.pk).update(orders=F("orders") + 1, revenue=F("revenue") + total)
        _add(event.at.date(), "orders", 1)
        _add(event.at.date(), "gmv", total)


def _add(day: date, metric: str, value: Decimal | int) -> None:
    row, _new = Daily.objects.get_or_create(day=day, channel=CHANNEL, metric=metric)
    Daily.objects.filter(pk=row.pk).update(value=F("value") + value)
