"""An expression of JMESPath -> statements of Python: its own interpreter walks the tree for every value anew.

The library parses; of its tree code is made that does the same, node by node (tests compare the two over expressions of
chance). Nothing of a text gets into the code but names in quotes: all other values are constants beside it.
Bounded: the length of an expression, its depth, and at run time the steps (runtime.py).
Not here: functions (functions.py), whole messages (messages.py).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from jmespath.exceptions import JMESPathError
from jmespath.parser import Parser

from channels.language import errors, functions, library, runtime
from channels.language.errors import Misread, TooMuch, Wrong

LONGEST: Final = 4_000  # characters of an expression
DEEPEST: Final = 60  # blocks within one another
MOST_LOOPS: Final = 8  # loops within one another

Node = Mapping[str, Any]
Table = Mapping[str, Any]


def parsed(text: str) -> Node:
    """The tree of an expression; Wrong with a sentence for what is none."""
    if len(text) > LONGEST:
        raise Wrong(_("An expression has at most %(most)s characters.") % {"most": f"{LONGEST:,}"})
    try:
        found: Node = Parser().parse(text).parsed
    except RecursionError:
        raise errors.too_deep() from None
    except (JMESPathError, ValueError, LookupError, TypeError, AttributeError) as why:
        if not text.strip():
            raise Wrong(_("The expression is empty.")) from None
        at = getattr(why, "lex_position", None)
        where = f" ({_('at character %(n)s') % {'n': at + 1}})" if isinstance(at, int) else ""
        raise Wrong(
            _("“%(text)s” is no expression%(where)s: a text stands in single quotes, a number in backticks.")
            % {"text": text[:60], "where": where}
        ) from None
    return found


class Writer:
    """Writes the body of one Python function, statement by statement. `names` are the constants it stands on."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.lines: list[str] = []
        self.depth = 1
        self.loops = 0
        self.tables = tables
        self.scope: dict[str, str] = {"root": "root"}  # what root(), parent() and index() are just now
        self.names: dict[str, Any] = {
            "equal": runtime.equal,
            "equal_within": runtime.equal_within,
            "less": runtime.less,
            "at_most": runtime.at_most,
            "spend": runtime.spend,
            "bounded": runtime.bounded,
            "NUMBERS": runtime.NUMBERS,
            "LARGE": runtime.LARGE,
            "TooMuch": TooMuch,
            "Misread": Misread,
            "expression": library.Expression,
            "Decimal": Decimal,
        }
        self._constants: dict[str, str] = {}

    # ---- text of the code ----

    def put(self, *lines: str) -> None:
        """Statements where we are."""
        if self.depth > DEEPEST:
            raise errors.too_deep()
        self.lines.extend(" " * self.depth + line for line in lines)

    def fresh(self) -> str:
        """A new variable."""
        return f"t{len(self.lines)}_{self.depth}"

    def constant(self, value: Any) -> str:
        """A value beside the code."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    def set(self, code: str) -> str:
        """A new variable with a value."""
        name = self.fresh()
        self.put(f"{name} = {code}")
        return name

    def within(self, head: str, body: Callable[[], None]) -> None:
        """A block."""
        self.put(head)
        self.depth += 1
        body()
        self.depth -= 1

    def truth(self, name: str) -> str:
        """A condition: what JMESPath takes for true (0 is)."""
        return f"{name} or type({name}) in NUMBERS"

    def loop(self, over: str, item: str, body: Callable[[], None]) -> None:
        """Over a list or the values of an object, within what may be looked at."""
        self.loops += 1
        if self.loops > MOST_LOOPS:
            raise errors.too_deep()
        self.put(f"c.left -= len({over})")
        self.within("if c.left < 0:", lambda: self.put("raise TooMuch"))
        self.within(f"for {item} in {over}:", body)
        self.loops -= 1

    # ---- nodes ----

    def expression(self, text: str, value: str) -> str:
        """The variable that holds what an expression comes to for the value of another."""
        try:
            return self.node(parsed(text), value)
        except RecursionError:
            raise errors.too_deep() from None

    def node(self, node: Node, value: str) -> str:
        """The same of a tree."""
        found: str = getattr(self, f"_{node['type']}")(node, value)
        return found

    def _chain(self, node: Node, value: str) -> str:
        for child in node["children"]:
            value = self.node(child, value)
        return value

    _subexpression = _index_expression = _pipe = _chain

    def _field(self, node: Node, value: str) -> str:
        return self.set(f"{value}.get({node['value']!r}) if type({value}) is dict else None")

    def _current(self, node: Node, value: str) -> str:
        return value

    _identity = _current

    def _literal(self, node: Node, value: str) -> str:
        said = exact(node["value"])
        if said is None or type(said) in (bool, int, str):
            return self._constant_of(repr(said), said)
        return self.constant(said)

    def _constant_of(self, written: str, value: Any) -> str:
        key = f"{type(value).__name__}:{written}"
        if key not in self._constants:
            self._constants[key] = self.constant(value)
        return self._constants[key]

    def _index(self, node: Node, value: str) -> str:
        n = int(node["value"])
        inside = f"len({value}) > {n}" if n >= 0 else f"len({value}) >= {-n}"
        return self.set(f"{value}[{n}] if type({value}) is list and {inside} else None")

    def _slice(self, node: Node, value: str) -> str:
        if 0 in node["children"][2:]:
            raise Wrong(_("A slice cannot have a step of 0."))
        part = self.constant(slice(*node["children"]))
        found = self.set(f"{value}[{part}] if type({value}) is list else None")
        self.within(f"if {found}:", lambda: self.put(f"spend(c, {found})"))
        return found

    def _comparator(self, node: Node, value: str) -> str:
        one, other = (self.node(child, value) for child in node["children"])
        swapped, straight = f"({other}, {one})", f"({one}, {other})"
        same = f"equal_within(c, {one}, {other})" if self.loops else f"equal{straight}"
        if any(child["type"] == "literal" and type(child["value"]) is str for child in node["children"]):
            same = f"({one} == {other})"
        code = {
            "eq": same,
            "ne": f"not {same}",
            "lt": f"less{straight}",
            "gt": f"less{swapped}",
            "lte": f"at_most{straight}",
            "gte": f"at_most{swapped}",
        }[node["value"]]
        return self.set(code)

    def _or_expression(self, node: Node, value: str) -> str:
        return self._either(node, value, "if not ({truth}):")

    def _and_expression(self, node: Node, value: str) -> str:
        return self._either(node, value, "if {truth}:")

    def _either(self, node: Node, value: str, head: str) -> str:
        """The right side only where the left one leaves it open."""
        left, right = node["children"]
        found = self.set(self.node(left, value))
        self.within(
            head.format(truth=self.truth(found)),
            lambda: self.put(f"{found} = {self.node(right, value)}"),
        )
        return found

    def _not_expression(self, node: Node, value: str) -> str:
        found = self.node(node["children"][0], value)
        return self.set(f"not ({self.truth(found)})")

    # ---- lists and objects ----

    def _collected(self, base: str, kind: str, node: Node, condition: Node | None = None) -> str:
        """What a tree comes to for each element, without nulls; null where there is no list."""
        found = self.set("None")
        item = f"e{len(self.lines)}_{self.depth}"

        def each() -> None:
            if condition is None:
                keep()
                return
            self.within(f"if {self.truth(self.node(condition, item))}:", keep)

        def keep() -> None:
            made = self.node(node, item)
            self.within(f"if {made} is not None:", lambda: self.put(f"{found}.append({made})"))

        def all_of_it() -> None:
            self.put(f"{found} = []")
            over = self.set(f"list({base}.values())") if kind == "dict" else base
            self.loop(over, item, each)

        self.within(f"if type({base}) is {kind}:", all_of_it)
        return found

    def _projection(self, node: Node, value: str) -> str:
        base, each = node["children"]
        return self._collected(self.node(base, value), "list", each)

    def _value_projection(self, node: Node, value: str) -> str:
        base, each = node["children"]
        return self._collected(self.node(base, value), "dict", each)

    def _filter_projection(self, node: Node, value: str) -> str:
        base, each, condition = node["children"]
        return self._collected(self.node(base, value), "list", each, condition)

    def _flatten(self, node: Node, value: str) -> str:
        base = self.node(node["children"][0], value)
        found = self.set("None")
        item = f"e{len(self.lines)}_{self.depth}"

        def each() -> None:
            self.within(
                f"if type({item}) is list:", lambda: self.put(f"spend(c, {item})", f"{found}.extend({item})")
            )
            self.within("else:", lambda: self.put(f"{found}.append({item})"))

        def all_of_it() -> None:
            self.put(f"{found} = []")
            self.loop(base, item, each)

        self.within(f"if type({base}) is list:", all_of_it)
        return found

    def _multi_select_list(self, node: Node, value: str) -> str:
        def body() -> str:
            return f"[{', '.join([self.node(child, value) for child in node['children']])}]"

        return self._unless_null(value, body)

    def _multi_select_dict(self, node: Node, value: str) -> str:
        def body() -> str:
            pairs = [(child["value"], self.node(child["children"][0], value)) for child in node["children"]]
            return f"{{{', '.join(f'{name!r}: {made}' for name, made in pairs)}}}"

        return self._unless_null(value, body)

    def _unless_null(self, value: str, body: Callable[[], str]) -> str:
        found = self.set("None")
        self.within(f"if {value} is not None:", lambda: self.put(f"{found} = {body()}"))
        return found

    # ---- calls ----

    def _expref(self, node: Node, value: str) -> str:
        name, item = f"f{len(self.lines)}_{self.depth}", f"e{len(self.lines)}_{self.depth}"
        self.loops += 1
        if self.loops > MOST_LOOPS:
            raise errors.too_deep()

        def body() -> None:
            self.put("c.left -= 1")
            self.put(f"return {self.node(node['children'][0], item)}")

        self.within(f"def {name}({item}):", body)
        self.loops -= 1
        return self.set(f"expression({name})")

    def _function_expression(self, node: Node, value: str) -> str:
        name, children = node["value"], node["children"]
        if name in functions.BUILT:
            built: str = getattr(self, f"_call_{name}")(children, value)
            return built
        found = functions.ALL.get(name)
        if found is None:
            raise Wrong(_("There is no function %(name)s().") % {"name": name[:60]})
        if not found.least <= len(children) <= found.most:
            words = found.words or f"{name}(…)"
            raise Wrong(
                _("%(words)s takes another number of values: it got %(n)s.")
                % {"words": words, "n": len(children)}
            )
        given = [self.node(child, value) for child in children]
        if self.loops:
            for one in given:
                self.put(f"if type({one}) in LARGE and len({one}) > {runtime.PIECE}: spend(c, {one})")
        return self.set(
            f"{self._function(name, found)}({', '.join([*(['c'] if found.told else []), *given])})"
        )

    def _function(self, name: str, found: library.Function) -> str:
        own = f"call_{name}"
        self.names[own] = found.call
        return own

    def _call_root(self, children: list[Node], value: str) -> str:
        return self._scope("root", children)

    def _call_parent(self, children: list[Node], value: str) -> str:
        return self._scope("parent", children)

    def _call_index(self, children: list[Node], value: str) -> str:
        return self._scope("index", children)

    def _scope(self, name: str, children: list[Node]) -> str:
        if children:
            raise Wrong(_("%(name)s() takes no value.") % {"name": name})
        if name not in self.scope:
            raise Wrong(_("%(name)s() stands where there is an “each”.") % {"name": name})
        return self.scope[name]

    def _call_lookup(self, children: list[Node], value: str) -> str:
        if len(children) not in (2, 3) or children[0]["type"] != "literal":
            raise Wrong(_("A lookup is written lookup('table', value) or lookup('table', value, default)."))
        name = str(children[0]["value"])
        if name not in self.tables:
            raise Wrong(_("There is no table “%(name)s”: write [lookup.%(name)s].") % {"name": name[:60]})
        table = self._constant_of(name, self.tables[name])
        key = self.set(f"call_text({self.node(children[1], value)})")
        self.names["call_text"] = functions.text
        default = self.node(children[2], value) if len(children) == 3 else "None"
        return self.set(f"{table}.get({key}, {default})")


def exact(value: Any) -> Any:
    """A literal whose decimals are exact."""
    if type(value) is float:
        return Decimal(repr(value))
    if type(value) is list:
        return [exact(one) for one in value]
    if type(value) is dict:
        return {name: exact(one) for name, one in value.items()}
    return value


def function(writer: Writer, head: str) -> Callable[..., Any]:
    """The function whose body was written. `head`: its name and what it is given."""
    name = head.partition("(")[0]
    code = "\n".join([f"def {head}:", *writer.lines])
    try:
        exec(compile(code, "<mapping>", "exec"), writer.names)  # noqa: S102  made here of a parsed tree
    except (SyntaxError, RecursionError, MemoryError):
        raise errors.too_deep() from None
    made: Callable[..., Any] = writer.names[name]
    return made


def compiled(text: str) -> Callable[[Any, runtime.Context], Any]:
    """One expression alone: (value, context) -> what it comes to."""
    writer = Writer({})
    writer.put(f"return {writer.expression(text, 'root')}")
    return function(writer, "evaluate(root, c)")
