"""A message to a person by any provider's HTTP API: SMS, e-mail, WeCom. Address, headers and body are templates."""

import re
from typing import Annotated, Final, Literal

import msgspec
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from channels.connectors.base import Guide, Secret
from channels.destinations import template
from channels.destinations.base import Answer, Call, DestinationKind, Target, Told
from kernel.errors import BadRequest
from kernel.outside import LONGEST_WORDS, Said
from kernel.told import inside

JSON: Final = "json"
TYPES: Final = {
    JSON: "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
}
WRITTEN: Final = {JSON: template.in_json, "form": template.in_address, "text": template.as_it_is}
HOST: Final = re.compile(r"https?://[^/?#{}\s]+(?=[/?#]|$)")
HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
CONTACTS: Final = ("phone", "email")  # how a person is reached: without them there is nothing to send

Text = Annotated[str, Meta(min_length=1, max_length=1_900)]


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The provider's request."""

    url: Annotated[
        Text,
        Meta(title=gettext_noop("Address"), examples=["https://sms.example.com/v1/send?to={{phone}}"]),
    ]
    method: Annotated[Literal["POST", "PUT", "GET"], Meta(title=gettext_noop("Method"))] = "POST"
    headers: Annotated[
        dict[str, Annotated[str, Meta(max_length=1_000)]],
        Meta(
            max_length=20,
            title=gettext_noop("Headers"),
            description=gettext_noop("One a line: name = value. {{secret}} is the secret that is set below."),
        ),
    ] = {}
    body_as: Annotated[Literal["json", "form", "text"], Meta(title=gettext_noop("Body written as"))] = "json"
    body: Annotated[
        str,
        Meta(
            max_length=20_000,
            title=gettext_noop("Body"),
            description=gettext_noop("With placeholders, within quotes where it is JSON."),
            examples=['{"to": "{{phone}}", "text": "Hello {{name}}"}'],
        ),
    ] = ""
    success_path: Annotated[
        str,
        Meta(
            max_length=200,
            title=gettext_noop("Where the answer says that it went well"),
            description=gettext_noop("Path in the answer's JSON, as result.code. Empty: the status says it."),
        ),
    ] = ""
    success_value: Annotated[
        str, Meta(max_length=100, title=gettext_noop("What stands there when it did"), examples=["OK"])
    ] = ""


def call(target: Target, told: Told, now: float) -> Call:
    """The request with this person's values in it."""
    own: Settings = target.settings
    values = {**told.values, template.SECRET: target.secrets.get("secret", "")}
    headers = {
        name.lower(): template.filled(text, values, template.in_line) for name, text in own.headers.items()
    }
    body = template.filled(own.body, values, WRITTEN[own.body_as]).encode("utf-8", "replace")
    if body:
        headers.setdefault("content-type", TYPES[own.body_as])
    return Call(template.filled(own.url, values, template.in_address), headers, body, own.method)


def needs(own: Settings) -> tuple[str, ...]:
    """What stands in its texts."""
    several = (own.url, own.body, *own.headers.values())
    return tuple(dict.fromkeys(name for text in several for name in template.names(text)))


def must(own: Settings) -> tuple[str, ...]:
    """How a person is reached."""
    return tuple(name for name in needs(own) if name in CONTACTS or name.startswith("identifier."))


def check(own: Settings) -> None:
    """No value says where it goes; a JSON body is JSON whatever the values are."""
    needs(own)
    if not HOST.match(own.url):
        raise BadRequest(
            _now(
                "The address begins with http:// or https:// and a server's name, without placeholders in it."
            ),
            "bad_address",
        )
    for name in own.headers:
        if not HEADER.fullmatch(name):
            raise BadRequest(_now("“%(name)s” is no name of a header.") % {"name": name[:60]}, "bad_header")
    if own.body_as == JSON and own.body:
        try:
            msgspec.json.decode(
                template.filled(own.body, dict.fromkeys(needs(own), '1"\\'), template.in_json)
            )
        except msgspec.DecodeError:
            raise BadRequest(
                _now('The body is no JSON: a placeholder stands within quotes, as in “"to": "{{phone}}"”.'),
                "bad_body",
            ) from None


def heard(target: Target, answer: Answer) -> None:
    """What a provider says in the body of a good answer; raises Said."""
    own: Settings = target.settings
    if not own.success_path:
        return
    try:
        found = inside(msgspec.json.decode(answer.body), own.success_path.split("."))
    except msgspec.DecodeError:
        found = None
    if template.plain(found) != own.success_value:
        raise Said(answer.body[:LONGEST_WORDS].decode("utf-8", "replace"))


MESSAGE: Final = DestinationKind(
    name="message",
    label=_("Message"),
    about=_("Sends a message to a person by any provider's HTTP API: SMS, e-mail, WeCom."),
    guide=Guide(
        steps=(
            _("Take the request from the provider's document: address, headers, body."),
            _("Put placeholders where a person's values belong: {{phone}}, {{name}}, {{trait.city}}."),
            _("Choose the purpose: whoever has not consented to it is sent nothing."),
        ),
        read_on="2026-11-30",
    ),
    settings=Settings,
    secrets=(Secret("secret", _("Key or password"), _("It stands where {{secret}} is."), needed=False),),
    call=call,
    heard=heard,
    needs=needs,
    must=must,
    check=check,
    personal=True,
)
