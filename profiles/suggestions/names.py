"""What a person is called, made comparable: Chinese by pinyin, the family's name first or last, scripts mixed.

Not here: which of a person's names survives (profiles/golden.py), how alike two names are (model.py).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

REMEMBERED = 20_000  # characters and names that were read aloud already


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Family names that are read otherwise than the same sign in a word, and those of two signs.
_READ = dict(
    pair.split(":")
    for pair in _set(
        "曾:zeng 单:shan 單:shan 解:xie 查:zha 仇:qiu 盖:ge 蓋:ge 朴:piao 任:ren 区:ou 區:ou 翟:zhai 覃:qin 缪:miao "
        "繆:miao 宓:mi 乐:yue 樂:yue 冼:xian 尉迟:yuchi 尉遲:yuchi 万俟:moqi 长孙:zhangsun "
        "長孫:zhangsun 单于:chanyu 單于:chanyu"
    )
)
_OF_TWO = _set(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 夏侯 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 令狐 慕容 宇文 司徒 轩辕 长孙 長孫 "
    "端木 独孤 南宫 南宮 万俟 闻人 淳于 单于 單于 申屠 太史 呼延 赫连 澹台 钟离 鍾離"
)
# The commonest Chinese family names as they are spelt: where one stands first and the rest reads as pinyin, it is one.
_SPELT = _set(
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang "
    "deng han feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu lv ding ren yao shen "
    "zhong cui tan liao fan jin shi jia xia fu fang zou xiong bai meng qin qiu hou kong shao chang wan gu lai gong "
    "yan qian mo ouyang sima zhuge shangguan"
)
_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ue|ui|uo|er|a|e|i|o|u|v)"
)
_PINYIN = re.compile(rf"(?:{_SYLLABLE})+\Z")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_WORDS = re.compile("[\u3400-\u9fff\uf900-\ufaff]+|[a-z0-9]+")
_TITLES = _set("mr mrs ms miss dr prof sir madam 先生 女士 小姐 太太")
_POLITE = ("先生", "女士", "小姐", "太太")


class Name(NamedTuple):
    """`written`: as it stands, without blanks; `family` and `given` in the letters a to z, "" where there is none;
    `key`: all its words in one order, whichever stood first."""

    written: str
    family: str
    given: str
    key: str


def read(whole: str, first: str = "", last: str = "") -> Name | None:
    """A name out of a whole one, or of its parts; None where neither says anything. The parts know the order."""
    if first or last:
        family, given = _spoken(last, family=True), _spoken(first)
        return _made(
            _plain(last) + _plain(first) if _HAN.search(last + first) else _plain(first + last), family, given
        )
    plain = _plain(whole, " ")
    if "," in whole and not _HAN.search(whole):
        last, _comma, first = whole.partition(",")
        return (
            read("", first.strip(), last.strip()) if first.strip() and last.strip() else read(last or first)
        )
    words = [word for word in _WORDS.findall(plain) if word not in _TITLES]
    if not words:
        return _made(plain.replace(" ", ""), "", plain.replace(" ", ""))
    return _made("".join(words), *_ordered(words))


def _made(written: str, family: str, given: str) -> Name | None:
    if not written:
        return None
    return Name(written, family, given, " ".join(sorted(filter(None, (family, given)))))


def _ordered(words: list[str]) -> tuple[str, str]:
    """Family and given name of words in the order in which they stand."""
    if len(words) == 1:
        return _of_signs(words[0]) if _HAN.search(words[0]) else ("", words[0])
    if _HAN.match(words[0]):  # 李 Xiaoming, 李 小明
        if len(words) > 1 and len(words[0]) <= 2:
            return _spoken(words[0], family=True), "".join(map(_spoken, words[1:]))
        return _of_signs("".join(words)) if _HAN.match(words[1]) else _of_signs(words[0])
    if _HAN.match(words[-1]):  # Xiaoming 李
        return _spoken(words[-1], family=True), "".join(map(_spoken, words[:-1]))
    if words[0] in _SPELT and _reads_as_pinyin(words[1:]) and not (len(words) == 2 and words[1] in _SPELT):
        return words[0], "".join(words[1:])
    return words[-1], "".join(words[:-1])


def _reads_as_pinyin(words: list[str]) -> bool:
    return all(_PINYIN.match(word) for word in words)


def _of_signs(text: str) -> tuple[str, str]:
    """A name all in Chinese signs: the family's first, of one sign or two."""
    for polite in _POLITE:
        text = text.removesuffix(polite) if len(text) > len(polite) else text
    size = 2 if text[:2] in _OF_TWO and len(text) > 2 else 1
    if len(text) > 4:  # no Chinese person's: a firm, a title, a name from elsewhere
        return "", _spoken(text)
    return _spoken(text[:size], family=True), _spoken(text[size:])


@lru_cache(maxsize=REMEMBERED)
def _spoken(text: str, family: bool = False) -> str:
    """The letters a to z of a word, signs by their pinyin without tones."""
    plain = _plain(text)
    if not _HAN.search(plain):
        return plain
    if family and plain in _READ:
        return _READ[plain]
    return "".join(_pinyin()(plain)).replace("ü", "v")


def _pinyin() -> Any:
    """pypinyin's; its table of signs is large, and only who compares names needs it."""
    from pypinyin import lazy_pinyin

    return lazy_pinyin


def _plain(text: str, between: str = "") -> str:
    """Lower case, without accents and what is neither letter nor digit."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return between.join(
        "".join(sign if sign.isalnum() else " " for sign in folded if not unicodedata.combining(sign)).split()
    )
