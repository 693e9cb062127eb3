"""The form of an alarm: something that is wrong now, by a name that stays. Judged anew each time, so it goes by itself.

A new one: a name and a few lines in the `alerts.py` of the part it is about. The list of all: cdp/pipeline/alerts.py.
"""

from typing import NamedTuple


class Alarm(NamedTuple):
    """What is wrong and what to do about it, in the reader's language."""

    name: str
    severity: str  # bad: a part stands still; warn: it will, or one sender's data is wrong
    title: str
    remedy: str
    workspace: int | None = None  # None: it is about the whole installation
    page: str = ""  # the route where the remedy starts
