"""An S3-compatible store in this process (moto), behind a proxy that can be cut or held; each request is seen."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

import obstore
from django.conf import settings
from moto.server import DomainDispatcherApplication, create_backend_app
from obstore.store import S3Store
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

from tests.channels.proxy import Proxy

KEY, SECRET = "AKIDOFTESTS", "the-secret-of-tests"
BUCKET = "huiliu-tests"
Environ = dict[str, Any]


class Store:
    """One server for a run. `asked`: method and path of each request; `before` and `after` see them come and done."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.app = DomainDispatcherApplication(create_backend_app)
        self.asked: list[tuple[str, str]] = []
        self.free()
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.proxy = Proxy(self.server.server_port)
        config: Any = {"access_key_id": KEY, "secret_access_key": SECRET, "region": "us-east-1"}
        self._create()
        config["endpoint"] = f"http://127.0.0.1:{self.server.server_port}"
        self.client = S3Store(BUCKET, config=config, client_options={"allow_http": True})

    def free(self) -> None:
        """Nothing is in anybody's way."""
        self.before: Callable[[str, str], None] = lambda _method, _path: None
        self.after: Callable[[str, str], None] = lambda _method, _path: None
        self.refusal = b""

    @property
    def endpoint(self) -> str:
        """Where it is asked: through the proxy."""
        return f"http://127.0.0.1:{self.proxy.port}"

    def names(self, workspace: int) -> set[str]:
        """What lies there of a workspace."""
        prefix = f"{settings.MIRROR_URL.removeprefix(f's3://{BUCKET}/')}/{workspace}/"
        found = (one["path"] for some in obstore.list(self.client, prefix=prefix) for one in some)
        return {path.removeprefix(prefix) for path in found}

    def remove(self, workspace: int, name: str) -> None:
        """Takes an object away."""
        prefix = settings.MIRROR_URL.removeprefix(f"s3://{BUCKET}/")
        obstore.delete(self.client, f"{prefix}/{workspace}/{name}")

    def settings(self) -> dict[str, str]:
        """Of the product, for a mirror of its own there."""
        return {
            "MIRROR_URL": f"s3://{BUCKET}/{uuid4().hex}",
            "MIRROR_ENDPOINT": self.endpoint,
            "MIRROR_REGION": "us-east-1",
            "MIRROR_ACCESS_KEY": KEY,
            "MIRROR_SECRET_KEY": SECRET,
        }

    def close(self) -> None:
        """Ends with the run."""
        self.server.shutdown()

    def _create(self) -> None:
        builder = EnvironBuilder(path=f"/{BUCKET}", method="PUT", base_url="http://127.0.0.1/")
        list(self.app(builder.get_environ(), lambda _status, _headers: None))

    def _answer(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.asked.append((method, path))
        self.before(method, path)
        if self.refusal:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            body = self.refusal + environ.get("HTTP_AUTHORIZATION", "").encode()
            start("403 Forbidden", [("Content-Length", str(len(body)))])
            return [body]
        body = b"".join(self.app(environ, start))
        self.after(method, path)
        return [body]
