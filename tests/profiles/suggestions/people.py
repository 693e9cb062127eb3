"""People who come to a retailer twice, made by a seed: signs here, letters there, a letter or digit typed wrongly.

What was typed wrongly is known, so precision and recall can be counted. Names, streets and errors are drawn evenly from
small lists: strangers share parts of them, as they do in a city.
"""

import random
from typing import Any

FAMILIES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
SIGNS = tuple(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华建国梅红晓东海燕春雪松云鹏飞宇欣怡佳豪思雨"
)
CITIES = ("上海", "杭州", "北京", "广州", "成都", "武汉", "南京", "西安")
STREETS = (
    "文三路",
    "南京西路",
    "中山北路",
    "人民大道",
    "解放路",
    "建国路",
    "长江路",
    "和平街",
    "青年路",
    "新华路",
)
FIRST = (
    "James",
    "Mary",
    "Robert",
    "Linda",
    "David",
    "Susan",
    "Carlos",
    "Elena",
    "Ahmed",
    "Yuki",
    "Ivan",
    "Nina",
)
LAST = (
    "Smith",
    "Johnson",
    "Brown",
    "Garcia",
    "Miller",
    "Davis",
    "Kowalski",
    "Tanaka",
    "Petrov",
    "Haddad",
    "Olsen",
)
LATIN_SHARE = 0.2  # of the people: with a name in letters alone
Traits = dict[str, Any]


def crowd(persons: int, twice: int, seed: int) -> list[tuple[int, Traits]]:
    """(person, traits) of each record: all persons once, so many of them a second time with errors."""
    chance = random.Random(seed)
    first = [(n, person(chance)) for n in range(persons)]
    again = [(n, second(chance, traits)) for n, traits in chance.sample(first, twice)]
    made = first + again
    chance.shuffle(made)
    return made


def person(chance: random.Random) -> Traits:
    if chance.random() < LATIN_SHARE:
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    else:
        name = chance.choice(FAMILIES) + "".join(chance.choices(SIGNS, k=chance.choice((1, 2, 2))))
    return {
        "name": name,
        "phone": f"+861{chance.choice('3589')}{chance.randrange(10**9):09}",
        "email": f"{chance.choice('abcdefghkl')}{chance.randrange(10**6)}@{chance.choice(('qq.com', '163.com'))}",
        "birthday": f"{chance.randint(1950, 2006)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "address": {
            "street": f"{chance.choice(STREETS)} {chance.randint(1, 400)} 号 {chance.randint(101, 2808)} 室",
            "city": chance.choice(CITIES),
        },
    }


def second(chance: random.Random, traits: Traits) -> Traits:
    """The same person elsewhere: never all of it, and one or two errors."""
    said = {key: value for key, value in traits.items() if key == "name" or chance.random() < 0.75}
    said["name"] = respelt(chance, traits["name"])
    for field in chance.sample(("phone", "birthday", "email"), 2):
        if field in said:
            said[field] = mistyped(chance, said[field])
    if len(said) < 3:
        said["phone"], said["birthday"] = mistyped(chance, traits["phone"]), traits["birthday"]
    return said


def respelt(chance: random.Random, name: str) -> str:
    """In letters instead of signs, the family's name first or last; or as it was."""
    from pypinyin import lazy_pinyin

    if name.isascii():
        first, _blank, last = name.partition(" ")
        return chance.choice((name, f"{last}, {first}", f"{last} {first}"))
    family, given = lazy_pinyin(name[0])[0].title(), "".join(lazy_pinyin(name[1:])).title()
    return chance.choice((name, name, f"{family} {given}", f"{given} {family}"))


def mistyped(chance: random.Random, text: str) -> str:
    """Two neighbours exchanged, or one digit wrong."""
    at = chance.randrange(len(text) // 2, len(text) - 1)
    if chance.random() < 0.5:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    digit = chance.choice("0123456789") if text[at].isdigit() else text[at]
    return text[:at] + digit + text[at + 1 :]
