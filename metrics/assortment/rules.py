"""What a workspace calls the same price: tolerance, tax, promotions a channel may have; kept in its settings.

Written whole by its admins, who are noted by who calls. Not here: comparing prices (comparing.py, parity.sql).
"""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.errors import BadRequest
from kernel.models import Workspace

KEPT: Final = "parity"  # in the workspace's settings
FIELDS: Final = ("tolerance", "alert", "taxes", "promotions")
MOST_PROMOTIONS: Final = 200
LONGEST: Final = 200  # characters of a promotion's name
PLACES: Final = 6  # decimals of a share
NOUGHT, ONE = Decimal(0), Decimal(1)


class Promotion(NamedTuple):
    """Prices of promotions that may differ: on a channel, up to a day and with it, of one name or ("") of any."""

    channel: str  # slug
    until: date
    promotion: str = ""

    def json(self) -> dict[str, str]:
        """As it is kept, and as the API says it."""
        return {"channel": self.channel, "until": self.until.isoformat(), "promotion": self.promotion}


class Rules(NamedTuple):
    """When prices agree. Shares, as 0.02 for 2 %."""

    tolerance: Decimal = NOUGHT  # of the usual price: so far apart is still the same
    alert: Decimal = NOUGHT  # of the usual price: a new gap beyond it is an alarm
    taxes: Mapping[
        str, Decimal
    ] = {}  # slug -> what a channel's prices leave out and its customers pay on top
    promotions: tuple[Promotion, ...] = ()

    def json(self) -> dict[str, Any]:
        """As they are kept, and as the API says them."""
        return {
            "tolerance": format(self.tolerance, "f"),
            "alert": format(self.alert, "f"),
            "taxes": {slug: format(rate, "f") for slug, rate in sorted(self.taxes.items())},
            "promotions": [one.json() for one in self.promotions],
        }


def of(place: Workspace) -> Rules:
    """Those that hold; who has set none asks for the very same price, tax included."""
    said = place.settings.get(KEPT) or {}
    return Rules(
        Decimal(said.get("tolerance", "0")),
        Decimal(said.get("alert", "0")),
        {slug: Decimal(rate) for slug, rate in said.get("taxes", {}).items()},
        tuple(
            Promotion(one["channel"], date.fromisoformat(one["until"]), one.get("promotion", ""))
            for one in said.get("promotions", ())
        ),
    )


def read(given: Mapping[str, Any], channels: Collection[str], before: Rules) -> Rules:
    """Rules as somebody wants them; what is not given stays. A BadRequest says what cannot be."""
    for name in given:
        if name not in FIELDS:
            raise BadRequest(
                _("There is no “%(name)s” here: %(known)s.")
                % {"name": str(name)[:60], "known": ", ".join(FIELDS)},
                "unknown_field",
            )
    held = before
    if "tolerance" in given:
        held = held._replace(tolerance=share(given["tolerance"], _("The tolerance")))
    if "alert" in given:
        held = held._replace(alert=share(given["alert"], _("The gap that is an alarm")))
    if "taxes" in given:
        held = held._replace(taxes=_taxes(given["taxes"], channels))
    if "promotions" in given:
        held = held._replace(promotions=_promotions(given["promotions"], channels))
    return held


def keep(place: Workspace, wanted: Rules) -> dict[str, Any]:
    """Sets them; what is different now, field by field: [before, after]."""
    with transaction.atomic():
        held = Workspace.objects.select_for_update().get(pk=place.pk)
        before, after = of(held).json(), wanted.json()
        changed = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
        if changed:
            held.settings = held.settings | {KEPT: after}
            held.save(update_fields=["settings"])
    place.settings = held.settings
    return changed


def share(value: Any, what: str) -> Decimal:
    """A share from 0 to 1; `what` it is of begins the sentence that says so."""
    try:
        found = Decimal(str(value).strip()) if isinstance(value, str | int | float | Decimal) else None
    except InvalidOperation:
        found = None
    if found is None or isinstance(value, bool) or not found.is_finite() or not NOUGHT <= found <= ONE:
        raise BadRequest(_("%(what)s is a share from 0 to 1: 0.02 is 2 %%.") % {"what": what}, "bad_share")
    if found != round(found, PLACES):
        raise BadRequest(_("%(what)s has at most %(n)s decimals.") % {"what": what, "n": PLACES}, "bad_share")
    return round(found, PLACES).normalize() if found else NOUGHT


def _taxes(value: Any, channels: Collection[str]) -> dict[str, Decimal]:
    if not isinstance(value, Mapping):
        raise BadRequest(_('Taxes are given by channel: {"web": "0.13"}.'), "bad_taxes")
    for slug in value:
        _known(slug, channels)
    rates = {
        slug: share(rate, _("The tax of %(channel)s") % {"channel": slug}) for slug, rate in value.items()
    }
    return {slug: rate for slug, rate in rates.items() if rate}


def _promotions(value: Any, channels: Collection[str]) -> tuple[Promotion, ...]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise BadRequest(
            _('Promotions are a list: [{"channel": "jd", "until": "2026-11-11"}].'), "bad_promotions"
        )
    if len(value) > MOST_PROMOTIONS:
        raise BadRequest(
            _("At most %(n)s promotions can be allowed: take out those that are over.")
            % {"n": MOST_PROMOTIONS},
            "bad_promotions",
        )
    return tuple(dict.fromkeys(_promotion(one, channels) for one in value))


def _promotion(one: Mapping[str, Any], channels: Collection[str]) -> Promotion:
    for name in one:
        if name not in Promotion._fields:
            raise BadRequest(
                _("There is no “%(name)s” here: %(known)s.")
                % {"name": str(name)[:60], "known": ", ".join(Promotion._fields)},
                "unknown_field",
            )
    slug, named = one.get("channel"), one.get("promotion", "")
    _known(slug, channels)
    try:
        until = date.fromisoformat(str(one.get("until")))
    except ValueError:
        raise BadRequest(
            _("A promotion is allowed until a day: 2026-11-11, the day itself included."), "bad_until"
        ) from None
    if not isinstance(named, str) or len(named) > LONGEST:
        raise BadRequest(
            _("The name of a promotion is a text of at most %(n)s characters.") % {"n": LONGEST},
            "bad_promotion",
        )
    return Promotion(str(slug), until, named.strip())


def _known(slug: Any, channels: Collection[str]) -> None:
    if slug not in channels:
        raise BadRequest(
            _("There is no channel “%(slug)s” in this workspace.") % {"slug": str(slug)[:60]},
            "unknown_channel",
        )
