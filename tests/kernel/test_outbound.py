"""The way out: where we may go, and what comes of everything that can come back."""

import gzip
import ipaddress
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kernel import outbound, outside
from kernel.outbound import Client
from kernel.outside import (
    BadAddress,
    BadCertificate,
    Busy,
    ForbiddenAddress,
    Garbled,
    NoAnswer,
    Outside,
    Redirected,
    TooLarge,
    TooLate,
    UnknownName,
)
from tests.platform_double import Said, platform, said


@pytest.fixture
def here(settings: Any) -> None:
    """This machine may be called."""
    settings.ALLOW_ADDRESSES = ["127.0.0.1"]


def call(url: str, client: Client | None = None, **how: Any) -> outbound.Answer:
    with client or Client(seconds=5) as one:
        return one.call("GET", url, **how)


# ---- where we may go --------------------------------------------------------------------------------

OURS = [
    *("127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
    *("2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.1", "0"),
    *("[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]"),
    *("[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::1]", "localhost"),
]


@pytest.mark.parametrize("host", OURS)
def test_an_address_of_a_private_network_is_not_called(host: str) -> None:
    with pytest.raises(ForbiddenAddress, match="private network"):
        call(f"http://{host}/")


@pytest.mark.parametrize(
    "url", ["http://0177.0.0.1/", "http://127.0.0.1%00.example.com/", "http://１２７.0.0.1/"]
)
def test_an_address_in_disguise_is_not_called(url: str) -> None:
    with pytest.raises((BadAddress, ForbiddenAddress, UnknownName)):
        call(url)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "ftp://example.com/",
            "file:///etc/passwd",
            "//example.com",
            "http://",
            "http://user:pw@example.com/",
        ),
        *(
            "javascript:alert(1)",
            "http://exa mple.com/",
            "http://[::1/",
            "http://example.com:99999/",
            "gopher://a/",
        ),
    ],
)
def test_what_is_no_address_of_a_web_server_is_not_called(url: str) -> None:
    with pytest.raises((BadAddress, UnknownName)) as found:
        call(url)
    assert "pw" not in str(found.value)


@given(st.ip_addresses())
def test_only_what_is_open_to_all_may_be_called(address: Any) -> None:
    if not outbound.forbidden(str(address)):
        meant = getattr(address, "ipv4_mapped", None) or address
        assert meant.is_global
        assert not meant.is_multicast
        assert meant.version == 6 or meant not in ipaddress.ip_network("100.64.0.0/10")


@given(st.ip_addresses(v=4))
def test_what_is_within_an_address_is_judged(address: Any) -> None:
    inner = int(address)
    for whole in (0xFFFF << 32 | inner, 0x2002 << 112 | inner << 80, 0x64FF9B << 96 | inner):
        if outbound.forbidden(str(address)):
            assert outbound.forbidden(str(ipaddress.IPv6Address(whole)))


def test_a_name_that_resolves_to_a_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolves(monkeypatch, [["93.184.216.34", "10.0.0.7"]])
    with pytest.raises(ForbiddenAddress) as found:
        call("http://shop.example.com/")
    assert found.value.params == {"host": "shop.example.com", "address": "10.0.0.7"}


def _resolves(monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]) -> list[str]:
    """A name server that answers so, one answer after the other."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def found(host: str, port: int, *more: Any, **how: Any) -> list[Any]:
        if host[0].isdigit():  # an address
            return system(host, port, *more, **how)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers.pop(0)]

    monkeypatch.setattr(outbound.socket, "getaddrinfo", found)
    return asked


def test_the_address_that_was_judged_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A name server that says something else the second time is not asked a second time; Host keeps the name."""
    with platform(said({"here": True})) as api:
        settings.ALLOW_ADDRESSES = [f"shop.example.com:{api.port}"]
        asked = _resolves(monkeypatch, [["127.0.0.1"]])
        answer = call(f"http://shop.example.com:{api.port}/x")
        assert (answer.body, asked) == (b'{"here": true}', ["shop.example.com"])
        assert api.asked[0].headers["host"] == f"shop.example.com:{api.port}"


@pytest.mark.parametrize(
    ("allowed", "goes"),
    [
        (["127.0.0.1"], True),
        (["127.0.0.1:{port}"], True),
        (["127.0.0.1:1"], False),
        (["127.0.0.2", "10.0.0.1"], False),
        (["localhost"], False),
        ([], False),
    ],
    ids=str,
)
def test_only_what_the_operator_named_is_called(settings: Any, allowed: list[str], goes: bool) -> None:
    with platform(said({})) as api:
        settings.ALLOW_ADDRESSES = [one.format(port=api.port) for one in allowed]
        if goes:
            assert call(api.url).status == 200
        else:
            with pytest.raises(ForbiddenAddress):
                call(api.url)
            assert api.asked == []


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("to", ["http://10.0.0.1/admin?key=1", "/elsewhere", "http://127.0.0.1/", ""])
def test_no_redirect_is_followed(to: str) -> None:
    with platform(said(None, 302, location=to)) as api, pytest.raises(Redirected) as found:
        call(api.url)
    assert "key=1" not in str(found.value)
    assert len(api.asked) == 1


@pytest.mark.usefixtures("here")
def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with platform(said({"straight": True})) as api:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert call(api.url).body == b'{"straight": true}'


# ---- what comes back --------------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
def test_a_request_says_what_it_is_told_to() -> None:
    with platform(said({})) as api, Client() as client:
        client.call("POST", f"{api.url}/a?b=1", query={"c": "ä&"}, headers={"X-Key": "k"}, body=b"{}")
        [asked] = api.asked
        assert (asked.method, asked.path, asked.query, asked.body) == (
            "POST",
            "/a",
            {"b": "1", "c": "ä&"},
            b"{}",
        )
        assert (asked.headers["x-key"], asked.headers["accept-encoding"]) == ("k", "gzip")
        assert asked.headers["user-agent"].startswith("Huiliu/")


@pytest.mark.usefixtures("here")
def test_a_header_cannot_smuggle_another() -> None:
    with platform(said({})) as api, Client() as client:
        client.call("GET", api.url, headers={"X-Key": "k\r\nX-Other: 1", "X-Good": "g"})
        assert "x-other" not in api.asked[0].headers
        assert api.asked[0].headers["x-good"] == "g"


@pytest.mark.usefixtures("here")
def test_an_answer_is_unpacked_but_not_without_end() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    packed = {"content-encoding": "gzip"}
    with platform(Said(200, gzip.compress(b"good"), packed), Said(200, bomb, packed)) as api:
        assert call(api.url).body == b"good"
        began = time.monotonic()
        with pytest.raises(TooLarge, match="10 MB"):
            call(api.url)
        assert time.monotonic() - began < 5


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "answer",
    [
        Said(200, gzip.compress(b"cut off" * 99)[:-9], {"content-encoding": "gzip"}),
        Said(200, b"no gzip at all", {"content-encoding": "gzip"}),
        Said(200, b"?", {"content-encoding": "br"}),
        Said(200, b"short", length=100),
    ],
    ids=["cut", "none", "unknown", "short"],
)
def test_an_answer_that_broke_off_is_none(answer: Said) -> None:
    with platform(answer) as api, pytest.raises(Garbled) as found:
        call(api.url)
    assert found.value.again == 0


@pytest.mark.usefixtures("here")
def test_a_plain_answer_has_an_end_too() -> None:
    with platform(Said(200, b"0" * 2_000)) as api, pytest.raises(TooLarge):
        call(api.url, Client(most=1_000))


@pytest.mark.usefixtures("here")
def test_a_call_ends_in_its_time_also_with_a_server_that_drips() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(10)

    def drip() -> None:
        link, _from = server.accept()
        link.settimeout(10)
        try:
            while True:
                link.sendall(b"H")
                time.sleep(0.1)
        except OSError:
            link.close()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    with pytest.raises(TooLate):
        call(f"http://127.0.0.1:{server.getsockname()[1]}/", Client(seconds=1.0))
    assert time.monotonic() - began < 4
    thread.join(5)
    server.close()


@pytest.mark.usefixtures("here")
def test_nobody_there_is_no_answer() -> None:
    with platform() as api:
        url = api.url
    with pytest.raises(NoAnswer) as found:
        call(url)
    assert found.value.again == 0


def test_a_name_that_nobody_has_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownName, match=r"shop\.invalid"):
        call("http://shop.invalid/")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("120", 120), (" 7 ", 7), ("0", 0), ("1.5", 1.5), ("-3", 0), ("soon", 0), ("", 0), ("٣", 0)),
        *(("999999999999999999", 86_400), (formatdate(1_000_060, usegmt=True), 60), (formatdate(900_000), 0)),
        ("Thu, 99 Jan 2026 00:00:00 GMT", 0),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(text: str, seconds: float) -> None:
    assert outbound.wait(text, 1_000_000) == seconds


@given(st.text())
def test_any_retry_after_is_a_bounded_time(text: str) -> None:
    assert 0 <= outbound.wait(text, 1_000_000) <= outbound.MOST_WAIT


@given(st.binary(max_size=5_000), st.sampled_from(["text/html", "application/json", ""]))
def test_words_of_any_answer_are_short_and_plain(body: bytes, kind: str) -> None:
    words = outside.words_of({"content-type": kind}, body)
    assert len(words) <= outside.LONGEST_WORDS
    assert words.isprintable()


@pytest.mark.usefixtures("here")
def test_a_trouble_is_said_in_the_readers_language() -> None:
    with platform(said({"m": "x"}, 429)) as api, pytest.raises(Busy) as found:
        call(api.url)
    with translation.override("en"):
        assert (
            str(found.value) == outside.said("busy", {}) == "The platform asks us to wait: too many requests."
        )
    assert found.value.words == '{"m": "x"}'


def test_every_trouble_has_a_sentence_of_its_own() -> None:
    def all_of(one: type[Outside]) -> set[type[Outside]]:
        return {one, *(below for child in one.__subclasses__() for below in all_of(child))}

    assert all_of(Outside) - {Outside} == set(outside.ALL.values())
    assert len({one.sentence for one in outside.ALL.values()}) == len(outside.ALL)


# ---- certificates -----------------------------------------------------------------------------------


def certificate(folder: Path, name: str, *, days: int = 2) -> ssl.SSLContext:
    """A server with a certificate of its own, good for so many days from yesterday on; it stands in `folder`/ca.pem."""
    key = rsa.generate_private_key(65_537, 2_048)
    whose = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) - timedelta(days=1, hours=1)
    made = (
        x509.CertificateBuilder(whose, whose, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Whoever made tmp_path/ca.pem is believed."""

    def believe() -> None:
        monkeypatch.setattr(
            outbound, "_trusted", lambda: ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        )

    return believe


def test_tls_is_spoken_with_the_name_whatever_the_address(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, trusting: Any
) -> None:
    settings.ALLOW_ADDRESSES = ["shop.example.com", "other.example.com"]
    tls = certificate(tmp_path, "shop.example.com")
    trusting()
    with platform(said({"good": True}), tls=tls) as api:
        _resolves(monkeypatch, [["127.0.0.1"], ["127.0.0.1"]])
        assert call(f"https://shop.example.com:{api.port}/").body == b'{"good": true}'
        with pytest.raises(BadCertificate, match=r"other\.example\.com"):
            call(f"https://other.example.com:{api.port}/")


@pytest.mark.usefixtures("here")
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with (
        platform(said({}), tls=certificate(tmp_path, "localhost")) as api,
        pytest.raises(BadCertificate) as found,
    ):
        call(api.url)
    assert (found.value.again, api.asked) == (None, [])


def test_a_certificate_that_ran_out_is_said_to_have_run_out(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, trusting: Any
) -> None:
    settings.ALLOW_ADDRESSES = ["shop.example.com"]
    tls = certificate(tmp_path, "shop.example.com", days=1)
    trusting()
    with platform(said({}), tls=tls) as api:
        _resolves(monkeypatch, [["127.0.0.1"]])
        with pytest.raises(BadCertificate, match="expired") as found:
            call(f"https://shop.example.com:{api.port}/")
    assert found.value.again is None
