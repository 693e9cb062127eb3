"""Where Hemu Home sells: channels in a fixed order, their connectors, the shops. Not here: what happens there."""

from typing import NamedTuple


class Outlet(NamedTuple):
    """One channel: `slug` is what messages call it, `color` the name of its colour on every page."""

    slug: str
    name: str
    kind: str
    color: str
    commission: str
    connectors: tuple[tuple[str, str], ...]  # key in Request.connector, name on the page


class Shop(NamedTuple):
    """A shop with tills and a sign-up tablet."""

    code: str
    name: str
    city: str


TMALL, JD, DOUYIN, XHS = "tmall", "jd", "douyin", "xiaohongshu"
MINI, WEB, STORES, CALL = "mini-program", "web-shop", "stores", "call-centre"

OUTLETS = (  # in the order of their lanes
    Outlet(DOUYIN, "Douyin", "social", "douyin", "0.05", (("douyin", "Douyin shop"),)),
    Outlet(XHS, "Xiaohongshu", "social", "xhs", "0.05", (("xiaohongshu", "Xiaohongshu shop"),)),
    Outlet(TMALL, "Tmall", "marketplace", "tmall", "0.05", (("tmall", "Tmall flagship"),)),
    Outlet(JD, "JD", "marketplace", "jd", "0.06", (("jd", "JD flagship"),)),
    Outlet(MINI, "Mini-program", "mini_program", "mini", "0.006", (("mini-program", "WeChat mini-program"),)),
    Outlet(WEB, "Web shop", "web", "web", "0.006", (("web", "Web shop"), ("app", "App"))),
    Outlet(STORES, "Stores", "store", "store", "0", (("tills", "Tills"), ("erp", "Merchandise system"))),
    Outlet(CALL, "Call centre", "call_centre", "call", "0", (("call-centre", "Call centre"),)),
)
COMMISSIONS = {outlet.slug: outlet.commission for outlet in OUTLETS}
CHANNEL_OF = {connector: outlet.slug for outlet in OUTLETS for connector, _ in outlet.connectors}
CONNECTOR_OF = {outlet.slug: outlet.connectors[0][0] for outlet in OUTLETS}  # the one that it mostly uses
SELLING = (TMALL, JD, DOUYIN, XHS, MINI, WEB, STORES)  # with prices and stock of their own
MARKETS = (TMALL, JD, DOUYIN, XHS)  # where a buyer has a marketplace_uid

SHOPS = (
    Shop("SH-JA", "Shanghai Jing'an 上海静安店", "Shanghai"),
    Shop("SH-XH", "Shanghai Xuhui 上海徐汇店", "Shanghai"),
    Shop("BJ-CY", "Beijing Chaoyang 北京朝阳店", "Beijing"),
    Shop("HZ-XH", "Hangzhou West Lake 杭州西湖店", "Hangzhou"),
    Shop("CD-JJ", "Chengdu Jinjiang 成都锦江店", "Chengdu"),
)
