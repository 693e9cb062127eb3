"""What holds of people who said yes and no, slowly and plainly: all their words in a row, the latest holds."""

from datetime import datetime
from typing import NamedTuple


class Word(NamedTuple):
    """One thing that somebody said. `channel` "": of all of them."""

    who: str
    at: datetime
    purpose: str
    channel: str
    given: bool


def now(words: list[Word], people: set[str]) -> dict[tuple[str, str], tuple[bool, datetime]]:
    """By purpose and channel the answer of some who are one person, and since when it was never another."""
    found = {}
    for purpose, channel in {(word.purpose, word.channel) for word in words if word.who in people}:
        mine = [
            word
            for word in words
            if word.who in people and (word.purpose, word.channel) == (purpose, channel)
        ]
        mine.sort(key=lambda word: (word.at, not word.given))
        since = mine[-1].at
        for word in reversed(mine):
            if word.given is not mine[-1].given:
                break
            since = word.at
        found[purpose, channel] = (mine[-1].given, since)
    return found


def may(words: list[Word], people: set[str], purpose: str, channel: str) -> bool | None:
    """Whether one may write to them there: by the latest of the words on the channel and on all. None: never said."""
    mine = [
        word
        for word in words
        if word.who in people and word.purpose == purpose and word.channel in ("", channel)
    ]
    return max(mine, key=lambda word: (word.at, not word.given)).given if mine else None
