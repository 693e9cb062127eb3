"""Members, tiers and what was bought, as parts of questions to the mirror. Not here: what is made of them.

`asked_of("select …", "joined", …)` puts the parts named before a select, those they stand on first.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from metrics.journeys import values
from metrics.journeys.base import Asked

# In the order in which they may stand; each after those it names.
PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Since when somebody is a member: the first step of any kind.
        "joined": "select profile, min(occurred_at) as since from tiers group by profile",
        # The tier somebody has from a moment on.
        "named": """select profile, occurred_at, arg_max(tier, (tie, tier)) as tier
            from tiers where tier <> '' group by profile, occurred_at""",
        # The period's orders; currency and day are null of our own money, so that it is not told day by day.
        "bought": """select x.profile, x.channel, x.occurred_at, x.total - x.refunded as worth,
                case when x.currency not in ('', $own) then x.currency end as currency,
                case when x.currency not in ('', $own) then x.day end as day,
                coalesce(j.since <= x.occurred_at, false) as member
            from purchases x left join joined j using (profile)
            where x.occurred_at >= $begin and x.occurred_at < $end""",
        # Who was active on which channel in the period, and whether as a member.
        "met": """select c.profile, c.channel, coalesce(max(c.occurred_at) >= any_value(j.since), false) as member
            from contacts c left join joined j using (profile)
            where c.active and c.occurred_at >= $begin and c.occurred_at < $end
            group by c.profile, c.channel""",
        # Members at the period's end: whether they joined in it, their tier before it and at its end.
        "standing": """select j.profile, j.since >= $begin as new,
                coalesce(arg_max(n.tier, n.occurred_at) filter (n.occurred_at < $begin), '') as before,
                coalesce(arg_max(n.tier, n.occurred_at), '') as now
            from joined j left join named n on n.profile = j.profile and n.occurred_at < $end
            where j.since < $end
            group by j.profile, j.since""",
        # Members' orders with the tier of then.
        "tiered": """select b.*, coalesce(n.tier, '') as tier
            from bought b asof left join named n on n.profile = b.profile and b.occurred_at >= n.occurred_at
            where b.member""",
        # The period's buyers: whether they ordered as a member, and on several channels.
        "each_buyer": """select profile, bool_or(member) as member, count(distinct channel) >= 2 as several
            from bought where profile is not null group by profile""",
    }
)


def asked_of(asked: Asked, told: str, *parts: str, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a select over parts, named in any order."""
    named = ", ".join(f"{name} as ({text})" for name, text in PARTS.items() if name in parts)
    whole = f"with {named} {told}"
    given = {"begin": asked.begin, "end": asked.end, "own": asked.settings.currency} | more
    return asked.mirror.rows(whole, **values.bound(whole, given))
