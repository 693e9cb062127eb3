"""The rules of an allocation as they are agreed: read from JSON, each fault with its field and a sentence.

    {"pot": {"of": "revenue", "rate": "0.10"}, "weights": {"sold": "0.6", "shapley": "0.4"}, "lookback": "30d",
     "untouched": "sold", "costs_first": false, "services": {"pickup": "0.02"},
     "limits": {"*": {"floor": "0.04", "cap": "0.4"}, "store": {"guarantee": "5000"}},
     "adjustment": {"rate": "0.1", "most": "0.05"}}

Shares and rates are 0 to 1; guarantees are amounts in the workspace's currency.
Not here: what they come to (sharing.py), the versions there were (versions.py).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel import money
from kernel.web import format

SOLD: Final = "sold"  # all of an order to the channel that sold it
# The models that credit each order by its own path alone, then those that look at all paths together.
BY_PATH: Final = ("first", "last", "last_non_direct", "linear", "position", "time_decay", "shapley")
BY_ALL: Final = ("markov", "data_driven")
MODELS: Final = (SOLD, *BY_PATH, *BY_ALL)
POTS: Final = ("margin", "revenue")
UNTOUCHED: Final = (SOLD, "kept")
SERVICES: Final = ("pickup", "return", "advice")
EVERY: Final = "*"  # the limits of each channel that has none of its own
LIMITS: Final = ("floor", "cap", "guarantee")
FIELDS: Final = (
    *("pot", "weights", "lookback", "untouched", "costs_first", "services", "limits", "adjustment"),
)
LONGEST_LOOKBACK: Final = 180  # days
MOST_SERVICE: Final = Decimal("0.5")  # of an order's value
MOST_ADJUSTED: Final = Decimal("0.5")  # of a channel's weight
PLACES: Final = 6  # decimals of a rate
ONE, NONE = Decimal(1), Decimal(0)
MODEL_WORDS: Final[Mapping[str, Promise]] = {
    SOLD: gettext_lazy("Sold by"),
    "first": gettext_lazy("First contact"),
    "last": gettext_lazy("Last contact"),
    "last_non_direct": gettext_lazy("Last non-direct contact"),
    "linear": gettext_lazy("Linear"),
    "position": gettext_lazy("Position 40-20-40"),
    "time_decay": gettext_lazy("Time decay"),
    "markov": gettext_lazy("Markov"),
    "shapley": gettext_lazy("Shapley"),
    "data_driven": gettext_lazy("Data-driven"),
}


class Fault(NamedTuple):
    """What is wrong with rules: the field (`limits.tmall.cap`) and a sentence."""

    field: str
    text: str


class Limit(NamedTuple):
    """What a channel gets at least and at most: shares of the pot, and an amount."""

    floor: Decimal = NONE
    cap: Decimal = ONE
    guarantee: Decimal = NONE


class Rules(NamedTuple):
    """An agreement. Weights add up to 1."""

    pot: str = "revenue"
    rate: Decimal = Decimal("0.1")
    weights: Mapping[str, Decimal] = {SOLD: ONE}
    lookback: int = 30  # days
    untouched: str = SOLD
    costs_first: bool = False
    services: Mapping[str, Decimal] = {}
    limits: Mapping[str, Limit] = {}
    adjustment: Decimal = NONE
    most: Decimal = NONE  # by how much a weight is adjusted at most

    def limit(self, slug: str) -> Limit:
        """What holds for a channel."""
        return self.limits.get(slug) or self.limits.get(EVERY) or Limit()

    def json(self) -> dict[str, Any]:
        """As they are read."""
        return {
            "pot": {"of": self.pot, "rate": text(self.rate)},
            "weights": {name: text(value) for name, value in self.weights.items()},
            "lookback": f"{self.lookback}d",
            "untouched": self.untouched,
            "costs_first": self.costs_first,
            "services": {name: text(value) for name, value in self.services.items()},
            "limits": {slug: _limit_json(one) for slug, one in self.limits.items()},
            "adjustment": {"rate": text(self.adjustment), "most": text(self.most)},
        }


def text(value: Decimal) -> str:
    """A number without idle zeros: `0.10` -> `0.1`, `5E+3` -> `5000`."""
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _limit_json(one: Limit) -> dict[str, str]:
    plain = Limit()
    return {name: text(getattr(one, name)) for name in LIMITS if getattr(one, name) != getattr(plain, name)}


def read(given: Any, channels: Sequence[str], currency: str, pot: Decimal | None = None) -> "Read":
    """Rules, and all that is wrong with them. `channels`: slugs there are; `pot`: the last one, if there was one."""
    reader = _Reader(channels, currency)
    rules = reader.rules(given)
    if not reader.faults:
        reader.together(rules, pot)
    return Read(rules, reader.faults)


class Read(NamedTuple):
    """What was read. Rules with faults hold for nothing."""

    rules: Rules
    faults: list[Fault]


class _Reader:
    """Reads rules and collects what is wrong, so that all of it is said at once."""

    def __init__(self, channels: Sequence[str], currency: str) -> None:
        self.channels, self.currency = channels, currency
        self.faults: list[Fault] = []

    def fault(self, field: str, said: str) -> None:
        """One more."""
        self.faults.append(Fault(field, said))

    def rules(self, given: Any) -> Rules:
        """Field by field."""
        plain = Rules()
        if not isinstance(given, dict):
            self.fault("rules", _("The rules are an object of pot, weights and what else was agreed."))
            return plain
        self._known(given, FIELDS, "")
        of, rate = self._pot(given.get("pot"))
        adjusted = self._object(given, "adjustment", ("rate", "most"))
        return Rules(
            pot=of,
            rate=rate,
            weights=self._weights(given.get("weights")),
            lookback=self._lookback(given.get("lookback", "30d")),
            untouched=self._one_of(given.get("untouched", SOLD), UNTOUCHED, "untouched"),
            costs_first=self._flag(given.get("costs_first", False), "costs_first"),
            services={
                name: value
                for name in SERVICES
                if (
                    value := self._rate(
                        self._object(given, "services", SERVICES), name, "services", MOST_SERVICE
                    )
                )
            },
            limits=self._limits(given),
            adjustment=self._rate(adjusted, "rate", "adjustment", ONE),
            most=self._rate(adjusted, "most", "adjustment", MOST_ADJUSTED),
        )

    def together(self, rules: Rules, pot: Decimal | None) -> None:
        """What only all of them together can have wrong."""
        sum_of = sum(rules.weights.values(), NONE)
        if sum_of != ONE:
            self.fault(
                "weights",
                _("The weights come to %(sum)s: together they are 100%%, no more and no less.")
                % {"sum": format.percent(sum_of)},
            )
        served = sum(rules.services.values(), NONE)
        if rules.pot == "revenue" and served > rules.rate:
            self.fault(
                "services",
                _(
                    "Services come to %(services)s of an order, the pot to %(pot)s: they give more than the pot."
                )
                % {"services": format.percent(served), "pot": format.percent(rules.rate)},
            )
        self._limits_together(rules, pot)

    def _limits_together(self, rules: Rules, pot: Decimal | None) -> None:
        every = {slug: rules.limit(slug) for slug in self.channels}
        floors = sum((one.floor for one in every.values()), NONE)
        if floors > ONE:
            self.fault(
                "limits",
                _("The floors of all channels come to %(sum)s: they give more than the pot.")
                % {"sum": format.percent(floors)},
            )
        caps = sum((one.cap for one in every.values()), NONE)
        if every and caps < ONE:
            self.fault(
                "limits",
                _("The caps of all channels come to %(sum)s: a part of the pot is nobody's.")
                % {"sum": format.percent(caps)},
            )
        granted = sum((one.guarantee for one in every.values()), NONE)
        if pot is not None and granted > max(pot, NONE):
            self.fault(
                "limits",
                _("The guarantees come to %(sum)s, the last pot was %(pot)s: they give more than the pot.")
                % {"sum": format.money(granted, self.currency), "pot": format.money(pot, self.currency)},
            )

    # ---- fields ---------------------------------------------------------------------------------

    def _known(self, given: Mapping[str, Any], names: Sequence[str], place: str) -> None:
        for name in given:
            if name not in names:
                self.fault(
                    f"{place}{str(name)[:60]}",
                    _("There is no rule “%(name)s” here: it is one of %(all)s.")
                    % {"name": str(name)[:60], "all": ", ".join(names)},
                )

    def _object(self, given: Mapping[str, Any], field: str, names: Sequence[str]) -> Mapping[str, Any]:
        found = given.get(field) or {}
        if not isinstance(found, dict):
            if not any(one.field == field for one in self.faults):
                self.fault(field, _("“%(name)s” is an object.") % {"name": field})
            return {}
        if not any(one.field.startswith(f"{field}.") for one in self.faults):
            self._known(found, names, f"{field}.")
        return found

    def _pot(self, given: Any) -> tuple[str, Decimal]:
        if not isinstance(given, dict):
            self.fault("pot", _("The pot says of what it is (“margin” or “revenue”) and at which rate."))
            return Rules().pot, Rules().rate
        self._known(given, ("of", "rate"), "pot.")
        of = self._one_of(given.get("of"), POTS, "pot.of")
        rate = self._rate(given, "rate", "pot", ONE, missing=ONE if of == "margin" else NONE)
        if not rate and not any(one.field == "pot.rate" for one in self.faults):
            self.fault("pot.rate", _("A pot at a rate of nothing has nothing to share."))
        return of, rate

    def _weights(self, given: Any) -> dict[str, Decimal]:
        if not isinstance(given, dict) or not given:
            self.fault("weights", _("At least one model has a weight: “sold”, say, or “shapley”."))
            return {}
        self._known(given, MODELS, "weights.")
        found = {name: self._rate(given, name, "weights", ONE) for name in MODELS if name in given}
        return {name: value for name, value in found.items() if value}

    def _lookback(self, given: Any) -> int:
        days = str(given).removesuffix("d")
        if days.isascii() and days.isdigit() and 1 <= int(days[:6]) <= LONGEST_LOOKBACK:
            return int(days)
        said = _("Contacts are looked back for 1 to %(most)s days: “30d”.") % {"most": LONGEST_LOOKBACK}
        self.fault("lookback", said)
        return Rules().lookback

    def _one_of(self, given: Any, names: Sequence[str], field: str) -> str:
        if isinstance(given, str) and given in names:
            return given
        said = _("“%(field)s” is one of %(all)s.") % {"field": field, "all": ", ".join(names)}
        self.fault(field, said)
        return names[0]

    def _flag(self, given: Any, field: str) -> bool:
        if isinstance(given, bool):
            return given
        self.fault(field, _("“%(field)s” is true or false.") % {"field": field})
        return False

    def _limits(self, given: Mapping[str, Any]) -> dict[str, Limit]:
        asked = given.get("limits") or {}
        if not isinstance(asked, dict):
            self.fault("limits", _("“%(name)s” is an object.") % {"name": "limits"})
            return {}
        found = {}
        for slug, limits in asked.items():
            place = f"limits.{str(slug)[:60]}"
            if slug != EVERY and slug not in self.channels:
                self.fault(place, _("There is no channel “%(slug)s”.") % {"slug": str(slug)[:60]})
            elif not isinstance(limits, dict):
                self.fault(place, _("“%(name)s” is an object.") % {"name": place})
            else:
                found[slug] = self._limit(limits, place)
        return found

    def _limit(self, given: Mapping[str, Any], place: str) -> Limit:
        self._known(given, LIMITS, f"{place}.")
        floor = self._rate(given, "floor", place, ONE)
        cap = self._rate(given, "cap", place, ONE, missing=ONE)
        if floor > cap:
            said = _("The floor of %(floor)s lies above the cap of %(cap)s.")
            self.fault(f"{place}.floor", said % {"floor": format.percent(floor), "cap": format.percent(cap)})
        return Limit(floor, cap, self._number(given, "guarantee", place, money.LARGEST, _amount_wrong))

    def _rate(
        self, given: Mapping[str, Any], name: str, place: str, most: Decimal, missing: Decimal = NONE
    ) -> Decimal:
        return self._number(given, name, place, most, _rate_wrong, missing)

    def _number(
        self,
        given: Mapping[str, Any],
        name: str,
        place: str,
        most: Decimal,
        wrong: Callable[[Decimal], str],
        missing: Decimal = NONE,
    ) -> Decimal:
        said = given.get(name)
        if said is None or said == "":
            return missing
        value = money.number(said)
        if value is None:
            told = _("“%(value)s” is not a number.") % {"value": str(said)[:40]}
            self.fault(f"{place}.{name}", told)
            return missing
        if not NONE <= value <= most or round(value, PLACES) != value:
            self.fault(f"{place}.{name}", wrong(most))
            return missing
        return value


def _rate_wrong(most: Decimal) -> str:
    return _("A share lies between 0 and %(most)s, with at most six decimals.") % {"most": text(most)}


def _amount_wrong(most: Decimal) -> str:
    return _("An amount is not below 0, and not above %(most)s.") % {"most": format.number(most)}
