"""What the audit log says in words: deeds, what they were done to and its page, their detail.

A deed without words here is shown by its own name. Not here: the list (audit_log.py).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.web import format

KINDS: Final[dict[str, Promise]] = {  # by the first word of a deed
    "contact": _("looks at contact data"),
    "export": _("exports"),
    "profile": _("customers joined and split"),
    "conflict": _("conflicts"),
    "reject": _("rejects"),
    "channel": _("channels"),
    "connector": _("connectors"),
    "key": _("write keys"),
    "mapping": _("mappings"),
    "import": _("imports"),
    "parity": _("price parity"),
    "target": _("targets"),
    "board": _("boards"),
    "analysis": _("analyses"),
    "allocation": _("allocation rules"),
    "statement": _("statements"),
    "member": _("members"),
    "token": _("tokens"),
    "password": _("passwords"),
    "workspace": _("workspace settings"),
}
DEEDS: Final[dict[str, Promise]] = {
    "contact.look": _("saw contact data"),
    "export": _("exported a file"),
    "profile.merge": _("joined two customers"),
    "profile.split": _("split a customer"),
    "profile.apart": _("kept two customers apart"),
    "conflict.later": _("left a conflict for later"),
    "conflict.again": _("took a conflict up again"),
    "reject.mend": _("repaired a message"),
    "reject.fix": _("repaired messages alike"),
    "reject.replay": _("replayed rejects"),
    "rejects.replay": _("replayed rejects"),
    "channel.add": _("added a channel"),
    "channel.change": _("changed a channel"),
    "connector.add": _("added a connector"),
    "connector.change": _("changed a connector"),
    "connector.test": _("tested a connector"),
    "connector.pause": _("paused a connector"),
    "connector.resume": _("resumed a connector"),
    "connector.run": _("ran a connector"),
    "connector.restart": _("started a connector over"),
    "connector.limit": _("set a connector's limit"),
    "key.add": _("added a write key"),
    "key.rotate": _("rotated a write key"),
    "key.revoke": _("revoked a write key"),
    "mapping.save": _("saved a mapping"),
    "mapping.preview": _("tried a mapping on what came"),
    "mapping.reprocess": _("read what came anew"),
    "import.start": _("imported a file"),
    "import.bad": _("took the refused rows of a file"),
    "import.cancel": _("cancelled an import"),
    "parity.rules": _("changed the rules of price parity"),
    "target.set": _("set a target"),
    "target.delete": _("deleted a target"),
    "board.add": _("made a board"),
    "board.change": _("changed a board"),
    "board.delete": _("deleted a board"),
    "board.put": _("put a tile on a board"),
    "board.move": _("moved a tile"),
    "board.take": _("took a tile off a board"),
    "analysis.add": _("saved an analysis"),
    "analysis.change": _("changed an analysis"),
    "analysis.delete": _("deleted an analysis"),
    "member.add": _("added a member"),
    "member.invite": _("invited somebody"),
    "member.join": _("set a password by a link"),
    "member.role": _("gave another role"),
    "allocation.rules": _("put allocation rules in force"),
    "statement.make": _("computed a statement"),
    "statement.refresh": _("computed a statement anew"),
    "statement.drop": _("dropped a draft statement"),
    "statement.sent": _("sent a statement"),
    "statement.reopened": _("took a statement back"),
    "statement.agreed": _("agreed to a share"),
    "statement.disputed": _("disputed a share"),
    "statement.closed": _("closed a statement"),
    "statement.export": _("exported a statement"),
    "member.channels": _("said whose people a member is"),
    "member.link": _("made a link to set a password"),
    "member.password": _("set a member's password"),
    "member.remove": _("removed a member"),
    "token.make": _("made a token"),
    "token.revoke": _("revoked a token"),
    "password.change": _("changed the own password"),
    "workspace.change": _("changed the workspace's settings"),
}
# What a page of contact data is called, by its route.
PAGES: Final[dict[str, Promise]] = {
    "customers": _("List of customers"),
    "customer-merge": _("Customers to join"),
    "search": _("Search"),
    "live": _("Live events"),
    "rejects": _("Rejects"),
    "reject-fix": _("Rejects"),
    "quality": _("Data quality"),
    "plan": _("Tracking plan"),
    "kpi-rows": _("Rows behind a metric"),
    "journeys-people": _("Customers of a journey"),
    "journey-funnel-people": _("Customers of a funnel"),
    "journey-retention-people": _("Customers of a cohort"),
    "journey-switching-people": _("Customers who switched"),
    "journey-touchpoints-people": _("Customers of a touchpoint"),
    "membership-people": _("Customers of a number of membership"),
    "membership-joining-people": _("Customers who joined, and others alike"),
    "campaigns-people": _("Customers of a campaign"),
    "consistency-people": _("Customers who met a gap"),
    "parity-people": _("Customers who met two prices"),
    "aftersales-rows": _("Rows behind after-sales"),
    "payments-rows": _("Rows behind payments"),
}
ADDRESSES: Final = {  # of pages that need no more than their route
    name
    for name in PAGES
    if name not in ("search", "customer-merge") and not name.endswith(("people", "-rows"))
}
DETAILS: Final[dict[str, Promise]] = {
    "rows": _("rows"),
    "asked": _("asked for"),
    "query": _("asked for"),
    "api": _("by the API"),
    "token": _("token"),
    "reason": _("reason"),
    "role": _("role"),
    "name": _("name"),
    "before": _("before"),
    "after": _("after"),
    "other": _("other"),
    "kind": _("kind"),
    "channel": _("channel"),
    "currency": _("currency"),
    "timezone": _("time zone"),
    "language": _("language"),
    "masked": _("masked"),
    "ok": _("worked"),
    "changed": _("changed"),
    "file": _("file"),
    "until": _("until"),
    "value": _("value"),
    "period": _("period"),
    "replayed": _("replayed"),
    "still_bad": _("still rejected"),
    "digest": _("digest"),
    "days": _("period"),
}
HIDDEN: Final = frozenset({"page", "sha256"})  # that tell one entry from another, and nobody anything
LONGEST: Final = 120  # characters of a value
SHOWN: Final = 6  # of an entry's detail
CONNECTOR: Final = re.compile(r"connector ([0-9a-f-]{36})")
MAPPING: Final = re.compile(r"mapping ([0-9a-f-]{36})")
IMPORT: Final = re.compile(r"import ([0-9]{1,18})")
PLANNED: Final = re.compile(r"plan (.+)", re.DOTALL)


def deed(action: str) -> str:
    """What was done."""
    return str(DEEDS.get(action, action))


def target(action: str, text: str) -> tuple[str, str]:
    """What it was done to, in words, and its page; "" where there is none."""
    if about_customer(action, text):
        return text, reverse("customer", args=[text])
    if action == "contact.look":
        return _seen(text)
    if action.startswith("channel."):
        return text, reverse("channel", args=[text])
    if action.startswith("target."):
        return text, reverse("kpi", args=[text])
    if action.startswith("board.") and action != "board.delete":
        return text, reverse("board", args=[text])
    return text, ""


def about_customer(action: str, text: str) -> bool:
    """Whether it was done to a customer, named by an id."""
    return action.startswith(("profile.", "conflict.", "contact.")) and _is_id(text)


def _seen(text: str) -> tuple[str, str]:
    """A look: at a page, a connector, a message, an answer of the API."""
    if text in PAGES:
        return str(PAGES[text]), reverse(text) if text in ADDRESSES else ""
    if found := CONNECTOR.fullmatch(text):
        return f"{_('connector')} {found[1]}", ""
    if found := MAPPING.fullmatch(text):
        return f"{_('Mapping')} · {found[1]}", ""
    if found := IMPORT.fullmatch(text):
        return f"{_('Imports')} · {found[1]}", reverse("import", args=[int(found[1])])
    if found := PLANNED.fullmatch(text):
        return (
            f"{_('Tracking plan')} · {found[1]}",
            f"{reverse('plan-event')}?{urlencode({'name': found[1]})}",
        )
    return (text, "") if text.startswith("/") else (text, reverse("event", args=[text]))


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def details(detail: Any) -> Iterator[tuple[str, str]]:
    """What is known beyond that: names in words, values as they stand."""
    if not isinstance(detail, Mapping):
        return
    for name, value in list(detail.items())[:SHOWN]:
        if name not in HIDDEN and value not in (None, "", [], {}):
            yield str(DETAILS.get(name, name)), _value(value)[:LONGEST]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, int):
        return format.number(value)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value):
        return " → ".join(one or "–" for one in value)  # before, after
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_value(one)}" for name, one in value.items())
    return str(value)
