"""Known crawlers by their user agents, and people who are none."""

# ruff: noqa: E501

import re
import time

import pytest

from channels.mapping import crawlers
from tests.channels.understanding import clean, seen

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

BOTS = (
    GOOGLEBOT,
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "Mozilla/5.0 (compatible; 360Spider)",
    "Mozilla/5.0 (compatible; YisouSpider/5.0; +http://www.yisou.com)",
    "Mozilla/5.0 (Linux; Android 8.0) AppleWebKit/537.36 Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "python-requests/2.32.3",
    "curl/8.5.0",
)
PEOPLE = (
    CHROME,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN",
    "Mozilla/5.0 (Linux; Android 13; V2183A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile "
    "Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F36) WeChat/arm64 Weixin NetType/5G",
    "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/99 Mobile Safari/537.36 "
    "T7/13.30 SP-engine/2.60.0 baiduboxapp/13.30.0.11 (Baidu; P1 12) NABar/1.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 AliApp(TB/10.30.0) WindVane",
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/117 Mobile Safari/537.36 aweme_270000 BytedanceWebview/d8a21c6",
    "Mozilla/5.0 (Linux; Android 13; zh-cn) AppleWebKit/537.36 Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.4",
    # one build of Android on phones of many makers, and Facebook's own browser: both stand on the list
    "Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 16; Pixel 10 Pro XL; wv) AppleWebKit/537.36 Chrome/146.0 Mobile Safari/537.36 MetaIAB Facebook",
    "Mozilla/5.0 (Linux; Android 10; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/100 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    # what apps and the systems of a shop say
    "okhttp/4.12.0", "MyShop/7.1 CFNetwork/1408.0.4 Darwin/22.5.0", "Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B)",
    "axios/1.7.2", "Amazon CloudFront", "Stripe/1.0 (+https://stripe.com/docs/webhooks)", "WordPress/6.2; https://shop.cn",
    "Shopify-Captain-Hook", "analytics-python/2.4.0", "analytics-kotlin/1.16.3", "", "x" * 512, "小程序",
)  # fmt: skip


@pytest.mark.parametrize("agent", BOTS)
def test_a_known_crawler_is_one(agent):
    assert crawlers.known(agent)


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_and_what_reports_for_them_are_none(agent):
    assert not crawlers.known(agent)


def test_looking_patterns_up_finds_what_trying_each_of_them_finds():
    patterns = [re.compile(pattern) for pattern in crawlers.patterns()]
    agents = {agent[: crawlers.LONGEST] for one in crawlers.listed() for agent in one["instances"]}
    assert len(agents) > 1_000
    for agent in {*agents, *BOTS, *PEOPLE}:
        assert crawlers.known(agent) is any(pattern.search(agent) for pattern in patterns), agent


def test_what_is_kept_out_stands_on_the_list():
    """An update that words a pattern anew would let it in again."""
    assert {one["pattern"] for one in crawlers.listed()} >= crawlers.KEPT_OUT


@pytest.mark.parametrize(
    ("pattern", "runs"),
    [
        ("Googlebot\\/", {"Goo", "oog", "ogl", "gle", "leb", "ebo", "bot", "ot/"}),
        ("[wW]get", {"get"}),
        ("AdsBot-Google([^-]|$)", crawlers.parts("AdsBot-Google")),
        ("a.*bcd", {"bcd"}),
        ("abcd?", {"abc"}),
        ("abcd+e", {"abc", "bcd"}),
        ("^abc$", {"abc"}),
        ("(abc)?defg", {"def", "efg"}),
        ("abc\\d+x", {"abc"}),
        ("abc|def", set()),
        ("(a(b)c)def", set()),
        ("abc{0,2}def", set()),
        ("ab", set()),
    ],
)
def test_what_a_pattern_needs(pattern, runs):
    assert crawlers.needed(pattern) == runs


def test_a_million_events_of_a_thousand_agents_cost_no_search():
    agents = [f"{CHROME} {n}" for n in range(1_000)]
    for agent in agents:
        crawlers.known(agent)
    before = crawlers.known.cache_info().misses
    start = time.process_time()
    for agent in agents * 100:
        crawlers.known(agent)
    assert crawlers.known.cache_info().misses == before
    assert (time.process_time() - start) / 100_000 < 5e-6  # seconds each


# ---- whose user agent -----------------------------------------------------------------------------

SENT_BY_GOOGLE = f'{{"agent":"{GOOGLEBOT}"}}'


@pytest.mark.parametrize(
    ("context", "sender", "bot"),
    [
        ({"userAgent": GOOGLEBOT}, None, True),
        ({"userAgent": CHROME}, None, False),
        ({"userAgent": CHROME}, SENT_BY_GOOGLE, False),  # what the message says of itself
        ({"direct": True}, SENT_BY_GOOGLE, True),
        ({}, SENT_BY_GOOGLE, True),
        (None, SENT_BY_GOOGLE, True),
        ({"userAgent": ""}, SENT_BY_GOOGLE, True),
        ({"userAgent": 7}, SENT_BY_GOOGLE, True),
        ({}, '{"agent":"python-requests/2.32.3"}', False),  # a program that reports for others
        ({}, '{"retries":1}', False),
        ({}, None, False),
    ],
)
def test_a_crawlers_message_is_marked(context, sender, bot):
    message = clean(seen(context=context), sender=sender)
    assert ("bot" in message.marks, message.active) == (bot, not bot)


def test_the_context_of_a_batch_names_the_agent_of_its_items():
    assert clean(seen(), context={"userAgent": GOOGLEBOT}).marks == ("bot",)
    assert clean(seen(context={"userAgent": CHROME}), context={"userAgent": GOOGLEBOT}).marks == ()
