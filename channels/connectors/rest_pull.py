"""Any API that answers in JSON, asked on a schedule: who asks, page after page, only what is new.

What an item of its means a mapping says; without one it is read as a message of ours. Not here: where a chain of pages
goes on (rest_pages.py), tokens (authorising.py), when it is asked (channels/pulls/).
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta

from channels.connectors import authorising, payloads, rest_pages
from channels.connectors.authorising import Grant
from channels.connectors.base import (
    JSON,
    PULL,
    Answer,
    Api,
    Connection,
    ConnectorKind,
    Delivery,
    Guide,
    Message,
    Page,
    Payload,
    Pulled,
    Secret,
    Unusable,
)
from channels.reasons import FIELD_OF_PLATFORM, NOT_AN_OBJECT, Rejection
from kernel.outside import BadAddress, CredentialsRefused, NoList, NotJson, words_of

MARK: Final = 32  # hex digits of what an item says, where nothing else names it
ENCODER: Final = msgspec.json.Encoder(decimal_format="number", order="deterministic")

Path = Annotated[str, Meta(max_length=500)]
Address = Annotated[
    str, Meta(pattern=r"^(https?://[^\s]{1,1900})?$", examples=["https://erp.example.com/api/orders"])
]
Param = Annotated[str, Meta(pattern=r"^[^\s&=?#]{0,100}$")]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~\[\]-]{0,100}$")]


class Settings(Pulled, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where to ask, who asks, how a page follows another."""

    url: Annotated[Address, Meta(title=gettext_noop("Address"))] = ""
    method: Annotated[
        Literal["GET", "POST"],
        Meta(
            title=gettext_noop("Method"),
            description=gettext_noop("With POST all parameters go as a JSON object."),
        ),
    ] = "GET"
    query: Annotated[
        dict[str, str],
        Meta(
            title=gettext_noop("Parameters"), description=gettext_noop("Sent with every request, one a line.")
        ),
    ] = msgspec.field(default_factory=dict)
    headers: Annotated[
        dict[str, str],
        Meta(
            title=gettext_noop("Headers"),
            description=gettext_noop("The same; nothing secret, it can be read here."),
        ),
    ] = msgspec.field(default_factory=dict)
    auth: Annotated[
        Literal["none", "bearer", "header", "basic", "query", "oauth2"],
        Meta(
            title=gettext_noop("Who asks"),
            description=gettext_noop("How a request says so; oauth2: a token for client credentials."),
        ),
    ] = "none"
    name: Annotated[
        Name,
        Meta(
            title=gettext_noop("Header or parameter of the secret"),
            description=gettext_noop("Only for header and query: X-API-Key, api_key …"),
        ),
    ] = ""
    client: Annotated[str, Meta(max_length=400, title=gettext_noop("Client id, for oauth2"))] = ""
    token_url: Annotated[Address, Meta(title=gettext_noop("Address of tokens, for oauth2"))] = ""
    scope: Annotated[str, Meta(max_length=400, title=gettext_noop("Scope, for oauth2"))] = ""
    client_in: Annotated[
        Literal["form", "basic"],
        Meta(
            title=gettext_noop("Client id and secret go in"),
            description=gettext_noop("For oauth2; basic: the header Authorization."),
        ),
    ] = "form"
    items: Annotated[
        Path,
        Meta(
            title=gettext_noop("Items"),
            description=gettext_noop(
                "Where they stand in the answer, in JMESPath: data.orders. Empty: it is the list."
            ),
        ),
    ] = ""
    id: Annotated[
        Path,
        Meta(
            title=gettext_noop("Id of an item"),
            description=gettext_noop(
                "JMESPath in the item. Of two items with one id only the first counts: where items change, name the "
                "time of the change as well, join('-', [id, updated_at]). Empty: the same item twice counts once."
            ),
        ),
    ] = ""
    paging: Annotated[
        Literal["none", "page", "offset", "cursor", "link"],
        Meta(
            title=gettext_noop("Pages"),
            description=gettext_noop(
                "By number, by how many came before, by a cursor of the answer, by its link."
            ),
        ),
    ] = "none"
    page_param: Annotated[
        Param,
        Meta(
            title=gettext_noop("Parameter of the page"),
            description=gettext_noop("Empty: page, offset or cursor."),
        ),
    ] = ""
    first: Annotated[int, Meta(ge=0, le=1, title=gettext_noop("Number of the first page"))] = 1
    size_param: Annotated[
        Param,
        Meta(
            title=gettext_noop("Parameter of the page's size"),
            description=gettext_noop(
                "With it a page that is not full is the last one; empty: an empty page is."
            ),
        ),
    ] = ""
    size: Annotated[int, Meta(ge=1, le=5_000, title=gettext_noop("Items of a page"))] = 100
    next: Annotated[
        Path,
        Meta(
            title=gettext_noop("Next page"),
            description=gettext_noop(
                "JMESPath to the cursor or the link. Empty, for links: the header Link."
            ),
        ),
    ] = ""
    since: Annotated[
        Literal["none", "newest", "run"],
        Meta(
            title=gettext_noop("Only what is new"),
            description=gettext_noop(
                "Since the newest item that was seen, or the last run; none: all each time."
            ),
        ),
    ] = "none"
    since_param: Annotated[Param, Meta(title=gettext_noop("Parameter of since when"))] = "updated_since"
    newest: Annotated[
        Path,
        Meta(
            title=gettext_noop("What grows in an item"),
            description=gettext_noop("For the newest item: JMESPath to its time of change, or its number."),
        ),
    ] = "updated_at"
    since_format: Annotated[
        Literal["iso", "epoch", "epoch_ms"], Meta(title=gettext_noop("The last run is written as"))
    ] = "iso"
    overlap: Annotated[
        int,
        Meta(
            ge=0,
            le=10_080,
            title=gettext_noop("Minutes asked for again"),
            description=gettext_noop(
                "For the last run: what is shown late is not missed, and nothing counts twice."
            ),
        ),
    ] = 10
    start: Annotated[
        str,
        Meta(
            max_length=100,
            title=gettext_noop("Since when, the first time"),
            description=gettext_noop(
                "As the platform writes it: 2026-01-01T00:00:00Z. Empty: from the beginning."
            ),
        ),
    ] = ""
    rate: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            title=gettext_noop("Requests a second at most"),
            description=gettext_noop("0: one after the other, as they come."),
        ),
    ] = 0


# ---- asking ---------------------------------------------------------------------------------------


def fetch(connection: Connection, api: Api, cursor: Mapping[str, Any]) -> Page:
    """The next page; raises Outside."""
    own = connection.settings
    if not own.url:
        raise BadAddress(url="")
    wanted = rest_pages.asked(own, cursor)
    answer = _called(connection, api, wanted)
    value = _value(answer)
    found = rest_pages.items(own.items, value)
    following = rest_pages.after(own, cursor, value, found, answer.headers, api.now)
    return Page(answer.body if found else b"", following.cursor, following.more, rows=len(found))


def _called(connection: Connection, api: Api, wanted: rest_pages.Asked) -> Answer:
    own = connection.settings
    headers, query = _authorised(connection, api)
    headers = {**own.headers, **headers}
    whole = wanted.url != own.url  # a link, with all that is to be asked
    params: dict[str, str | int] = {**({} if whole else own.query), **wanted.params}
    if own.method == "POST":
        body = msgspec.json.encode(params)
        return api.call("POST", wanted.url, query=query, headers={"content-type": JSON, **headers}, body=body)
    said = {name: str(value) for name, value in params.items()} | query
    return api.call("GET", wanted.url, query=said, headers=headers)


def _authorised(connection: Connection, api: Api) -> tuple[dict[str, str], dict[str, str]]:
    """Headers and parameters that say who asks."""
    own, secret = connection.settings, connection.secrets.get("secret", "")
    if own.auth == "none":
        return {}, {}
    if not secret:
        raise CredentialsRefused
    if own.auth == "bearer":
        return {"authorization": f"Bearer {secret}"}, {}
    if own.auth == "basic":
        user, _colon, password = secret.partition(":")
        return {"authorization": authorising.basic(user, password)}, {}
    if own.auth == "query":
        return {}, {own.name or "api_key": secret}
    if own.auth == "header":
        return {own.name or "X-API-Key": secret}, {}
    grant = Grant(own.token_url, own.client, secret, own.scope, own.client_in == "basic")
    return {"authorization": f"Bearer {authorising.client_credentials(api, grant)}"}, {}


def _value(answer: Answer) -> Any:
    try:
        return payloads.exact_json_of(answer.body)
    except Rejection:
        raise NotJson(words_of(answer.headers, answer.body)) from None


# ---- reading --------------------------------------------------------------------------------------


def payload(connection: Connection, delivery: Delivery) -> Iterable[Payload]:
    """Each item of a page, by the id that is set, else by all that it says."""
    own = connection.settings
    try:
        found = rest_pages.items(own.items, payloads.exact_json_of(delivery.body))
    except NoList:  # the settings were others when it came
        raise Rejection(FIELD_OF_PLATFORM, own.items) from None
    for one in found:
        yield Payload(one, _id(own.id, one), part=True)


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterable[Message | Unusable]:
    """The same as messages of ours; one that is no object costs none of the others."""
    for one in payload(connection, delivery):
        if not isinstance(one.value, dict):
            yield Unusable({"value": one.value, "messageId": one.id}, Rejection(NOT_AN_OBJECT))
        else:
            yield one.value if one.value.get("messageId") else {**one.value, "messageId": one.id}


def _id(expression: str, item: Any) -> str:
    found = rest_pages.search(expression, item) if expression else None
    if isinstance(found, int | Decimal) and not isinstance(found, bool):
        found = str(found)
    if isinstance(found, str) and found.strip():
        return found.strip()
    return hashlib.sha256(ENCODER.encode(item)).hexdigest()[:MARK]


def pace(settings: Settings) -> float:
    """Requests a second."""
    return settings.rate


REST_PULL = ConnectorKind(
    name="rest_pull",
    label=_("Any API (JSON)"),
    category="database",
    direction=PULL,
    about=_("An API that answers in JSON, asked on a schedule: page after page, only for what is new."),
    settings=Settings,
    secrets=(
        Secret(
            "secret",
            _("Secret"),
            _("The token or key; for Basic user:password; for oauth2 the client's secret."),
            needed=False,
        ),
    ),
    fetch=fetch,
    messages=messages,
    payloads=payload,
    pace=pace,
    guide=Guide(
        steps=(
            _("Create a key at the platform that may only read, and set the address and the key here."),
            _("Say where the items stand in an answer, and how one page follows another."),
            _("Test: what the platform answered, or why it did not, is said at once, and nothing is kept."),
            _("Write a mapping that says what an item means; what came before can be read by it as well."),
        ),
        untold=(
            _("What the platform deletes: it is no longer in the answers, and stays here as it was."),
            _("Without a time of change or a running number everything is fetched anew each time."),
        ),
    ),
)
