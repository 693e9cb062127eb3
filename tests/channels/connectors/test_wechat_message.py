"""WeChat's pushes, signed and encrypted by wechatpy and by the platform's own documents: who did what, once."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.parser import parse_message
from wechatpy.utils import WeChatSigner

from channels.connect import setup as connecting
from channels.hooks import Judged
from channels.models import Connector
from channels.reasons import Rejection
from channels.setup import Added
from tests.channels.conftest import Server, inbox
from tests.channels.connectors.telling import (
    events,
    is_read_or_refused,
    not_understood,
    odd_ones,
    read,
    same_after_a_rebuild,
    sample,
    told,
)
from tests.channels.hooking import connector, deliver
from tests.shop import Shop, identify

TOKEN, AES_KEY, APP = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"  # of the platform's documents
OPENID, ACCOUNT = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY", "gh_97417a04a28d"
NOW = 1_772_417_000.0


def signature(*parts: str) -> str:
    """By wechatpy."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def asked(at: float = NOW, token: str = TOKEN, **more: str) -> str:
    """The query of a push in the plain mode."""
    time, nonce = str(int(at)), "486452656"
    given = {"signature": signature(token, time, nonce), "timestamp": time, "nonce": nonce}
    return urlencode({**given, "openid": OPENID, **more})


def encrypted(
    plain: bytes | str, *, form: str = "json", at: float = NOW, app: str = APP, key: str = AES_KEY
) -> tuple[bytes, str]:
    """A push in the safe mode, by wechatpy: body and query."""
    crypto = WeChatCrypto(TOKEN, key, app)
    text = plain.decode() if isinstance(plain, bytes) else plain
    xml = crypto.encrypt_message(text, "415670741", str(int(at)))
    sealed = xml.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
    given = xml.partition("<MsgSignature><![CDATA[")[2].partition("]]>")[0]
    assert crypto.decrypt_message(xml, given, str(int(at)), "415670741") == text
    query = urlencode(
        {
            "signature": signature(TOKEN, str(int(at)), "415670741"),
            "timestamp": str(int(at)),
            "nonce": "415670741",
            "openid": OPENID,
            "encrypt_type": "aes",
            "msg_signature": given,
        }
    )
    if form == "xml":
        whole = f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        return whole.encode(), query
    return json.dumps({"ToUserName": ACCOUNT, "Encrypt": sealed}).encode(), query


def made(shop: Shop, settings: Mapping[str, Any] = {}, safe: bool = False, **secrets: str) -> Connector:
    known = {"token": TOKEN} | ({"encoding_aes_key": AES_KEY} if safe else {}) | secrets
    return connector(shop, "wechat_message", {"app_id": APP} | dict(settings), known)


def sends(one: Connector, body: bytes, query: str = "", now: float = NOW) -> Judged:
    return deliver(one, body, query=query or asked(), now=now)


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Any:
    request.getfixturevalue("db")
    return Shop()


# ---- the handshake -----------------------------------------------------------------------------------


DOCUMENTED = (  # of the platform's own page, token AAAAA
    "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&echostr=4375120948345356249&timestamp=1714036504"
    "&nonce=1514711492"
)


def test_the_documented_handshake_gives_its_echo_in_plain(shop: Shop) -> None:
    reply = deliver(made(shop), b"", query=DOCUMENTED, method="GET").reply
    assert (reply.status, reply.body, reply.type.partition(";")[0]) == (
        200,
        b"4375120948345356249",
        "text/plain",
    )


@pytest.mark.parametrize(
    ("query", "secrets"),
    [
        (DOCUMENTED.replace("f464", "0464"), {}),
        (DOCUMENTED.replace("1514711492", "1514711493"), {}),
        (DOCUMENTED.replace("&echostr=4375120948345356249", ""), {}),
        (DOCUMENTED, {"token": "AAAAB"}),
        (DOCUMENTED, {"token": ""}),
        ("", {}),
        ("&".join(f"a{n}=1" for n in range(2_000)), {}),
    ],
    ids=range(7),
)
def test_a_handshake_that_is_not_signed_with_our_token_gets_no_echo(
    shop: Shop, query: str, secrets: dict[str, str]
) -> None:
    judged = deliver(made(shop, **secrets), b"", query=query, method="GET")
    assert (judged.reply.status, judged.text) == (401, None)
    assert b"4375120948345356249" not in judged.reply.body


def test_the_platform_saves_the_address_over_the_wire(web: Server, transactional_db: None) -> None:
    from channels import setup

    added: Added = setup.add_channel(setup.workspace(), "Account", "social")
    one = connecting.make(
        added.channel, "wechat_message", "Account", {"app_id": APP}, {"token": TOKEN}
    ).connector
    reply = web.ask("GET", f"/hooks/{one.uuid}/?{DOCUMENTED}")
    assert (reply.status, reply.body) == (200, b"4375120948345356249")
    assert inbox(one.pk) == []


# ---- whose it is ------------------------------------------------------------------------------------


def test_a_plain_push_is_taken_for_its_signature_and_now(shop: Shop) -> None:
    one, body = made(shop), sample("wechat_message", "subscribe.xml")
    assert sends(one, body).reply.body == b"success"
    for query, now in (
        (asked(token="other"), NOW),
        (asked().replace("486452656", "486452657"), NOW),
        (asked(at=NOW - 3600), NOW),
        (asked(at=NOW + 3600), NOW),
        ("", NOW),
        ("timestamp=1", NOW),
    ):
        judged = deliver(one, body, query=query, now=now)
        assert (judged.reply.status, judged.text) == (401, None), query
        assert b"success" not in judged.reply.body
    assert deliver(made(shop, token=""), body, query=asked(token=""), now=NOW).forged == "no_secret"


def test_the_documented_push_of_the_safe_mode(shop: Shop) -> None:
    """The platform's example: its signature, its ciphertext, its key."""
    one, body = made(shop, safe=True), sample("wechat_message", "debug_encrypted.json")
    query = (
        "signature=6c5c811b55cc85e0e1b54300749188c20beb3f5d&timestamp=1714112445&nonce=415670741"
        "&openid=o9AgO5Kd5ggOC-bXrbNODIiE3bGY&encrypt_type=aes"
        "&msg_signature=046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    )
    assert deliver(one, body, query=query, now=1_714_112_445.0).reply.body == b"success"
    assert deliver(one, body.replace(b"+qdx", b"+qdy"), query=query, now=1_714_112_445.0).reply.status == 401
    found = told(one, body, query=query)
    assert isinstance(found, Rejection)
    assert (found.code.name, found.params) == ("unknown_topic", {"topic": "debug_demo"})  # opened and read


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("name", ["subscribe.xml", "tempsession.json"])
def test_an_encrypted_push_in_both_forms(shop: Shop, form: str, name: str) -> None:
    one = made(shop, safe=True)
    body, query = encrypted(sample("wechat_message", name), form=form)
    assert sends(one, body, query).reply.body == b"success"
    shop.drains()
    [(event, _id, _at)] = events(shop)
    assert event in {"Account Followed", "Account Chat Opened"}


def test_where_a_key_is_set_nothing_plain_is_taken(shop: Shop) -> None:
    """A signature of the plain mode covers no body: who saw one address could send any."""
    one = made(shop, safe=True)
    body, query = encrypted(sample("wechat_message", "subscribe.xml"))
    assert sends(one, sample("wechat_message", "subscribe.xml"), query).forged == "not_encrypted"
    assert sends(one, json.dumps({"Encrypt": None}).encode(), query).forged == "not_encrypted"
    other, _query = encrypted(sample("wechat_message", "text.xml"))
    assert sends(one, other, query).forged == "bad_signature"
    assert sends(one, body, asked()).forged == "no_signature"  # no msg_signature


def test_in_the_mode_with_both_the_encrypted_part_alone_is_believed(shop: Shop) -> None:
    body, query = encrypted(sample("wechat_message", "tempsession.json"))
    both = json.loads(body) | {"FromUserName": "oSomebodyElse", "MsgType": "event", "Event": "subscribe"}
    one = made(shop, safe=True)
    sends(one, json.dumps(both).encode(), query)
    shop.drains()
    [event] = shop.get("/api/events/")["results"]
    assert (event["name"], event["identifiers"][0]["value"]) == ("Account Chat Opened", OPENID)


@pytest.mark.parametrize(
    ("how", "secrets"),
    [
        ({"app": "wxanother"}, {}),
        ({"key": "B" * 43}, {}),
        ({}, {"encoding_aes_key": ""}),
        ({}, {"encoding_aes_key": "short"}),
    ],
    ids=str,
)
def test_what_cannot_be_opened_waits_for_the_right_key(
    shop: Shop, how: dict[str, str], secrets: dict[str, str]
) -> None:
    one = made(shop, safe=True, **secrets)
    body, query = encrypted(sample("wechat_message", "subscribe.xml"), **how)
    assert sends(one, body, query).reply.body == b"success"
    shop.drains()
    [bad] = shop.get("/api/rejects/")["results"]
    assert (bad["reason"], bad["field"]) == ("unreadable_delivery", "Encrypt")
    connecting.change(
        one,
        settings={"app_id": how.get("app", APP)},
        secrets={"encoding_aes_key": f"{AES_KEY}\n{how.get('key', AES_KEY)}"},
    )
    assert shop.api().post("/api/rejects/replay/", {"all": True}, format="json").json()["replayed"] == 1
    shop.drains()
    assert [name for name, _id, _at in events(shop)] == ["Account Followed"]
    same_after_a_rebuild(shop)


# ---- what it says -----------------------------------------------------------------------------------


def test_what_a_follower_does_is_on_one_timeline_with_the_openid_of_the_app(shop: Shop) -> None:
    one = made(shop)
    for name in ("subscribe.xml", "text.xml", "tempsession.json", "subscriptions.json"):
        for _ in range(2):  # the platform asks again after five seconds
            sends(one, sample("wechat_message", name))
    shop.drains()
    profile = shop.profile(f"openid:{OPENID}")
    assert [(who["kind"], who["namespace"], who["value"]) for who in profile["identifiers"]] == [
        ("openid", APP, OPENID)
    ]
    line = shop.get(f"/api/profiles/{profile['id']}/timeline/")["results"]
    assert [(event["name"], event["touchpoint"]) for event in line[2:]] == [
        ("Account Chat Opened", "social"),
        ("Account Message Sent", "social"),
        ("Account Followed", "social"),
    ]
    assert {(event["name"], event["touchpoint"]) for event in line[:2]} == {
        ("Message Subscription Accepted", "marketing"),
        ("Message Subscription Refused", "marketing"),
    }
    said = {event["name"]: event["properties"] for event in line}
    assert said["Account Followed"]["scene"] == "123123"
    assert said["Account Message Sent"] == {"kind": "text", "text": "你好，几点发货？", "account": ACCOUNT}
    assert {event["message_id"] for event in line} > {
        "text:1234567890123456",
        f"user_enter_tempsession:{OPENID}:1772417000",
    }
    assert (not_understood(), shop.get("/api/rejects/")["results"]) == (0, [])
    same_after_a_rebuild(shop, "active_customers")


def test_what_is_read_here_is_what_wechatpy_reads(shop: Shop) -> None:
    for name in ("subscribe.xml", "text.xml"):
        theirs = parse_message(sample("wechat_message", name))
        [ours] = told(made(shop), sample("wechat_message", name))
        assert ours["identifiers"][0]["value"] == theirs.source
        assert str(ours["timestamp"]) == str(int(theirs._data["CreateTime"]))
        assert ours["properties"]["account"] == theirs.target


def test_two_followers_of_one_account_are_two_people(shop: Shop) -> None:
    one = made(shop)
    for who in ("oAb1UtoAOqNbVSgZUHFGsYoyGx1c", "oBb1UtoAOqNbVSgZUHFGsYoyGx1d"):
        sends(one, sample("wechat_message", "subscribe.xml").replace(OPENID.encode(), who.encode()))
    shop.drains()
    assert shop.value("active_customers") == "2"
    found = shop.get("/api/profiles/")["results"]
    assert len(found) == 2
    everything = json.dumps([shop.get(f"/api/profiles/{one['id']}/")["identifiers"] for one in found])
    assert ACCOUNT not in everything


def test_a_unionid_joins_what_one_person_does_at_two_apps(shop: Shop) -> None:
    for app, who in ((APP, OPENID), ("wxsecond", "oCb1UtoAOqNbVSgZUHFGsYoyGx1e")):
        push = read("wechat_message", "tempsession.json") | {
            "FromUserName": who,
            "UnionID": "ocMvos6NjeKLIBqg5Mr9QjxrP1FA",
        }
        sends(made(shop, {"app_id": app}), json.dumps(push).encode())
    shop.drains()
    kept = shop.profile(f"openid:{OPENID}")["identifiers"]
    assert {(one["kind"], one["namespace"]) for one in kept} == {
        ("openid", APP),
        ("openid", "wxsecond"),
        ("unionid", ""),
    }


def test_the_openid_of_a_push_is_that_of_a_payment_and_of_the_shops_own_system(shop: Shop) -> None:
    sends(made(shop), sample("wechat_message", "subscribe.xml"))
    known = identify("u1", "2026-03-01T10:00:00+08:00")
    known["identifiers"] = [{"kind": "openid", "value": OPENID, "namespace": APP}]
    shop.sends(known)
    assert shop.profile("user_id:u1")["id"] == shop.profile(f"openid:{OPENID}")["id"]


@pytest.mark.parametrize(
    ("push", "event", "properties"),
    [
        ({"Event": "unsubscribe"}, "Account Unfollowed", {}),
        ({"Event": "SCAN", "EventKey": "42", "Ticket": "T"}, "Account Code Scanned", {"scene": "42", "ticket": "T"}),
        ({"Event": "CLICK", "EventKey": "V1001"}, "Account Menu Clicked", {"key": "V1001"}),
        ({"Event": "VIEW", "EventKey": "https://a.cn/b?c=d", "MenuId": 7}, "Account Menu Clicked",
         {"key": "https://a.cn/b?c=d", "menu_id": 7}),
        ({"Event": "view_miniprogram", "EventKey": "pages/index"}, "Account Menu Clicked", {"key": "pages/index"}),
        ({"Event": "TEMPLATESENDJOBFINISH", "MsgID": 200163836, "Status": "success"}, "Push Delivered",
         {"status": "success"}),
        ({"Event": "TEMPLATESENDJOBFINISH", "MsgID": 200163840, "Status": "failed:user block"}, "Push Bounced",
         {"status": "failed:user block"}),
        ({"Event": "user_authorization_revoke", "FromUserName": "gh_1", "OpenID": OPENID, "RevokeInfo": "1"},
         "Account Authorization Revoked", {"revoked": "1"}),
        ({"MsgType": "image", "PicUrl": "http://a/b.jpg", "MsgId": 5}, "Account Message Sent", {"kind": "image"}),
        ({"MsgType": "miniprogrampage", "Title": "t", "MsgId": 6}, "Account Message Sent",
         {"kind": "miniprogrampage"}),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_each_push_has_its_name(
    shop: Shop, push: dict[str, Any], event: str, properties: dict[str, Any]
) -> None:
    [message] = told(made(shop), json.dumps(WHOLE | push).encode())
    assert (message["event"], message["properties"]) == (event, properties | {"account": ACCOUNT})
    assert message["identifiers"] == [{"kind": "openid", "value": OPENID, "namespace": APP}]


WHOLE = {"ToUserName": ACCOUNT, "FromUserName": OPENID, "CreateTime": 1772416900, "MsgType": "event"}


@pytest.mark.parametrize(
    "push",
    [
        {"Event": "LOCATION", "Latitude": "23.1", "Longitude": "113.3"},
        {"Event": "unheard_of"},
        {"Event": ""},
        {"Event": ["subscribe"]},
        {"MsgType": "unheard-of", "Event": "subscribe"},
    ],
    ids=str,
)
def test_what_is_not_known_says_so(shop: Shop, push: dict[str, Any]) -> None:
    found = told(made(shop), json.dumps(WHOLE | push).encode())
    assert isinstance(found, Rejection)
    assert found.code.name == "unknown_topic"


@pytest.mark.parametrize(
    "push",
    [
        {"Event": "MASSSENDJOBFINISH", "FromUserName": "mphelper", "Status": "sendsuccess"},
        {"Event": "weapp_audit_success"},
        {"Event": "kf_close_session", "KfAccount": "a@b"},
    ],
    ids=str,
)
def test_the_accounts_own_affairs_are_no_customers(shop: Shop, push: dict[str, Any]) -> None:
    assert sends(made(shop), json.dumps(WHOLE | push).encode()).reply.body == b"success"
    shop.drains()
    assert (events(shop), shop.get("/api/rejects/")["results"]) == ([], [])


@pytest.mark.parametrize("who", [ACCOUNT, "", " ", None, 7, ["o1"], {"a": 1}], ids=str)
def test_what_names_no_follower_is_nobodys(shop: Shop, who: Any) -> None:
    push = read("wechat_message", "tempsession.json") | {"FromUserName": who}
    found = told(made(shop), json.dumps(push).encode())
    assert isinstance(found, Rejection)
    assert (found.code.name, found.field) == ("field_of_platform", "FromUserName")


def test_two_menus_in_one_second_are_two(shop: Shop) -> None:
    one = made(shop)
    for key in ("V1", "V2", "V1"):
        push = {
            "FromUserName": OPENID,
            "CreateTime": 1772416900,
            "MsgType": "event",
            "Event": "CLICK",
            "EventKey": key,
        }
        sends(one, json.dumps(push).encode())
    shop.drains()
    assert len(events(shop)) == 2


def test_what_customers_write_can_stay_out(shop: Shop) -> None:
    [message] = told(made(shop, {"keep_text": False}), sample("wechat_message", "text.xml"))
    assert message["properties"] == {"kind": "text", "account": ACCOUNT}


@pytest.mark.parametrize(
    ("settings", "secrets", "ok", "said"),
    [
        ({}, {"encoding_aes_key": AES_KEY}, True, "Encrypted"),
        ({}, {}, True, "Plain"),
        ({}, {"token": ""}, False, "token"),
        ({"app_id": ""}, {}, False, "app id"),
        ({}, {"encoding_aes_key": "A" * 42}, False, "43"),
    ],
    ids=str,
)
def test_a_test_of_the_connection_says_what_is_missing(
    shop: Shop, settings: dict[str, str], secrets: dict[str, str], ok: bool, said: str
) -> None:
    tried = connecting.test(made(shop, settings, **secrets))
    assert (tried.ok, said in tried.message) == (ok, True), tried


# ---- anything -----------------------------------------------------------------------------------------


def test_a_push_with_anything_in_it_is_read_or_refused(shop: Shop) -> None:
    plain, safe = made(shop), made(shop, safe=True)
    for name in ("tempsession.json", "subscriptions.json", "debug.json"):
        for odd in odd_ones(read("wechat_message", name)):
            is_read_or_refused(plain, json.dumps(odd).encode())
    for odd in odd_ones(read("wechat_message", "debug_encrypted.json")):
        is_read_or_refused(safe, json.dumps(odd).encode())
    for inner in (
        "",
        "7",
        "[]",
        "<xml/>",
        "<a><b><c/></b></a>",
        "<xml><MsgType/><MsgType>a</MsgType></xml>",
        "{",
    ):
        is_read_or_refused(safe, encrypted(inner or " ")[0])
    for body in (b"", b"<xml>", b"<" * 10_000, b"\xff\x00", b"null", b"[" * 100_000):
        is_read_or_refused(plain, body)


def test_odd_pushes_stop_nobody(shop: Shop) -> None:
    one = made(shop)
    for odd in odd_ones(read("wechat_message", "subscriptions.json"), deepest=2):
        assert sends(one, json.dumps(odd).encode()).reply.status == 200
    sends(one, sample("wechat_message", "subscribe.xml"))
    shop.drains()
    assert not_understood() == 0
    assert "Account Followed" in {name for name, _id, _at in events(shop)}
