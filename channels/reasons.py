"""Why a message cannot be used: every reason, with all its words. A reject is a code and parameters; words are made
of them when somebody reads it. Not here: what finds it (mapping/), how it is kept and replayed (inbox/rejects.py).

A new code: a line here under its reason, in English; its Chinese in locale/; a message that gets it in
tests/channels/test_reasons.py. Names of codes, reasons and parameters stay for good: rejects are kept by them.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

LONGEST_QUOTE = 60  # characters of a sender's value in a sentence


class Reason(NamedTuple):
    """What rejects are grouped and narrowed by; known outside by its name."""

    name: str
    label: Promise | str
    remedy: Promise | str  # what a person can do
    replay: bool = False  # its messages are good as they are once something else has been put right


class Code(NamedTuple):
    """One thing that can be wrong. Its sentence says %(field)s and %(name)s (the field's last part) as it likes."""

    name: str
    reason: Reason
    sentence: str  # in English; the API's `hint`


class Rejection(Exception):
    """Why an item cannot be used, and where. `params`: what the code's sentence says beside the field."""

    def __init__(self, code: Code, field: str = "", **params: str | int) -> None:
        super().__init__(code.name)
        self.code, self.field, self.params = code, field, params


class Why(NamedTuple):
    """What is kept of a reject to make its words of. `code` None: it is older than codes, its `hint` says all.

    `value`: what stands in the field, where something does.
    """

    reason: str
    field: str
    code: str | None
    params: Mapping[str, Any]
    hint: str = ""
    value: str = ""


Wording = Callable[[Why], str]

# ---- the list ---------------------------------------------------------------------------------

REASONS: dict[str, Reason] = {}
CODES: dict[str, Code] = {}


def _reason(name: str, label: Promise, remedy: Promise, *, replay: bool = False) -> Reason:
    REASONS[name] = Reason(name, label, remedy, replay)
    return REASONS[name]


def _code(reason: Reason, name: str, sentence: str) -> Code:
    if name in CODES:
        raise ValueError(f"Two codes are called {name!r}.")
    CODES[name] = Code(name, reason, sentence)
    return CODES[name]


_not_an_object = _reason(
    "not_an_object",
    _("Not an object"),
    _("Each item of a batch must be a JSON object: fix what the sender builds."),
)
NOT_AN_OBJECT = _code(
    _not_an_object, "not_an_object", gettext_noop('An item is a JSON object: {"type": "track", …}.')
)

_unreadable_delivery = _reason(
    "unreadable_delivery",
    _("Delivery not readable"),
    _("Look at the body as it came: is it the platform's, and the connector of the right kind?"),
    replay=True,
)
UNREADABLE_BODY = _code(
    _unreadable_delivery, "unreadable_body", gettext_noop("The body cannot be read as %(format)s.")
)
UNKNOWN_TOPIC = _code(
    _unreadable_delivery,
    "unknown_topic",
    gettext_noop(
        "A delivery about “%(topic)s” is not read: switch it off at the platform, or write a mapping."
    ),
)
FIELD_OF_PLATFORM = _code(
    _unreadable_delivery,
    "field_of_platform",
    gettext_noop("The delivery lacks %(name)s, without which it says nothing."),
)
CANNOT_OPEN = _code(
    _unreadable_delivery,
    "cannot_open",
    gettext_noop(
        "The encrypted part cannot be opened with the connector's key: set the platform's, then replay."
    ),
)
NOT_UNDERSTOOD = _code(
    _unreadable_delivery,
    "not_understood",
    gettext_noop("This delivery was not understood as one of %(kind)s: please report it; the body is kept."),
)
NOT_TAKEN_HERE = _code(
    _unreadable_delivery,
    "not_taken_here",
    gettext_noop("A connector of kind %(kind)s takes no deliveries: change its kind, then replay."),
)

_unreadable_row = _reason(
    "unreadable_row",
    _("Row not readable"),
    _("Put the row right in the file, or here; then send the file again, or replay."),
)
DIGITS_LOST = _code(
    _unreadable_row,
    "digits_lost",
    gettext_noop(
        "%(value)s: the spreadsheet kept only the first digits of this number. Make the column text where the file is "
        "made, and send it again."
    ),
)
TOO_MANY_CELLS = _code(
    _unreadable_row,
    "too_many_cells",
    gettext_noop("The row has %(cells)s cells, the header %(columns)s: is a separator missing its quotes?"),
)
OPEN_QUOTE = _code(
    _unreadable_row, "open_quote", gettext_noop("A quote begins in this row and does not end: take it out.")
)
BROKEN_TEXT = _code(
    _unreadable_row,
    "broken_text",
    gettext_noop("The row holds characters that are none in %(encoding)s: is the file in another encoding?"),
)
ROW_NO_JSON = _code(
    _unreadable_row, "row_no_json", gettext_noop('The line is no JSON object: {"order_id": "1001", …}.')
)

_no_type = _reason(
    "no_type",
    _("No type"),
    _("Set the message type: track, identify, page, screen, group or alias."),
)
NO_TYPE = _code(
    _no_type,
    "no_type",
    gettext_noop("Set the message type: track, identify, page, screen, group or alias."),
)
NO_RECORD_TYPE = _code(_no_type, "no_record_type", gettext_noop("Set the record type: %(expected)s."))

_unknown_type = _reason(
    "unknown_type",
    _("Unknown type"),
    _("Use one of the known types; a misspelt one can be fixed here."),
)
UNKNOWN_TYPE = _code(_unknown_type, "unknown_type", gettext_noop("The type is one of %(expected)s."))
TYPE_NO_TEXT = _code(
    _unknown_type, "type_no_text", gettext_noop('The type is a text: "track", "identify", …')
)

_no_identity = _reason(
    "no_identity",
    _("No identity"),
    _("Send a userId, an anonymousId or another identifier that is no placeholder such as 0, null or guest."),
)
NO_IDENTITY = _code(
    _no_identity,
    "no_identity",
    gettext_noop(
        "Send a userId, an anonymousId or another identifier. Placeholders (0, null, guest …), masked phones and "
        "e-mails without a domain do not count as one."
    ),
)

_no_event_name = _reason(
    "no_event_name", _("Event without a name"), _("A track call needs its event's name.")
)
NO_EVENT_NAME = _code(
    _no_event_name,
    "no_event_name",
    gettext_noop('A track needs its event\'s name: "event": "Product Viewed".'),
)

_bad_properties = _reason(
    "bad_properties",
    _("Properties of the wrong form"),
    _("properties and traits are objects, products a list of objects."),
)
BAD_PROPERTIES = _code(
    _bad_properties, "bad_properties", gettext_noop('"%(field)s" is a JSON object: {"name": value, …}.')
)
TOO_DEEP = _code(
    _bad_properties,
    "too_deep",
    gettext_noop("Values are nested more than %(limit)s levels deep: flatten them."),
)
UNKNOWN_KIND_OF_SPEND = _code(
    _bad_properties, "unknown_kind_of_spend", gettext_noop("The kind of spend is acquisition or retention.")
)
UNKNOWN_PERIOD_OF_TARGET = _code(
    _bad_properties,
    "unknown_period_of_target",
    gettext_noop(
        "A target is per day, week, month, quarter, year, so many days (45d), or whole: for all its days to the last."
    ),
)

_bad_time = _reason(
    "bad_time",
    _("Time not readable"),
    _("Send ISO 8601 or epoch seconds or milliseconds, from 1970 on."),
)
BAD_TIME = _code(
    _bad_time,
    "bad_time",
    gettext_noop(
        "Send a time from 1970 on: ISO 8601 (2026-11-24T10:00:00Z), or epoch seconds or milliseconds."
    ),
)
ENDS_BEFORE_IT_BEGINS = _code(
    _bad_time, "ends_before_it_begins", gettext_noop("The period ends before it begins.")
)
SPREAD_TOO_LONG = _code(
    _bad_time, "spread_too_long", gettext_noop("Spend is spread over at most %(limit)s days.")
)

_too_large = _reason("too_large", _("Too large"), _("A message has at most 512 KB: send less with it."))
TOO_LARGE = _code(
    _too_large, "too_large", gettext_noop("A message has at most %(limit)s KB: send less with it.")
)
RECORD_TOO_LARGE = _code(
    _too_large, "record_too_large", gettext_noop("A record has at most %(limit)s KB: send less with it.")
)

_missing_field = _reason(
    "missing_field", _("Field missing"), _("Add the field that the hint names, then replay.")
)
MISSING_FIELD = _code(_missing_field, "missing_field", gettext_noop("%(event)s needs %(name)s."))
MISSING_IN_RECORD = _code(_missing_field, "missing_in_record", gettext_noop("A %(record)s needs %(name)s."))
SPEND_WITHOUT_DATE = _code(
    _missing_field, "spend_without_date", gettext_noop("Spend needs its date, or from and to.")
)
PLACEHOLDER = _code(
    _missing_field,
    "placeholder",
    gettext_noop("%(event)s needs %(name)s: a placeholder such as null or 0 names nothing."),
)
NO_KEY = _code(
    _missing_field, "no_key", gettext_noop("%(name)s is a text or a number of at most %(limit)s characters.")
)

_bad_amount = _reason(
    "bad_amount",
    _("Amount not usable"),
    _("Amounts are numbers from 0 to 10^15, such as 1234.50."),
)
BAD_AMOUNT = _code(
    _bad_amount,
    "bad_amount",
    gettext_noop("%(name)s is a number from 0 to 10^15, as a JSON number or a text like 1234.50."),
)
BAD_LEVEL = _code(
    _bad_amount, "bad_level", gettext_noop("%(name)s is a number up to 10^15, below 0 where it is owed.")
)
NOT_WHOLE = _code(_bad_amount, "not_whole", gettext_noop("%(name)s is a whole number."))
ZERO_RATE = _code(
    _bad_amount,
    "zero_rate",
    gettext_noop("A rate is the worth of one unit in the workspace's currency: more than 0."),
)

_bad_currency = _reason(
    "bad_currency", _("Currency not known"), _("Use a code of ISO 4217, such as CNY or EUR.")
)
BAD_CURRENCY = _code(
    _bad_currency, "bad_currency", gettext_noop("The currency is a code of ISO 4217: CNY, USD, EUR …")
)

_bad_consent = _reason(
    "bad_consent",
    _("Consent not readable"),
    _("Have the sender name the purpose and the channel as plain text, or fix it here: nothing is guessed."),
)
BAD_CONSENT = _code(
    _bad_consent,
    "bad_consent",
    gettext_noop(
        "%(name)s of %(event)s is a text of 1 to %(limit)s characters that names something, no list and no placeholder."
    ),
)

_unknown_channel = _reason(
    "unknown_channel",
    _("Channel not known"),
    _("Make the channel, or use the short name of one there is."),
    replay=True,
)
UNKNOWN_CHANNEL = _code(
    _unknown_channel,
    "unknown_channel",
    gettext_noop("There is no channel %(value)r: use the short name that the Channels page shows."),
)

_mapping = _reason(
    "mapping",
    _("Mapping cannot read it"),
    _("Mend the mapping of the connector, then replay: the payload is kept as it came."),
    replay=True,
)
NO_RULE_MATCHES = _code(
    _mapping,
    "no_rule_matches",
    gettext_noop(
        "No [[message]] of the mapping matches this payload: add one, or one with skip = true for what is not wanted."
    ),
)
MAPPING_TEXT = _code(
    _mapping,
    "mapping_text",
    gettext_noop("For %(field)s the mapping needs a text or a number: it found “%(found)s”."),
)
MAPPING_NUMBER = _code(
    _mapping,
    "mapping_number",
    gettext_noop("For %(field)s the mapping needs a number: it found “%(found)s”."),
)
MAPPING_CENTS = _code(
    _mapping,
    "mapping_cents",
    gettext_noop("For %(field)s the mapping needs a whole number of cents: it found “%(found)s”."),
)
MAPPING_TIME = _code(
    _mapping, "mapping_time", gettext_noop("For %(field)s the mapping needs a time: it found “%(found)s”.")
)
MAPPING_ZONE = _code(
    _mapping,
    "mapping_zone",
    gettext_noop("For %(field)s the mapping needs the name of a time zone: it found “%(found)s”."),
)
MAPPING_JSON = _code(
    _mapping,
    "mapping_json",
    gettext_noop("For %(field)s the mapping needs a text that is JSON: it found “%(found)s”."),
)
MAPPING_LONG = _code(
    _mapping, "mapping_long", gettext_noop("For %(field)s the mapping makes too long a text.")
)
MAPPING_FUNCTION = _code(
    _mapping,
    "mapping_function",
    gettext_noop("For %(field)s the mapping calls %(function)s() with what it does not take: “%(found)s”."),
)
MAPPING_FAILED = _code(
    _mapping,
    "mapping_failed",
    gettext_noop("The mapping fails at %(field)s: look at the values it is given."),
)
MAPPING_TOO_MUCH = _code(
    _mapping,
    "mapping_too_much",
    gettext_noop("The mapping makes too much of this payload: too many messages, or lists within lists."),
)
MAPPING_BROKEN = _code(
    _mapping,
    "mapping_broken",
    gettext_noop(
        "This version of the mapping cannot be used any more: %(what)s Save a new one, then replay."
    ),
)

_cleaning = _reason(
    "cleaning",
    _("Refused by a cleaning rule"),
    _("Mend the value at its source or the rule of the connector's mapping, then replay."),
    replay=True,
)
RULE_REQUIRED = _code(
    _cleaning, "rule_required", gettext_noop("A cleaning rule wants %(field)s in every message.")
)
RULE_ALLOWED = _code(
    _cleaning, "rule_allowed", gettext_noop("A cleaning rule allows for %(field)s only: %(wanted)s.")
)
RULE_PATTERN = _code(
    _cleaning, "rule_pattern", gettext_noop("A cleaning rule wants %(field)s of the form %(wanted)s.")
)
RULE_MIN = _code(
    _cleaning, "rule_min", gettext_noop("A cleaning rule wants %(field)s to be %(wanted)s at least.")
)
RULE_MAX = _code(
    _cleaning, "rule_max", gettext_noop("A cleaning rule wants %(field)s to be %(wanted)s at most.")
)
RULE_UNIT = _code(
    _cleaning, "rule_unit", gettext_noop("A cleaning rule reads %(field)s as cents: that is a whole number.")
)

_plan = _reason(
    "plan",
    _("Against the tracking plan"),
    _("Have the sender mend what it sends, fix it here, or change the tracking plan; then replay."),
    replay=True,
)
PLAN_MISSING = _code(_plan, "plan_missing", gettext_noop("The tracking plan wants %(name)s in %(event)s."))
PLAN_TYPE = _code(
    _plan,
    "plan_type",
    gettext_noop("The tracking plan wants %(name)s of %(event)s to be of type %(wanted)s."),
)
PLAN_ENUM = _code(
    _plan, "plan_enum", gettext_noop("The tracking plan allows for %(name)s of %(event)s only: %(wanted)s.")
)
PLAN_PATTERN = _code(
    _plan,
    "plan_pattern",
    gettext_noop("The tracking plan wants %(name)s of %(event)s of the form %(wanted)s."),
)
PLAN_MIN = _code(
    _plan,
    "plan_min",
    gettext_noop("The tracking plan wants %(name)s of %(event)s to be %(wanted)s at least."),
)
PLAN_MAX = _code(
    _plan,
    "plan_max",
    gettext_noop("The tracking plan wants %(name)s of %(event)s to be %(wanted)s at most."),
)

_stops_worker = _reason(
    "stops_worker",
    _("Stops the worker"),
    _("This message crashed the worker. Please report it; the other messages of its batch were stored."),
)
STOPS_WORKER = _code(
    _stops_worker,
    "stops_worker",
    gettext_noop("This message repeatedly crashed the worker: please report it."),
)

_too_slow = _reason(
    "too_slow",
    _("Takes too long"),
    _("Even on its own this message did not finish in time. Replay it when the database is fast again."),
    replay=True,
)
TOO_SLOW = _code(
    _too_slow,
    "too_slow",
    gettext_noop(
        "This message repeatedly did not finish in time, even on its own: replay it when the database is fast again."
    ),
)

RECEIVED = gettext_noop("Received: “%(value)s”.")

# ---- words ------------------------------------------------------------------------------------


def of(name: str) -> Reason:
    """A reason by its name; one that a newer Huiliu wrote is called by its name."""
    return REASONS.get(name) or Reason(name, name, "")


def quoted(value: object) -> str:
    """A sender's value as a parameter: its beginning, without what PostgreSQL's JSON does not take."""
    return str(value)[:LONGEST_QUOTE].replace("\x00", "").encode("utf-8", "replace").decode()


def quoted_whole(value: object) -> str:
    """A sender's value as it stands in JSON, a text without its quotes; nothing for null and blanks."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return quoted(text) + ("…" if len(text) > LONGEST_QUOTE else "")


def english(why: Why) -> str:
    """What is wrong, in English: for programs, whatever language their user reads."""
    return _said(why, lambda sentence: sentence)


def translated(why: Why) -> str:
    """What is wrong, in the reader's language."""
    return _said(why, gettext)


def _said(why: Why, translation: Callable[[str], str]) -> str:
    """A reject older than codes says what it always said; a code that a newer Huiliu wrote says nothing."""
    code = CODES.get(why.code or "")
    if code is None:
        return why.hint
    sentence = translation(code.sentence)
    if why.value and "%(value)" not in code.sentence:
        gap = "" if sentence.endswith("。") else " "
        sentence = f"{sentence}{gap}{translation(RECEIVED)}"
    shown = {name: f"{value:,}" if type(value) is int else value for name, value in why.params.items()}
    return sentence % {
        "field": why.field,
        "name": why.field.rpartition(".")[2],
        "value": why.value,
        **shown,
    }
