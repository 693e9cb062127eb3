"""The funnel's statements: from every start to the step it leads to, and each person's start that counts.

A step is met by ASOF joins: per start the earliest event that can be the next. Texts are made of our words alone, what
somebody wrote is bound. What the answer means: funnel.py.
"""
# ruff: noqa: S608 - nothing that somebody wrote is in these texts

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from metrics.journeys import steps
from metrics.journeys.base import MOST_VALUES, OTHER, Asked
from metrics.journeys.steps import Step

REACHED, DROPPED = OUTCOMES = ("reached", "dropped")
NONE: Final = "null"  # how an object's key says that there is no value
CITY: Final = "city"  # said of the person, not of a touch
TICK: Final = "interval 1 microsecond"


class Question(NamedTuple):
    """What is asked of a period."""

    steps: Sequence[Step]
    window: timedelta
    strict: bool = False
    exclude: Step | None = None
    by: str = ""  # a field of the touch that is the counting start, as steps.py names fields, or CITY


class Walk:
    """The statements of a question, and what is bound in them.

    Tables: `met` (profile, at_, is1 …: which steps it is, the excluded one last; for a break-down tie, value), `starts`
    (profile, t1, the same), `reached<k>` (the starts that lead to step k: t1 to tk), `best` (each person's counting
    start: profile, depth, times to steps 2 and on in microseconds, value).
    """

    def __init__(self, asked: Asked, question: Question) -> None:
        self.question, self.values = question, dict[str, Any]()
        self.begin, self.end = self._bound(asked.begin), self._bound(asked.end)
        if len(question.steps) > 1:  # DuckDB takes no value that a statement does not use
            self.window, self.last = self._bound(question.window), self._bound(asked.end + question.window)
        self.marks = ", tie, value" if question.by else ""  # what of a start a break-down needs
        self.value = ", value" if question.by else ""

    # ---- what is asked ---------------------------------------------------------------------------

    def summed(self) -> str:
        """A row of (label, whether it is the total, then of each step customers, median and 90th percentile)."""
        columns = ["count(*), 0, 0"]
        for step in range(2, len(self.question.steps) + 1):
            only = f"filter (depth >= {step})"
            quantiles = (f"quantile_cont(times[{step - 1}], {share}) {only}" for share in (0.5, 0.9))
            columns.append(f"count(*) {only}, {', '.join(quantiles)}")
        if not self.question.by:
            return f"{self._best()} select '', true, {', '.join(columns)} from best"
        return (
            f"{self._labelled()} select label, grouping(label) = 1, {', '.join(columns)} from labelled "
            "group by grouping sets ((), (label)) order by min(rank), label"
        )

    def people(self, step: int, outcome: str, value: str | None) -> str:
        """The profiles of a bar, or of the loss before it."""
        which = f"depth >= {step}" if outcome == REACHED else f"depth = {step - 1}"
        if value is None:
            return f"{self._best()} select profile from best where {which}"
        return (
            f"{self._labelled()} select profile from labelled where {which} and label = {self._bound(value)}"
        )

    def times(self, step: int, edges: Sequence[float]) -> str:
        """How many reached a step in each class of seconds, by the place of its upper edge."""
        took = f"times[{step - 1}] / 1e6"
        place = f"len(list_filter({self._bound(list(edges))}::double[], lambda edge: edge < {took}))"
        return f"{self._best()} select {place}, count(*) from best where depth >= {step} group by 1"

    # ---- tables ----------------------------------------------------------------------------------

    def _labelled(self) -> str:
        """`best` with the label of each value: the largest by name, by their places, then the rest, then none."""
        return f"""{self._best()}, sizes as (
            select value, row_number() over (order by count(*) desc, value) as place
            from best where value is not null group by value
        ), labelled as (
            select best.*,
                case when place is null then {MOST_VALUES + 2} else least(place, {MOST_VALUES + 1}) end as rank,
                case when place <= {MOST_VALUES} then value when place is null then '{NONE}' else '{OTHER}' end as label
            from best left join sizes using (value)
        )"""

    def _best(self) -> str:
        last = len(self.question.steps)
        parts = [f"met as materialized ({self._met()})", f"starts as ({self._starts()})"]
        parts += [*(self._excluded() if last > 1 else ()), *self._steps()]
        led = " union all ".join(
            f"select profile, {step} as depth, t{step} - t1 as took, t1, {_times(step)} as times{self.marks} "
            f"from reached{step}"
            for step in range(2, last + 1)
        )
        if led:
            row = "{'depth': depth, 'times': times" + (", 'value': value}" if self.value else "}")
            tie = ", tie" if self.marks else ""
            parts.append(
                f"led as (select profile, arg_min({row}, (-depth, took, t1{tie})) as it from ({led}) group by profile)"
            )
            parts.append(f"best as ({self._first('anti join led using (profile)')} union all {self._led()})")
        else:
            parts.append(f"best as ({self._first('')})")
        return "with " + ", ".join(parts)

    def _first(self, where: str) -> str:
        """Those whose starts lead nowhere."""
        value = ", arg_min({'value': value}, (t1, tie)).value as value" if self.value else ""
        return (
            f"select profile, 1 as depth, []::bigint[] as times{value} from starts {where} group by profile"
        )

    def _led(self) -> str:
        value = ", it.value" if self.value else ""
        return f"select profile, it.depth, it.times{value} from led"

    def _met(self) -> str:
        """The touches that are any of the steps (all of them where what lies between counts), and which they are."""
        asked = self.question
        exclude = [asked.exclude] if asked.exclude and len(asked.steps) > 1 else []
        conditions = [step.sql(self.values) for step in (*asked.steps, *exclude)]
        which = ", ".join(f"({condition}) is true as is{n}" for n, condition in enumerate(conditions, 1))
        upto = f"<= {self.last}" if len(asked.steps) > 1 else f"< {self.end}"
        within = f"t.occurred_at >= {self.begin} and t.occurred_at {upto}"
        some = "" if asked.strict else f"and ({' or '.join(f'({condition})' for condition in conditions)})"
        said = f"left join said s on s.profile = t.profile and s.name = '{CITY}'" if asked.by == CITY else ""
        value = "s.value" if said else steps.expression(asked.by, self.values) if asked.by else ""
        marks = f", t.tie, nullif({value}::varchar, '') as value" if value else ""
        return f"select t.profile, t.occurred_at as at_, {which}{marks} from contacts t {said} where {within} {some}"

    def _starts(self) -> str:
        upto = f" and at_ < {self.end}" if len(self.question.steps) > 1 else ""
        return f"select profile, at_ as t1{self.marks} from met where is1{upto}"

    def _excluded(self) -> list[str]:
        """`started`: the starts, and from when on each is lost."""
        if not self.question.exclude:
            return ["started as (select *, null::timestamp as gone from starts)"]
        away = f"select profile, at_ from met where is{len(self.question.steps) + 1}"
        return [
            f"started as (select s.*, k.at_ as gone from starts s asof left join ({away}) k "
            "on s.profile = k.profile and s.t1 < k.at_)"
        ]

    def _steps(self) -> list[str]:
        found, before = [], "started"
        for place in range(1, len(self.question.steps)):
            found.append(f"reached{place + 1} as ({self._next(before, place)})")
            before = f"reached{place + 1}"
        return found

    def _next(self, before: str, place: int) -> str:
        """The starts that lead on to a step, by its place from 0."""
        step, known = self.question.steps[place], f"t{place + 1}"
        lost = "<" if self.question.exclude and step.may_be(self.question.exclude) else "<="
        gone = f" and (s.gone is null or k.at_ {lost} s.gone)" if self.question.exclude else ""
        found = f"select profile, at_ from met where is{place + 1}"
        led = (
            f"select s.*, k.at_ as {known} from {before} s asof join ({found}) k "
            f"on s.profile = k.profile and {self._earliest(place)} <= k.at_ "
            f"where k.at_ <= s.t1 + {self.window}{gone}"
        )
        if not self.question.strict:
            return led
        other = f"select profile, at_ from met where not is{place}"
        return (
            f"select s.* from ({led}) s asof left join ({other}) k on s.profile = k.profile and s.t{place} < k.at_ "
            f"where k.at_ is null or k.at_ >= s.{known}"
        )

    def _earliest(self, place: int) -> str:
        """From when on an event can be the step: not before the last, and later than what might be the same event."""
        step, same = self.question.steps[place], range(place - 1, -1, -1)
        taken = next((n + 1 for n in same if step.may_be(self.question.steps[n])), 0)
        if not taken:
            return f"s.t{place}"
        later = f"s.t{taken} + {TICK}"
        return later if taken == place else f"greatest(s.t{place}, {later})"

    def _bound(self, value: Any) -> str:
        return steps.bound(self.values, value)


def _times(step: int) -> str:
    """The times from the start to each step up to one."""
    return f"[{', '.join(f'epoch_us(t{n}) - epoch_us(t1)' for n in range(2, step + 1))}]"
