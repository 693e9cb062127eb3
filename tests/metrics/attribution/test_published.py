"""Examples that others published, to 1e-9, and the two forms of one model against each other."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from metrics.attribution.models import BY_NAME, coalitions, markov, shapley
from metrics.attribution.models.base import SCALE, Path, Settings, Walked, Worth
from tests.reference import attribution as judge

NEAR = 1e-9
Counts = dict[str, int]


def walked(won: Counts, lost: Counts | None = None) -> Walked:
    """Paths written `A > B`, and how many went each."""
    gone = lost or {}
    names = list(dict.fromkeys(name for path in (*won, *gone) for name in path.split(" > ")))

    def places(path: str) -> tuple[int, ...]:
        return tuple(names.index(name) for name in path.split(" > "))

    paths = {Path(places(path), places(path)[-1]): Worth(n * SCALE) for path, n in won.items()}
    return Walked(tuple(names), paths, Worth(), {places(path): n for path, n in gone.items()})


def conversions(found: Walked, model: str, **how: object) -> dict[str, float]:
    """What each key gets of all conversions, put together of the shares of single paths."""
    fitted = BY_NAME[model].fit(found, Settings(**how))
    got = dict.fromkeys(found.keys, 0.0)
    for path, worth in found.paths.items():
        parts = fitted.share(path)
        assert sum(part.value for part in parts) == 1
        for part in parts:
            got[found.keys[part.key]] += worth.conversions / SCALE * float(part.value)
    return got


@pytest.mark.parametrize(("model", "how"), [("markov", {"order": 1}), ("shapley", {"worth": "chain"})])
def test_a_channel_s_revenue_is_its_part_of_all_conversions_times_all_revenue(
    model: str, how: dict[str, Any]
) -> None:
    """As marketing_attribution_models (github.com/DP6/Marketing-Attribution-Models) has it, whatever single paths
    brought; and each path gives credit to its own channels alone where that can be."""
    found = walked({"A > B": 4, "B > C": 3, "A > C > B": 2, "C > A": 1}, {"A": 3, "B > C": 4, "C": 2})
    amounts = dict(zip(found.paths, (40, 900, 7, 333), strict=True))
    found = replace(
        found,
        paths={
            path: worth._replace(revenue=amounts[path] * SCALE, margin=amounts[path] * SCALE // 2)
            for path, worth in found.paths.items()
        },
    )
    fitted, parts = BY_NAME[model].fit(found, Settings(**how)), conversions(found, model, **how)
    for measure in ("revenue", "margin"):
        got = dict.fromkeys(found.keys, 0.0)
        for path, worth in found.paths.items():
            shares = fitted.of(measure)(path)
            assert sum(part.value for part in shares) == 1
            assert {part.key for part in shares} <= set(path.touches)
            for part in shares:
                got[found.keys[part.key]] += getattr(worth, measure) / SCALE * float(part.value)
        whole = sum(got.values())
        assert got == pytest.approx({name: n / 10 * whole for name, n in parts.items()}, abs=1e-6)


def split(counts: Counts) -> dict[tuple[str, ...], int]:
    return {tuple(path.split(" > ")): n for path, n in counts.items()}


def test_the_three_channels_of_bryl() -> None:
    """Sergey Bryl', "Attribution model with R (part 1: Markov chains concept)", analyzecore.com, 2016; the same data
    and results are the tests of github.com/JesseCastro/markovattribution."""
    found = walked({"C1 > C2 > C3": 1}, {"C1": 1, "C2 > C3": 1})
    effects = {found.keys[key]: effect for key, effect in markov.removal_effects(found).items()}
    assert effects == pytest.approx({"C1": 0.5, "C2": 1, "C3": 1}, abs=NEAR)
    assert conversions(found, "markov") == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4}, abs=NEAR)


def test_the_two_channels_of_puzyrov() -> None:
    """Serhii Puzyrov, "Markov chain attribution - simple explanation of removal effect", serhiipuzyrov.com, 2019."""
    found = walked({"google ads": 2, "mailing": 1, "google ads > mailing": 1}, {"google ads": 1})
    effects = {found.keys[key]: effect for key, effect in markov.removal_effects(found).items()}
    assert effects == pytest.approx({"google ads": 0.75, "mailing": 0.5}, abs=NEAR)
    assert conversions(found, "markov") == pytest.approx({"google ads": 2.4, "mailing": 1.6}, abs=NEAR)


def test_what_channelattribution_simulates_is_solved_for() -> None:
    """The example of pychattr (github.com/jmwoloso/pychattr), a port of ChannelAttribution: 10,000 simulations come to
    A 1.991106, B 1.008894 there; the chain's own answer is 2 and 1."""
    found = walked({"A > B > A > B > B > A": 1, "A > B > B > A > A": 1, "A > A": 1})
    got = conversions(found, "markov")
    assert got == pytest.approx({"A": 2.0, "B": 1.0}, abs=NEAR)
    assert got == pytest.approx({"A": 1.991106, "B": 1.008894}, abs=0.03)


def test_the_closed_form_of_zhao_is_the_sum_over_all_sets() -> None:
    """Zhao, Mahboobi, Bagheri, "Shapley Value Methods for Attribution Modeling in Online Advertising",
    arXiv:1804.05327, equation 12: a path's worth is shared alike among its channels."""
    won = {"A": 5, "A > B": 3, "B > A > C": 7, "C > C": 2, "D > A > D > B": 11}
    wanted = judge.shapley(split(won), {}, "conversions")
    assert conversions(walked(won), "shapley") == pytest.approx(
        {k: float(v) for k, v in wanted.items()}, abs=NEAR
    )


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_chain_of_any_order_is_as_it_is_by_hand(order: int) -> None:
    won = {"A > B > C": 4, "B > A": 3, "C": 2, "A > A > B": 5, "C > B > A > C": 1}
    lost = {"A > B": 6, "C > C > A": 2, "B": 9, "D > A": 3}
    wanted = judge.markov(split(won), split(lost), order)
    assert set(wanted) == {"A", "B", "C", "D"}
    assert conversions(walked(won, lost), "markov", order=order) == pytest.approx(
        {key: float(value) for key, value in wanted.items()}, abs=NEAR
    )


def test_shapley_over_the_chain_is_the_mean_over_all_orders_of_joining() -> None:
    won, lost = {"A > B > C": 4, "B > A": 3, "C": 2}, {"A > B": 6, "C > A": 2, "B": 9}
    wanted = judge.shapley(split(won), split(lost), "chain")
    assert conversions(walked(won, lost), "shapley", worth="chain") == pytest.approx(
        {key: float(value) for key, value in wanted.items()}, abs=NEAR
    )


def test_beyond_twelve_channels_sampling_says_how_far_off_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same nine channels exactly and sampled: nearly all lie within three standard errors."""
    won = {f"{a} > {b}": 3 + 2 * n for n, (a, b) in enumerate(product("ABC", "DEFGHI"))}
    lost = {"A > I": 40, "B": 30, "G > C": 25, "H": 10}
    exact, none = coalitions.chain_values(walked(won, lost))
    assert none == {}
    monkeypatch.setattr(coalitions, "MOST_EXACT", 4)
    sampled, errors = coalitions.chain_values(walked(won, lost))
    assert len(errors) == 9
    assert all(0 < error < 0.02 for error in errors.values())
    far = [key for key in exact if abs(sampled[key] - exact[key]) > 3 * errors[key]]
    assert len(far) <= 1
    fitted = BY_NAME["shapley"].fit(walked(won, lost), Settings(worth="chain"))
    assert [told.code for told in fitted.told] == ["sampled"]
    assert fitted.quality["method"] == shapley.SAMPLING


def test_totals_hold_also_where_a_channel_is_alone_on_more_than_the_model_leaves_it() -> None:
    """A is alone on 91 of 100 paths; the chain gives it less: what is over goes to the others, and all adds up."""
    won = {"A > B > C": 9, "A": 91}
    got = conversions(walked(won, {"B": 5}), "markov")
    wanted = judge.markov(split(won), split({"B": 5}))
    assert float(wanted["A"]) < 91
    assert got == pytest.approx({key: float(value) for key, value in wanted.items()}, abs=NEAR)


def test_a_learnt_model_finds_what_was_seeded_and_says_how_well() -> None:
    """A lifts conversion from 10 to 50 of 100, B does nothing: on a path of both A gets nearly all."""
    won = {"A": 500, "B": 100, "A > B": 500, "C": 100}
    lost = {"A": 500, "B": 900, "A > B": 500, "C": 900}
    found = walked(won, lost)
    fitted = BY_NAME["data_driven"].fit(found, Settings())
    parts = {found.keys[part.key]: float(part.value) for part in fitted.share(Path((0, 1), 1))}
    assert parts["A"] > 0.95
    assert fitted.told == ()
    assert fitted.quality["log_loss"] < fitted.quality["base_log_loss"]
    assert 0.6 < fitted.quality["auc"] < 0.8


def test_a_learnt_model_says_where_the_data_cannot_carry_it() -> None:
    codes = {
        "few": ({"A": 3, "B": 2}, {"A": 40, "B": 30}),
        "alike": ({"A": 400, "B": 400}, {"A": 400, "B": 400}),
        "none lost": ({"A": 400, "B > A": 400}, {}),
    }
    told = {
        name: {one.code for one in BY_NAME["data_driven"].fit(walked(*counts), Settings()).told}
        for name, counts in codes.items()
    }
    assert "few_conversions" in told["few"]
    assert told["alike"] == {"no_better_than_chance"}
    assert told["none lost"] == {"nothing_to_learn_from"}
