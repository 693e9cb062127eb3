"""Fixture `foreign`: somebody else's database, of each engine in turn; `mariadb`: its server, where there is one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.channels.connectors.foreign import Foreign, ForeignMySQL, ForeignPostgres, MariaDB, mariadbd


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    program = mariadbd()
    if program is None:
        pytest.skip("no MariaDB server here: reading from MySQL is not tried")
    server = MariaDB(program)
    yield server
    server.close()


@pytest.fixture(params=["postgresql", "mysql"])
def foreign(request: Any, settings: Any) -> Iterator[Foreign]:
    settings.ALLOW_ADDRESSES = ["127.0.0.1"]
    made = (
        ForeignPostgres()
        if request.param == "postgresql"
        else ForeignMySQL(request.getfixturevalue("mariadb"))
    )
    yield made
    made.close()
