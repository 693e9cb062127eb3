"""What a value says: identifiers, names and other traits in many scripts and spellings, each with its one form or none.

A table a kind; what is not in the tables is tried by hypothesis: reading twice changes nothing, and what cannot be seen
changes nothing.
"""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel import values
from kernel.signs import INVISIBLE

NOBODY = None

# --- what says nothing, whatever it is given as -----------------------------------------------------------------

NOTHING = [
    # words, and how systems wrap them
    "null", "NULL", "Null", '"null"', "'null'", "“null”", "「null」", "«null»", "`null`", "(null)", "[null]", "{null}",
    "<null>", "<nil>", "nil", "None", "none.", "\\null", "null;", "null,null", "null null", "ｎｕｌｌ", "n\u200bull",
    "undefined", "undefined undefined", "UNDEFINED", "undef", "NaN", "nan", "NAN", "N/A", "n/a", "#N/A", "N.A.", "n.a",
    "<n-a>", "NA", "(not set)", "not set", "not_set", "Not-Set", "not available", "Not Applicable", "not provided",
    "[object Object]", "[object Null]", "[object HTMLInputElement]", "#REF!", "#VALUE!", "#DIV/0!", "unknown",
    "UNKNOWN", "Unknown User", "anonymous", "Anonymous Visitor", "guest", "GUEST USER", "no name", "unnamed",
    "not logged in", "nulL\ufe0f", "\u202enull\u202c", "[ null ]", "--null--", "$null",
    # marks alone, noughts, constants
    "-", "--", "—", "?", "???", "\ufffd\ufffd", "...", "…", "***", "xxx", "XXXX-XXXX", "•••", "( )", '""', "_", "/",
    "0", "000", "0.0", "０", "-1", "000-000", "0000-00-00", "00:00:00:00:00:00", "0x0",
    "00000000-0000-0000-0000-000000000000", "02:00:00:00:00:00", "02-00-00-00-00-00", "020000000000",
    "ff:ff:ff:ff:ff:ff", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "9774d56d682e549c", "\u2800", "\u3164", "\u200b",
    # templates that nobody filled
    "{{customer.id}}", "{{ user_id | default: '' }}", "user-{{id}}", "${user_id}", "${user.id}-${n}", "%%user%%",
    "%%EMAIL%%", "%EMAIL%", "{user_id}", "{id}", "{}", "{0}", "[[id]]", "#{id}", "<%= user.id %>", "*|EMAIL|*",
    "[USER_ID]", "<user_id>", "<your user id>", "__IDFA__", "__USERID__", "$user_id", "%s", "%1$s", ":id",
    "YOUR_USER_ID", "%7B%7Bcustomer.id%7D%7D", "{{first_name}} {{last_name}}",
    # Chinese
    "未知", "游客", "遊客", "匿名", "匿名用户", "匿名用戶", "未知用户", "空", "无", "無", "没有", "暂无", "不详",
    "访客",    "佚名", "未登录", "未设置", "未填写", "“未知”", "【游客】", "微信用户",
    # Japanese, Korean
    "不明", "未設定", "名無し", "ゲスト", "ｹﾞｽﾄ", "ゲストさん", "該当なし", "未登録", "없음", "알 수 없음", "미상",
    "익명",    "게스트", "비회원", "해당 없음", "익명회원",
    # Cyrillic, Greek, Armenian, Georgian
    "неизвестно", "НЕИЗВЕСТНО", "аноним", "Гость", "не указано", "н/д", "без имени", "невідомо", "непознат",
    "άγνωστο", "Ανώνυμος", "επισκέπτης", "անհայտ", "უცნობი", "სტუმარი",
    # Latin with its accents
    "desconocido", "Anónimo", "sin nombre", "no definido", "inconnu", "anonyme", "non renseigné", "Non défini",
    "unbekannt", "nicht gesetzt", "keine Angabe", "k.A.", "sconosciuto", "desconhecido", "não informado", "onbekend",
    "nieznany", "gość", "okänd", "bilinmiyor", "không xác định", "tidak diketahui", "anonim",
    # Arabic, Persian, Hebrew
    "غير معروف", "غير محدد", "مجهول", "زائر", "نامشخص", "ناشناس", "לא ידוע", "אנונימי",
    # Devanagari, Bengali, Tamil, Telugu, Thai
    "अज्ञात", "अतिथि", "उपलब्ध नहीं", "অজানা", "অজ্ঞাত", "বেনামী", "தெரியாத", "తెలియదు", "ไม่ทราบ", "ไม่ระบุ", "ผู้เยี่ยมชม",
]  # fmt: skip
SAYS = [
    "1", "7", "-7", "10", "0100", "u-1", "U-1", "order---7", "a___b", "k3xxx9", "null-7", "guest-8273", "游客8273",
    "nullable", "no.1", "unknown1", "Nullmeier", "nan.li", "none-of-them", "A", "x", "xx", "王", "无双", "空海",
    "未知数1",    "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "a1:b2:c3:d4:e5:f6",
    "02:00:00:00:00:01", "oGZUI0egBJY1zhBYw2KhdUfwVJJE", "a__b--c..d", "$RCAnonymousID:87c6049c", "user:42", "⭐",
    "👨‍👩‍👧", "Ωμέγα", "नमन", "정민", "گلی", "a/b/c", "x" * 201, "%41", "#1", "C++", "анонимка7",
]  # fmt: skip


@pytest.mark.parametrize("sent", NOTHING)
def test_what_says_nothing_is_no_identifier_of_any_kind(sent):
    assert values.says_nothing(values.own_id(sent) or "")
    for kind in (
        "user_id",
        "anonymous_id",
        "member_no",
        "unionid",
        "device_id",
        "phone",
        "email",
        "loyalty_card",
    ):
        assert values.identifier(kind, sent, "CN") is None, kind


@pytest.mark.parametrize("sent", SAYS)
def test_what_says_something_is_an_id(sent):
    assert not values.says_nothing(sent)
    assert values.identifier("user_id", sent) == values.own_id(sent)


def test_the_tables_are_as_large_as_they_should_be():
    assert len(set(NOTHING)) + len(set(SAYS)) >= 250


# --- phones -----------------------------------------------------------------------------------------------------

PHONES = [
    "13800000009", "+8613800000009", "8613800000009", "008613800000009", "86 138-0000-0009", " 138 0000 0009 ",
    "１３８０００００００９", "(138) 0000.0009", "tel:+8613800000009", "TEL:+86-138-0000-0009", "(+86)13800000009",
    "（＋86）138 0000 0009", "【+86】13800000009", "[+86] 138 0000 0009", "0086+13800000009", "0086-138-0000-0009",
    "+008613800000009", "+86+13800000009", "+86 (0)138 0000 0009", "\u202d13800000009\u202c",
    "\u202a+8613800000009\u202c",
    "\u2066138 0000 0009\u2069", "\u2067138\u20680000\u20690009", "\u061c13800000009", "138\ufe0d00000009",
    "138\u200d0000\u200c0009", "1\ufe0f3\ufe0f800000009", "138\u00ad00000009", "\ufeff13800000009", "138\u034f00000009",
    "138–0000–0009", "138－0000－0009", "138ー0000ー0009", "138\u00a00000\u00a00009", "138\u30000000\u30000009",
    "٠٠٨٦١٣٨٠٠٠٠٠٠٠٩", "۱۳۸۰۰۰۰۰۰۰۹", "१३८००००0009", "১৩৮০০০০০০০৯", "๑๓๘๐๐๐๐๐๐๐๙",
    13800000009, 13800000009.0, Decimal("13800000009.0"), 1.3800000009e10, 8613800000009.0,
]  # fmt: skip
NO_PHONES = [
    # masked in every form
    "138****0009", "138…0009", "138....0009", "138...0009", "138----0009", "138____0009", "138xxxx0009", "138XXXX0009",
    "138××××0009", "138ххх0009", "138•••0009", "138●●●●0009", "138＊＊＊＊0009", "138────0009", "138––––0009",
    "138············0009", "138⋯0009", "138####0009", "138????0009", "138 •••• 5021", "021-....6273", "021-…6273",
    "138-****-0009", "138 - - - 0009", "138 . . . 00000009", "138---00000009", "138\u200b****0009", "138*0009",
    # too short, too long, without an area code, invented
    "138 5678", "84664163", "8466-4163", "1381234000", "1381234", "12345678", "123456789", "1234567890", "12345678901",
    "138000000090", "11111111111", "10086", "110", "95588", "10000000000", "12000000000", "14012345678", "15412345678",
    "1", "123", "+1", "+86", "+86138", "+123456789012345", "+999 1234 5678", "+1 000 000 0000", "+44 1", "+86 999",
    "13800000009-1234", "13800000009 ext 5", "13800000009,13800000008", "13800000009/13800000008", "+13800000009+1",
    "138O0000009", "a13800000009", "王", "", True, [], {}, 0, 0.0, 13.5, "13800000009.5", 1.38e300,
]  # fmt: skip
OTHER_PHONES = [
    ("021-84664163", "CN", "+862184664163"),
    ("(010) 8466 4163", "CN", "+861084664163"),
    ("0044 20 7946 0958", "", "+442079460958"),
    ("+44 (0)20 7946 0958", "", "+442079460958"),
    ("+44 20 7946 0958", "CN", "+442079460958"),
    ("090-1234-5678", "JP", "+819012345678"),
    ("０９０ー１２３４ー５６７８", "JP", "+819012345678"),
    ("0086 138 0000 0009", "JP", "+8613800000009"),
    ("010-9123-4567", "KR", "+821091234567"),
    ("8 (912) 345-67-89", "RU", "+79123456789"),
    ("6 12 34 56 78", "FR", "+33612345678"),
    ("+49 151 23456789", "", "+4915123456789"),
    ("0912 345 678", "TW", "+886912345678"),
    ("9123 4567", "HK", "+85291234567"),
    ("+1 202-555-0123", "", "+12025550123"),
    ("+39 06 698 12345", "", "+390669812345"),
    ("٠٥٠١٢٣٤٥٦٧", "AE", "+971501234567"),
    ("13800000009", "", NOBODY),
    ("13800000009", "GB", NOBODY),
    ("555-0123", "US", NOBODY),
]


@pytest.mark.parametrize("sent", PHONES)
def test_every_way_to_write_a_phone_is_one_phone(sent):
    assert values.identifier("phone", sent, "CN") == "+8613800000009"


@pytest.mark.parametrize("sent", NO_PHONES)
def test_what_cannot_be_a_phone_is_none(sent):
    for region in ("CN", ""):
        assert values.identifier("phone", sent, region) is None


@pytest.mark.parametrize(("sent", "region", "kept"), OTHER_PHONES)
def test_a_phone_is_valid_in_its_own_country(sent, region, kept):
    assert values.identifier("phone", sent, region) == kept


def test_the_quick_way_for_chinese_mobiles_lets_no_other_pass():
    for start in range(100, 200):
        slow = values.phone(f"0086 {start}00000009", "")
        assert values.phone(f"{start}00000009", "CN") == values.phone(f"+86{start}00000009", "") == slow


def test_a_zone_has_a_region():
    assert values.region("Asia/Shanghai") == "CN"
    assert values.region("Etc/UTC") == ""


# --- e-mails ----------------------------------------------------------------------------------------------------

EMAILS = [
    ("Lin@Hemu.CN", "lin@hemu.cn"),
    ("  a.b+c@x-y.example ", "a.b+c@x-y.example"),
    ("mailto:lin@hemu.cn", "lin@hemu.cn"),
    ("lin@hemu.cn.", "lin@hemu.cn"),
    ("ｌｉｎ＠hemu.cn", "lin@hemu.cn"),
    ("l\u200bin@hemu.cn\u202c", "lin@hemu.cn"),
    ("\u2066lin\ufe0f@hemu.cn\u2069", "lin@hemu.cn"),
    ("l\x07in@hemu.cn", "lin@hemu.cn"),
    ("用户@例子.中国", "用户@xn--fsqu00a.xn--fiqs8s"),
    ("иван@почта-россии.рф", "иван@xn----7sbza0acdlkaf3d.xn--p1ai"),
    ("उपयोगकर्ता@उदाहरण.भारत", "उपयोगकर्ता@xn--p1b6ci4b4b3a.xn--h2brj9c"),
    ("anna@xxxlutz.de", "anna@xxxlutz.de"),
    ("anna@site.xxx", "anna@site.xxx"),
    ("a--b__c@x.cn", "a--b__c@x.cn"),
    ("_anna_@x.cn", "_anna_@x.cn"),
    ("max@x.cn", "max@x.cn"),
    ("maxx@x.cn", "maxx@x.cn"),
    ("o'neil@x.ie", "o'neil@x.ie"),
    ("nan@x.cn", "nan@x.cn"),
    ("null.meier@x.cn", "null.meier@x.cn"),
]
NO_EMAILS = [
    "lin", "lin@hemu", "@hemu.cn", "lin@", "a b@hemu.cn", "a@b@hemu.cn", "lin@hemu..cn", "lin@-hemu.cn",
    "<lin@hemu.cn>",
    "x" * 65 + "@hemu.cn", "lin@" + "é" * 80 + ".cn", "lin@" + "a." * 130 + "cn",
    # no dot-atom
    ".lin@hemu.cn", "lin.@hemu.cn", "l..n@hemu.cn", "l(n)@hemu.cn", "l,n@hemu.cn", 'l"n@hemu.cn', "l\\n@hemu.cn",
    # masked
    "l***@hemu.cn", "l*n@hemu.cn", "l...n@hemu.cn", "a...l@x.cn", "l…n@hemu.cn", "l•n@hemu.cn", "l••n@hemu.cn",
    "l●●@hemu.cn", "l---n@hemu.cn", "l___n@hemu.cn", "lxxxn@hemu.cn", "lXXX@hemu.cn", "l＊＊＊@hemu.cn", "lххх@hemu.cn",
    "l×××n@hemu.cn", "l–––n@hemu.cn", "l◯◯n@hemu.cn", "l██@hemu.cn", "xxx@hemu.cn", "***@hemu.cn", "lin@***.cn",
    "lin@xxx.com", "lin@h---u.cn", "lin@h***.cn", "l•••@•••.cn",
    # nobody's
    "null@hemu.cn", "undefined@hemu.cn", "none@none.com", "UNKNOWN@hemu.cn", "no-email@hemu.cn", "{{user}}@hemu.cn",
    "${user}@hemu.cn", "%%user%%@hemu.cn", "未知@hemu.cn",
]  # fmt: skip


@pytest.mark.parametrize(("sent", "kept"), EMAILS)
def test_an_email_has_one_form(sent, kept):
    assert values.identifier("email", sent) == kept


@pytest.mark.parametrize("sent", NO_EMAILS)
def test_what_cannot_be_an_email_is_none(sent):
    assert values.identifier("email", sent) is None


# --- ids --------------------------------------------------------------------------------------------------------

IDS = [
    ("user_id", " u-1 ", "u-1"),
    ("user_id", 42, "42"),
    ("user_id", 70001.0, "70001"),
    ("user_id", 7.0001e4, "70001"),
    ("user_id", Decimal("70001.0"), "70001"),
    ("user_id", Decimal("7.0001E+4"), "70001"),
    ("user_id", "70001.0", "70001.0"),  # a text is what it is
    ("user_id", -5.0, "-5"),
    ("user_id", 4.5, "4.5"),
    ("user_id", 10**30, "1" + "0" * 30),
    ("user_id", 2.0**53, NOBODY),  # as good as its neighbour
    ("user_id", 1e300, NOBODY),
    ("user_id", float("nan"), NOBODY),
    ("user_id", float("inf"), NOBODY),
    ("user_id", True, NOBODY),
    ("user_id", None, NOBODY),
    ("user_id", [], NOBODY),
    ("user_id", 0.0, NOBODY),
    ("user_id", -1.0, NOBODY),
    ("user_id", "x" * 1_024, "x" * 1_024),
    ("user_id", "x" * 1_025, NOBODY),
    ("user_id", "0" * 1_024, NOBODY),
    ("user_id", "a\x00b", "ab"),
    ("user_id", "\ufeffu-1\u200d", "u-1"),
    ("user_id", "u\u202e-\u20661", "u-1"),
    ("user_id", "u\u061c-1\ufe0f", "u-1"),
    ("user_id", "u\U000e0041-1", "u-1"),
    ("user_id", "u\u1160-1\u3164", "u-1"),
    ("user_id", "e\u0301", "é"),
    ("user_id", "अज्ञ\u200dात-7", "अज्ञात-7"),
    # masked ids, and ids that only look so
    ("user_id", "u***9", NOBODY),
    ("user_id", "u…9", NOBODY),
    ("user_id", "u...9", NOBODY),
    ("user_id", "张•••", NOBODY),
    ("user_id", "138----0009", NOBODY),
    ("user_id", "6222xxxx1234", NOBODY),
    ("user_id", "6222 xxxx xxxx 1234".replace(" ", ""), NOBODY),
    ("user_id", "l...n@hemu.cn", NOBODY),
    ("user_id", "l***@hemu.cn", NOBODY),
    ("user_id", "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx", NOBODY),
    ("user_id", "anna..lee@docomo.example", "anna..lee@docomo.example"),
    ("user_id", "u--1__2", "u--1__2"),
    ("anonymous_id", "aX---b_xxx_9", "aX---b_xxx_9"),
    ("member_no", "HM-0009", "HM-0009"),
    ("member_no", "HM---0009", NOBODY),
    ("member_no", "HM xxxx 0009", NOBODY),
    ("member_no", "HM....0009", NOBODY),
    ("member_no", "HM***", NOBODY),
    ("member_no", 70001.0, "70001"),
    ("device_id", "111111111111111", NOBODY),
    ("device_id", "123456789012345", NOBODY),
    ("device_id", "iPhone 12", NOBODY),
    ("device_id", "02:00:00:00:00:01", "02:00:00:00:00:01"),
    ("user_id", "111111111111111", "111111111111111"),
    ("ios.idfa", "11111111-1111-1111-1111-111111111111", NOBODY),
    ("imei", "358240051111110", NOBODY),
    ("imei", "358240051111128", "358240051111128"),
    ("openid", "getUserInfo:fail auth deny", NOBODY),
    ("openid", "oGZUI0egBJY1zhBYw2KhdUfwVJ__", "oGZUI0egBJY1zhBYw2KhdUfwVJ__"),
    ("unionid", "not authorised", NOBODY),
]


@pytest.mark.parametrize(("kind", "sent", "kept"), IDS)
def test_ids_are_kept_as_they_are_but_for_what_cannot_be_seen(kind, sent, kept):
    assert values.identifier(kind, sent) == kept


# --- traits -----------------------------------------------------------------------------------------------------

TRAITS = [
    ("name", "  王\u3000 芳 ", "王 芳"),
    ("name", "Ａnna\u200b  Lee", "Anna Lee"),
    ("name", "\u202eAnna\u202c", "Anna"),
    ("name", "👨‍👩‍👧", "👨‍👩‍👧"),
    ("name", "🏴\U000e0067\U000e0062\U000e007f ❤️", "🏴\U000e0067\U000e0062\U000e007f ❤️"),
    ("name", "علی‌رضا", "علی‌رضا"),
    ("nickname", "क्‍ष", "क्‍ष"),
    ("name", "葛\U000e0100城", "葛\U000e0100城"),
    ("name", "null", NOBODY),
    ("name", "Undefined undefined", NOBODY),
    ("name", "[object Object]", NOBODY),
    ("name", "NaN", NOBODY),
    ("name", "nan", NOBODY),
    ("name", "Nan", "Nan"),
    ("name", "Guest", NOBODY),
    ("name", "匿名用户", NOBODY),
    ("name", "{{first_name}} {{last_name}}", NOBODY),
    ("name", "[First Name]", NOBODY),
    ("name", "0", NOBODY),
    ("name", "-", NOBODY),
    ("name", "\u3164", NOBODY),
    ("name", "Jennifer Null", "Jennifer Null"),
    ("name", "Christopher Guest", "Christopher Guest"),
    ("name", "Nan Li", "Nan Li"),
    ("last_name", "Null", "Null"),
    ("lastName", "null", NOBODY),
    ("last_name", "Guest", "Guest"),
    ("first_name", "Guest", NOBODY),
    ("first_name", "空", "空"),
    ("name", "阿不都·热合曼", "阿不都·热合曼"),
    ("nickname", "张**", "张**"),  # stays, behind a whole one
    ("phone", "138 0000 0009", "+8613800000009"),
    ("phone", "138****0009", "138****0009"),
    ("phone", "0", NOBODY),
    ("phone", "未知", NOBODY),
    ("phone", 13800000009.0, "+8613800000009"),
    ("email", "A@B.cn", "a@b.cn"),
    ("email", "null", NOBODY),
    ("member_no", 70001.0, 70001),
    ("gender", "未知", NOBODY),
    ("gender", "f", "f"),
    ("city", "N/A", NOBODY),
    ("city", "NA", NOBODY),
    ("country", "NA", "NA"),
    ("country", "N/A", NOBODY),
    ("name", 7.0, 7.0),
    ("city", "(not set)", NOBODY),
    ("points", "0", "0"),
    ("points", 0, 0),
    ("points", 1.0, 1.0),
    ("vip", "false", "false"),
    ("vip", False, False),
    ("cart", "empty", "empty"),
    ("note", "null and void", "null and void"),
    ("note", "[VIP member]", "[VIP member]"),
    ("note", "line one\nline two", "line one\nline two"),
    ("greeting", "Dear {{name}}", NOBODY),
    ("tags", ["null"], ["null"]),
]


@pytest.mark.parametrize(("title", "sent", "kept"), TRAITS)
def test_a_trait_says_something_or_is_none(title, sent, kept):
    assert values.trait(title, sent, "CN") == kept


@pytest.mark.parametrize(
    ("title", "value", "whole"),
    [
        ("phone", "+8613800000009", True),
        ("phone", "138****0009", False),
        ("phone", "138 5678", False),
        ("mobile", "138…0009", False),
        ("email", "lin@hemu.cn", True),
        ("email", "l••n@hemu.cn", False),
        ("name", "王芳", True),
        ("name", "王*", False),
        ("name", "J*** S****", False),
        ("name", "ジョン・スミス", True),
        ("name", "★Lisa★", True),
        ("name", "null", False),  # as older versions kept it
        ("member_no", "HM....0009", False),
        ("id_card", "3101********1234", False),
        ("bio", "wow... *** really", True),
        ("age", 31, True),
    ],
)
def test_what_is_masked_is_not_whole(title, value, whole):
    assert values.whole(title, value) == whole


# --- whatever it is ---------------------------------------------------------------------------------------------

KINDS = ("user_id", "member_no", "phone", "email", "device_id", "openid", "loyalty_card")
ANYTHING = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [text for text in NOTHING + SAYS + PHONES + NO_PHONES + NO_EMAILS if isinstance(text, str)]
    ),
    st.sampled_from([sent for sent, _ in EMAILS]),
    st.text(st.sampled_from("0123456789+()-. *…•x_@a.cnﬀİ｡＠（）"), max_size=24),
)


@given(st.sampled_from(KINDS), ANYTHING, st.sampled_from(("CN", "GB", "")))
@example("email", "İ@x.cn", "")
def test_reading_a_value_again_changes_nothing(kind, sent, region):
    once = values.identifier(kind, sent, region)
    assert once is None or values.identifier(kind, once, region) == once


@given(st.sampled_from(KINDS), ANYTHING, st.sampled_from(sorted(map(chr, INVISIBLE))), st.integers(0, 40))
def test_what_cannot_be_seen_changes_nothing(kind, sent, invisible, place):
    with_it = sent[:place] + invisible + sent[place:]
    assert values.identifier(kind, with_it, "CN") == values.identifier(kind, sent, "CN")


@given(st.sampled_from(("name", "last_name", "phone", "email", "city", "note")), ANYTHING)
def test_a_trait_read_again_is_the_same(title, sent):
    once = values.trait(title, sent, "CN")
    assert once is None or values.trait(title, once, "CN") == once


@given(ANYTHING)
def test_nothing_that_can_be_sent_breaks_a_check(sent):
    for kind in ("", "text", "name", "phone", "email", "member_no"):
        assert values.masked(sent, kind) in (True, False)
    assert values.says_nothing(sent) in (True, False)


# --- a workspace's own patterns ---------------------------------------------------------------------------------


def test_a_pattern_blocks_its_kind_or_all_and_one_that_is_none_blocks_nothing():
    patterns = (("user_id", "qa-.*"), ("", "shared"), ("phone", "(("))
    assert values.blocks(patterns, "user_id", "QA-7")
    assert not values.blocks(patterns, "member_no", "qa-7")
    assert values.blocks(patterns, "phone", "Shared")
    assert not values.blocks(patterns, "phone", "+8613800000009")
    assert values.pattern("((") is None
