"""A mapping's `[[message]]`s as code: a payload -> messages of ours.

Each is one function: condition, loop, fields one after the other into a message that is plain values.
Not here: expressions (expressions.py), cleaning (rules.py), putting both together (mapping.py).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from channels.language import expressions, runtime, targets
from channels.language.draft import MessageRule, Target
from channels.language.errors import Wrong
from channels.language.expressions import Writer
from channels.language.runtime import Context

MOST_MADE: Final = 1_000  # messages of one payload
IDENTIFIERS: Final = targets.IDENTIFIERS

Make = Callable[[Any, Context, list[dict[str, Any]]], bool]


def compiled(rule: MessageRule, place: int, tables: Mapping[str, Mapping[str, Any]]) -> Make:
    """(payload, context, messages) -> whether it matched; what it makes goes into the list. Wrong with its path."""
    writer = _MessageWriter(tables)
    try:
        writer.rule(rule)
        made = expressions.function(writer, "make(root, c, out)")
    except Wrong as why:
        raise Wrong(why.text, "message", place, *why.path) from None
    return made


class _MessageWriter(Writer):
    """Writes one message's function."""

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(tables)
        self.names["MOST"] = MOST_MADE

    def rule(self, rule: MessageRule) -> None:
        """All of it; `at` holds the field that is being read, for who wants to know where it went wrong."""
        self.put("at = ''")
        self.within("try:", lambda: self._tried(rule))
        self.within("except (Misread, TooMuch) as why:", lambda: self.put("why.field = at", "raise"))
        self.within(
            "except Exception as why:",
            lambda: self.put("wrong = Misread('failed', why)", "wrong.field = at", "raise wrong from why"),
        )

    def _tried(self, rule: MessageRule) -> None:
        if rule.when:
            met = self._at("when", rule.when, "root")
            self.within(f"if not ({self.truth(met)}):", lambda: self.put("return False"))
        if rule.skip:
            self.put("return True")
            return
        if rule.each:
            self._each(rule)
        else:
            self._message(rule, "root")
        self.put("return True")

    def _at(self, name: str, text: str, value: str) -> str:
        """An expression, whose trouble is that of a field."""
        self.put(f"at = {name!r}")
        try:
            return self.expression(text, value)
        except Wrong as why:
            raise Wrong(why.text, name) from None

    def _each(self, rule: MessageRule) -> None:
        found = self._listed(self._at("each", rule.each, "root"))
        self.within(f"if len({found}) > MOST:", lambda: self.put("raise TooMuch"))
        self.scope |= {"index": "n0", "parent": "e0"}
        self.put("n0 = -1")

        def body() -> None:
            self.put("n0 += 1")
            self._message(rule, "e0")

        self.loop(found, "e0", body)

    def _listed(self, found: str) -> str:
        """A list of what there is: null is none, a single object is a list of one."""
        return self.set(f"{found} if type({found}) is list else [] if {found} is None else [{found}]")

    def _message(self, rule: MessageRule, value: str) -> None:
        tree = _Tree(rule.targets)
        base = f"dict({value}) if type({value}) is dict else {{}}" if rule.keep else "{}"
        self.put(f"m = {base}")
        holders = self._holders(tree, keep=rule.keep)
        for field in rule.drop:
            self._drop(field, holders)
        for target in rule.targets:
            self._target(target, value, holders)
        for path in sorted(tree.groups, key=len, reverse=True):
            own, above = holders[path], holders[path[:-1]]
            self.put(f"if {own} or {path[-1]!r} in {above}: {above}[{path[-1]!r}] = {own}")
        if tree.identifiers:
            self.put(f"if ids: m[{IDENTIFIERS!r}] = ids")
        self.put("out.append(m)")

    def _holders(self, tree: "_Tree", *, keep: bool) -> dict[tuple[str, ...], str]:
        """An object for each group of fields, by its path; what is kept of the payload's is a copy."""
        holders: dict[tuple[str, ...], str] = {(): "m"}
        for n, path in enumerate(sorted(tree.groups, key=len)):
            name = holders[path] = f"g{n}"
            if keep:
                above = holders[path[:-1]]
                self.put(
                    f"{name} = {above}.get({path[-1]!r})",
                    f"{name} = dict({name}) if type({name}) is dict else {{}}",
                )
            else:
                self.put(f"{name} = {{}}")
        if tree.identifiers:
            self.put(f"ids = m.get({IDENTIFIERS!r})", "ids = list(ids) if type(ids) is list else []")
        return holders

    def _drop(self, field: str, holders: Mapping[tuple[str, ...], str]) -> None:
        """Takes a field out of what is kept, where its object is one we hold; else a copy of that object is made."""
        targets.must_be_field(field)
        *path, name = field.split(".")
        if tuple(path) in holders:
            self.put(f"{holders[tuple(path)]}.pop({name!r}, None)")
            return
        self.put("d = m")
        for part in path:
            self.put(f"d[{part!r}] = dict(d[{part!r}]) if type(d.get({part!r})) is dict else {{}}")
            self.put(f"d = d[{part!r}]")
        self.put(f"d.pop({name!r}, None)")

    def _target(self, target: Target, value: str, holders: Mapping[tuple[str, ...], str]) -> None:
        targets.must_be_field(target.field)
        if target.field == "type":
            _must_be_quoted(target)
        self.put(f"at = {target.field!r}")
        try:
            made = self._value(target, value)
        except Wrong as why:
            raise Wrong(why.text, target.field, *why.path) from None
        *path, name = target.field.split(".")
        if (*path, name) in holders:  # the whole object, which other fields are put into
            where = f"{holders[(*path, name)]}.update({made} if type({made}) is dict else {{}})"
        elif path == [IDENTIFIERS]:
            where = f"ids.append({{'kind': {name!r}, 'value': {made}}})"
        else:
            where = f"{holders[tuple(path)]}[{name!r}] = {made}"
        self._given(made, where)

    def _given(self, made: str, then: str) -> None:
        """null is nothing given; what may be large is looked at first."""

        def body() -> None:
            large = f"type({made}) in LARGE and (type({made}) is not str or len({made}) > {runtime.SHORT})"
            self.put(f"if {large}: bounded(c, {made})", then)

        self.within(f"if {made} is not None:", body)

    def _value(self, target: Target, value: str) -> str:
        if target.lines is not None:
            return self._lines(target, value)
        if isinstance(target.value, str):
            return self.expression(target.value, value)
        return self.constant(expressions.exact(target.value))

    def _lines(self, target: Target, value: str) -> str:
        """A list of objects, each of its own fields."""
        lines = target.lines
        if lines is None:
            raise Wrong(_("The value is an expression in quotes, a number, true or false."))
        over = self._listed(self.expression(lines.each, value))
        found = self.set("[]")
        item, line = f"e{len(self.lines)}_{self.depth}", f"l{len(self.lines)}_{self.depth}"
        count = f"n{len(self.lines)}_{self.depth}"
        outer = self.scope
        self.scope = outer | {"index": count, **({} if value == "root" else {"parent": value})}
        self.put(f"{count} = -1")

        def body() -> None:
            self.put(f"{count} += 1", f"{line} = {{}}")
            for one in lines.targets:
                self._of_line(one, target.field, item, line)
            self.put(f"if {line}: {found}.append({line})")

        self.loop(over, item, body)
        self.scope = outer
        return self.set(f"{found} or None")

    def _of_line(self, one: Target, above: str, item: str, line: str) -> None:
        if "." in one.field or len(one.field) > targets.LONGEST:
            raise Wrong(_("“%(field)s” is no name of a field.") % {"field": one.field[:60]}, one.field)
        self.put(f"at = {above + '.' + one.field!r}")
        try:
            made = self._value(one, item)
        except Wrong as why:
            raise Wrong(why.text, one.field, *why.path) from None
        self._given(made, f"{line}[{one.field!r}] = {made}")


class _Tree:
    """The objects within a message that its fields stand in."""

    def __init__(self, said: Sequence[Target]) -> None:
        self.groups: dict[tuple[str, ...], None] = {}  # in the order in which they are first named
        self.identifiers = False
        for target in said:
            *path, _name = target.field.split(".")
            if path == [IDENTIFIERS]:
                self.identifiers = True
                continue
            self.groups |= dict.fromkeys(tuple(path[:n]) for n in range(1, len(path) + 1))


def _must_be_quoted(target: Target) -> None:
    """`type = "track"` reads a field of that name: hardly what is meant."""
    if isinstance(target.value, str) and target.value.strip() in targets.TYPES:
        raise Wrong(
            _("A text stands in single quotes within the expression: %(field)s = \"'%(value)s'\".")
            % {"field": target.field, "value": target.value.strip()},
            target.field,
        )
