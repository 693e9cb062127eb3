"""A connector's way to its platform: calls at its pace, tokens kept sealed, no secret in what is said of a trouble.

Not here: the call itself (kernel/outbound.py), what is asked for (connectors/).
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec

from channels import connectors
from channels.connect import setup as connecting
from channels.connect.pulled import Failure
from channels.connectors.base import Answer, Connection, ConnectorKind, Page
from channels.models import Connector
from channels.reasons import Rejection
from kernel import db as database
from kernel import outbound, secrets
from kernel.db import Statements
from kernel.errors import Refused
from kernel.outside import CredentialsRefused, NotJson, NotUnderstood

T = TypeVar("T")
sql = Statements(__file__)

EARLY: Final = 60.0  # seconds before its end a token is no longer used, or at half of its time
SECRET_FROM: Final = 6  # characters: a shorter secret is too common to be looked for in a text
HIDDEN: Final = "…"


class Platform:
    """An Api (connectors/base.py). `used`: a token was taken that an earlier call had made."""

    def __init__(self, db: database.Connection, connector: Connector, client: outbound.Client) -> None:
        self.kind: ConnectorKind = connectors.KINDS[connector.kind]
        self.kept = connecting.kept(connector)
        self.connection: Connection = connecting.opened(connector)
        self.connector, self.now, self.used = connector, time.time(), False
        self._db, self._client = db, client
        self._made: dict[str, str] = {}
        self._pace, self._next = self.kind.pace(self.connection.settings), 0.0
        self._for = UUID(
            bytes=hashlib.sha256(f"{self.kept.settings}\n{self.kept.sealed}".encode()).digest()[:16]
        )

    def call(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """One request, no sooner than the pace allows."""
        pause = self._next - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self.now = time.time()
        if self._pace > 0:
            self._next = time.monotonic() + 1 / self._pace
        return Answer(*self._client.call(method, url, query=query, headers=headers, body=body))

    # ---- tokens -----------------------------------------------------------------------------------

    def remember(self, name: str, make: Callable[[], tuple[str, float]]) -> str:
        """The token of a name; it holds for these settings and secrets alone."""
        if name in self._made:
            return self._made[name]
        found = database.rows(
            self._db, sql["token"], connector=self.connector.pk, name=name, made_for=self._for
        )
        if found:
            self.used = True
            token = secrets.decrypt(found[0][0], self._place)
        else:
            token, seconds = make()
            database.run(
                self._db,
                sql["keep_token"],
                workspace=self.connector.workspace_id,
                connector=self.connector.pk,
                name=name,
                made_for=self._for,
                sealed=secrets.encrypt(token, self._place),
                seconds=max(seconds - EARLY, seconds / 2),
            )
        self._made[name] = token
        return token

    @property
    def _place(self) -> str:
        return f"token:{self.kept.uuid}"

    def patiently(self, ask: Callable[[], T]) -> T:
        """Asks; once more with new tokens where the platform refuses one that was kept."""
        try:
            return ask()
        except CredentialsRefused:
            if not self.used:
                raise
            self.used = False
            self._made.clear()
            database.run(self._db, sql["forget_tokens"], connector=self.connector.pk)
            return ask()

    # ---- what goes wrong ----------------------------------------------------------------------------

    def failure(self, why: Exception) -> Failure:
        """A trouble as it is kept: no secret stands in it."""
        params = {name: self._hidden(value) for name, value in getattr(why, "params", {}).items()}
        words = self._hidden(getattr(why, "words", ""))
        code = why.code if isinstance(why, Refused) else NotUnderstood.code
        return Failure(code, params, words, self._hidden(str(why)))

    def _hidden(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for secret in (*self.connection.secrets.values(), *self._made.values()):
            for part in {secret, *secret.split(":")}:
                if len(part) >= SECRET_FROM:
                    value = value.replace(part, HIDDEN)
        return value


@contextmanager
def opened(
    db: database.Connection, connector: Connector, seconds: float = outbound.SECONDS
) -> Iterator[Platform]:
    """The way, as long as it is needed: connections stay open between its calls. `seconds`: of each call."""
    with outbound.Client(seconds) as client:
        yield Platform(db, connector, client)


def fetched(platform: Platform, cursor: Mapping[str, Any]) -> Page:
    """The page after a cursor; raises Refused. What a kind could not read is one too."""
    fetch = platform.kind.fetch
    if fetch is None:
        raise connecting.nothing_to_run(platform.kind)
    return _asked(platform, lambda: fetch(platform.connection, platform, cursor))


def looked_up(platform: Platform, params: Mapping[str, Any]) -> Page:
    """What a notice named."""
    look_up = platform.kind.look_up
    if look_up is None:
        raise connecting.nothing_to_run(platform.kind)
    return _asked(platform, lambda: look_up(platform.connection, platform, params))


def _asked(platform: Platform, ask: Callable[[], Page]) -> Page:
    try:
        page = platform.patiently(ask)
        plain = msgspec.json.decode(msgspec.json.encode(page.cursor))
    except Rejection as why:
        raise NotJson(why.code.name) from why
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, msgspec.MsgspecError) as why:
        raise NotUnderstood(kind=platform.kind.name) from why
    return page._replace(cursor=plain)
