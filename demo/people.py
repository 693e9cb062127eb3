"""Who buys at Hemu Home: invented people, where they live and every identifier they will ever show.

Not here: when an identifier comes to light. Phones are invented; mail addresses end in reserved names.
"""

import hashlib
from random import Random
from uuid import UUID

from demo import outlets

Id = tuple[str, str, str]  # kind, namespace, value as it stands after cleaning


def _pairs(words: str) -> list[tuple[str, str]]:
    """A name and how it is written in Latin letters, one after the other."""
    split = words.split()
    return list(zip(split[::2], split[1::2], strict=True))


SURNAMES = _pairs(
    """王 wang 李 li 张 zhang 刘 liu 陈 chen 杨 yang 黄 huang 赵 zhao 吴 wu 周 zhou 徐 xu 孙 sun 马 ma
    朱 zhu 胡 hu 郭 guo 何 he 林 lin 高 gao 罗 luo 郑 zheng 梁 liang 谢 xie 宋 song 唐 tang 许 xu
    邓 deng 韩 han 冯 feng 曹 cao 彭 peng 曾 zeng 肖 xiao 田 tian 董 dong 潘 pan 袁 yuan 蔡 cai
    蒋 jiang 余 yu 欧阳 ouyang 司徒 situ"""
)
GIVEN = _pairs(
    """伟 wei 芳 fang 娜 na 敏 min 静 jing 丽 li 强 qiang 磊 lei 洋 yang 艳 yan 勇 yong 军 jun 杰 jie
    涛 tao 超 chao 明 ming 霞 xia 平 ping 刚 gang 桂英 guiying 子涵 zihan 欣怡 xinyi 浩然 haoran
    梓萱 zixuan 宇轩 yuxuan 雨桐 yutong 一诺 yinuo 思远 siyuan 佳琪 jiaqi 晓燕 xiaoyan 建国 jianguo
    志强 zhiqiang 文静 wenjing 雪梅 xuemei 海燕 haiyan 俊杰 junjie 若曦 ruoxi 天佑 tianyou 诗涵 shihan
    明轩 mingxuan 嘉怡 jiayi 梦瑶 mengyao 晨曦 chenxi 安然 anran"""
)
CITIES = (
    ("Shanghai", 20), ("Beijing", 15), ("Hangzhou", 12), ("Chengdu", 11), ("Shenzhen", 9), ("Guangzhou", 8),
    ("Nanjing", 6), ("Suzhou", 5), ("Wuhan", 5), ("Xi'an", 4), ("Chongqing", 4), ("Changsha", 3), ("Qingdao", 2),
)  # fmt: skip
PHONES = ("138", "139", "136", "137", "135", "158", "159", "186", "188", "177", "133", "189")
MAIL = ("mail.example", "post.example", "inbox.example")
HOME = {
    outlets.TMALL: 36, outlets.JD: 11, outlets.DOUYIN: 14, outlets.XHS: 10,
    outlets.MINI: 13, outlets.WEB: 8, outlets.STORES: 10,
}  # fmt: skip
STEP = 48_271  # prime to 10^8: numbers made with it never repeat
HOUSEHOLDS, HAS_EMAIL, SECOND_PHONE, PRIVATE = 0.03, 0.55, 0.08, 0.06  # shares of all people

OLD_ACCOUNT, OLD_AGREED, OLD_MEMBER = 0.3, 0.35, 0.3  # of those who were customers before


class Person:
    """One person: what is true of him, and what the retailer has been told so far."""

    def __init__(self, number: int, tag: int, random: Random) -> None:
        surname, given = random.choice(SURNAMES), random.choice(GIVEN)
        self.number, self.tag = number, tag
        self.name = surname[0] + given[0]
        latin = f"{given[1]}.{surname[1]}"
        self.nick = f"{given[0]}的{random.choice(('小屋', '家', '日常', '厨房', '书房'))}{number % 97}"
        self.city = random.choices([c for c, _ in CITIES], [w for _, w in CITIES])[0]
        self.home = random.choices(list(HOME), list(HOME.values()))[0]
        here = [place for place, shop in enumerate(outlets.SHOPS) if shop.city == self.city]
        self.shop = random.choice(here) if here else -1
        self.weight = min(random.paretovariate(1.5), 25.0)
        self.phone: Id = ("phone", "", mobile(number * 2, tag))
        self.second_phone: Id | None = None
        if random.random() < SECOND_PHONE:
            self.second_phone = ("phone", "", mobile(number * 2 + 1, tag))
        self.email: Id | None = None
        if random.random() < HAS_EMAIL:
            self.email = (
                "email",
                "",
                f"{latin}{number % 1000:03d}.{tag % 1000 * 1000 + number // 1000}@{MAIL[number % 3]}",
            )
        self.private = random.random() < PRIVATE  # asks marketplaces for a relay number
        self.user_id: Id = ("user_id", "", f"hemu-{tag}-{number:05d}")
        self.member_no: Id = ("member_no", "", f"HM{tag}{number:06d}")
        self.unionid: Id = ("unionid", "", "oU" + token(tag, "unionid", number))
        self.openid: Id = ("openid", "wx-hemu-home", "oP" + token(tag, "openid", number))
        self.uids: dict[str, Id] = {
            slug: ("marketplace_uid", slug, f"{slug[:2]}_{token(tag, slug, number)}")
            for slug in outlets.MARKETS
        }
        self.device: Id = ("device_id", "", str(UUID(hex=digest(tag, "device", number))))
        self.house: Id | None = None  # the browser that a household shares: nobody's
        self.browsers: list[Id] = []
        self.cookie_day = 0
        self.account = self.authorised = self.joined = False
        self.phone_told = -1  # when he first gave his phone together with his member number
        self.met: set[str] = set()  # marketplaces that have told us his nickname
        self.bound: set[str] = set()  # marketplaces where he has bound his member card
        self.tier, self.orders, self.spent, self.born = "", 0, 0, 0
        self.points, self.balance = 0, 0  # of the club's account; fen
        self.let_down = -1  # until then he buys little: a parcel came late
        self.bought: tuple[int, str, tuple[Id, ...]] | None = None  # his latest order: when, channel, as whom
        self.invited = False  # by the shop near by

    def owned(self) -> list[Id]:
        """The identifiers that are his alone, but for browsers, which come with time."""
        some = [
            self.phone,
            self.user_id,
            self.member_no,
            self.unionid,
            self.openid,
            self.device,
            *self.uids.values(),
        ]
        return some + [value for value in (self.second_phone, self.email) if value]

    def browser(self, day: int, random: Random) -> Id:
        """The cookie of today: browsers forget, and some people have two."""
        fresh = day - self.cookie_day > 45 and random.random() < 0.3
        if not self.browsers or fresh or (len(self.browsers) == 1 and random.random() < 0.06):
            name = f"{self.number}/{len(self.browsers)}"
            self.browsers.append(("anonymous_id", "", str(UUID(hex=digest(self.tag, "browser", name)))))
            self.cookie_day = day
        return self.browsers[-1]


def digest(*parts: object) -> str:
    """32 hex digits that always come out the same."""
    return hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def token(tag: int, kind: str, number: int) -> str:
    """A platform's opaque id."""
    return digest(tag, kind, number)[:20]


def mobile(number: int, tag: int) -> str:
    """An invented mobile number in E.164; different numbers give different phones."""
    return f"+86{PHONES[number // 2 % len(PHONES)]}{(number * STEP + tag * 1009) % 100_000_000:08d}"


def make(count: int, days: int, tag: int, random: Random) -> list[Person]:
    """All people, with households and the day each first looks at Hemu Home."""
    people = [Person(number, tag, random) for number in range(count)]
    for person in people:
        person.born = 0 if random.random() < 0.45 else int(days * random.random() ** 0.85)
    for person in people:
        if (
            person.born == 0
        ):  # a customer from before: signs in, agrees and shows his number, but has not yet told us who he is
            person.account = random.random() < OLD_ACCOUNT
            person.authorised = random.random() < OLD_AGREED
            person.joined = random.random() < OLD_MEMBER
            person.tier = "Silver" if person.joined else ""
    shoppers = [person for person in people if random.random() < HOUSEHOLDS]
    for one, other in zip(shoppers[::2], shoppers[1::2], strict=False):
        one.house = other.house = ("anonymous_id", "", str(UUID(hex=digest(tag, "house", one.number))))
        one.account = other.account = True  # both sign in: that is how we know there are two
        one.home = other.home = outlets.WEB
    return people
