"""Patterns of cleaning rules: regular expressions that cannot run away, whatever a sender writes.

Only what matches in a time that a value's length bounds: no repetition of a repetition or of alternatives, no reference
back, no look around; the more repetitions of any length, the shorter the values that are looked at at all.
"""

import re
from collections.abc import Iterable
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

from django.utils.translation import gettext as _

from channels.language.errors import Wrong

LONGEST: Final = 300  # characters of a pattern
MOST_REPEATS: Final = 1_000  # of a bounded one
# How many repetitions of no fixed length there are -> how long a value may be: some 100,000 steps at most.
LOOKED_AT: Final = (1_000, 1_000, 400, 80)
SIMPLE: Final = frozenset((codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.AT, codes.RANGE))


class Pattern:
    """A pattern that a whole text has to match."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise Wrong(_("A pattern has at most %(most)s characters.") % {"most": LONGEST})
        try:
            tree = parser.parse(text)
            loose = _loose(tree, within=False)
            if loose >= len(LOOKED_AT):
                raise Wrong(
                    _("A pattern has at most %(most)s repetitions such as + and *.")
                    % {"most": len(LOOKED_AT) - 1}
                )
            self._match = re.compile(text).fullmatch
        except (re.error, OverflowError, RecursionError, ValueError) as why:
            raise Wrong(_("This is no pattern: %(what)s.") % {"what": str(why)[:100]}) from None
        self.longest = LOOKED_AT[loose]

    def __call__(self, text: str) -> bool:
        """Whether it matches; a text too long to be looked at does not."""
        return len(text) <= self.longest and self._match(text) is not None


def _loose(tree: Iterable[Any], *, within: bool) -> int:
    """How many repetitions have no fixed length. `within`: all of it is repeated. Wrong for what may run away."""
    return sum(_of(op, said, within=within) for op, said in tree)


def _of(op: Any, said: Any, *, within: bool) -> int:
    if op in SIMPLE:
        return 0
    if op is codes.SUBPATTERN:
        return _loose(said[3], within=within)
    if op is codes.BRANCH and not within:
        return sum(_loose(one, within=False) for one in said[1])
    if op in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        return _repeat(*said, within=within)
    raise Wrong(
        _("This pattern may take for ever: no repetition in a repetition, no references, no look-around.")
    )


def _repeat(least: int, most: int, tree: Any, *, within: bool) -> int:
    fixed = least == most
    if within and not fixed:
        raise Wrong(
            _("This pattern may take for ever: no repetition in a repetition, no references, no look-around.")
        )
    if most is not codes.MAXREPEAT and most > MOST_REPEATS:
        raise Wrong(_("A pattern repeats at most %(most)s times.") % {"most": f"{MOST_REPEATS:,}"})
    below = _loose(tree, within=within or most > 1)
    return below if fixed or most == 1 else below + 1
