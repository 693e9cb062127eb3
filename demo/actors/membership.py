"""The member club: joining and moving up. Not here: what members buy."""

from demo.people import Id, Person
from demo.post import Session
from demo.world import World

GIVES_PHONE = 0.86
TIERS = ((600_000, "Black"), (200_000, "Gold"))  # fen spent
FIRST = "Silver"


def join(world: World, at: int, who: Session, person: Person, tablet: Id | None = None) -> None:
    """He becomes a member, shown by what his session knows, perhaps on a shop's tablet that everybody uses."""
    person.joined, person.tier = True, FIRST
    ids = [*who.ids, person.member_no]
    if world.chance(GIVES_PHONE) and not any(kind == "phone" for kind, _, _ in ids):
        ids.append(person.phone)
    if person.phone in ids:
        person.phone_told = at
        world.told.append(person)
    if tablet:
        ids.append(tablet)
    session = Session(who.connector, person, tuple(ids), who.context)
    world.post.track(session, at, "Membership Joined", {"tier": FIRST})
    plain = Session(who.connector, person, (person.member_no,), {})
    world.post.identify(plain, at + 1_000, {"name": person.name, "city": person.city, "tier": FIRST})


def upgrade(world: World, at: int, who: Session) -> None:
    """Moves up when he has spent enough."""
    person = who.person
    if person is None or not person.joined or not who.ids:
        return
    tier = next((name for limit, name in TIERS if person.spent >= limit), FIRST)
    if tier != person.tier:
        person.tier = tier
        session = Session(who.connector, person, tuple(dict.fromkeys((*who.ids, person.member_no))), {})
        world.post.track(session, at + 90_000, "Membership Upgraded", {"tier": tier})
