"""What each kind puts on the wire: robots' formats and noes, templates in which nothing runs, files in a bucket."""

import base64
import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import msgspec
import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import destinations
from channels.destinations import message, robot, template
from channels.destinations.base import Target, Told
from kernel.errors import BadRequest
from tests.channels.delivery.sent import EVENT, again, log, make, only, sends, states
from tests.metrics.mirror.store import BUCKET, KEY, SECRET, Store
from tests.platform_double import said
from tests.shop import Shop, identify, track


def told(**values: Any) -> Told:
    return Told(uuid4(), "event", EVENT, datetime.now(UTC), None, {"event": EVENT, **values})


def called(platform: str, now: float = 1_700_000_000.5, secret: str = "SEC-robot") -> Any:
    own = robot.Settings(platform=platform, text="{{event}} in {{trait.city}} <&>")  # type: ignore[arg-type]
    target = Target(uuid4(), own, {"url": "https://robot.example.com/send?key=k", "secret": secret})
    return robot.call(target, told(**{"trait.city": "杭州"}), now)


def test_robots_are_spoken_to_as_their_platforms_want_it() -> None:
    text = f"{EVENT} in 杭州 <&>"
    assert json.loads(called("wecom").body) == {"msgtype": "text", "text": {"content": text}}
    assert json.loads(called("slack").body) == {"text": f"{EVENT} in 杭州 &lt;&amp;&gt;"}
    feishu = json.loads(called("feishu").body)
    sign = hmac.new(b"1700000000\nSEC-robot", b"", hashlib.sha256).digest()
    assert feishu == {
        "msg_type": "text",
        "content": {"text": text},
        "timestamp": "1700000000",
        "sign": base64.b64encode(sign).decode(),
    }
    dingtalk = called("dingtalk")
    query = dict(parse_qsl(urlsplit(dingtalk.url).query))
    sign = hmac.new(b"SEC-robot", b"1700000000500\nSEC-robot", hashlib.sha256).digest()
    assert query == {"key": "k", "timestamp": "1700000000500", "sign": base64.b64encode(sign).decode()}
    assert json.loads(dingtalk.body) == {"msgtype": "text", "text": {"content": text}}
    assert called("dingtalk", secret="").url == "https://robot.example.com/send?key=k"


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ({"errcode": 0, "errmsg": "ok"}, "sent", ""),
        ({"code": 0, "msg": "success"}, "sent", ""),
        ({"StatusCode": 0, "StatusMessage": "success"}, "sent", ""),
        ("ok", "sent", ""),
        ({"errcode": 45009, "errmsg": "api freq out of limit"}, "failed", "busy"),
        ({"code": 9499, "msg": "too many request"}, "failed", "busy"),
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, "failed", "credentials_refused"),
        ({"errcode": 310000, "errmsg": "sign not match"}, "failed", "credentials_refused"),
        ({"errcode": 40058, "errmsg": "invalid message"}, "dead", "platform_said"),
    ],
)
def test_a_no_in_a_robots_good_answer_is_a_no(
    shop: Shop, platforms: Any, answer: Any, state: str, reason: str
) -> None:
    with platforms(lambda _asked: said(answer)) as chat:
        make(
            shop,
            kind="robot",
            settings={"platform": "wecom", "text": "{{event}}"},
            secrets={"url": f"{chat.url}/robot?key=of-the-robot"},
        )
        shop.sends(track(EVENT, "u1"), track(EVENT, "u1"))
        sends()
        assert ("waiting", "") in states(shop), "a robot takes twenty a minute"
        first = log(shop)[-1]
        assert (first["state"], first["reason"]) == (state, reason)
        assert len(chat.asked) == 1


def test_nothing_personal_is_said_to_a_group() -> None:
    for text in ("{{phone}}", "{{name}}", "{{identifier.email}}", "{{secret}}"):
        with pytest.raises(BadRequest, match="not said to a group"):
            robot.check(robot.Settings(platform="slack", text=text))


# ---- templates ------------------------------------------------------------------------------------

CODE = ("{{7*7}}", "{{ ''.__class__ }}", "{{id.__class__}}", "{{#each x}}", "{{{name}}}", "{{name", "{{}}",
        "{{trait.}}", "{{name|upper}}", "{{ user.password }}", "{{property.a..b}}")  # fmt: skip


@pytest.mark.parametrize("text", CODE)
def test_code_in_a_template_is_refused_when_it_is_set(text: str) -> None:
    with pytest.raises(BadRequest):
        template.names(text)


HOSTILE = [
    "{{secret}}",
    '", "to": "x',
    "\\",
    "\n\r\x00",
    "{% for x in y %}",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "%0d%0a",
    "<b>",
]


@given(st.sampled_from(HOSTILE) | st.text())
def test_what_a_person_is_called_stays_a_value(name: str) -> None:
    own = message.Settings(
        url="https://sms.example.com/{{name}}/send?n={{name}}",
        headers={"X-Name": "{{name}}"},
        body='{"to": "{{name}}", "again": ["{{name}}"]}',
    )
    message.check(own)
    made = message.call(Target(uuid4(), own, {"secret": "the-secret-itself"}), told(name=name), 0.0)
    plain = name.encode("utf-8", "replace").decode()
    assert msgspec.json.decode(made.body) == {"to": plain, "again": [plain]}
    there = urlsplit(made.url)
    assert (there.netloc, there.path.count("/"), there.path.endswith("/send")) == ("sms.example.com", 2, True)
    assert "the-secret" not in made.url + made.body.decode() + made.headers["x-name"]
    assert not set("\r\n\x00") & set(made.headers["x-name"])


def test_a_body_is_json_whatever_the_values_are() -> None:
    deep = message.Settings(url="https://x.example.com/", body='{"a":{"b":{"c":"{{name}}"}}}')
    message.check(deep)
    assert msgspec.json.decode(message.call(Target(uuid4(), deep, {}), told(name="x"), 0.0).body)["a"][
        "b"
    ] == {"c": "x"}
    for body in ('{"n": {{property.n}}}', "{{name}}", '{"a": "{{name}}"', "[,]"):
        with pytest.raises(BadRequest, match="no JSON"):
            message.check(message.Settings(url="https://x.example.com/", body=body))
    for url in ("https://{{name}}.example.com/", "{{name}}", "ftp://x/", "https://a{{id}}/x", "https:///x"):
        with pytest.raises(BadRequest, match="address"):
            message.check(message.Settings(url=url))


def test_a_message_reaches_who_can_be_reached(shop: Shop, platforms: Any) -> None:
    with platforms(said({"code": "OK"}), said({"code": "LIMIT"})) as sms:
        make(
            shop,
            kind="message",
            settings={
                "url": f"{sms.url}/send",
                "body_as": "form",
                "body": "to={{phone}}&text=您好 {{name}}",
                "success_path": "code",
                "success_value": "OK",
            },
        )
        shop.sends(identify("u1", name="林 & Co", phone="13917654321"), identify("u2"))
        shop.sends(track(EVENT, "u1"), track(EVENT, "u2"))
        shop.sends(track(EVENT, "u1"))
        sends()
        assert sorted(states(shop)) == [("dead", "platform_said"), ("refused", "no_address"), ("sent", "")]
        assert sms.asked[0].form == {"to": "+8613917654321", "text": "您好 林 & Co"}
        assert sms.asked[0].headers["content-type"] == "application/x-www-form-urlencoded"


# ---- files ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def s3() -> Iterator[Store]:
    made = Store()
    yield made
    made.close()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_many_go_into_one_file_of_a_bucket(
    shop: Shop, s3: Store, settings: Any, tmp_path: Path, form: str
) -> None:
    endpoint = f"http://127.0.0.1:{s3.proxy.port}"
    settings.ALLOW_ADDRESSES = [f"127.0.0.1:{s3.proxy.port}"]
    make(
        shop,
        kind="csv_bucket",
        settings={"bucket": f"s3://{BUCKET}/{form}-{uuid4().hex}", "endpoint": endpoint, "written_as": form},
        secrets={"access_key": KEY, "secret_key": SECRET},
        fields=["name", "phone", "property.sku"],
    )
    shop.sends(identify("u1", name="=1+1", phone="13917654321"))
    shop.sends(*(track(EVENT, "u1", sku=f"S-{n}") for n in range(30)))
    assert sends() == 30
    assert {one["state"] for one in log(shop)} == {"sent"}
    place = shop.get("/api/destinations/")["results"][0]["settings"]["bucket"].partition(f"{BUCKET}/")[2]
    [file] = obstore.list(s3.client, prefix=place).collect()
    body = bytes(obstore.get(s3.client, file["path"]).bytes())
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(body.decode())))
    else:
        (tmp_path / "it.parquet").write_bytes(body)
        found = import_module("duckdb").sql(f"from '{tmp_path}/it.parquet'")
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    assert {row["property.sku"] for row in rows} == {f"S-{n}" for n in range(30)}
    assert {row["delivery"] for row in rows} == {one["key"] for one in log(shop)}
    assert {row["phone"] for row in rows} == {"+8613917654321"}
    assert {row["name"] for row in rows} == {"'=1+1" if form == "csv" else "=1+1"}


def test_a_bucket_that_says_no_is_asked_again_later(shop: Shop, s3: Store, settings: Any) -> None:
    settings.ALLOW_ADDRESSES = [f"127.0.0.1:{s3.proxy.port}"]
    make(
        shop,
        kind="csv_bucket",
        settings={"bucket": f"s3://nobodys-{uuid4().hex}/x", "endpoint": f"http://127.0.0.1:{s3.proxy.port}"},
        secrets={"access_key": KEY, "secret_key": SECRET},
    )
    shop.sends(track(EVENT, "u1"))
    sends()
    failed = only(shop)
    assert (failed["state"], failed["reason"]) == ("failed", "platform_said")
    assert "NoSuchBucket" in failed["answer"]
    settings.ALLOW_ADDRESSES = []
    again()
    sends()
    assert only(shop)["state"] in ("failed", "refused")


def test_every_kind_is_on_the_list() -> None:
    here = Path(destinations.__file__).parent
    beside = {"__init__", "base", "template"}
    assert {path.stem for path in here.glob("*.py")} - beside == set(destinations.KINDS)
