"""What rules may say: each fault has its field and a sentence; what is right is read back as it was put in."""

from decimal import Decimal

import pytest

from metrics.allocation import rules

CHANNELS = ["tmall", "store", "web"]
GOOD = {
    "pot": {"of": "revenue", "rate": "0.1"},
    "weights": {"sold": "0.6", "shapley": "0.4"},
    "lookback": "30d",
    "untouched": "sold",
    "costs_first": True,
    "services": {"pickup": "0.02", "advice": "0.01"},
    "limits": {"*": {"floor": "0.04", "cap": "0.5"}, "store": {"guarantee": "5000"}},
    "adjustment": {"rate": "0.1", "most": "0.05"},
}


def read(last_pot=None, **changed):
    return rules.read({**GOOD, **changed}, CHANNELS, "CNY", last_pot)


def test_what_is_right_is_read_back_as_it_was():
    found = read()
    assert found.faults == []
    assert found.rules.json() == GOOD
    assert rules.read(found.rules.json(), CHANNELS, "CNY").rules == found.rules


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"pot": None}, "pot", "of what it is"),
        ({"pot": {"of": "luck", "rate": 1}}, "pot.of", "one of margin, revenue"),
        ({"pot": {"of": "revenue", "rate": "1.2"}}, "pot.rate", "between 0 and 1"),
        ({"pot": {"of": "revenue", "rate": "much"}}, "pot.rate", "“much” is not a number"),
        ({"pot": {"of": "revenue"}}, "pot.rate", "nothing to share"),
        ({"weights": {}}, "weights", "At least one model"),
        ({"weights": {"sold": "half", "linear": 1}}, "weights.sold", "“half” is not a number"),
        ({"weights": {"sold": "NaN"}}, "weights.sold", "“NaN” is not a number"),
        ({"weights": {"sold": [1]}}, "weights.sold", "is not a number"),
        ({"weights": {"sold": True}}, "weights.sold", "is not a number"),
        ({"weights": {"sold": "0.6", "linear": "0.5"}}, "weights", "come to 110.0%"),
        ({"weights": {"sold": "0.5"}}, "weights", "come to 50.0%"),
        ({"weights": {"sold": "-1", "linear": 2}}, "weights.sold", "between 0 and 1"),
        ({"weights": {"magic": 1}}, "weights.magic", "no rule “magic”"),
        ({"lookback": "tomorrow"}, "lookback", "1 to 180 days"),
        ({"lookback": "0d"}, "lookback", "1 to 180 days"),
        ({"untouched": "burnt"}, "untouched", "one of sold, kept"),
        ({"costs_first": "perhaps"}, "costs_first", "true or false"),
        ({"services": {"pickup": "0.6"}}, "services.pickup", "between 0 and 0.5"),
        ({"services": {"pickup": "0.08", "return": "0.05"}}, "services", "give more than the pot"),
        ({"services": {"dance": "0.01"}}, "services.dance", "no rule “dance”"),
        ({"services": [1]}, "services", "is an object"),
        ({"limits": {"moon": {"cap": "0.5"}}}, "limits.moon", "no channel “moon”"),
        ({"limits": {"store": {"floor": "0.5", "cap": "0.2"}}}, "limits.store.floor", "above the cap"),
        ({"limits": {"*": {"floor": "0.4"}}}, "limits", "give more than the pot"),
        ({"limits": {"*": {"cap": "0.3"}}}, "limits", "a part of the pot is nobody's"),
        ({"limits": {"store": {"guarantee": "-1"}}}, "limits.store.guarantee", "not below 0"),
        ({"limits": {"store": 5}}, "limits.store", "is an object"),
        ({"adjustment": {"rate": 2}}, "adjustment.rate", "between 0 and 1"),
        ({"adjustment": {"rate": 1, "most": "0.9"}}, "adjustment.most", "between 0 and 0.5"),
        ({"extra": 1}, "extra", "no rule “extra”"),
        ({"pot": {"of": "revenue", "rate": "0.1234567"}}, "pot.rate", "at most six decimals"),
    ],
)
def test_each_fault_is_said_with_its_field(changed, field, said):
    faults = read(**changed).faults
    assert field in [one.field for one in faults], faults
    assert any(said in one.text for one in faults if one.field == field), faults


def test_all_faults_are_said_at_once():
    found = rules.read({"pot": {"of": "luck"}, "weights": {"sold": "x"}, "lookback": "?"}, CHANNELS, "CNY")
    assert {"pot.of", "weights.sold", "lookback"} <= {one.field for one in found.faults}
    assert [one.field for one in rules.read("all mine", CHANNELS, "CNY").faults] == ["rules"]


def test_guarantees_are_held_against_the_last_pot():
    assert read(Decimal(5000)).faults == []
    (fault,) = read(Decimal(4999)).faults
    assert fault.field == "limits"
    assert "¥5,000.00" in fault.text
    assert "¥4,999.00" in fault.text
