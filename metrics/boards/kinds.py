"""What kinds of analysis can be kept, and which parameters each takes: those of its own GET address.

A new kind: its line in KINDS. A new parameter of an address: its name here. A check is called with what was given, as
the address's own view reads it, and raises BadRequest: what is kept can be asked, as long as its channels are there.
What a tile of a kind shows: console/board/tiles.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.errors import BadRequest, NotFound
from kernel.web.api import VALUE_LENGTH
from metrics import api, query
from metrics.anomalies import series
from metrics.journeys import asking, funnel_api, paths_api, retention_api, switching_api, touchpoints_api

MOST_VALUES = 50  # of all parameters together
MOST_NAMED = 6  # parameters whose names a refusal quotes
PERIOD = ("from", "to")
Given = dict[str, Any]  # single ones as text, several as a list, as kernel.web.api.parameters gives them
Check = Callable[[Given, query.ReportingSettings, date], None]


def _metric(given: Given, settings: query.ReportingSettings, _today: date) -> None:
    """A metric that there is, over what it can be asked."""
    name = metric_of(given)
    try:
        query.metric_named(name)
    except NotFound as wrong:
        raise BadRequest(str(wrong), "unknown_metric") from wrong
    query.intervals(api.asked(given, settings))
    if "anomalies" in given:
        series.sensitivity(given["anomalies"])


def _funnel(given: Given, settings: query.ReportingSettings, _today: date) -> None:
    """Steps that there are, at most one of them excluded."""
    excluded = given.get("exclude", [])
    if len(excluded) > 1:
        raise BadRequest("A funnel excludes one step.", "bad_exclude")
    funnel_api.question(given | {"exclude": "".join(excluded)}, settings.channels)


def _paths(given: Given, settings: query.ReportingSettings, _today: date) -> None:
    """Ways that can be asked for."""
    paths_api.question(given, settings.channels)
    if "top" in given:
        asking.whole("top", given["top"], paths_api.MOST_TOP)


def _retention(given: Given, _settings: query.ReportingSettings, _today: date) -> None:
    retention_api.question(given)


def _switching(given: Given, _settings: query.ReportingSettings, _today: date) -> None:
    switching_api.on_what(given)


def _touchpoints(given: Given, _settings: query.ReportingSettings, _today: date) -> None:
    touchpoints_api.lasting(given)
    touchpoints_api.matched(given)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of analysis. `names`: parameters given once, `many`: those that may repeat."""

    name: str
    label: Promise
    address: str
    names: tuple[str, ...]
    many: tuple[str, ...] = ()
    check: Check | None = None


KINDS = (
    Kind(
        "metric",
        _("Metric"),
        "/api/metrics/{name}/",
        # The part of the address that is a name; `metric`, as answers call it, means the same.
        ("name", "metric", *PERIOD, "interval", "by", "anomalies"),
        ("channel", "filter"),
        _metric,
    ),
    Kind(
        "funnel",
        _("Funnel"),
        "/api/journeys/funnel/",
        ("steps", "window", *PERIOD, "order", "by"),
        ("exclude",),
        _funnel,
    ),
    Kind(
        "retention",
        pgettext_lazy("kind of analysis", "Retention"),
        "/api/journeys/retention/",
        ("interval", *PERIOD, "on", "by", "measure"),
        check=_retention,
    ),
    Kind(
        "paths",
        _("Paths"),
        "/api/journeys/paths/",
        ("level", "steps", *PERIOD, "start", "end", "session", "top"),
        check=_paths,
    ),
    Kind("switching", _("Channel switching"), "/api/journeys/switching/", ("on", *PERIOD), check=_switching),
    Kind(
        "touchpoints",
        _("Touchpoints"),
        "/api/journeys/touchpoints/",
        (*PERIOD, "within", "matched"),
        check=_touchpoints,
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}
NAMES = list(BY_NAME)


def named(name: Any) -> Kind:
    """The kind of that name, or a BadRequest that names all."""
    found = BY_NAME.get(name) if isinstance(name, str) else None
    if found is None:
        raise BadRequest(f"`kind` is one of {', '.join(BY_NAME)}.", "unknown_kind")
    return found


def metric_of(params: Mapping[str, Any]) -> str:
    """The metric that parameters of that kind name; a BadRequest where they name none, or two."""
    found = {str(params[word]) for word in ("name", "metric") if params.get(word)}
    if len(found) != 1:
        raise BadRequest("`params` names one metric: `name` says which.", "missing_metric")
    return found.pop()


def checked(kind: Kind, params: Any, settings: query.ReportingSettings, today: date) -> dict[str, Any]:
    """Parameters as they are kept: what was given, once it is what the kind's address takes. Else a BadRequest."""
    if not isinstance(params, dict):
        raise BadRequest('`params` is an object: {"name": "value"}.', "bad_params")
    unknown = [name for name in params if name not in (*kind.names, *kind.many)]
    if unknown:
        raise BadRequest(
            f"{', '.join(f'`{name[:60]}`' for name in unknown[:MOST_NAMED])}: no parameter of {kind.name}. "
            f"It takes {', '.join(dict.fromkeys((*kind.names, *kind.many)))}.",
            "unknown_parameter",
        )
    given = {name: _values(kind, name, value) for name, value in params.items()}
    if sum(len(values) for values in given.values()) > MOST_VALUES:
        raise BadRequest(f"An analysis has at most {MOST_VALUES} values.", "too_many_values")
    asked: Given = {name: values if name in kind.many else values[-1] for name, values in given.items()}
    days = api.period({name: asked[name] for name in PERIOD if name in asked}, today)
    if days.last < days.first:
        raise BadRequest("The period ends before it begins.", "bad_period")
    if kind.check:
        kind.check(asked, settings, today)
    return params


def _values(kind: Kind, name: str, value: Any) -> list[str]:
    """The values of one parameter, as text."""
    several = isinstance(value, list) and name in kind.many
    values = value if several else [value]
    if not values or not all(_fits(one) for one in values):
        more = " or a list of them" if name in kind.many else ""
        raise BadRequest(
            f"`{name}` is a text or a whole number of at most {VALUE_LENGTH:,} characters{more}.",
            "bad_value",
        )
    return [str(one) for one in values]


def _fits(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    return 0 < len(str(value)) <= VALUE_LENGTH


def pairs(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parameters as an address has them, one after the other."""
    return [
        (name, str(one))
        for name, value in params.items()
        for one in (value if isinstance(value, list) else [value])
    ]
