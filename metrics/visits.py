"""What a visit is: a customer's touches of browsing, cart or store on one channel, with pauses under half an hour.

A visit counts where it begins. Not here: what is asked of visits (breakdown/, journeys/).
"""

from typing import Final

PAUSE_MINUTES: Final = 30  # a pause as long as this ends a visit
TOUCHPOINTS: Final = ("browse", "cart", "store")
_SHOWN = "profile, channel, occurred_at, tie, campaign, source"
_OF_A_VISIT = f"touchpoint in {TOUCHPOINTS}"
_WHOSE = "partition by profile, channel order by occurred_at, tie"


def visits(read: str = "true") -> str:
    """SELECT of DuckDB over `contacts`: profile, channel, began, ended, touches, campaign, source (of the first touch).

    `read`: a condition on the touches that are looked at. A visit is whole if the touches on both its sides are among
    them, up to PAUSE_MINUTES before it begins; one that began earlier than they do seems to begin with them.
    """
    return f"""
        select profile, channel, min(occurred_at) as began, max(occurred_at) as ended, count(*) as touches,
            max(campaign) filter (opens = 1) as campaign, max(source) filter (opens = 1) as source
        from (select *, sum(opens) over ({_WHOSE} rows unbounded preceding) as number from ({_marked(read)}))
        group by profile, channel, number"""  # noqa: S608 (ours)


def beginnings(read: str = "true") -> str:
    """The same without what is known at the end alone: profile, channel, began, tie, campaign, source. Cheaper.

    A customer's visits are in the order of (began, tie, channel); `tie` is the first touch's.
    """
    return f"""
        select profile, channel, occurred_at as began, tie, campaign, source
        from ({_marked(read)}) where opens = 1"""  # noqa: S608 (ours)


def before(moment: str) -> str:
    """SQL: from when on touches must be read to know what begins from `moment` (SQL) on."""
    return f"({moment} - interval {PAUSE_MINUTES} minutes)"


def _marked(read: str) -> str:
    """Touches of visits; `opens`: 1 where one begins a visit, else 0."""
    return f"""
        select {_SHOWN}, case
            when occurred_at - lag(occurred_at) over ({_WHOSE}) < interval {PAUSE_MINUTES} minutes then 0 else 1
        end as opens
        from contacts where {_OF_A_VISIT} and ({read})"""  # noqa: S608 (ours)
