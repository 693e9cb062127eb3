"""Whether a user agent is a known crawler's, by the kept list of PyPI's crawler-user-agents (MIT).

Not here: what becomes of a crawler's events (kernel/contacts.py). The list holds all that fetches pages and is no
person, also what people's own apps, browsers and payments say of themselves: KEPT_OUT has those. Its patterns are many
and so are user agents: each pattern is looked up by three characters that it needs, an agent is tried by few of them.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

import msgspec

from kernel.caches import remembered

LONGEST = 512  # characters of a user agent that are looked at
REMEMBERED = 20_000  # user agents per process, a quarter of a KB each
SIZE = 3  # characters by which a pattern is looked up
# What nearly every browser says: no pattern is looked up by that where it has anything else.
ORDINARY = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile "
    "Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
)

# Patterns of the list that name no crawler.
KEPT_OUT = frozenset(
    (
        # what apps, their servers and delivery networks are built on: they pass a customer's doing on
        "okhttp", "axios", "node-fetch", r"sindresorhus\/got", "^Apache-HttpClient", r"AHC\/", "Jetty",
        "HttpUrlConnection", "^PHP-Curl-Class", "CustomAsyncHttpClient", "Amazon CloudFront",
        # payments, shops, tills and message services that report what a customer did
        r"PayPal\/", r"Stripe\/", "GoPay", r"Trustly\/", "Mollie HTTP client", r"WJHRO\/", r"Recurly Webhooks\/",
        r"Snipcart\/", "Shopify-Captain-Hook", r"WordPress\/", "BlingERP", "Bling ERP", r"Sora POS\/",
        r"SFDC-Callout\/", r"Salesforce\.com", "Zapier", r"Make\/", r"Integromat\/", r"IFTTT\/", "Zendesk Webhook",
        r"Svix-Webhooks\/", "SendGrid Event API", "SparkPost", "MailChimp", r"Klaviyo\/", r"Omnisend\/",
        r"TwilioProxy\/", r"Stape\/",
        # the mail service of somebody who opens a mail
        "GoogleImageProxy", "YahooMailProxy", "FastmailUA",
        # a browser (its crawler: see ADDED), Facebook's browser, a build of Android, a phone
        "Sogou", "MetaIAB Facebook", r"AP3A\.240617\.008", "Butterfly",
    )
)  # fmt: skip
# Crawlers that the list does not have, or not by themselves.
ADDED = (
    r"Sogou[\w\- ]*[sS]pider", "HaosouSpider", "EasouSpider", "JikeSpider", "ShenmaSpider", "Quark-?Spider",
    "Doubaobot",
)  # fmt: skip
_TOKEN = re.compile(r"(\[[^\]]*\]|\([^()]*\)|\\.|[^\\])([?*+]?)", re.DOTALL)
_ALTERNATIVES = frozenset("|(){")  # where one stands by itself, it cannot simply be told what a pattern needs


class Index(NamedTuple):
    """The patterns by SIZE characters that each needs, and those that need none."""

    needing: dict[str, str]
    keys: frozenset[str]
    others: re.Pattern[str]


@remembered(REMEMBERED)
def known(agent: str) -> bool:
    """Whether it is a crawler's. Give LONGEST characters of it at most."""
    index = _index()
    for key in parts(agent) & index.keys:
        if _compiled(index.needing[key]).search(agent):
            return True
    return index.others.search(agent) is not None


def listed() -> list[dict[str, Any]]:
    """The list as it is kept: patterns, and examples of user agents."""
    text = (resources.files("crawleruseragents") / "crawler-user-agents.json").read_bytes()
    found: list[dict[str, Any]] = msgspec.json.decode(text)
    return found


def patterns() -> list[str]:
    """Those that are used."""
    return [*(one["pattern"] for one in listed() if one["pattern"] not in KEPT_OUT), *ADDED]


def parts(text: str) -> set[str]:
    """All runs of SIZE characters in a text."""
    return {text[start : start + SIZE] for start in range(len(text) - SIZE + 1)}


def needed(pattern: str) -> set[str]:
    """Runs of SIZE characters without which a pattern finds nothing; none where that cannot simply be told."""
    signs = []
    for token, times in _TOKEN.findall(pattern):
        if token in _ALTERNATIVES:
            return set()
        literal = token[-1] if len(token) == 1 or (token[0] == "\\" and not token[1].isalnum()) else ""
        sure = literal and times not in ("?", "*") and token not in (".", "^", "$")
        signs.append((literal if sure else "\0") + ("\0" if times else ""))
    return {part for run in "".join(signs).split("\0") for part in parts(run)}


def indexed(wanted: Iterable[str]) -> Index:
    """Each pattern under the rarest of the runs that it needs."""
    needs = {pattern: needed(pattern) for pattern in wanted}
    common = Counter(part for runs in needs.values() for part in runs)
    for agent in ORDINARY:
        common.update(dict.fromkeys(parts(agent), len(needs)))
    found: dict[str, list[str]] = defaultdict(list)
    for pattern, runs in needs.items():
        found[min(runs, key=lambda part: (common[part], part)) if runs else ""].append(f"(?:{pattern})")
    others = re.compile("|".join(found.pop("", ["(?!)"])))
    return Index({key: "|".join(alike) for key, alike in found.items()}, frozenset(found), others)


@lru_cache(maxsize=1)
def _index() -> Index:
    return indexed(patterns())


@cache  # as many as the list has
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
