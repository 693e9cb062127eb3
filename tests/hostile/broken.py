"""Requests that are broken as bytes: chunks, lengths, header lines, names of parameters. Not here: sending them."""

import random

ORIGIN = b"https://shop.example"


def head(method: bytes, target: bytes, *headers: bytes) -> bytes:
    """A request up to its body."""
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: localhost", b"Origin: " + ORIGIN, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


CHUNKED = b"Transfer-Encoding: chunked"
BROKEN = {
    "no number": b"zz\r\n{}\r\n0\r\n\r\n",
    "below zero": b"-1\r\n{}\r\n0\r\n\r\n",
    "no size": b"\r\n{}\r\n0\r\n\r\n",
    "a sign": b"+2\r\n{}\r\n0\r\n\r\n",
    "hexadecimal in words": b"0x2\r\n{}\r\n0\r\n\r\n",
    "too long a chunk": b"2\r\n{}XX0\r\n\r\n",
    "no end of the line": b"2{}\r\n0\r\n\r\n",
    "bare newlines": b"2\n{}\n0\n\n",
    "a size beyond numbers": b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n",
    "the second is broken": b"2\r\n{}\r\nzz\r\n",
    "a NUL": b"\x00\r\n{}\r\n0\r\n\r\n",
    "other bytes": bytes(range(255, 127, -1)),
    "an endless size": b"1" * 20_000,
    "an endless extension": b"2;" + b"x" * 40_000 + b"\r\n{}\r\n0\r\n\r\n",
}
TARGETS = (
    b"/v1/track", b"/v1/batch/", b"/v1/records", b"/v1/webhook", b"/beacon/v1/batch", b"/api/s/track", b"/v1/m",
    b"/v1/nothing", b"/sourceConfig", b"/v1/projects/k/settings", b"/pixel/v1/track", b"/capture/", b"/",
    b"/hooks/00000000-0000-0000-0000-000000000000/", b"/api/rejects/replay/", b"/api/nothing/", b"/signin/",
)  # fmt: skip
METHODS = (b"POST",) * 6 + (
    b"GET",
    b"HEAD",
    b"PUT",
    b"OPTIONS",
    b"DELETE",
    b"PATCH",
    b"TRACE",
    b"CONNECT",
    b"x",
)
READ = (
    b"/api/events/", b"/api/profiles/", b"/api/profiles/none/timeline/", b"/api/rejects/", b"/api/records/",
    b"/api/metrics/gmv/", b"/api/metrics/gmv/rows/", b"/api/events/m/life/", b"/api/orders/waiting/", b"/api/schema/",
    b"/api/docs/", b"/customers/", b"/rejects/", b"/kpi/gmv/", b"/live/", b"/search/", b"/events/", b"/healthz",
    b"/readyz", b"/metrics", b"/i", b"/g/collect", b"/static/x.js", b"/health", b"/robots.txt",
)  # fmt: skip
NAMES = (
    b"%00", b"properties.%00", b"properties.", b"properties", b"properties..", b"properties.a.b.c", b"properties.%22",
    b"properties.'", b"properties.%25s", b"properties.%25(w)s", b"properties.$[0]", b"properties.{a,b}", b"%ff%fe",
    b"properties.%ed%a0%80", b"%ED%A0%BD", b"channel[]", b"channel[$ne]", b"limit%00", b"%0d%0aSet-Cookie:%20a", b"",
    b"=", b"&&", b";", b"+", b"__proto__", b"format", b"cursor", b"writeKey%00", b"a" * 3_000,
    b"properties." + b"k" * 9_000,
    b"\xff", b"\xe4\xbd\xa0", b"%", b"%zz", b"properties.%u0000", b"from", b"search", b"identifier", b"after", b"lang",
)  # fmt: skip
GIVEN = (
    b"",
    b"x",
    b"%00",
    b"%ff",
    b"%ed%a0%bd",
    b"9" * 400,
    b"-1",
    b"'",
    b"%25s",
    b"phone:%00",
    b"gmv",
    b"{}",
)
LINES = (
    b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked, gzip", b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: identity", b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding : chunked",
    b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length: 5, 5", b"Content-Length: -1", b"Content-Length: x",
    b"Content-Length: 18446744073709551616", b"Content-Length: 0x5", b"Content-Length: +5", b"Content-Length: ",
    b"Expect: 100-continue", b"Expect: nothing", b"Content-Encoding: gzip", b"Content-Encoding: br",
    b"Accept: text/html",
    b"Accept: \xff", b'Cookie: sessionid="abcdefgh\\000"', b'Cookie: csrftoken="\\000"; language="\\000"',
    b"Cookie: =;;=",
    b"Cookie: " + b"a=b; " * 2_000, b"Authorization: Token \xff", b"Authorization: Basic \xff", b"HX-Request: true",
    b"X-Forwarded-For: ::1, \xff", b"Host: evil.test", b"Host: ", b"Upgrade: websocket\r\nConnection: Upgrade",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__", b"Connection: close",
    b"Content-Type: multipart/form-data; boundary=", b"Content-Type: multipart/form-data; boundary=x",
    b"Content-Type: application/x-www-form-urlencoded", b"X-CSRFToken: \x80", b"Trailer: Content-Length",
    b"Bad Header: x",
    b"\xff: x", b": x", b"no colon", b"Content-Length: 5\r\nTransfer-Encoding: chunked", b" folded: x",
    b"X-Retry-Count: \xff",
)  # fmt: skip
STARTS = (
    b"",
    b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x00",
)


def hostile(chance: random.Random, token: bytes) -> bytes:
    """A request that is wrong in a few of many ways."""
    target = chance.choice(READ if chance.random() < 0.5 else TARGETS)
    if chance.random() < 0.1:
        target += chance.choice(
            (b"%00", b"//", b"../", b"%2e%2e/", b"\xff", b"a" * 9_000, b"?", b"#x", b"%ed%a0%bd/")
        )
    many = 1_500 if chance.random() < 0.05 else chance.choice((0, 0, 1, 2, 5))
    if many:
        named = (
            chance.choice(NAMES[:20] if many > 5 else NAMES) + b"=" + chance.choice(GIVEN[:5])
            for _ in range(many)
        )
        target += b"?" + b"&".join(named)
    lines = [chance.choice(LINES) for _ in range(chance.choice((0, 0, 1, 1, 2, 4)))]
    if chance.random() < 0.5:
        lines.append(b"Authorization: " + token)
    form = chance.random()
    if form < 0.5:
        lines.append(CHUNKED)
        body = chance.choice(list(BROKEN.values()))
    elif form < 0.7:
        body = chance.randbytes(chance.choice((0, 1, 5, 3_000)))
        lines.append(b"Content-Length: %d" % chance.choice((len(body), len(body) + 7, 10**8, 10**30)))
    else:
        body = chance.choice(
            (b"", b"{}", b"a=%00&%00=b", b'--x\r\nContent-Disposition: form-data; name="\x00"\r\n\r\n')
        )
    start = chance.choice(STARTS) if chance.random() < 0.05 else b""
    return start + head(chance.choice(METHODS), target, *lines) + body
