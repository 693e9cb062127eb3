"""A draft and the form of it say the same, whatever is in them."""

from decimal import Decimal

from hypothesis import given

from channels.language.draft import Constant, Draft, Lines, MessageRule, Target
from console.studio import constants, draft_form, json_view
from tests.channels.language.test_text import drafts, values, words


def tidy(draft: Draft) -> Draft:
    """What a form keeps of a draft: no blanks around what is typed, one kind of line break, lists after the rest."""
    import msgspec

    def line(said: str) -> str:
        return " ".join(said.split()).strip("\x00")

    def of(targets: tuple[Target, ...]) -> tuple[Target, ...]:
        found = []
        for n, one in enumerate(targets):
            field = line(one.field) or f"x{n}"
            if one.lines is not None:
                found.append(Target(field, lines=Lines(line(one.lines.each), of(one.lines.targets))))
            else:
                value = constants.expression(line(one.value)) if isinstance(one.value, str) else one.value
                found.append(Target(field, value))
        return tuple(found)

    put = msgspec.structs.replace
    messages = tuple(
        put(
            one,
            note=line(one.note),
            when=line(one.when),
            each=line(one.each),
            drop=tuple(part for said in one.drop for part in said.replace(",", " ").split()),
            targets=of(one.targets),
        )
        for one in draft.messages
    )
    clean = tuple(
        put(
            one,
            field=line(one.field),
            **{name: line(getattr(one, name)) for name in draft_form.TEXTS},
            allowed=tuple(each for each in one.allowed),
        )
        for one in draft.clean
    )
    lookup = {line(name): rows for name, rows in draft.lookup.items()}
    return Draft(line(draft.zone), draft.passes, messages, clean, lookup)


@given(drafts)
def test_a_draft_is_read_again_out_of_its_form(said: Draft) -> None:
    draft = tidy(said)
    assert draft_form.read(draft_form.posted(draft)) == draft


@given(values)
def test_a_value_is_typed_as_itself(value: Constant) -> None:
    found = constants.said(constants.shown(value))
    assert (type(found), found) == (type(value), value)


@given(words, values, words, values)
def test_a_table_is_typed_a_pair_a_line(key: str, value: Constant, other: str, more: Constant) -> None:
    rows = {key: value, other: more}
    assert constants.table(constants.as_table(rows)) == rows
    assert constants.listed(constants.as_list((value, more))) == (value, more)


def test_what_is_not_filled_in_yet_says_nothing() -> None:
    lines = Lines("", (Target("sku", ""),))
    draft = Draft(
        messages=(MessageRule(targets=(Target("event", ""), Target("properties.products", lines=lines))),)
    )
    assert draft_form.without_blanks(draft) == Draft(messages=(MessageRule(),))


def test_an_exact_number_is_shown_as_it_came():
    assert ">1.50<" in json_view.shown({"price": Decimal("1.50"), "items": [{"price": Decimal("0.10")}]})
