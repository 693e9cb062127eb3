"""How a request to an API says who asks: a header, Basic, a query parameter, a token of OAuth2's client credentials.

Not here: keeping tokens (channels/pulls/platform.py), what a platform of its own way wants (its kind's file).
"""

import base64
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

from channels.connectors import payloads
from channels.connectors.base import Answer, Api
from channels.reasons import Rejection
from kernel.outside import CredentialsRefused, Declined, NotJson, words_of

GOOD_FOR: Final = 3_600.0  # seconds, of a token whose platform does not say
FORM: Final = "application/x-www-form-urlencoded"


class Grant(NamedTuple):
    """What OAuth2's client credentials are asked for with. `basic`: both go in a header, else in the form."""

    url: str
    client: str
    secret: str
    scope: str = ""
    basic: bool = False


def basic(user: str, password: str) -> str:
    """The header Authorization."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def client_credentials(api: Api, grant: Grant, name: str = "oauth2") -> str:
    """A token, remembered as long as it is good; raises CredentialsRefused."""

    def made() -> tuple[str, float]:
        form = {"grant_type": "client_credentials"} | ({"scope": grant.scope} if grant.scope else {})
        headers = {"content-type": FORM}
        if grant.basic:
            headers["authorization"] = basic(grant.client, grant.secret)
        else:
            form |= {"client_id": grant.client, "client_secret": grant.secret}
        try:
            answer = api.call("POST", grant.url, headers=headers, body=urlencode(form).encode())
        except Declined as why:  # 400 invalid_client, invalid_grant …
            raise CredentialsRefused(why.words) from why
        return _token(answer)

    return api.remember(name, made)


def _token(answer: Answer) -> tuple[str, float]:
    found = object_of(answer)
    token, seconds = found.get("access_token"), found.get("expires_in")
    if not isinstance(token, str) or not token:
        raise CredentialsRefused(words_of(answer.headers, answer.body))
    bare = str(seconds).partition(".")[0]
    return token, float(bare) if bare.isascii() and bare.isdigit() and len(bare) < 10 else GOOD_FOR


def object_of(answer: Answer) -> Mapping[str, object]:
    """An answer that is a JSON object; raises NotJson, with what it says instead."""
    try:
        return payloads.object_of(answer.body)
    except Rejection:
        raise NotJson(words_of(answer.headers, answer.body)) from None
