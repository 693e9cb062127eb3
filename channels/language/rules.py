"""Cleaning rules: what is done to a field of every message of a connector, and what refuses it.

A rule's parts are worked in one order: trim, case, standard, lookup, unit, default, required, allowed, pattern, min,
max. Each change and each refusal is said by field and part, so that it can be counted. Not here: their text (text.py).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from channels.language import expressions, functions, regions, standards, targets
from channels.language.draft import CleaningRule, Constant
from channels.language.errors import Misread, TooMuch, Wrong
from channels.language.patterns import Pattern
from channels.language.runtime import Context
from kernel import money, values

CENTS: Final = "cents"
CASES: Final = {"lower": str.lower, "upper": str.upper}
LONGEST_LIST: Final = 120  # characters of the allowed values, as a refusal says them
IDENTIFIERS: Final = "identifiers"

Table = Mapping[str, Constant]


class Did(NamedTuple):
    """A rule changed a field, or refused the message."""

    field: str
    part: str
    refused: bool = False


class Refused(Exception):
    """A message that a rule refuses. `part`: of the rule; `says`: what it wants."""

    def __init__(self, part: str, says: str = "") -> None:
        super().__init__(part)
        self.part, self.says, self.field = part, says, ""


Change = Callable[[Any], Any]


class Rule:
    """One rule, ready to be applied."""

    def __init__(self, said: CleaningRule, tables: Mapping[str, Table]) -> None:
        self.field, self.default, self.required = said.field, expressions.exact(said.default), said.required
        self.path = said.field.split(".")
        self.when = _condition(said.when) if said.when else None
        self.regions = said.standard == standards.ADDRESS
        self.changes = tuple(_changes(said, tables))
        self.checks = tuple(_checks(said))

    def apply(self, message: dict[str, Any], context: Context) -> Iterator[Did]:
        """Changes the message in place and says what it did; Refused where it must not be stored."""
        if self.when is not None and not functions.true(self.when(message, context)):
            return
        places = list(_places(message, self.path, make=self.default is not None))
        if not places and self.required:
            raise Refused("required")
        for holder, name in places:
            yield from self._one(holder, name)
            if self.regions and _filled(holder, holder.get(name)):
                yield Did(self.field, "standard")

    def _one(self, holder: dict[str, Any], name: str) -> Iterator[Did]:
        value = holder.get(name)
        for part, change in self.changes:
            if value is None:
                break
            changed = change(value)
            if type(changed) is not type(value) or changed != value:
                yield Did(self.field, part)
                holder[name] = value = changed
        if functions.blank(value) and self.default is not None:
            yield Did(self.field, "default")
            holder[name] = value = self.default
        if functions.blank(value):
            if self.required:
                raise Refused("required")
            return
        for check in self.checks:
            check(value)


def _filled(holder: dict[str, Any], address: Any) -> bool:
    """Whether an address said something beside itself that was missing there."""
    found = regions.read(address)
    if found is None:
        return False
    new = {part: name for part, name in zip(regions.PARTS, found, strict=False) if name}
    new = {part: name for part, name in new.items() if functions.blank(holder.get(part))}
    holder.update(new)
    return bool(new)


def _condition(text: str) -> Callable[[Any, Context], Any]:
    try:
        return expressions.compiled(text)
    except Wrong as why:
        raise Wrong(why.text, "when") from None


def _places(value: Any, path: Sequence[str], *, make: bool) -> Iterator[tuple[dict[str, Any], str]]:
    """Where a field stands, or would: of a list of lines in each; of identifiers in those of its kind."""
    if isinstance(value, list):
        for one in value:
            yield from _places(one, path, make=make)
        return
    if not isinstance(value, dict):
        return
    name, *below = path
    if not below:
        yield value, name
    elif name == IDENTIFIERS and isinstance(value.get(name), list):
        of_kind = [one for one in value[name] if isinstance(one, dict) and one.get("kind") == below[0]]
        yield from ((one, "value") for one in of_kind)
    else:
        if value.get(name) is None and make and name != IDENTIFIERS:
            value[name] = {}
        yield from _places(value.get(name), below, make=make)


def _changes(said: CleaningRule, tables: Mapping[str, Table]) -> Iterator[tuple[str, Change]]:
    if said.trim:
        yield "trim", lambda value: value.strip() if isinstance(value, str) else value
    yield from _forms(said)
    if said.lookup:
        table = tables.get(said.lookup)
        if table is None:
            name = said.lookup[:60]
            raise Wrong(
                _("There is no table “%(name)s”: write [lookup.%(name)s].") % {"name": name}, "lookup"
            )
        yield "lookup", lambda value: table.get(values.text(value) or "", value)
    if said.unit:
        if said.unit != CENTS:
            raise Wrong(_("“unit” is one of %(known)s.") % {"known": CENTS}, "unit")
        yield "unit", _cents


def _forms(said: CleaningRule) -> Iterator[tuple[str, Change]]:
    """What gives a value its form."""
    if said.case:
        case = CASES.get(said.case)
        if case is None:
            raise Wrong(_("“case” is one of %(known)s.") % {"known": ", ".join(CASES)}, "case")
        yield "case", lambda value: case(value) if isinstance(value, str) else value
    if said.standard:
        formed = standards.ALL.get(said.standard)
        if formed is None:
            raise Wrong(
                _("“standard” is one of %(known)s.") % {"known": ", ".join(standards.ALL)}, "standard"
            )
        yield "standard", formed


def _cents(value: Any) -> Any:
    try:
        return functions.yuan(value)
    except Misread:
        raise Refused("unit") from None


def _checks(said: CleaningRule) -> Iterator[Callable[[Any], None]]:
    if said.allowed:
        yield _allowed(said.allowed)
    if said.pattern:
        try:
            yield _matching(Pattern(said.pattern), said.pattern)
        except Wrong as why:
            raise Wrong(why.text, "pattern") from None
    if said.least is not None or said.most is not None:
        yield _between(said)


def _allowed(allowed: Sequence[Constant]) -> Callable[[Any], None]:
    known = frozenset(_plain(one) for one in allowed)
    says = ", ".join(_plain(one) for one in allowed)[:LONGEST_LIST]

    def check(value: Any) -> None:
        if _plain(value) not in known:
            raise Refused("allowed", says)

    return check


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return values.text(value) or ""


def _matching(pattern: Pattern, says: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        found = value if isinstance(value, str) else values.text(value)
        if found is None or not pattern(found):
            raise Refused("pattern", says[:LONGEST_LIST])

    return check


def _between(said: CleaningRule) -> Callable[[Any], None]:
    least, most = money.number(said.least), money.number(said.most)

    def check(value: Any) -> None:
        found = money.number(value)
        if least is not None and (found is None or found < least):
            raise Refused("min", str(said.least))
        if most is not None and (found is None or found > most):
            raise Refused("max", str(said.most))

    return check


def compiled(said: Sequence[CleaningRule], tables: Mapping[str, Table]) -> tuple[Rule, ...]:
    """The rules of a draft; Wrong for one that cannot be applied."""
    found = []
    for one in said:
        targets.must_be_field(one.field, "clean")
        try:
            found.append(Rule(one, tables))
        except Wrong as why:
            raise Wrong(why.text, "clean", one.field, *why.path) from None
    return tuple(found)


def apply(rules: Sequence[Rule], message: dict[str, Any], context: Context, did: list[Did]) -> None:
    """All rules on a message, in place, in their order. What they did goes into `did`; Refused with its field."""
    for rule in rules:
        try:
            did.extend(rule.apply(message, context))
        except Refused as why:
            did.append(Did(rule.field, why.part, refused=True))
            why.field = rule.field
            raise
        except (Misread, TooMuch) as why:
            why.field = rule.field
            raise
