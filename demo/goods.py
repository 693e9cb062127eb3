"""What Hemu Home sells: 24 articles in two colours each. Not here: the price of a day on a channel."""

from typing import NamedTuple

BRAND = "Hemu Home 禾木家居"
ARTICLES = (  # name, Chinese name, category, list price in yuan, share of cost in the price, how often bought
    ("Linen duvet set", "亚麻四件套", "Bedding", 699, 0.44, 6),
    ("Washed-cotton sheet", "水洗棉床单", "Bedding", 219, 0.41, 9),
    ("Down-feel pillow", "羽感枕", "Bedding", 159, 0.38, 10),
    ("Quilt, spring", "春秋被", "Bedding", 519, 0.46, 5),
    ("Quilt, winter", "冬被", "Bedding", 899, 0.48, 4),
    ("Silk eye mask", "真丝眼罩", "Bedding", 129, 0.37, 6),
    ("Bamboo bath towel", "竹纤维浴巾", "Bath", 89, 0.40, 12),
    ("Waffle robe", "华夫格浴袍", "Bath", 329, 0.43, 4),
    ("Cotton slippers", "棉拖鞋", "Bath", 69, 0.42, 11),
    ("Ceramic diffuser", "陶瓷香薰机", "Scent", 269, 0.39, 7),
    ("Cedar candle", "雪松蜡烛", "Scent", 128, 0.36, 9),
    ("Osmanthus candle", "桂花蜡烛", "Scent", 138, 0.36, 10),
    ("Tea set, four cups", "四杯茶具", "Table", 389, 0.42, 6),
    ("Cast-iron pot", "铸铁壶", "Table", 459, 0.47, 4),
    ("Walnut tray", "胡桃木托盘", "Table", 199, 0.45, 7),
    ("Glass carafe", "玻璃水瓶", "Table", 109, 0.38, 8),
    ("Breakfast bowl", "早餐碗", "Table", 59, 0.37, 13),
    ("Dinner plate, set of 4", "餐盘四件", "Table", 239, 0.41, 7),
    ("Apron", "围裙", "Table", 109, 0.39, 5),
    ("Desk lamp Arc", "弧形台灯", "Living", 359, 0.46, 5),
    ("Reading lamp Mini", "迷你阅读灯", "Living", 179, 0.43, 8),
    ("Wool throw", "羊毛盖毯", "Living", 429, 0.49, 5),
    ("Knit cushion", "针织靠垫", "Living", 119, 0.40, 9),
    ("Storage basket", "收纳篮", "Living", 99, 0.42, 10),
)
COLOURS = (("O", "oat", "燕麦色", 1.0), ("I", "ink", "墨色", 0.7))


class Good(NamedTuple):
    """One SKU; money in fen."""

    place: int
    sku: str
    name: str
    category: str
    price: int
    cost: int
    weight: float


def catalogue() -> list[Good]:
    """The 48 SKUs in a fixed order."""
    goods: list[Good] = []
    for number, (english, chinese, category, yuan, share, weight) in enumerate(ARTICLES):
        for letter, colour, colour_zh, liked in COLOURS:
            name = f"{chinese} {colour_zh} · {english}, {colour}"
            sku = f"HM-{1040 + number * 7}-{letter}"
            goods.append(
                Good(len(goods), sku, name, category, yuan * 100, round(yuan * share * 100), weight * liked)
            )
    return goods


def yuan(fen: int) -> float:
    """An amount as it stands in a message: a JSON number with at most two decimals."""
    return fen / 100
