"""What number a profile bears after a run of changes in which profiles change their numbers. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

BEFORE_ALL = -1
AFTER_ALL = 1 << 63


class Renames:
    """`(change, old, new)` in the order of the changes.

    A number may be given up and taken again by somebody else, so a rename holds for who had the number just before it.
    """

    def __init__(self, renamed: Iterable[tuple[int, int, int]]) -> None:
        self._later: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for change, old, new in renamed:
            self._later[old].append((change, new))

    @property
    def olds(self) -> list[int]:
        """The numbers that were given up."""
        return sorted(self._later)

    def final(self, profile: int, since: int = BEFORE_ALL) -> int:
        """The number at the end of who bore this one when change `since` was done."""
        while profile in self._later:
            place = bisect_right(self._later[profile], (since, AFTER_ALL))
            if place == len(self._later[profile]):
                break
            since, profile = self._later[profile][place]
        return profile
