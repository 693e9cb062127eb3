"""The way out: one HTTP client for every call to somebody else's server, with an address that was checked.

An admin sets where we call, so an address may point at us: a name is resolved once, each address it has is judged, and
the connection goes to the very one that was judged; TLS and Host keep the name. No redirect is followed. A call has an
end in time and in size, unpacked too. What goes wrong is raised as an `Outside` (outside.py).
Not here: who is asked, how often, and what is done with an answer (channels/pulls/).
"""

import ipaddress
import os
import re
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import httpcore
import httpx
from django.conf import settings

from kernel.outside import (
    LONGEST_WORDS,
    BadAddress,
    BadCertificate,
    Busy,
    CredentialsRefused,
    Declined,
    Down,
    ForbiddenAddress,
    Garbled,
    NoAnswer,
    NotThere,
    Outside,
    Redirected,
    TooLarge,
    TooLate,
    UnknownName,
    words_of,
)
from kernel.version import version

SECONDS: Final = 30.0  # a whole call, from the look-up of the name to the last byte
MOST_BYTES: Final = 10 * 1024 * 1024  # of an answer, unpacked
MOST_WAIT: Final = 86_400.0  # seconds of a Retry-After that are believed
REMEMBERED: Final = 256  # addresses that were read
MOST_ADDRESSES: Final = 4  # of a name that are tried
PORTS: Final = {"http": 80, "https": 443}
SHARED: Final = ipaddress.ip_network("100.64.0.0/10")  # between a carrier and its customers
# IPv4 within IPv6: what is inside is judged.
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Answer(NamedTuple):
    """What came back, with a status below 400. Header names are lower case; the body is unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# ---- where we may go ------------------------------------------------------------------------------


def forbidden(address: str) -> bool:
    """Whether an IP address is one of ours, or of no single machine in the open net."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return not all(_open(one) for one in _meant(found))


def _open(found: Address) -> bool:
    return found.is_global and not (
        found.is_multicast
        or found.is_reserved
        or found.is_unspecified
        or (found.version == 4 and found in SHARED)
    )


def _meant(found: Address) -> Iterator[Address]:
    """An address, and the one inside it."""
    if isinstance(found, ipaddress.IPv4Address):
        yield found
        return
    if found.ipv4_mapped is not None:
        yield found.ipv4_mapped
        return
    yield found
    if found.sixtofour is not None:
        yield found.sixtofour
    if found.teredo is not None:
        yield from found.teredo
    if found in NAT64:
        yield ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)


def allowed(host: str, port: int) -> bool:
    """Whether the operator named it: `host`, or `host:port`; an IPv6 address in brackets."""
    bare = f"[{host}]" if ":" in host else host
    named = {one.strip().lower() for one in settings.ALLOW_ADDRESSES}
    return bool(named & {bare.lower(), f"{bare}:{port}".lower()})


def addresses(host: str, port: int) -> list[str]:
    """The addresses of a name, each of which may be called; raises UnknownName, ForbiddenAddress.

    What looks like a number is one: the system's own reading (127.1, 0x7f000001, 017700000001) is what is judged.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise UnknownName(host=host) from None
    several = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not allowed(host, port):
        for address in several:
            if forbidden(address):
                raise ForbiddenAddress(host=host, address=address)
    return several[:MOST_ADDRESSES]


# ---- the connection -------------------------------------------------------------------------------


class _Clock:
    """Until when the call under way has to be over."""

    def __init__(self) -> None:
        self.until = 0.0

    def left(self) -> float:
        found = self.until - time.monotonic()
        if found <= 0:
            raise httpcore.ReadTimeout
        return found


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends with the whole call: a server that drips byte by byte holds up nobody."""

    def __init__(self, inner: httpcore.NetworkStream, clock: _Clock) -> None:
        self._inner, self._clock = inner, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._clock.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._clock.left())
        return _Stream(secured, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    """Connects to an address that was judged, never to a name."""

    def __init__(self, clock: _Clock) -> None:
        self._inner, self._clock = httpcore.SyncBackend(), clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        trouble: Exception = httpcore.ConnectError()
        for address in addresses(host, port):
            try:
                found = self._inner.connect_tcp(
                    address, port, self._clock.left(), local_address, socket_options
                )
            except httpcore.ConnectError as why:
                trouble = why
            else:
                return _Stream(found, self._clock)
        raise trouble


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are believed: certifi's, or those of SSL_CERT_FILE."""
    return httpx.create_ssl_context(trust_env=bool(os.environ.get("SSL_CERT_FILE")))


class Client:
    """Calls one after the other; connections stay open between them. A context, of one thread."""

    def __init__(self, seconds: float = SECONDS, most: int = MOST_BYTES, *, cut: bool = False) -> None:
        """`cut`: an answer that is longer than `most` is cut there; else it is TooLarge."""
        self.seconds, self.most, self.cut = seconds, most, cut
        self._clock = _Clock()
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(), network_backend=_Network(self._clock), max_connections=4, retries=0
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_trouble: object) -> None:
        self._pool.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """One request; raises Outside, for every status from 400 on as well. `query` goes beside the URL's own."""
        there = _url(url, query)
        given = _headers(there, headers or {}, body, method)
        self._clock.until = time.monotonic() + self.seconds
        target = httpcore.URL(
            scheme=there.raw_scheme, host=there.raw_host, port=there.port, target=there.raw_path
        )
        host = there.host
        try:
            with self._pool.stream(method, target, headers=given, content=body or None) as answer:
                found = _names(answer.headers)
                whole = b"".join(self._unpacked(answer, found, host))
        except (httpcore.TimeoutException, TimeoutError):
            raise TooLate(host=host, seconds=round(self.seconds)) from None
        except httpcore.ConnectError as why:
            raise _unconnected(host, why) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, zlib.error, ssl.SSLError) as why:
            raise Garbled(str(why)[:LONGEST_WORDS], host=host) from None
        return _judged(host, Answer(answer.status, found, whole))

    def _unpacked(self, answer: httpcore.Response, headers: Mapping[str, str], host: str) -> Iterator[bytes]:
        """The body, piece by piece, no longer than it may be whatever is packed in it."""
        packing = headers.get("content-encoding", "").strip().lower()
        if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Garbled(packing[:LONGEST_WORDS], host=host)
        packer = zlib.decompressobj(zlib.MAX_WBITS | 32) if packing not in ("", "identity") else None
        size = 0
        for piece in answer.iter_stream():
            plain = packer.decompress(piece, self.most + 1 - size) if packer else piece
            size += len(plain)
            if size > self.most and self.cut:
                yield plain[: len(plain) - (size - self.most)]
                return
            if size > self.most:
                raise TooLarge(host=host, most=self.most // (1024 * 1024))
            yield plain
        if packer and size and not packer.eof:
            raise Garbled(packing, host=host)


@lru_cache(maxsize=REMEMBERED)
def _parsed(url: str) -> httpx.URL:
    """An address is read once, however often it is called."""
    return httpx.URL(url.strip())


def _url(url: str, query: Mapping[str, str] | None) -> httpx.URL:
    try:
        found = _parsed(url)
        found = found.copy_merge_params(dict(query)) if query else found
    except (httpx.InvalidURL, ValueError, TypeError):
        raise BadAddress(url=_bare(url)) from None
    if found.scheme not in PORTS or not found.host or found.userinfo:
        raise BadAddress(url=_bare(url))
    return found


def _bare(url: str) -> str:
    """An address without what may be secret in it."""
    return re.sub(r"//[^/@]*@", "//", url.partition("?")[0])[:200]


def _headers(
    there: httpx.URL, given: Mapping[str, str], body: bytes, method: str
) -> list[tuple[bytes, bytes]]:
    named = {name.lower(): value for name, value in given.items()}
    own = {
        "host": there.netloc.decode(),
        "user-agent": f"Huiliu/{version()}",
        "accept": "application/json, */*;q=0.5",
    }
    own["accept-encoding"] = "gzip"
    if body or method.upper() not in ("GET", "HEAD"):
        named["content-length"] = str(len(body))
    found = own | {name: value for name, value in named.items() if name != "host"}
    try:
        pairs = [(name.encode("ascii"), value.strip().encode("utf-8")) for name, value in found.items()]
    except UnicodeEncodeError:
        raise BadAddress(url=_bare(str(there))) from None
    return [pair for pair in pairs if not re.search(rb"[\r\n\x00]", b"".join(pair))]


def _names(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _unconnected(host: str, why: Exception) -> Outside:
    cause = why.__cause__ or why.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return BadCertificate(host=host, why=cause.verify_message or str(cause)[:LONGEST_WORDS])
    return NoAnswer(str(why)[:LONGEST_WORDS], host=host)


# ---- what came back -------------------------------------------------------------------------------


def _judged(host: str, answer: Answer) -> Answer:
    status = answer.status
    if 300 <= status < 400 and status != 304:
        why: Outside = Redirected(host=host, to=_bare(answer.headers.get("location", "")) or "?")
        why.answered = status
        raise why
    if status < 400:
        return answer
    words, again = (
        words_of(answer.headers, answer.body),
        wait(answer.headers.get("retry-after", ""), time.time()),
    )
    why = _no(status, words, again)
    why.answered = status
    raise why


def _no(status: int, words: str, again: float) -> Outside:
    """What a status from 400 on comes to."""
    if status in (401, 403):
        return CredentialsRefused(words)
    if status in (404, 410):
        return NotThere(words)
    if status == 429:
        return Busy(words, again)
    if status >= 500 or status in (408, 425):
        return Down(words, again, status=status)
    return Declined(words, status=status)


def wait(text: str, now: float) -> float:
    """A Retry-After, in seconds or as a date, as seconds from now (epoch seconds); 0 where it says nothing."""
    bare = text.strip()
    if bare.isascii() and bare.replace(".", "", 1).isdigit():
        return min(float(bare[:12]), MOST_WAIT)
    try:
        at = parsedate_to_datetime(bare)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - datetime.fromtimestamp(now, UTC)).total_seconds(), 0.0), MOST_WAIT)
