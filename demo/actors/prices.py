"""What a good costs on each channel on each day: sales, small slips, prices left standing. Not here: costs, stock."""

from functools import lru_cache
from random import Random

from demo import outlets
from demo.goods import yuan
from demo.seasons import DAY, HOUR, Promotion
from demo.world import World

IN_SALE = 0.45  # of the goods are in a promotion
LEFT_STANDING = 0.06  # of the sale prices on a live-stream channel are forgotten when the sale is over
SLIPS_A_DAY = 0.12  # how often a shop's assistant sets another price by mistake, over all goods and channels
MENDED_AFTER = (6, 45)  # days


class Prices:
    """Keeps `world.prices` and tells of every change through the channel's own connector."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = Random(f"prices/{world.tag}")
        self._slips: dict[tuple[str, int], tuple[float, int]] = {}  # (channel, good) -> factor, last day
        for slug in outlets.SELLING:
            world.prices[slug] = [0] * len(world.goods)
        world.prices[outlets.CALL] = world.prices[outlets.WEB]

    def daily(self, day: int) -> None:
        """Shortly after midnight the prices of the day are set; what did not change is not told again."""
        world = self._world
        sale = world.promotion(day * DAY)
        before = world.promotion((day - 1) * DAY)
        if before and before != sale:
            self._forget(day, before)
        self._slip(day)
        for slug in outlets.SELLING:
            current = world.prices[slug]
            for good in world.goods:
                price = self._price(slug, good.place, day, sale)
                if price != current[good.place]:
                    current[good.place] = price
                    self._tell(slug, good.place, day, sale)

    def _price(self, slug: str, place: int, day: int, sale: Promotion | None) -> int:
        """In whole yuan, as fen."""
        mistake = self._world.plan.mistake
        if mistake and (slug, place, day) == (mistake.channel, mistake.good.place, mistake.day):
            return mistake.price
        listed = self._world.goods[place].price
        factor, until = self._slips.get((slug, place), (1.0, -1))
        if until < day:
            factor = 1.0
        if sale and _in_sale(sale.code, place):
            factor = min(
                factor, 1 - sale.depth - (0.04 if slug == outlets.DOUYIN and sale.depth > 0.12 else 0)
            )
        factor *= self._world.plan.gap.of(slug, place, day)
        return round(listed * factor / 100) * 100

    def _forget(self, day: int, sale: Promotion) -> None:
        for place in range(len(self._world.goods)):
            if _in_sale(sale.code, place) and self._random.random() < LEFT_STANDING:
                self._slips[outlets.DOUYIN, place] = (
                    1 - sale.depth,
                    day + self._random.randint(*MENDED_AFTER),
                )

    def _slip(self, day: int) -> None:
        if self._random.random() < SLIPS_A_DAY:
            slug = self._random.choice(outlets.SELLING)
            place = self._random.randrange(len(self._world.goods))
            factor = self._random.choice((0.92, 0.94, 0.95, 1.05))
            self._slips[slug, place] = (factor, day + self._random.randint(*MENDED_AFTER))

    def _tell(self, slug: str, place: int, day: int, sale: Promotion | None) -> None:
        world, good = self._world, self._world.goods[place]
        connector = outlets.CONNECTOR_OF[slug]
        body = {"type": "price", "sku": good.sku, "price": yuan(world.prices[slug][place]), "currency": "CNY"}
        body["list_price"] = yuan(good.price)
        if sale and world.prices[slug][place] < good.price:
            body["promotion"] = sale.code
        world.post.record(connector, day * DAY + HOUR // 12 + place * 1000, body)


@lru_cache(maxsize=4096)
def _in_sale(code: str, place: int) -> bool:
    """Whether a good is in a promotion: the same on every channel."""
    return Random(f"{code}/{place}").random() < IN_SALE
