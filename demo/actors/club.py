"""What members have with the club: points and money on their account. Not here: joining and tiers (membership.py).

A till that books each redemption twice for some weeks leaves accounts below nothing (plan.py says where and when).
"""

from demo import outlets
from demo.goods import yuan
from demo.people import Person
from demo.post import Session
from demo.seasons import DAY, HOUR
from demo.trip import Order
from demo.world import MINUTE, SECOND, World

A_POINT = 1_000  # fen of an order
REDEEMS, STEP = 0.35, 20  # of those who have enough; points at a time
TOPS_UP, TOP_UP = 0.15, 50_000  # of the orders in a store by members without money on their account; fen
IDLE_DAYS = 90  # without an order until points run out, on a month's first day


def bought(world: World, order: Order) -> None:
    """A member whose card is known here redeems what he has, pays from his account, collects."""
    person = order.who.person
    if person is None or not _known(order, person):
        return
    card = Session(order.who.connector, person, (person.member_no,), {})
    if person.points >= STEP and world.luck.random() < REDEEMS:
        _redeem(world, order, card, person)
    if order.shop:
        _pay(world, order, card, person)
    earned = order.total // A_POINT
    if earned:
        person.points += earned
        _points(world, card, order.at + MINUTE, earned, "earned")


def monthly(world: World, day: int) -> None:
    """Points of those who have not ordered for long run out."""
    if world.date(day * DAY).day != 1:
        return
    for person in world.people:
        if person.points > 0 and person.bought and person.bought[0] < (day - IDLE_DAYS) * DAY:
            card = Session(outlets.CONNECTOR_OF[outlets.MINI], person, (person.member_no,), {})
            _points(world, card, day * DAY + HOUR, -person.points, "expired")
            person.points = 0


def _known(order: Order, person: Person) -> bool:
    return person.joined and (person.member_no in order.who.ids or order.channel in person.bound)


def _redeem(world: World, order: Order, card: Session, person: Person) -> None:
    spent = person.points // STEP * STEP
    person.points -= spent
    _points(world, card, order.at + 20 * SECOND, -spent, "spent")
    twice = world.plan.twice
    if order.shop == twice.store and twice.first <= order.at // DAY <= twice.last:
        _points(world, card, order.at + 25 * SECOND, -spent, "spent")


def _pay(world: World, order: Order, card: Session, person: Person) -> None:
    """What is on the account pays first; else some put money there for the next time."""
    if person.balance:
        spent = min(person.balance, order.total)
        person.balance -= spent
        _balance(world, card, order.at + 30 * SECOND, -spent, "spent")
    elif world.luck.random() < TOPS_UP:
        person.balance += TOP_UP
        _balance(world, card, order.at + 30 * SECOND, TOP_UP, "topped up")


def _points(world: World, card: Session, at: int, points: int, reason: str) -> None:
    world.post.track(card, at, "Points Changed", {"points": points, "reason": reason})


def _balance(world: World, card: Session, at: int, fen: int, reason: str) -> None:
    fields = {"amount": yuan(fen), "currency": "CNY", "reason": reason}
    world.post.track(card, at, "Balance Changed", fields)
