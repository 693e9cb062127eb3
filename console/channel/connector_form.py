"""The form of a connector, made of what its kind says of itself: name, settings, secrets; read, with what is wrong.

A secret is never shown, not even one that was just typed. Not here: the pages it stands on (connector_add.py,
connector.py), what a value may be (channels/connect/typed.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from channels import setup
from channels.connect import connections, typed
from channels.connect import setup as connecting
from channels.connectors.base import API, ConnectorKind
from channels.models import Connector
from channels.tables.labels import ROWS
from kernel.errors import BadRequest
from kernel.web import shell

SETTING, SECRET, FORGET, ACCOUNTS = "setting-", "secret-", "forget-", "accounts"  # names of a form's fields
FULL: Final = "lines", "list", "pairs"  # types that take the form's whole width
CHOICES: Final = MappingProxyType(  # values whose own name says little
    {
        **ROWS,
        "ymd": gettext_lazy("year, month, day"),
        "dmy": gettext_lazy("day, month, year"),
        "mdy": gettext_lazy("month, day, year"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A field of the form."""

    name: str
    title: str
    hint: str
    type: str  # of connections.fields
    value: str
    choices: list[tuple[str, str]]  # value, and the words for it
    needed: bool
    problem: str = ""

    @property
    def full(self) -> bool:
        """Whether it takes the form's whole width."""
        return self.type in FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A secret's field."""

    name: str
    forget: str  # the name of the tick that takes it away
    label: str
    hint: str
    lines: bool
    needed: bool
    there: bool
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """All of it. `accounts`: whether aliases join two accounts; None where nothing sends aliases."""

    name: str
    name_problem: str
    settings: list[Setting]
    secrets: list[Hidden]
    accounts: bool | None
    problem: str  # of no single field

    @property
    def wrong(self) -> bool:
        """Whether it has to be sent again."""
        problems = [one.problem for one in self.settings] + [one.problem for one in self.secrets]
        return bool(self.problem or self.name_problem or any(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody sent. `texts`: the settings' own texts, by field; `problems`: by the form's field name."""

    name: str
    texts: dict[str, str]
    settings: dict[str, Any]
    secrets: dict[str, str]
    accounts: bool
    problems: dict[str, str]


def fresh(kind: ConnectorKind, name: str = "") -> Form:
    """Of a connector to be made: every setting at its default."""
    texts = {one["name"]: typed.shown(one, one["default"]) for one in connections.fields(kind)}
    return _form(kind, Typed(name=name, texts=texts, settings={}, secrets={}, accounts=False, problems={}))


def of(kind: ConnectorKind, connector: Connector) -> Form:
    """Of one that is there."""
    own = connector.settings.get(connections.OWN, {})
    texts = {
        one["name"]: typed.shown(one, own.get(one["name"], one["default"]))
        for one in connections.fields(kind)
    }
    accounts = connector.settings.get(setup.PREVIOUS) == setup.ACCOUNT
    name = shell.channel_name(connector)
    said = Typed(name=name, texts=texts, settings={}, secrets={}, accounts=accounts, problems={})
    return _form(kind, said, connecting.secrets_set(connector))


def again(kind: ConnectorKind, said: Typed, connector: Connector | None = None, problem: str = "") -> Form:
    """With what was typed, and what is wrong with it."""
    return _form(kind, said, connecting.secrets_set(connector) if connector else (), problem)


def read(kind: ConnectorKind, post: QueryDict, *, named: bool = True) -> Typed:
    """What was sent, with what is wrong by field. `named`: it needs a name; else an empty one is made up later."""
    texts, settings, problems = {}, {}, {}
    for spec in connections.fields(kind):
        field = SETTING + spec["name"]
        if field not in post and spec["type"] != "yes":
            continue  # what is not sent stays as it is
        texts[spec["name"]] = post.get(field, "")
        settings[spec["name"]] = typed.value(spec, texts[spec["name"]])
        if wrong := typed.problem(kind, spec, settings[spec["name"]]):
            problems[field] = wrong
    secrets = {}
    for one in kind.secrets:
        given = post.get(SECRET + one.name, "").replace("\r\n", "\n").strip()
        if given or FORGET + one.name in post:
            secrets[one.name] = given
        if wrong := _secret_problem(kind, secrets, one.name):
            problems[SECRET + one.name] = wrong
    name = post.get("name", "").strip()
    if named or name:
        problems |= {"name": wrong} if (wrong := _name_problem(name)) else {}
    return Typed(
        name=name,
        texts=texts,
        settings=settings,
        secrets=secrets,
        accounts=ACCOUNTS in post,
        problems=problems,
    )


def sends_aliases(kind: ConnectorKind) -> bool:
    """Whether its clients may say that two identifiers are one's."""
    return kind.direction == API


def _name_problem(name: str) -> str:
    try:
        setup.named(name)
    except BadRequest as wrong:
        return str(wrong)
    return ""


def _secret_problem(kind: ConnectorKind, given: Mapping[str, str], name: str) -> str:
    try:
        connections.sealed(kind, "", "", {name: given[name]} if name in given else {})
    except BadRequest as wrong:
        return str(wrong)
    return ""


def _form(kind: ConnectorKind, said: Typed, there: Any = (), problem: str = "") -> Form:
    return Form(
        name=said.name,
        name_problem=said.problems.get("name", ""),
        settings=[_setting(spec, said) for spec in connections.fields(kind)],
        secrets=[
            Hidden(
                name=SECRET + one.name,
                forget=FORGET + one.name,
                label=str(one.label),
                hint=str(one.help),
                lines=one.lines,
                needed=one.needed,
                there=one.name in there,
                problem=said.problems.get(SECRET + one.name, ""),
            )
            for one in kind.secrets
        ],
        accounts=said.accounts if sends_aliases(kind) else None,
        problem=problem,
    )


def _setting(spec: typed.Spec, said: Typed) -> Setting:
    field = SETTING + spec["name"]
    return Setting(
        name=field,
        title=_translated(spec["title"]),
        hint=_translated(spec["description"]),
        type=spec["type"],
        value=said.texts.get(spec["name"], typed.shown(spec, spec["default"])),
        choices=[(str(one), str(CHOICES.get(str(one), one))) for one in spec["choices"]],
        needed=spec["needed"],
        problem=said.problems.get(field, ""),
    )


def _translated(text: str) -> str:
    """A kind marks its words for translation; an empty one would be the catalogue's head."""
    return gettext(text) if text else ""
