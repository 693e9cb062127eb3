"""Making and changing what data comes through: workspaces' channels, connectors, write keys. Commands, pages and API
call this. Not here: taking events (receive.py), who may do it (kernel/web/access.py).
"""

import re
import secrets
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone as clock
from django.utils.text import slugify
from django.utils.translation import gettext as _

from channels.models import Channel, ChannelKind, Connector, WriteKey
from kernel import contacts, normalise, periods, vocabulary
from kernel.errors import BadRequest, NotFound
from kernel.models import Workspace
from kernel.web import shell

MAIN: Final = "main"
KEY_BYTES: Final = 24
SLUG_LENGTH: Final = 50
NAME_LENGTH: Final = 120
MOST_A_SECOND: Final = 100_000  # of a connector's limit
SLUG_TRIES: Final = 20
EVENT_LENGTH: Final = 255
MOST_MAKERS: Final = 1_000  # events of a workspace's own that the company makes
CURRENCY: Final = re.compile(r"[A-Z]{3}")
COMMISSION_PLACES: Final = 3  # of a percentage
PREVIOUS, ACCOUNT = "previous_id", "user_id"  # a connector's setting, with this: alias joins two accounts


class Added(NamedTuple):
    """A new connector, with its key."""

    channel: Channel
    connector: Connector
    key: str


# ---- workspaces --------------------------------------------------------------------------------


def workspace(slug: str = MAIN) -> Workspace:
    """The workspace of a slug. `main` is there for everybody, the others are made."""
    if slug == MAIN:
        return Workspace.objects.get_or_create(slug=MAIN, defaults={"name": "Main"})[0]
    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"There is no workspace '{slug}': `manage.py workspace add` makes one.")
    return found


def add_workspace(name: str, timezone: str = "Asia/Shanghai", currency: str = "CNY") -> Workspace:
    """A new workspace; its zone and currency are fixed once it has events."""
    values = {"name": named(name), "timezone": zone_named(timezone), "currency": currency_code(currency)}
    for slug in _slugs(name, "workspace"):
        try:
            with transaction.atomic():
                return Workspace.objects.create(slug=slug, **values)
        except IntegrityError:
            continue
    raise BadRequest(_("No free short name was found for “%(name)s”: choose another name.") % {"name": name})


def set_maker(place: Workspace, name: str, by: str) -> dict[str, str]:
    """Says who makes an event of the workspace's own: what the company makes makes no customer active.

    Counts from now on; `rebuild` counts what came before anew. Gives all that is said.
    """
    title = _event_name(name)
    if by not in (vocabulary.CUSTOMER, vocabulary.COMPANY):
        raise BadRequest(f"An event is made by the customer or by the company, not by “{by}”.", "bad_maker")
    with transaction.atomic():
        held = Workspace.objects.select_for_update().get(pk=place.pk)
        same = vocabulary.folded(title)
        said = {one: who for one, who in makers(held).items() if vocabulary.folded(one) != same}
        if by != vocabulary.CUSTOMER:
            said[title] = by
        if len(said) > MOST_MAKERS:
            raise BadRequest(f"At most {MOST_MAKERS:,} events may have a maker of their own.", "too_many")
        held.settings = held.settings | {contacts.MADE_BY: said}
        held.save(update_fields=["settings"])
    return said


def makers(place: Workspace) -> dict[str, str]:
    """What a workspace said of its own events."""
    said = place.settings.get(contacts.MADE_BY)
    return said if isinstance(said, dict) else {}


def _event_name(name: str) -> str:
    title = normalise.text(name) or ""
    if not vocabulary.folded(title) or len(title) > EVENT_LENGTH:
        raise BadRequest(f"An event's name has 1 to {EVENT_LENGTH} characters.", "bad_name")
    row = vocabulary.event(title)
    if row in vocabulary.EVENTS:
        raise BadRequest(
            f"“{row.name}” is made by the {row.made_by} everywhere: only events of your own can be changed.",
            "known_event",
        )
    return title


# ---- channels and connectors -------------------------------------------------------------------


def add_channel(place: Workspace, name: str, kind: str, currency: str = "", timezone: str = "") -> Added:
    """A new channel with its first connector; currency and zone are the workspace's unless given."""
    if kind not in ChannelKind.values:
        raise BadRequest(
            _("“%(kind)s” is not a channel kind: use one of %(all)s.")
            % {"kind": kind, "all": ", ".join(ChannelKind.values)}
        )
    values = {
        "name": named(name),
        "kind": kind,
        "currency": currency_code(currency or place.currency),
        "timezone": zone_named(timezone or place.timezone),
    }
    with transaction.atomic():
        return add_connector(_new_channel(place, name, kind, values))


def _new_channel(place: Workspace, name: str, kind: str, values: dict[str, str]) -> Channel:
    for slug in _slugs(name, kind.replace("_", "-")):
        try:
            with transaction.atomic():
                return Channel.objects.create(workspace=place, slug=slug, **values)
        except IntegrityError:
            continue
    raise BadRequest(_("No free short name was found for “%(name)s”: choose another name.") % {"name": name})


def channel(place: Workspace, slug: str) -> Channel:
    """The channel of a slug."""
    found = Channel.objects.filter(workspace=place, slug=slug).first()
    if found is None:
        raise NotFound(
            f"There is no channel '{slug}' in workspace '{place.slug}': see `manage.py channel list`."
        )
    return found


def add_connector(channel: Channel, name: str = "", kind: str = "http", *, keyed: bool = True) -> Added:
    """One more way for data into a channel, with a scope of messageIds of its own. `keyed`: and a write key."""
    count = channel.connector_set.count()
    made = Connector.objects.create(
        workspace_id=channel.workspace_id,
        channel=channel,
        name=named(name or (f"{channel.name} {count + 1}" if count else channel.name)),
        kind=kind,
    )
    return Added(channel, made, add_key(made) if keyed else "")


def change_channel(
    channel: Channel, *, name: str, currency: str, timezone: str, commission: str, color: str
) -> dict[str, Any]:
    """Settings as they were typed; what changed, before and after. Commission is a percentage of the order's total."""
    wanted = {
        "name": named(name),
        "currency": currency_code(currency),
        "timezone": zone_named(timezone),
        "commission": _commission(commission),
        "color": color if color in shell.COLOURS else channel.color,
    }
    changed = {
        field: [str(getattr(channel, field)), str(value)]
        for field, value in wanted.items()
        if getattr(channel, field) != value
    }
    Channel.objects.filter(pk=channel.pk).update(**{field: wanted[field] for field in changed})
    return changed


def join_accounts(connector: Connector, *, on: bool) -> dict[str, Any]:
    """Whether its `alias` joins two accounts; what changed, before and after."""
    with transaction.atomic():
        held = Connector.objects.select_for_update().get(pk=connector.pk)
        before = held.settings.get(PREVIOUS) == ACCOUNT
        if before == on:
            return {}
        held.settings = {key: value for key, value in held.settings.items() if key != PREVIOUS}
        if on:
            held.settings[PREVIOUS] = ACCOUNT
        held.save(update_fields=["settings"])
    return {PREVIOUS: [before, on]}


def limit(connector: Connector, a_second: int | None) -> None:
    """How many requests a second it may send; None: as many as it likes."""
    Connector.objects.filter(pk=connector.pk).update(rate_limit=a_second)


# ---- keys --------------------------------------------------------------------------------------


def add_key(connector: Connector) -> str:
    """A new write key; older ones go on working."""
    return WriteKey.objects.create(connector=connector, key=secrets.token_urlsafe(KEY_BYTES)).key


def rotate(connector: Connector) -> str:
    """A new key in place of all others. The connector stays, and so does the scope of its messageIds."""
    with transaction.atomic():
        fresh = add_key(connector)
        connector.keys.filter(revoked_at=None).exclude(key=fresh).update(revoked_at=clock.now())
    return fresh


def revoke(key: WriteKey) -> None:
    """The key stops working within seconds."""
    WriteKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now())


def keys(connector: Connector) -> list[WriteKey]:
    """The keys that work, newest first."""
    return list(connector.keys.filter(revoked_at=None).order_by("-id"))


# ---- values ------------------------------------------------------------------------------------


def _slugs(name: str, fallback: str) -> list[str]:
    """Candidates: the name's own, then numbered; a Chinese name gets the kind's."""
    plain = slugify(name)[:SLUG_LENGTH].strip("-_")
    base = plain or fallback
    return [base, *(f"{base}-{number}" for number in range(2, SLUG_TRIES)), f"{base}-{secrets.token_hex(3)}"]


def named(name: str) -> str:
    """A name without what does not belong in one."""
    cleaned = " ".join(name.replace("\x00", "").split())
    if not cleaned or len(cleaned) > NAME_LENGTH:
        raise BadRequest(_("A name needs 1 to %(most)s characters.") % {"most": NAME_LENGTH})
    return cleaned


def currency_code(text: str) -> str:
    """A currency's three letters."""
    code = text.strip().upper()
    if not CURRENCY.fullmatch(code):
        raise BadRequest(
            _("“%(text)s” is not a currency: use a three-letter code such as CNY.") % {"text": text}
        )
    return code


def _commission(text: str) -> Decimal:
    """A share out of a percentage: `5.5` -> 0.055."""
    try:
        percent = Decimal(text.strip().removesuffix("%").strip() or "0")
    except InvalidOperation:
        percent = Decimal(-1)
    if not (percent.is_finite() and 0 <= percent <= 100) or percent != round(percent, COMMISSION_PLACES):
        raise BadRequest(_("The commission is a percentage from 0 to 100, such as 5.5."))
    return percent / 100


def zone_named(text: str) -> str:
    """A time zone that there is."""
    if not periods.is_zone(text):
        raise BadRequest(_("“%(text)s” is not a time zone: use a name like Asia/Shanghai.") % {"text": text})
    return text
