"""Tickets: opened, answered, resolved, and the question how it was. Not here: why people call, orders by telephone."""

from demo.people import Person
from demo.post import Session
from demo.seasons import HOUR
from demo.trip import Order
from demo.world import MINUTE, World

SAYS_NUMBER = 0.4
ASKED_AFTER, CONTENT = 0.3, 0.78
SLOWER = 12  # times as long, about orders of the channel that is slow


def caller(world: World, person: Person) -> Session:
    """By the phone he calls from; some members say their number too."""
    ids = (person.phone, person.member_no) if person.joined and world.chance(SAYS_NUMBER) else (person.phone,)
    return Session("call-centre", person, ids, {})


def complain(world: World, at: int, order: Order, topic: str) -> None:
    """Something is wrong with an order."""
    if order.who.person:
        who = caller(world, order.who.person)
        slower = SLOWER if order.channel == world.plan.slow else 1
        ticket(world, world.opening(at), who, {"topic": topic, **order.facts("call-centre")}, slower)


def ticket(world: World, at: int, who: Session, fields: dict[str, str], slower: int = 1) -> None:
    """Opened, answered, resolved, and for some the question how it was."""
    ticket = {"ticket_id": world.name("TK"), **fields}
    answered = at + world.random.randint(1, 50) * MINUTE * slower
    world.post.track(who, at, "Ticket Opened", dict(ticket))
    done = answered + int(world.random.expovariate(1 / 7) * HOUR)
    resolved = {**ticket, "first_response_at": world.post.time(answered)}
    world.post.track(who, done, "Ticket Resolved", resolved)
    if world.chance(ASKED_AFTER):
        score = world.random.choice((8, 9, 10, 10)) if world.chance(CONTENT) else world.random.randint(1, 7)
        answer = {"score": score, "scale": 10, "about": "service", "feedback_id": world.name("FB")}
        world.post.track(who, done + 20 * MINUTE, "Feedback Given", answer)
