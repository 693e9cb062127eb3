"""Advertising: campaigns that people meet, and what a day of each costs. Not here: what people do afterwards."""

from typing import Any, NamedTuple

from demo import outlets
from demo.goods import yuan
from demo.people import Id, Person
from demo.post import Session
from demo.seasons import DAY, HOUR, demand
from demo.world import World


class Medium(NamedTuple):
    """Where and how a channel advertises; yuan a day for each thousand customers, share of journeys it begins."""

    connector: str
    source: str
    medium: str
    daily: float
    reach: float


MEDIA = {
    outlets.DOUYIN: Medium("douyin", "douyin", "feed", 62, 0.42),
    outlets.XHS: Medium("xiaohongshu", "xiaohongshu", "note", 34, 0.36),
    outlets.TMALL: Medium("tmall", "taobao", "search", 52, 0.28),
    outlets.JD: Medium("jd", "jd", "search", 30, 0.24),
    outlets.MINI: Medium("mini-program", "wechat", "moments", 22, 0.26),
    outlets.WEB: Medium("web", "baidu", "cpc", 26, 0.38),
}
LETTER_READERS = 0.33  # of the mailed ones open a letter
LETTER_COST = 30  # fen a letter, paid to keep customers
EVERGREEN = "always-on"
NOTES_SEEN = 0.6  # of the advertisements on the channel of the notes are theirs while they run


def campaign(world: World, channel: str, at: int) -> dict[str, Any] | None:
    """The advertisement that brought somebody, as it stands in `context.campaign`; None: he came by himself."""
    medium = MEDIA.get(channel)
    if medium is None or not world.chance(medium.reach):
        return None
    notes = world.plan.campaign
    if channel == notes.seen_on and notes.runs(at) and world.chance(NOTES_SEEN):
        return {"name": notes.name, "source": medium.source, "medium": medium.medium}
    sale = world.promotion(at)
    return {"name": sale.code if sale else EVERGREEN, "source": medium.source, "medium": medium.medium}


def touch(world: World, who: Session, at: int, seen: dict[str, Any]) -> None:
    """An advertisement was shown and tapped inside a platform."""
    named = {"campaign": seen["name"], "medium": seen["medium"], "source": seen["source"]}
    world.post.track(who, at, "Campaign Touched", named)


def daily(world: World, day: int) -> None:
    """The bills of a day, one for each channel; more in a sale."""
    at = day * DAY
    sale = world.promotion(at)
    for channel, medium in MEDIA.items():
        dice = world.random.uniform(0.85, 1.15) * (1.2 if sale else 1.0)
        amount = round(world.customers / 1000 * medium.daily * dice * demand(world.date(at)) * 100)
        clicks = max(1, round(amount / world.random.uniform(110, 190)))
        name = sale.code if sale else EVERGREEN
        if channel == world.plan.campaign.seen_on and world.plan.campaign.runs(at):
            name = world.plan.campaign.name
        bill = {"type": "spend", "amount": yuan(amount), "currency": "CNY", "date": str(world.date(at))}
        bill |= {
            "id": f"ad-{channel}-{world.date(at)}-{world.tag}",
            "campaign": name,
            "medium": medium.medium,
        }
        bill |= {
            "kind": "acquisition",
            "clicks": clicks,
            "impressions": clicks * world.random.randint(28, 60),
        }
        world.post.record(medium.connector, at + 23 * HOUR + HOUR // 2, bill)
    if sale and sale.first == world.date(at):
        _letters(world, day, sale.code)


def _letters(world: World, day: int, code: str) -> None:
    """On a sale's first morning everybody with an account and an address gets a letter."""
    readers = [
        (person, person.email) for person in world.people if person.account and person.email and person.orders
    ]
    for person, address in readers:
        if world.chance(LETTER_READERS):
            opened = day * DAY + 9 * HOUR + int(world.random.random() * 30 * HOUR)
            world.later(opened, _letter, person, address, code)
    if readers:
        first = str(world.date(day * DAY))
        bill = {
            "type": "spend",
            "id": f"mail-{code}-{first}-{world.tag}",
            "amount": yuan(len(readers) * LETTER_COST),
        }
        bill |= {"currency": "CNY", "date": first, "campaign": code, "medium": "email", "kind": "retention"}
        world.post.record("web", day * DAY + 9 * HOUR, bill)


def _letter(world: World, at: int, person: Person, address: Id, code: str) -> None:
    """Opened, and perhaps followed."""
    context = {"campaign": {"name": code, "source": "newsletter", "medium": "email"}}
    who = Session("web", person, (address,), context)
    world.post.track(who, at, "Email Opened", {"email_subject": f"Hemu Home {code}"})
    if world.chance(0.3):
        world.post.track(who, at + 40_000, "Email Link Clicked", {"link": f"https://hemu.example/{code}"})
