"""Identities at their worst, as messages: what makes the line look at the same people again and again.

Each story is a function of a number of messages and a name; `mixed` puts all into one stream. Half of each story
comes in falling time, so that what was decided before is decided anew. Groups have the sizes that life has (twenty
buyers on a tablet), but for `hub` and `constant`, which hold everybody. Not here: who measures (identity.py, tests).
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GROUP = 20  # people on a tablet, phones in a chain of households
MESSAGES = 500  # of a request

Message = dict[str, Any]


def strangers_first(n: int, name: str) -> Iterator[Message]:
    """Cookies with users at noon, then each of them with another user an hour before."""
    for hour, who in ((0, "late"), (-1, "early")):
        for k in range(n // 2):
            yield _seen(k, hour, userId=f"{name}-{who}-{k}", anonymousId=f"{name}-cookie-{k}")


def tablets(n: int, name: str) -> Iterator[Message]:
    """A tablet in a shop, on which one buyer after another signs in."""
    for k in _turned(n):
        yield _seen(k, userId=f"{name}-{k}", anonymousId=f"{name}-tablet-{k // GROUP}")


def households(n: int, name: str) -> Iterator[Message]:
    """Everybody has a phone and the neighbour's: chains of people, each link one more claim."""
    for k in _turned(n):
        user, other = divmod(k, 2)
        yield _seen(k, userId=f"{name}-{user}", phone=_phone(name, user + other, user // GROUP))


def dominoes(n: int, name: str) -> Iterator[Message]:
    """Cookies and e-mails in a chain without any user: the limits cut it, elsewhere with every earlier message."""
    for k in _turned(n):
        cookie, other = divmod(k, 2)
        chain = cookie // GROUP
        yield _seen(
            k,
            anonymousId=f"{name}-cookie-{cookie}",
            email=f"{name}-{cookie + other}@chain{chain}.example.com",
        )


def relay(n: int, name: str) -> Iterator[Message]:
    """A courier's phone under which twenty buyers ordered: joined, then shared, then everybody alone again."""
    for k in _turned(n):
        yield _seen(k, userId=f"{name}-{k}", phone=_phone(name, k // GROUP, 0), anonymousId=f"{name}-a-{k}")


def constant(n: int, name: str) -> Iterator[Message]:
    """One device id in every app, because somebody hard-coded it."""
    for k in _turned(n):
        yield _seen(k, userId=f"{name}-{k}", device=f"{name}-constant")


def hub(n: int, name: str) -> Iterator[Message]:
    """A user of the testers' with a new cookie in every run."""
    for k in _turned(n):
        yield _seen(k, userId=f"{name}-tester", anonymousId=f"{name}-run-{k}")


def renamed(n: int, name: str) -> Iterator[Message]:
    """Ids that were given up for others, told last first."""
    for k in _turned(n):
        chain, place = divmod(k, GROUP)
        ends = {"previousId": f"{name}-{chain}-{place}", "userId": f"{name}-{chain}-{place + 1}"}
        yield {"type": "alias", "timestamp": _at(k, 0)} | ends


STORIES: tuple[Callable[[int, str], Iterator[Message]], ...] = (
    strangers_first, tablets, households, dominoes, relay, constant, hub, renamed,
)  # fmt: skip


def mixed(n: int, name: str = "m") -> Iterator[Message]:
    """All stories at once, a message of each in turn."""
    told = [story(n // len(STORIES), f"{name}-{story.__name__}") for story in STORIES]
    for turn in zip_longest(*told):
        yield from filter(None, turn)


def requests(messages: Iterator[Message], name: str, size: int = MESSAGES) -> Iterator[tuple[str, int]]:
    """As bodies of requests, with how many messages each has."""
    import json

    batch: list[Message] = []
    for n, message in enumerate(messages):
        batch.append({"messageId": f"{name}-{n}"} | message)
        if len(batch) == size:
            yield json.dumps({"batch": batch}), size
            batch = []
    if batch:
        yield json.dumps({"batch": batch}), len(batch)


def _turned(n: int) -> Iterator[int]:
    """The even numbers rising, then the odd ones falling."""
    yield from range(0, n, 2)
    yield from range(n - 1 - n % 2, 0, -2)


def _seen(k: int, hour: int = 0, **who: str) -> Message:
    traits = {kind: who.pop(kind) for kind in ("phone", "email") if kind in who}
    device = {"device": {"id": who.pop("device")}} if "device" in who else {}
    return {
        "type": "track",
        "event": "Seen",
        "timestamp": _at(k, hour),
        "properties": traits,
        "context": device,
    } | who


def _at(k: int, hour: int) -> str:
    return (NOON + timedelta(hours=hour, seconds=k)).isoformat()


def _phone(name: str, number: int, chain: int) -> str:
    """A valid mobile phone, another one for every story, chain and number."""
    return f"+86139{(sum(map(ord, name)) % 97 * 1_000_003 + chain * 7 + number) % 100_000_000:08}"
