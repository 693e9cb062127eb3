"""An item's fields -> a cleaned message, or why not. Not here: events that mean something (meaning.py), records."""

import re
from typing import Any

from channels.mapping import clock, consent, crawlers, meaning
from channels.mapping.decode import Item
from channels.mapping.origin import Named, Origin
from channels.reasons import (
    BAD_PROPERTIES,
    NO_EVENT_NAME,
    NO_IDENTITY,
    NO_TYPE,
    TOO_LARGE,
    TYPE_NO_TEXT,
    UNKNOWN_TYPE,
    Rejection,
)
from kernel import contacts, values, vocabulary
from kernel.caches import remembered
from kernel.event import Clean, Identifier, identifier_key

LARGEST_ITEM = 512 * 1024  # bytes
LARGE_ITEM = 32 * 1024  # bytes; kept and marked
LONGEST_NAME = 255  # characters of an event's name; the rest is cut
LONGEST_TRAIT_NAME = 200  # characters; a longer one is kept in the event only
LONGEST_NAMESPACE = 255  # characters
MOST_IDENTIFIERS = 50  # of one message; the rest stay in the event
REMEMBERED = 60_000  # identifiers per process, half a KB each

TYPES = ("track", "identify", "page", "screen", "group", "alias")
LARGE, NAME_CUT, MANY_IDENTIFIERS, BAD_CONTEXT = "large", "name_cut", "too_many_identifiers", "bad_context"
NAMED = (
    "phone",
    "email",
    "member_no",
    "unionid",
    "openid",
)  # identifiers by their name in traits and properties
BARE = frozenset(("user_id", "member_no", "unionid", "phone", "email", "device_id", "anonymous_id"))
_KIND = re.compile(r"[a-z0-9_][a-z0-9_.\-]{0,39}\Z")  # Segment's own have dots: ios.idfa


def clean(item: Item, raw: bytes, origin: Origin, named: Named) -> Clean:
    """A message that is understood. Raises Rejection for one that is not."""
    if len(raw) > LARGEST_ITEM:
        raise Rejection(TOO_LARGE, limit=LARGEST_ITEM // 1024)
    kind = _type(origin.type or item.type)
    marks: list[str] = []
    properties, traits = _object("properties", item.properties), _object("traits", item.traits)
    context = _context(item.context, origin.context, marks)
    if origin.sender.gpc and not (origin.sender.erased and item.erased is not None):
        context = {**context, consent.GPC: True}
    if _crawls(context, origin):
        marks.append(contacts.BOT)
    row, sent = _name(item, kind, properties, marks)
    name = row.name if row is not None and row.known else sent
    sending = clock.sending(origin.sender, context)
    settled = clock.settle(_times(item, origin), origin.received_at, origin.zone, sending)
    found = _Identifiers(origin, marks)
    manual = found.gather(item, kind, traits, context)
    means = None
    if row is not None and row.kind:
        means = meaning.read(row, raw, origin, meaning.Said(named.message_id, marks))
    if not found.kept and (row is None or row.person):
        raise Rejection(NO_IDENTITY, "userId" if item.user_id is not None else "anonymousId")
    agreed = consent.said(row, properties, context, marks)
    if len(raw) > LARGE_ITEM:
        marks.append(LARGE)
    channel = origin.connector.channel.id
    return Clean(
        id=named.id,
        message_id=named.message_id,
        connector=origin.connector.id,
        channel=channel,
        request=origin.request,
        position=named.position,
        received_at=origin.received_at,
        occurred_at=settled.at,
        type=kind,
        name=name,
        touchpoint=_touchpoint(kind, row, context),
        identifiers=tuple(found.kept.values()),
        properties=properties,
        traits=traits,
        context=context,
        beside=_beside(item, kind) if name == sent else {"name": sent},
        observed=_observed(traits, context, origin) if kind == "identify" else {},
        meaning=means,
        active=contacts.active(kind, row, marks, origin.snapshot.made_by),
        marks=(*settled.marks, *dict.fromkeys(marks)) if marks else settled.marks,
        manual=manual,
        consent=agreed,
    )


# --- what it is ------------------------------------------------------------------------------------------------


def _type(value: Any) -> str:
    if isinstance(value, str):
        if value in TYPES:
            return value
        tidy = value.strip().lower()
        if tidy in TYPES:
            return tidy
        if tidy:
            raise Rejection(UNKNOWN_TYPE, "type", expected=", ".join(TYPES))
    if value is None or isinstance(value, str):
        raise Rejection(NO_TYPE, "type")
    raise Rejection(TYPE_NO_TEXT, "type")


def _object(field: str, value: Any) -> dict[str, Any]:
    """properties or traits; an empty list is an empty one (PHP writes it so)."""
    if isinstance(value, dict):
        return value
    if value is None or value == []:
        return {}
    raise Rejection(BAD_PROPERTIES, field)


def _beside(item: Item, kind: str) -> dict[str, Any]:
    """What a call says beside its properties and traits: they stay as they were sent."""
    if kind == "group" and item.group_id is not None:
        return {"groupId": item.group_id}
    if kind == "alias" and item.previous_id is not None:
        return {"previousId": item.previous_id}
    if kind in ("page", "screen") and item.category is not None:
        return {"category": item.category}
    return {}


def _context(own: Any, shared: dict[str, Any] | None, marks: list[str]) -> dict[str, Any]:
    if own is not None and not isinstance(own, dict):
        if own != []:  # PHP's empty map
            marks.append(BAD_CONTEXT)
        own = None
    if not shared:
        return own or {}
    return {**shared, **own} if own else dict(shared)


def _crawls(context: dict[str, Any], origin: Origin) -> bool:
    """Whether a known crawler sent it: by the user agent that its context names, else by its request's own."""
    agent = context.get("userAgent") if context else None
    if not isinstance(agent, str) or not agent:
        agent = origin.sender.agent
        if not agent.startswith("Mozilla/"):  # a program's that reports for others
            return False
    return crawlers.known(agent[: crawlers.LONGEST])


def _name(
    item: Item, kind: str, properties: dict[str, Any], marks: list[str]
) -> tuple[vocabulary.Event | None, str]:
    """The event's name as sent and, for a track, its row in the vocabulary."""
    if kind == "track":
        name = values.text(item.event)
        if name is None:
            raise Rejection(NO_EVENT_NAME, "event")
        row = vocabulary.event(name)
    elif kind in ("page", "screen"):
        row, name = None, values.text(item.name) or values.text(properties.get("name")) or ""
    else:
        return None, ""
    if len(name) > LONGEST_NAME:
        marks.append(NAME_CUT)
        name = name[:LONGEST_NAME]
    return row, name


def _times(item: Item, origin: Origin) -> tuple[Any, Any, Any]:
    sent = origin.sent_at if clock.blank(item.sent_at) else item.sent_at
    return item.timestamp, item.original_timestamp, sent


def _touchpoint(kind: str, row: vocabulary.Event | None, context: dict[str, Any]) -> str:
    campaign = context.get("campaign")
    if campaign and values.text(campaign.get("name") if isinstance(campaign, dict) else campaign):
        return "marketing"
    if row is not None:
        return row.touchpoint
    return "browse" if kind in ("page", "screen") else "other"


# --- who it is about -------------------------------------------------------------------------------------------


@remembered(REMEMBERED)
def _identifier(
    secret: bytes, workspace: int, kind: str, namespace: str, value: str, region: str
) -> Identifier | None:
    found = values.identifier(kind, value, region)
    if found is None:
        return None
    return Identifier(kind, namespace, found, identifier_key(secret, workspace, kind, namespace, found))


def identifier(origin: Origin, kind: str, namespace: str, value: Any) -> Identifier | None:
    """An identifier as it is looked up, or None when the value does not pass its kind's check."""
    text = value if type(value) is str else values.own_id(value)
    if text is None:
        return None
    snapshot, channel = origin.snapshot, origin.connector.channel
    region = channel.region if kind == "phone" else ""
    found = _identifier(snapshot.secret, snapshot.workspace, kind, namespace, text, region)
    if found is not None and snapshot.blocked and values.blocks(snapshot.blocked, kind, found.value):
        return None
    return found


class _Identifiers:
    """The identifiers of one message, without doubles, in the order in which they stand there."""

    def __init__(self, origin: Origin, marks: list[str]) -> None:
        self.origin, self.marks = origin, marks
        self.kept: dict[int, Identifier] = {}  # by its key's number, which is fast to hash

    def add(self, kind: str, value: Any, namespace: Any = None) -> Identifier | None:
        """One more; a value that is none is marked. null is no value."""
        if value is None:
            return None
        found = identifier(self.origin, kind, "" if kind in BARE else self._namespace(kind, namespace), value)
        if found is None:
            if value != "":
                self.marks.append(f"not_an_identifier:{kind}")
        elif len(self.kept) < MOST_IDENTIFIERS or found.key.int in self.kept:
            self.kept[found.key.int] = found
        else:
            self.marks.append(MANY_IDENTIFIERS)
        return found

    def _namespace(self, kind: str, given: Any) -> str:
        """Of a kind that has namespaces; one that says nothing is not given."""
        said = values.own_id(given)
        if said and len(said) <= LONGEST_NAMESPACE and not values.says_nothing(said):
            return said
        if kind == "openid":
            return self.origin.connector.app
        return self.origin.connector.channel.slug if kind == "marketplace_uid" else ""

    def gather(
        self, item: Item, kind: str, traits: dict[str, Any], context: dict[str, Any]
    ) -> tuple[Identifier, Identifier] | None:
        """All places in which a message may name somebody. An alias gives the pair that it joins, where that is set."""
        user = self.add("user_id", item.user_id)
        self.add("anonymous_id", item.anonymous_id)
        if kind == "identify":
            self._by_name(traits)
            below = context.get("traits")
            if isinstance(below, dict):
                self._by_name(below)
        elif isinstance(item.properties, dict):
            self._by_name(item.properties)
        if item.identifiers is not None:
            self._listed(item.identifiers, "kind")
        if context:
            device = context.get("device")
            if isinstance(device, dict):
                self.add("device_id", device.get("id"))
            if "externalIds" in context:
                self._listed(context["externalIds"], "type")
        return self._previous(item, user) if kind == "alias" else None

    def _by_name(self, said: dict[str, Any]) -> None:
        for name in NAMED:
            if name in said:
                self.add(name, said[name])

    def _listed(self, entries: Any, kind_field: str) -> None:
        """`identifiers` (kind, value, namespace) or `context.externalIds` (type, id)."""
        value_field = "value" if kind_field == "kind" else "id"
        if not isinstance(entries, list):
            self.marks.append("not_an_identifier:list")
            return
        for entry in entries[: 4 * MOST_IDENTIFIERS]:
            kind = values.text(entry.get(kind_field)) if isinstance(entry, dict) else None
            kind = kind.lower() if kind else None
            if kind is None or not _KIND.match(kind):
                self.marks.append("not_an_identifier:kind")
                continue
            self.add(kind, entry.get(value_field), entry.get("namespace"))

    def _previous(self, item: Item, user: Identifier | None) -> tuple[Identifier, Identifier] | None:
        """alias: the id used before. The same as the user's: nothing (a browser client sends that)."""
        if values.own_id(item.previous_id) == values.own_id(item.user_id):
            return None
        as_user = self.origin.connector.previous_is_user
        previous = self.add("user_id" if as_user else "anonymous_id", item.previous_id)
        return (user, previous) if as_user and user and previous and user != previous else None


# --- what is said of the person --------------------------------------------------------------------------------


def _observed(traits: dict[str, Any], context: dict[str, Any], origin: Origin) -> dict[str, Any]:
    """The traits of an identify, its own above its context's, but none that says less than what it hides."""
    region = origin.connector.channel.region
    below = context.get("traits")
    kept = _said(traits, region)
    if not isinstance(below, dict) or not below:
        return kept
    shared = _said(below, region)
    for title, value in kept.items():
        if title not in shared or values.whole(title, value) or not values.whole(title, shared[title]):
            shared[title] = value
    return shared


def _said(traits: dict[str, Any], region: str) -> dict[str, Any]:
    """The traits that say something, each in its one form."""
    kept = {}
    for name, value in traits.items():
        title = name.strip()
        tidy = values.trait(title, value, region)
        if tidy is not None and title and len(title) <= LONGEST_TRAIT_NAME:
            kept[title] = tidy
    return kept
