"""How two customers are compared: the fields with their degrees of likeness, which pairs are looked at at all, and what
the degrees are taken to be worth until the customers themselves have taught it (linking.py).

`m`: how often two records of one person are so alike, before training; a degree that no pair of the training shows
keeps it. Not here: how a value is made comparable (features.py).
"""

from typing import Any, NamedTuple

MOST_IN_BLOCK = 60  # customers that share a blocking key; of more, the key tells nobody apart
MOST_OF_VALUE = {"phone": 10, "email": 10, "document": 10}  # customers; a value of more is nobody's
COMMON_SHARE, COMMON_LEAST = 0.01, 30  # of all customers with a birthday: a day of more is a form's default
LEAST_PROBABILITY = 0.5  # of a pair that is kept
TRAINED_BY = (
    "birthday",
    "name_key",
    "phone",
    "mailbox",
    "document",
    "address",
)  # pairs alike in these teach the others


class Level(NamedTuple):
    """A degree of likeness. `tf`: the column whose rare values weigh more."""

    name: str
    when: str
    m: float
    tf: str = ""


class Comparison(NamedTuple):
    """A field that is compared; its degrees, the most alike first, and a last one for all others. `given`: the column
    that says whether there is anything to compare."""

    field: str
    given: str
    levels: tuple[Level, ...]


def _same(column: str, m: float, tf: bool = False) -> Level:
    return Level("exact", f"{column}_l = {column}_r", m, column if tf else "")


def _typed(column: str, errors: int, m: float, name: str = "") -> Level:
    """So many letters typed wrongly, left out or exchanged."""
    said = f"damerau_levenshtein({column}_l, {column}_r) <= {errors}"
    return Level(name or ("typing_error" if errors == 1 else "typing_errors"), said, m)


def _like(column: str, least: float, m: float, name: str = "similar") -> Level:
    return Level(name, f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}", m)


_ALIKE = (
    "jaro_winkler_similarity(family_l, family_r) >= {0} and jaro_winkler_similarity(given_l, given_r) >= {0}"
)
COMPARISONS = (
    Comparison(
        "name",
        "written",
        (
            Level("exact", "written_l = written_r", 0.6, "written"),
            Level("sounds_alike", "name_key_l = name_key_r", 0.1, "name_key"),
            Level("reversed", "family_l = given_r and given_l = family_r", 0.02),
            Level("very_similar", _ALIKE.format(0.92), 0.08),
            Level("similar", _ALIKE.format(0.8), 0.06),
            Level("family_name", "family_l = family_r", 0.06, "family"),
            Level("given_name", "given_l = given_r", 0.05, "given"),
        ),
    ),
    Comparison("phone", "phone", (_same("phone", 0.6), _typed("phone", 1, 0.15), _typed("phone", 2, 0.05))),
    Comparison(
        "email",
        "email",
        (
            _same("email", 0.6),
            Level("mailbox", "mailbox_l = mailbox_r", 0.1, "mailbox"),
            _typed("email", 1, 0.08),
            _typed("email", 2, 0.05),
            _like("mailbox", 0.88, 0.05),
        ),
    ),
    Comparison(
        "birthday",
        "birthday",
        (
            _same("birthday", 0.8),
            _typed("birthday", 1, 0.1),
            Level(
                "day_and_month_exchanged",
                "birthday_l[1:4] = birthday_r[1:4] and birthday_l[5:6] = birthday_r[7:8]"
                " and birthday_l[7:8] = birthday_r[5:6]",
                0.02,
            ),
            _typed("birthday", 2, 0.03),
        ),
    ),
    Comparison(
        "address",
        "address",
        (
            _same("address", 0.4),
            _like("address", 0.92, 0.2, "very_similar"),
            _like("address", 0.8, 0.15),
            Level("house_number", "number_l = number_r", 0.1),
        ),
    ),
    Comparison("city", "city", (_same("city", 0.7, tf=True), _like("city", 0.85, 0.1))),
    Comparison("region", "region", (_same("region", 0.85, tf=True),)),
    Comparison("postal_code", "postcode", (_same("postcode", 0.7, tf=True), _typed("postcode", 1, 0.15))),
    Comparison("gender", "gender", (_same("gender", 0.95),)),
    Comparison(
        "id_number",
        "document",
        (_same("document", 0.8), _typed("document", 1, 0.1), _typed("document", 2, 0.05)),
    ),
)


def degree(one: Comparison, n: int) -> str:
    """What the n-th degree of a comparison is called; -1: one side says nothing."""
    names = [level.name for level in one.levels]
    return "missing" if n < 0 else [*names, "different"][n]


# Pairs are looked at where one of these is alike: expressions over a customer's columns, null where a part is missing.
# What one typing error spoils in one of them stands in another.
KEYS = (
    "email",
    "phone",
    "document",
    "name_key || birthday",
    "name_key || postcode",
    "name_key || city",
    "name_key || phone[-4:]",
    "name_key || phone[:-5]",
    "name_key || mailbox[1:4]",
    "name_key",
    "mailbox",
    "phone[-8:]",
    "phone[:-3]",
    "birthday || family",
    "birthday || given",
    "birthday || city",
    "birthday || postcode",
    "birthday || number",
    "address",
    "family || number || postcode",
    "given || number || city",
    "given || postcode || birthday[1:4]",
    "family || postcode || birthday[5:8]",
    "document[:-3] || family[1:1]",
    "document[-4:] || postcode",
)
# A pair alike in one of these is one person's nearly always: how many there are tells how many to expect.
SURE = ("email", "phone", "document", "name_key || birthday", "name_key || phone[-4:]", "name_key || address")
SURE_SHARE = 0.6  # of the pairs of one person are so alike, it is taken
EXPECTED_LEAST = 0.001  # pairs a customer, where none is


def settings() -> dict[str, Any]:
    """What Splink takes."""
    from splink import SettingsCreator
    from splink.internals.blocking_rule_library import CustomRule

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[_comparison(one) for one in COMPARISONS],
        blocking_rules_to_generate_predictions=[CustomRule(f"l.k{n} = r.k{n}") for n in range(len(KEYS))],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
        em_convergence=0.001,
        max_iterations=20,
    ).create_settings_dict("duckdb")


def _comparison(one: Comparison) -> dict[str, Any]:
    rest = 1 - sum(level.m for level in one.levels)
    nothing = {"sql_condition": f"{one.given}_l is null or {one.given}_r is null", "is_null_level": True}
    levels = [
        {"sql_condition": level.when, "label_for_charts": level.name, "m_probability": level.m}
        | (
            {
                "tf_adjustment_column": level.tf,
                "tf_minimum_u_value": 0.0001,
                "disable_tf_exact_match_detection": True,
            }
            if level.tf
            else {}
        )
        for level in one.levels
    ]
    different = {"sql_condition": "ELSE", "label_for_charts": "different", "m_probability": rest}
    return {
        "output_column_name": one.field,
        "comparison_levels": [nothing | {"label_for_charts": "missing"}, *levels, different],
    }
