"""The values that go through the pipeline, as plain typed records. Not here: how they are made or stored."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from kernel.ids import of_bytes

SOLD = ("sale", "sharing")  # the purposes that a browser's Global Privacy Control withdraws


class Identifier(NamedTuple):
    """What points to a person, normalised. `key` is what it is looked up, sorted and shown by."""

    kind: str
    namespace: str
    value: str
    key: UUID


class Line(msgspec.Struct, frozen=True):
    """One product of an order, a refund or a return, cleaned. Amounts are rounded where their currency is said."""

    sku: str
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None
    name: str = ""
    category: str = ""
    brand: str = ""
    cost: Decimal | None = None  # as sent: any number of decimals
    discount: Decimal | None = None


class Fee(msgspec.Struct, frozen=True):
    """What a platform keeps of an order: commission, freight, service … as it calls them."""

    kind: str
    amount: Decimal


class Meaning(msgspec.Struct, frozen=True):
    """The cleaned fields of an event that means something. Absent fields are absent keys of `fields`.

    `kind` is the row of the vocabulary: order_completed, order_updated, order_cancelled, order_refunded,
    return_requested, return_received, payment_started, payment_succeeded, payment_failed, order_shipped,
    order_delivered, ticket_opened, ticket_resolved, feedback_given, membership_joined, membership_upgraded,
    consent_given, consent_withdrawn.
    `key` is the fact's own key (refund_id, payment_id … else the messageId; for orders the order_id).
    `fields`: only what the message carries, cleaned: order_id, total, amount, tax, shipping, discount, paid,
    merchant_discount, platform_discount, payout (Decimal), currency (upper case; not there where amounts are in their
    order's, which the ledger knows: these are not rounded yet), lines (tuple[Line, …]), fees (tuple[Fee, …]), coupon,
    store, reason, method, carrier, promised_at, first_response_at (datetime), topic, score, scale (Decimal), about,
    text, member_no, tier, ticket_id.
    `order_channel` is the id of the channel that `order_channel` named, else None.
    """

    kind: str
    key: str
    fields: dict[str, Any]
    order_id: str | None = None
    order_channel: int | None = None


class ConsentWord(NamedTuple):
    """What a message says of a person's consent to a purpose. `channel` is "" where it is said of them all.

    `source`: `event` (Consent Given, Consent Withdrawn), `preferences` (context.consent) or `gpc` (a browser's signal).
    """

    purpose: str  # as it is matched: in lower case
    name: str  # as it was sent
    channel: str
    given: bool
    source: str
    proof: str | None = None
    text_version: str | None = None


class Broken(NamedTuple):
    """A property that breaks the tracking plan: how (channels/plan/checker.py), what was wanted, what stood there."""

    property: str
    code: str
    wanted: str
    value: str


class Planned(NamedTuple):
    """What the tracking plan says of a message: of which event, what breaks it, whether it is refused for that."""

    event: str
    broken: tuple[Broken, ...] = ()
    refused: bool = False


class Clean(msgspec.Struct):
    """A message that is understood: what the pipeline stores. Times are aware and in UTC."""

    id: UUID  # event_id(connector, message_id)
    message_id: str
    connector: int
    channel: int
    request: UUID
    position: int
    received_at: datetime
    occurred_at: datetime
    type: str  # track identify page screen group alias
    name: str  # event name; "" for identify, group and alias
    touchpoint: str
    identifiers: tuple[Identifier, ...]  # no doubles; may be empty for a fact without a person
    properties: dict[str, Any]
    traits: dict[str, Any]
    context: dict[str, Any]
    observed: dict[str, Any]  # traits to keep of this person: name -> cleaned JSON value
    beside: dict[str, Any] = {}  # groupId, previousId, category: what a call says beside its properties
    meaning: Meaning | None = None
    marks: tuple[str, ...] = ()
    manual: tuple[Identifier, Identifier] | None = None  # an alias whose connector says: class 0
    active: bool = False  # a contact that the customer made (contacts.py)
    planned: Planned | None = None  # None: the tracking plan says nothing of it
    consent: tuple[ConsentWord, ...] = ()
    sighting: int | None = None  # whom it is about: identity says, once; None: a fact without a person


class Record(msgspec.Struct):
    """A cleaned item of /v1/records. `key` is its key as one text; the later received (then position) wins."""

    type: str  # product price stock cost spend payout target rate
    id: UUID
    message_id: str
    connector: int
    channel: int | None  # None: holds for the workspace
    request: UUID
    position: int
    received_at: datetime
    at: datetime
    fields: dict[str, Any]  # cleaned: Decimal amounts, upper-case currency, dates


class RejectedMessage(msgspec.Struct):
    """A message that could not be used, whole, with its reason (channels/reasons.py). `id` as Clean's."""

    id: UUID
    message_id: str
    connector: int
    request: UUID
    position: int
    received_at: datetime
    reason: str
    code: str  # what it is, finer than its reason
    field: str
    params: dict[str, str | int]  # what stands in the code's sentence
    raw: str
    planned: Planned | None = None  # None: it was not the tracking plan that refused it


class Cleaned(NamedTuple):
    """What a cleaning rule did on a day: to which field of which connector's messages, and by which of its parts."""

    connector: int
    day: date
    field: str
    rule: str


class Lookup(NamedTuple):
    """What a notice only names: it is asked of its connector's platform. `key`: of the notice's own name, for good."""

    connector: int
    key: UUID
    name: str
    params: dict[str, Any]


class Prepared(msgspec.Struct):
    """A batch of one workspace after decode, map and clean; nothing written yet."""

    workspace: int
    cleans: list[Clean]
    records: list[Record]
    bads: list[RejectedMessage]
    cleaned: dict[Cleaned, tuple[int, int]] = {}  # how often it changed something, how often it refused
    lookups: list[Lookup] = []


class Moved(NamedTuple):
    """A sighting that was there before and whose profile this batch changed, other than by a new name alone."""

    sighting: int
    before: int
    after: int


class Owners(msgspec.Struct):
    """Whose the batch's events are. Nobody else changes the workspace's profiles until the transaction ends."""

    named: set[int]  # the sightings of the batch's events (each event says its own)
    profile: dict[int, int]  # sighting -> its profile now: the batch's, those asked for, those moved
    moved: list[Moved]
    new: set[int]  # sightings first seen in this batch
    touched: set[int]  # every profile that gained, lost or changed anything
    born: dict[int, UUID] = {}  # profiles that began with this batch, each with its public id
    renamed: dict[
        int, tuple[int, UUID]
    ] = {}  # a profile all of which has a new leader: (its id, its public id)


ActiveDay = tuple[date, int]  # a day in the workspace's zone, a channel: at least one event made him active


class Recent(NamedTuple):
    """The newest active days of a profile. Of `cut` and the days before it not all is known; None: all is."""

    kept: set[ActiveDay]
    cut: date | None

    @property
    def sure(self) -> set[ActiveDay]:
        """The days of which all is known."""
        cut = self.cut
        return self.kept if cut is None else {day for day in self.kept if day[0] > cut}


class Spent(NamedTuple):
    """What a profile bought, as metrics says: revenue in the workspace's currency, what has no rate apart."""

    orders: int
    revenue: Decimal
    unconverted: str  # JSON: currency -> amount
    first_at: datetime | None
    last_at: datetime | None


def event_id(connector: UUID, message_id: str) -> UUID:
    """The id of an event for good: 16 bytes of SHA-256 over its connector and messageId."""
    digest = hashlib.sha256(connector.bytes + message_id.encode("utf-8", "replace")).digest()
    return of_bytes(digest[:16])


def identifier_key(secret: bytes, workspace: int, kind: str, namespace: str, value: str) -> UUID:
    """An identifier's key: the first 16 bytes of HMAC-SHA-256 with a secret kept outside the database."""
    inner, outer = _hmac(secret)
    inside, outside = inner.copy(), outer.copy()
    inside.update(f"{workspace}\x00{kind}\x00{namespace}\x00{value}".encode("utf-8", "replace"))
    outside.update(inside.digest())
    return of_bytes(outside.digest()[:16])


@lru_cache(maxsize=4)
def _hmac(secret: bytes) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """HMAC's two hashes (RFC 2104) with the secret in them: to begin them costs more than all that is hashed after."""
    block = hashlib.sha256().block_size
    key = (hashlib.sha256(secret).digest() if len(secret) > block else secret).ljust(block, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in key)), hashlib.sha256(
        bytes(byte ^ 0x5C for byte in key)
    )
