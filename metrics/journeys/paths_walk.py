"""The statements of paths: from touches in order to visits, from visits to paths, from these to nodes and links.

Touches lie in one order, person after person, and each looks at its neighbours; `end` walks the same way backwards.
Texts are made of our words alone, what somebody wrote is bound. What the answer means: paths.py.
"""
# ruff: noqa: S608 - nothing that somebody wrote is in these texts

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from kernel import vocabulary
from metrics.journeys import steps
from metrics.journeys.base import MOST_VALUES, OTHER, Asked
from metrics.journeys.steps import Step

CHANNEL, TOUCHPOINT, EVENT = "channel", "touchpoint", "event"
LEVELS: Final = {CHANNEL: "t.channel::varchar", TOUCHPOINT: "t.touchpoint", EVENT: "t.name"}
IN_ORDER: Final = "over (order by profile, a, tie)"


class Question(NamedTuple):
    """What is asked of a period. At most one of `start` and `end` is given."""

    level: str
    visits: int
    session: timedelta
    start: Step | None = None
    end: Step | None = None
    most: int = MOST_VALUES  # nodes of a step; the rest is OTHER


class Walk:
    """The statements of a question, and what is bound in them.

    Tables: `rows` (a visit each: profile, a: microseconds, backwards below 0, tie, n: node, begins: its path does),
    `paths` (profile, a, n1 to the last step: labels, null where the path has ended).
    """

    def __init__(self, asked: Asked, question: Question) -> None:
        self.question, self.values = question, dict[str, Any]()
        self.begin, self.end = self._bound(asked.begin), self._bound(asked.end)
        self.pause = self._bound(question.session // timedelta(microseconds=1))
        self.backwards = question.end is not None
        # n1 is where the walk begins, the first visit or the last; a path is read from its first.
        self.cut = question.start or question.end
        known = {CHANNEL: len(asked.settings.channels), TOUCHPOINT: len(vocabulary.TOUCHPOINTS)}
        self.many = (
            known.get(question.level, question.most + 1) > question.most
        )  # there may be more than are listed

    # ---- what is asked ---------------------------------------------------------------------------

    def drawn(self) -> str:
        """Rows of (step, node, next step's node or null, paths, customers): nodes, then links."""
        listed = [
            f"select {step}, n{step}, null, count(*), count(distinct profile) "
            f"from paths where n{step} is not null group by n{step}"
            for step in range(1, self.question.visits + 1)
        ]
        listed += [
            f"select {step}, n{step}, n{step + 1}, count(*), 0 "
            f"from paths where n{step + 1} is not null group by n{step}, n{step + 1}"
            for step in range(1, self.question.visits)
        ]
        return f"{self._paths()} {' union all '.join(listed)}"

    def frequent(self, top: int) -> str:
        """Rows of (names, paths, customers, median time, converted customers, [(currency, day, orders, amount)])."""
        names = f"[{', '.join(f'n{step}' for step in range(1, self.question.visits + 1))}]"
        first, last = ("-b", "-a") if self.backwards else ("a", "b")
        return f"""{self._paths(ends=True)}, spans as materialized (
            select p.profile, {names} as names, {first.replace("a", "p.a").replace("b", "e.a")} as first,
                {last.replace("a", "p.a").replace("b", "e.a")} as last
            from paths p asof join ends e on p.profile = e.profile and p.a <= e.a
        ), tops as (
            select names, count(*) as paths, count(distinct profile) as customers, median(last - first) as took
            from spans group by names order by customers desc, paths desc, names limit {self._bound(top)}
        ), bought as (
            select s.names, o.profile, o.currency, o.day, o.amount
            from (
                select profile, epoch_us(occurred_at) as at_, currency, day, coalesce(total - refunded, total) as amount
                from purchases where occurred_at >= {self.begin} and occurred_at < {self.end} and profile is not null
            ) o asof join spans s on o.profile = s.profile and s.first <= o.at_
            where o.at_ <= s.last
        ), sums as (
            select names, currency, day, count(*) as orders, coalesce(sum(amount), 0) as amount
            from bought semi join tops using (names) group by names, currency, day
        ), buyers as (
            select names, count(distinct profile) as buyers from bought semi join tops using (names) group by names
        )
        select t.names, t.paths, t.customers, t.took, coalesce(any_value(buyers), 0),
            list((currency, day, orders, amount)) filter (orders > 0)
        from tops t left join sums using (names) left join buyers using (names)
        group by t.names, t.paths, t.customers, t.took order by t.customers desc, t.paths desc, t.names"""

    def people(self, chain: Sequence[tuple[int, str]], whole: bool) -> str:
        """The profiles with a path through these nodes; `whole`: that has no other."""
        where = [f"n{step} = {self._bound(node)}" for step, node in chain] or ["true"]
        if whole and chain and chain[-1][0] < self.question.visits:
            where.append(f"n{chain[-1][0] + 1} is null")
        return f"{self._paths()} select distinct profile from paths where {' and '.join(where)}"

    # ---- tables ----------------------------------------------------------------------------------

    def _paths(self, ends: bool = False) -> str:
        parts = [f"met as ({self._met()})", f"seen as {'materialized ' if ends else ''}({self._seen()})"]
        if ends:
            parts.append(f"ends as (select profile, a from seen where {self._last()})")
        parts += [
            f"rows as ({self._rows()})",
            f"raw as {'materialized ' if self.many else ''}({self._led()})",
        ]
        parts.append(f"paths as materialized ({self._labelled()})")
        return "with " + ", ".join(parts)

    def _met(self) -> str:
        at = "epoch_us(t.occurred_at)"
        place = f"-{at} as a, ~t.tie as tie" if self.backwards else f"{at} as a, t.tie"
        hit = self.cut.sql(self.values) if self.cut else "false"
        return (
            f"select t.profile, {place}, {LEVELS[self.question.level]} as n, ({hit}) is true as hit from contacts t "
            f"where t.occurred_at >= {self.begin} and t.occurred_at < {self.end}"
        )

    def _seen(self) -> str:
        """Each touch: whether a path breaks before it, and whether it opens a visit."""
        return f"""select *, coalesce(before <> profile or a - earlier > {self.pause}, true) as broken,
                broken or n is distinct from left_ as opens
            from (
                select *, lag(profile) {IN_ORDER} as before, lag(a) {IN_ORDER} as earlier, lag(n) {IN_ORDER} as left_,
                    lead(profile) {IN_ORDER} as after, lead(a) {IN_ORDER} as later
                from met
            )"""

    def _last(self) -> str:
        """Whether a touch is its path's last."""
        return f"coalesce(after <> profile or later - a > {self.pause}, true)"

    def _rows(self) -> str:
        if not self.cut:
            return "select profile, a, tie, n, broken as begins from seen where opens"
        # `since`: the place where the path began; `known`: that of the newest meeting up to here, and before here.
        return f"""select profile, a, tie, n, begins from (
                select *, hit and coalesce(known < since, true) as begins
                from (
                    select *, max(case when broken then place end) {IN_ORDER} as since,
                        max(case when hit then place end) over (
                            order by profile, a, tie rows between unbounded preceding and 1 preceding
                        ) as known
                    from (select *, row_number() {IN_ORDER} as place from seen where opens or hit or broken)
                )
            ) where begins or (opens and known >= since)"""

    def _led(self) -> str:
        """A row a path: the node it begins with, and those that follow up to where the next path begins."""
        columns, ahead = ["profile", "a", "n as n1"], []
        for step in range(2, self.question.visits + 1):
            ahead.append(f"lead(m, {step - 1}) {IN_ORDER} as m{step}")
            on = " and ".join(f"m{n} is not null" for n in range(2, step))
            columns.append(f"case when {on or 'true'} then m{step} end as n{step}")
        onward = "(select *, case when not begins then n end as m from rows)"
        return (
            f"select {', '.join(columns)} from (select {', '.join(['*', *ahead])} from {onward}) where begins"
        )

    def _labelled(self) -> str:
        """The paths read from their first visit, with what is not listed at a step under one label."""
        steps_ = range(1, self.question.visits + 1)
        turned = "select * from raw"
        if self.backwards:
            every = ", ".join(f"n{step}" for step in steps_)
            turned = (
                "select profile, a, "
                + ", ".join(f"found[{step}] as n{step}" for step in steps_)
                + f" from (select *, list_reverse(list_filter([{every}], lambda n: n is not null)) as found from raw)"
            )
        if not self.many:
            return turned
        labels = ", ".join(
            f"case when n{step} is null or n{step} in (select n from listed where step = {step}) "
            f"then n{step} else '{OTHER}' end as n{step}"
            for step in steps_
        )
        sizes = " union all ".join(
            f"select {step} as step, n{step} as n, count(distinct profile) as size from turned "
            f"where n{step} is not null group by n{step}"
            for step in steps_
        )
        return (
            f"with turned as materialized ({turned}), listed as materialized (select step, n from ({sizes}) "
            f"qualify row_number() over (partition by step order by size desc, n) <= {self.question.most}) "
            f"select profile, a, {labels} from turned"
        )

    def _bound(self, value: Any) -> str:
        return steps.bound(self.values, value)
