"""Somebody else's databases for tests: one on the tests' own PostgreSQL, one on a MariaDB where there is one.

MariaDB is looked for as `mariadbd` on the path, or by HUILIU_MARIADBD; without it the tests of MySQL do not run, and
the run's last lines say so.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psycopg2
import pymysql
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

from cdp.run.embedded import free_port

PASSWORD = "of-the-reader's-own"
WAIT = 60.0


class Foreign:
    """A database. `run` does what its owner would; `own` is what an admin sets to read it."""

    engine = ""
    made = False  # by whoever uses it: its tables

    def __init__(self) -> None:
        self.name = f"foreign_{uuid.uuid4().hex[:12]}"
        self.own: dict[str, Any] = {}

    def run(self, statement: str, *values: Any) -> list[Any]:
        """One statement, committed."""
        raise NotImplementedError

    def many(self, statement: str, values: list[Any]) -> None:
        """One statement for many rows, committed."""
        raise NotImplementedError

    def close(self) -> None:
        """It goes."""


class ForeignPostgres(Foreign):
    """A database of its own on the tests' server, and a role that may only read it."""

    engine = "postgresql"

    def __init__(self) -> None:
        super().__init__()
        held = settings.DATABASES["default"]
        self.at = {
            "host": held["HOST"],
            "port": held["PORT"],
            "user": held["USER"],
            "password": held["PASSWORD"],
        }
        self.server = psycopg2.connect(dbname="postgres", **self.at)
        self.server.autocommit = True
        self._on(self.server, f"create database {self.name}")
        self._on(self.server, f"create role {self.name} login password %s", PASSWORD)
        self.db = psycopg2.connect(dbname=self.name, **self.at)
        self.db.autocommit = True
        self.run(f"alter default privileges grant select on tables to {self.name}")
        self.own = {
            "engine": "postgresql",
            "host": str(held["HOST"]),
            "port": int(held["PORT"]),
            "database": self.name,
            "user": self.name,
            "tls": "off",
        }

    def run(self, statement: str, *values: Any) -> list[Any]:
        return self._on(self.db, statement, *values)

    def many(self, statement: str, values: list[Any]) -> None:
        with self.db.cursor() as cursor:
            cursor.executemany(statement, values)

    def close(self) -> None:
        self.db.close()
        self._on(self.server, f"drop database {self.name} with (force)")
        self._on(self.server, f"drop role {self.name}")
        self.server.close()

    @staticmethod
    def _on(db: Any, statement: str, *values: Any) -> list[Any]:
        with db.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []


def mariadbd() -> str | None:
    """The program, where there is one."""
    return os.environ.get("HUILIU_MARIADBD") or shutil.which(
        "mariadbd", path=f"{os.environ['PATH']}:/usr/sbin"
    )


class MariaDB:
    """One server for a run, in a folder that goes; its certificate is signed by itself."""

    def __init__(self, program: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="huiliu-mariadb-"))
        usr = Path(program).resolve().parents[1]
        share = next(at for at in (usr / "share/mysql", usr / "share/mariadb") if at.exists())
        data, self.port = self.folder / "data", free_port()
        data.mkdir()
        self.certificate = _certificate(self.folder)
        common = [
            *(program, "--no-defaults", f"--datadir={data}", f"--basedir={usr}", f"--tmpdir={self.folder}"),
            f"--lc-messages-dir={share}",
            *(["--user=root"] if os.getuid() == 0 else []),
        ]
        made = "create database mysql;\nuse mysql;\n" + "".join(
            (share / f"{name}.sql").read_text()
            for name in ("mysql_system_tables", "mysql_performance_tables", "mysql_system_tables_data")
        )
        subprocess.run([*common, "--bootstrap"], input=made, text=True, check=True, capture_output=True)
        start = self.folder / "start.sql"
        start.write_text(
            "create user owner@'127.0.0.1' identified by 'owner';\n"
            "grant all on *.* to owner@'127.0.0.1' with grant option;\n"
        )
        options = [
            *("--bind-address=127.0.0.1", f"--port={self.port}", f"--socket={self.folder}/socket"),
            *(f"--ssl-cert={self.folder}/cert.pem", f"--ssl-key={self.folder}/key.pem"),
            *(f"--init-file={start}", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"),
        ]
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen([*common, *options], stdout=self.log, stderr=self.log)
        until = time.monotonic() + WAIT
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                assert self.process.poll() is None, (self.folder / "log").read_text()[-3000:]
                assert time.monotonic() < until
                time.sleep(0.1)

    def close(self) -> None:
        """It ends with the run."""
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class ForeignMySQL(Foreign):
    """A database of its own on the run's MariaDB."""

    engine = "mysql"

    def __init__(self, server: MariaDB) -> None:
        super().__init__()
        self.certificate = server.certificate
        self.db = pymysql.connect(
            host="127.0.0.1",
            port=server.port,
            user="owner",
            password="owner",
            autocommit=True,
            charset="utf8mb4",
        )
        self.run(f"create database {self.name} character set utf8mb4")
        self.run(f"create user {self.name}@'127.0.0.1' identified by %s", PASSWORD)
        self.run(f"grant select on {self.name}.* to {self.name}@'127.0.0.1'")
        self.run(f"use {self.name}")
        self.own = {
            "engine": "mysql",
            "host": "127.0.0.1",
            "port": server.port,
            "database": self.name,
            "user": self.name,
            "tls": "off",
        }

    def run(self, statement: str, *values: Any) -> list[Any]:
        with self.db.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def many(self, statement: str, values: list[Any]) -> None:
        with self.db.cursor() as cursor:
            cursor.executemany(statement, values)

    def close(self) -> None:
        self.run(f"drop database {self.name}")
        self.run(f"drop user {self.name}@'127.0.0.1'")
        self.db.close()


def _certificate(folder: Path) -> str:
    """For 127.0.0.1, signed by itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "cert.pem").write_text(pem)
    (folder / "key.pem").write_bytes(private)
    return pem
