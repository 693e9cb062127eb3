"""What the tracking plan says and what breaks it, in words: for the page, and for the developer who is to mend it.

Not here: the pages (plan.py, plan_event.py, plan_proposal.py).
"""

import json
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from channels.models import Connector
from channels.plan import checker, form
from channels.plan.form import Property
from channels.plan.violations import Example, Together
from kernel.web import format, shell

LONGEST_LIST: Final = 8  # values of an enum that a line shows
TEXT: Final = "text"  # what stands in an example for a text that nobody has sent


def mode(name: str) -> str:
    """A mode as a label."""
    return {
        form.OPEN: _("Let through"),
        form.WARN: _("Count"),
        form.REFUSE: _("Refuse"),
    }[name]


def meaning(name: str) -> str:
    """What a mode does."""
    return {
        form.OPEN: _("Written down, not checked."),
        form.WARN: _("Stored, and what breaks the plan is counted."),
        form.REFUSE: _("What breaks the plan is rejected; it can be fixed and replayed."),
    }[name]


def kind(name: str) -> str:
    """A type as a person reads it."""
    return {
        "": _("any"),
        form.STRING: _("text"),
        form.NUMBER: _("number"),
        form.INTEGER: _("whole number"),
        form.BOOLEAN: _("true or false"),
        form.DATETIME: _("date and time"),
        form.ARRAY: _("list"),
        form.OBJECT: _("object"),
    }[name]


def limits(said: Property) -> str:
    """What beyond its type a property is to be."""
    found = []
    if said.enum:
        values = [str(one) for one in said.enum]
        more = len(values) - LONGEST_LIST
        found.append(", ".join(values[:LONGEST_LIST]) + (f" … +{more}" if more > 0 else ""))
    if said.pattern:
        found.append(said.pattern)
    if said.min is not None and said.max is not None:
        found.append(f"{format.number(said.min)} – {format.number(said.max)}")
    elif said.min is not None:
        found.append(f"≥ {format.number(said.min)}")
    elif said.max is not None:
        found.append(f"≤ {format.number(said.max)}")
    return " · ".join(found)


def wrong(code: str, wanted: str) -> str:
    """What is wrong with a property."""
    said = {
        checker.MISSING: _("missing"),
        checker.TYPE: _("not of type %(wanted)s"),
        checker.ENUM: _("not one of %(wanted)s"),
        checker.PATTERN: _("not of the form %(wanted)s"),
        checker.MIN: _("below %(wanted)s"),
        checker.MAX: _("above %(wanted)s"),
    }[code]
    return said % {"wanted": kind(wanted) if code == checker.TYPE else wanted}


def finding(broken: list[tuple[Together, Connector]], events: int, checked: int) -> str:
    """The sentence under the title. `events`: how many are checked; `checked`: how many messages were."""
    if not events:
        return _("No event is checked yet: propose a plan from what comes in.")
    if not broken:
        if not checked:
            return _("No event of the plan has come in the last 30 days.")
        return _("Every event of the last 30 days keeps to the plan.")
    count = len({one.event for one, _connector in broken})
    first, connector = broken[0]
    return _(
        "%(count)s of %(events)s events break the plan: %(property)s is %(wrong)s in %(share)s of %(event)s from "
        "%(channel)s since %(day)s."
    ) % {
        "count": format.number(count),
        "events": format.number(events),
        "property": first.property,
        "wrong": wrong(first.code, first.wanted),
        "share": percent(first.count, first.checked),
        "event": first.event,
        "channel": shell.channel_name(connector.channel),
        "day": format.near_day(first.since),
    }


def percent(part: int, whole: int) -> str:
    """A share that is never 0 % where there is something, nor 100 % where something is left."""
    if not whole or part >= whole:
        return format.percent(1, 0)
    share = part / whole
    if share < 0.001:
        return f"< {format.percent(0.001, 1)}"
    return format.percent(min(share, 0.999), 1 if share < 0.1 or share > 0.99 else 0)


# ---- for the developer ----------------------------------------------------------------------------


def snippet(one: Together, connector: Connector, said: Property | None, example: Example, last: date) -> str:
    """What to send to whoever builds the sender: what is wrong, how often, one message, what it should be."""
    lines = [
        _("%(event)s from %(channel)s (%(connector)s): %(property)s is %(wrong)s")
        % {
            "event": one.event,
            "channel": shell.channel_name(connector.channel),
            "connector": connector.name,
            "property": one.property,
            "wrong": wrong(one.code, one.wanted),
        },
        _("%(count)s of %(checked)s messages, %(first)s to %(last)s")
        % {
            "count": format.number(one.count),
            "checked": format.number(one.checked),
            "first": format.day(one.since, year=True),
            "last": format.day(last, year=True),
        },
        "",
        _("Newest example: messageId %(id)s, received %(time)s")
        % {"id": example.message_id, "time": format.moment(example.received_at)},
        f"  {one.property} = {example.value or _('not there')}",
        "",
        _("Wanted:"),
        f"  {one.property}: {_rule(said, one)}",
        f"  {_call(one, said)}",
    ]
    return "\n".join(lines)


def _rule(said: Property | None, one: Together) -> str:
    if said is None:
        return wrong(one.code, one.wanted)
    parts = [kind(said.type), _("required") if said.required else _("optional"), limits(said)]
    return ", ".join(part for part in parts if part)


def _call(one: Together, said: Property | None) -> str:
    value: Any = _value(said)
    for name in reversed(one.property.split(".")):
        value = {name: value}
    properties = json.dumps(value, ensure_ascii=False)
    return f"analytics.track({json.dumps(one.event, ensure_ascii=False)}, {properties})"


def _value(said: Property | None) -> Any:
    """A value as the plan wants it, where one can be made up."""
    if said is None:
        return TEXT
    if said.enum:
        return said.enum[0]
    if said.type in form.NUMBERS or said.min is not None or said.max is not None:
        return said.min if said.min is not None else (said.max if said.max is not None else 1)
    return {
        form.BOOLEAN: True,
        form.DATETIME: "2026-01-06T10:00:00Z",
        form.ARRAY: [],
        form.OBJECT: {},
    }.get(said.type, said.pattern or TEXT)
