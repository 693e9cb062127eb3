"""What statistics of cause answer with: an effect with its 95 % interval, or the reason why there is none.

Where the data cannot carry an answer it is refused, in a sentence that says what is lacking: an interval that pretends
is worse than none. Not here: how effects are found (changes.py, matching.py); shares and means (intervals.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from metrics.effects.intervals import Difference

__all__ = ["LEAST_DAYS", "LEAST_PERSONS", "Balance", "Difference", "People", "Refusal"]

LEAST_DAYS: Final = 21  # on each side: of fewer the intervals hold the truth less often than they say
LEAST_PERSONS: Final = 20  # who met it, and who did not, among those compared
LEAST_MATCHED: Final = 0.5  # of those who met it must have somebody alike, or the rest speaks of others
MOST_APART: Final = (
    0.25  # standard deviations between the groups' means (E. A. Stuart, Statistical Science 25, 2010)
)

SENTENCES: Final = {
    "days": ngettext_lazy(
        "There is %(count)s day on each side: %(least)s are needed before a change can be told from chance.",
        "There are %(count)s days on each side: %(least)s are needed before a change can be told from chance.",
        "count",
    ),
    "lengths": _("What is compared must be equally long, day for day."),
    "nothing": _("On one side there is nothing to divide by: no value can be told, and no change of it."),
    "thin": _("So little happened that on many days there is nothing to divide by: no interval can be told."),
    "same": _("Every day is the same as every other: how far chance moves it cannot be told from that."),
    "exposed": ngettext_lazy(
        "%(count)s customer met it: at least %(least)s are needed.",
        "%(count)s customers met it: at least %(least)s are needed.",
        "count",
    ),
    "others": ngettext_lazy(
        "%(count)s customer did not meet it: at least %(least)s are needed to compare with.",
        "%(count)s customers did not meet it: at least %(least)s are needed to compare with.",
        "count",
    ),
    "alike": _(
        "Only %(share)s %% of those who met it have somebody alike who did not: "
        "what is found of them does not speak for the rest."
    ),
    "unbalanced": _("Those compared still differ in %(names)s: the difference may be that and nothing else."),
}


class Refusal(NamedTuple):
    """Why there is no answer: a code of SENTENCES and what its sentence names."""

    code: str
    said: dict[str, str | int] = {}  # noqa: RUF012 (never changed)

    def __str__(self) -> str:
        """The sentence, in the reader's language."""
        return str(SENTENCES[self.code] % self.said)


class People(NamedTuple):
    """Rows, a place each in all of these. Numbers, or numpy's arrays of them; strata of anything that can be sorted."""

    person: Sequence[int]
    exposed: Sequence[bool]
    outcome: Sequence[float]  # 0 or 1, or an amount
    covariates: Mapping[str, Sequence[float]]
    strata: Mapping[str, Sequence[Any]]


class Balance(NamedTuple):
    """How far apart two groups' means of a covariate lie, in standard deviations, before and after matching."""

    name: str
    before: float
    after: float
