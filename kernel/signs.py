"""Signs of all scripts that show nothing, and signs that stand where others were taken away.

Not here: what a value of some kind says (values.py), words for nothing (placeholders.py).

What is masked. In phones, e-mails, member numbers and names of people any run of three mask signs or more inside.
An id that only its own system understands is another thing: `order---7`, `a___b` and `k3xxx9` are ordinary there, and
random ids in base64 hold such runs by chance. In these only signs that no system writes are masks (stars, bullets,
blocks, an ellipsis), and dashes, underscores and x where all the rest is digits (6222xxxx1234) or a UUID's form.
"""

import re
import unicodedata

# Unicode's format characters and all others that show nothing of themselves (Default_Ignorable_Code_Point), Braille's
# blank, and control characters but for the blanks among them.
_IGNORABLE = """00ad 034f 061c 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f 2800 3164 fe00-fe0f feff
ffa0 fff0-fffb 1bca0-1bca3 1d173-1d17a e0000-e0fff 0600-0605 06dd 070f 0890-0891 08e2 110bd 110cd 13430-13455
0000-0008 000e-001b 007f-0084 0086-009f"""
# Of these only the ones that change nothing in a text: joiners hold emoji, Persian and Indic words together, variation
# selectors choose the form of a sign, tags are flags.
_NOT_OF_TEXTS = "0000 00ad 061c 200b 200e-200f 202a-202e 2060-2064 2066-206f feff"


def _signs(spans: str) -> dict[int, None]:
    bounds = [[int(end, 16) for end in span.split("-")] for span in spans.split()]
    return dict.fromkeys(code for span in bounds for code in range(span[0], span[-1] + 1))


INVISIBLE, NOISE = _signs(_IGNORABLE), _signs(_NOT_OF_TEXTS)

# A digit that is no nought, and no sign but letters, digits and what divides them.
_EVERYDAY = re.compile(r"(?=[^1-9]*+[1-9])[A-Za-z0-9][A-Za-z0-9 _.:@/+=|~\-]*+\Z").match


def ordinary(value: str) -> bool:
    """Whether a value is written as most are: no word for nothing, template or mask is. Quick, for all pass here."""
    return _EVERYDAY(value) is not None and without_runs(value)


def without_runs(value: str) -> bool:
    """Whether no sign that may be a mask stands twice in a row. Quick."""
    return (
        "--" not in value
        and ".." not in value
        and "xx" not in value
        and "__" not in value
        and "XX" not in value
    )


# --- what is masked --------------------------------------------------------------------------------------------

# Signs that stand for others whatever their form: each is taken for one of * # . - _ x; # are those that also adorn.
MASKS = str.maketrans(
    dict.fromkeys("∗⁎✱✲✳﹡＊●○◦•‣∙⋅█▇▓▒░■□▪▫◼◾⬛⚫⬤", "*")
    | dict.fromkeys("?◆◇★☆\ufffd", "#")
    | dict.fromkeys("‐‑‒–—―⁃−﹘ー⸺⸻─━", "-")
    | dict.fromkeys("·・‧․。", ".")
    | dict.fromkeys("⋯⋮︙", "...")
    | dict.fromkeys("‗‿", "_")
    | dict.fromkeys("×✕✖╳хХ", "x")
)
_STARS = re.compile(r"[*#](?:[\s\-.]?[*#]){2}")  # three, single blanks or the like between them
_STARS_OF_TEXT = re.compile(r"\w\*{3}|\*{3}\w")
_STAR_OF_NAME = re.compile(r"\w\s?\*|\*\s?\w")  # one is enough in a person's name: 王*, J* Smith
_DOTS = re.compile(r"(?<=\w)\.{3,}(?=\w)")
_RUN = re.compile(
    r"[^\W_x] ?x{3,} ?[^\W_x]|[^\W_] ?(?:-(?: ?-){2,}|\.(?: ?\.){2,}|_(?: ?_){2,}) ?[^\W_]", re.IGNORECASE
)
_NUMBER = re.compile(r"\+?\d[\d ]*(?:[\-_x]{3,}\d[\d ]*)+\Z", re.IGNORECASE)
_UUID = re.compile(r"(?=.*x{4})[0-9a-fxy]{8}(?:-[0-9a-fxy]{4}){3}-[0-9a-fxy]{12}\Z", re.IGNORECASE)
_RUN_OF_MAIL = re.compile(r"[^x]x{3}|x{3,}\Z|[^\-]-{3}|[^_]_{3}|\.{3}|\*|#{3}")
_RUN_OF_DOMAIN = re.compile(r"(?:^|\.)x{3,}\.|[a-wyz0-9]x{3,}[a-wyz0-9]|(?:^|\.)(?!xn-)[^.]*-{3}|\*")
OF_PEOPLE = frozenset(("name", "first", "last"))  # kinds of traits
_UNBROKEN = frozenset(("phone", "email", "member_no"))  # kinds in which any run is a mask


def plain(value: str) -> str:
    """The value with every mask sign in its plain form."""
    if value.isascii():
        return value.replace("?", "#")
    return unicodedata.normalize("NFKC", value.translate(MASKS)).translate(MASKS)


def masked(value: str, kind: str = "") -> bool:
    """Whether signs stand in a value where others were taken away; what counts depends on its kind (see above)."""
    if ordinary(value):
        return False
    bare = plain(value)
    if kind == "text":
        return _STARS_OF_TEXT.search(bare) is not None or (" " not in bare and _hidden(bare))
    if kind in OF_PEOPLE:
        return any(mask.search(bare) for mask in (_STAR_OF_NAME, _STARS, _RUN))
    if kind in _UNBROKEN:
        return _STARS.search(bare) is not None or _RUN.search(bare) is not None
    return _STARS.search(bare) is not None or _hidden(bare)


def _hidden(bare: str) -> bool:
    """The masks without stars of what only its own system understands."""
    if "@" in bare:
        return masked_mail(*bare.lower().rsplit("@", 1))
    return any(mask.search(bare) for mask in (_DOTS, _UUID)) or _NUMBER.match(bare) is not None


def masked_mail(local: str, domain: str) -> bool:
    """xxxlutz.de, .xxx and the dashes of a domain in other letters (xn---) are what they are."""
    return _RUN_OF_MAIL.search(local) is not None or _RUN_OF_DOMAIN.search(domain) is not None
