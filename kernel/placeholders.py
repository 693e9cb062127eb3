"""What is written where there is nothing to say: the words of many languages, templates nobody filled, constants.

Not here: what is asked of which kind of value (values.py), what is masked (signs.py). A new word: an entry in the table
of its script, in lower case; one that a person may be called by goes into BORNE_… too.
"""

import re
import unicodedata

from kernel.caches import remembered
from kernel.signs import INVISIBLE, MASKS, ordinary

LONGEST_NOTHING = 200  # characters; a longer text says something
REMEMBERED = 20_000  # values per process

# Said of anything, an identifier, a name or another trait. Words of one value are divided by what is no letter,
# digit or mark, so that "N/A", n.a. and <n-a> are one entry here: "n a".
_ANYWHERE = """
null, nulls, undefined, undef, none, nil, nan, na, n a, unknown, anonymous, anon, guest, unspecified, unset,
not set, not available, not applicable, not provided, not specified, not defined, not known, not given,
not assigned, not found, not entered, no data, no value, no name, no user, no id, no email, no phone, no info,
no information, noname, unnamed,
not logged in, logged out, not authenticated, unauthenticated, null pointer, no entry,
object object, object null, object undefined,

desconocido, desconocida, anónimo, anónima, anonimo, anonima, invitado, invitada, ninguno, ninguna, nulo, nula,
indefinido, indefinida, vacío, vacio, sin nombre, sin datos, no disponible, no definido, no especificado, no aplica,
no informado, no indicado,
desconhecido, desconhecida, anônimo, anônima, convidado, convidada, nenhum, nenhuma, vazio, sem nome, sem dados,
não definido, não informado, não disponível, não especificado, nao definido, nao informado, não aplicável,
inconnu, inconnue, anonyme, invité, invitée, aucun, aucune, indéfini, indéfinie, sans nom, non défini,
non renseigné, non renseignée, non disponible, non spécifié, non précisé, non communiqué, non defini,
unbekannt, unbekannte, unbekannter, anonym, gast, undefiniert, unbenannt, namenlos, ohne namen, keine angabe, k a,
nicht gesetzt, nicht angegeben, nicht verfügbar, nicht bekannt, nicht definiert, keine angaben, keine daten,
sconosciuto, sconosciuta, ospite, nessuno, nessuna, nullo, senza nome, non definito, non disponibile,
non specificato, non impostato, non fornito,
onbekend, anoniem, niet ingevuld, niet bekend, niet beschikbaar, niet opgegeven, geen gegevens,
nieznany, nieznana, nieznane, anonimowy, gość, brak danych, nie podano, nieokreślony, bez nazwy,
neznámý, neznámá, anonymní, nezadáno, neuvedeno, okänd, gäst, ej angivet, ukendt, ukjent, gjest, tuntematon, vieras,
ismeretlen, névtelen, vendég, necunoscut, necunoscută, anonim, oaspete, nedefinit,
bilinmiyor, bilinmeyen, misafir, belirtilmemiş, tanımsız, isimsiz, mevcut değil,
không xác định, không rõ, không có, ẩn danh, vô danh, chưa có, tidak diketahui, tidak ada, tanpa nama,

неизвестно, неизвестный, неизвестная, неизвестен, аноним, анонимно, анонимный, анонимная, гость, пусто,
отсутствует, не указано, не указан, не указана, не задано, не задан, не определено, не определен, не определён,
не установлено, нет данных, н д, без имени, не заполнено, невідомо, невідомий, невідома, анонім, гість, не вказано,
немає даних, неизвестна, непознат, непозната, анонимен, няма данни, гост,

άγνωστο, άγνωστος, άγνωστη, ανώνυμος, ανώνυμη, ανώνυμο, επισκέπτης, μη διαθέσιμο, δεν έχει οριστεί, κανένα, κενό,
անհայտ, անանուն, հյուր, უცნობი, ანონიმური, სტუმარი,

غير معروف, غير معرف, غير محدد, غير متوفر, غير متاح, مجهول, زائر, ضيف, فارغ, لا يوجد, لا شيء, بدون اسم,
نامشخص, ناشناس, نامعلوم, مهمان, تعریف نشده, بدون نام, گمنام,
לא ידוע, לא מוגדר, לא זמין, לא צוין, אנונימי, אורח, ללא שם,

अज्ञात, अनजान, अनाम, गुमनाम, बेनाम, अतिथि, मेहमान, उपलब्ध नहीं, कोई नहीं, लागू नहीं,
অজানা, অজ্ঞাত, অজ্ঞাতনামা, বেনামী, অতিথি, প্রযোজ্য নয়, পাওয়া যায়নি,
தெரியாத, தெரியவில்லை, அறியப்படாத, பெயரற்ற, விருந்தினர், తెలియదు, అజ్ఞాత, అతిథి,
ไม่ทราบ, ไม่ทราบชื่อ, ไม่ระบุ, ไม่ระบุชื่อ, ไม่มี, ไม่มีข้อมูล, ไม่มีชื่อ, นิรนาม, ผู้เยี่ยมชม, ไม่ได้ตั้งค่า,

空, 空值, 无, 無, 没有, 沒有, 暂无, 暫無, 未知, 不详, 不詳, 不明, 游客, 遊客, 访客, 訪客, 匿名, 佚名, 未登录, 未登錄,
未登入, 未设置, 未設置, 未设定, 未設定, 未填, 未填写, 未填寫, 未定义, 未定義, 未提供, 未命名, 不适用, 不適用,
无名, 無名, 无数据, 無資料, 无姓名, 无昵称, 无手机号, 无邮箱, 缺失, 未绑定, 未授权, 微信用户, 微信用戶, 微信用户名,
未登録, 未入力, 未定, 名無し, 名無しさん, 該当なし, なし, 無し, ゲスト, ゲストユーザー,
匿名希望, 不明なユーザー, ビジター,
없음, 알 수 없음, 알수없음, 미상, 익명, 게스트, 손님, 비회원, 방문자, 미지정, 미설정, 미입력, 해당없음, 해당 없음,
이름없음, 이름 없음, 정의되지 않음, 무명, 데이터 없음
"""
# Said of identifiers only: elsewhere they are an answer (yes, no, an empty cart) or a word like another.
_OF_IDENTIFIERS = """
true, false, empty, blank, missing, invalid, id, email, phone, user id, userid, customer id, customerid,
client id, clientid, visitor id, visitorid, member no, member id, memberid, anonymous id, anonymousid, device id,
deviceid, distinct id, distinctid, open id, openid, union id, unionid, order id, orderid, phone number, email address,
shopify admin
"""


def _table(text: str) -> frozenset[str]:
    return frozenset(" ".join(entry.split()) for entry in text.casefold().split(",") if entry.strip())


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Names that people bear, as they write them: whatever else the word says.
BORNE_FIRST = _set("Nan Na Nil Anon 空")
BORNE_LAST = BORNE_FIRST | _set("Null Guest Gast Gjest Gäst Ospite Nessuno Vieras Nula ضيف")
BORNE_ALONE = frozenset(("Nan", "Na", "K A", "K. A.", "K.A."))
# Before the @ of an address that nobody reads.
MAILBOXES_OF_NOBODY = _table(
    """null, undefined, none, unknown, anonymous, not set, notset, not available, not provided, no email, noemail,
    no mail, nomail, n a, null null, undefined undefined, object object, 未知, 匿名, 游客, 无, 空, 不明, 익명, аноним"""
)
ANYWHERE = _table(_ANYWHERE)
OF_IDENTIFIERS = _table(_OF_IDENTIFIERS)
# What may stand beside such a word and adds nothing: "Guest User", "unknown caller", 匿名用户.
BESIDE = _set("""
    user users username customer visitor shopper buyer client member person caller contact subscriber name value object
    number profile nickname usuario utilisateur client kunde benutzer nutzer utente cliente nombre nom nome
    имя пользователь клиент مستخدم משתמש 用户 사용자 회원 고객 ユーザー""")
_BESIDE_EAST = tuple(
    _set("""
    用户 用戶 会员 會員 客户 客戶 顾客 顧客 买家 買家 昵称 暱稱 姓名 名字 的人 人士 者 さん 様 ユーザー 님 고객 회원
    """)
)
_FIRST_WORDS = BESIDE | {entry.split()[0] for entry in ANYWHERE}

# --- templates that nobody filled --------------------------------------------------------------------------------

# Wherever they stand in a value.
TEMPLATE = re.compile(
    r"\{\{.*?\}\}|\$\{.*?\}|#\{.*?\}|@\{.*?\}|<%.*?%>|\{%.*?%\}|\[%.*?%\]|%%\s*[\w.\- ]+\s*%%|\*\|.*?\|\*|\[\[.*?\]\]"
    r"|\$\([\w.]+\)|%7B%7B.*?%7D%7D|\[object \w+\]",
    re.IGNORECASE | re.DOTALL,
)
# As the whole value of an identifier or a name: no digit in it, for a GUID too is written in braces.
PLACE = re.compile(
    r"\{[a-z_][a-z_.\- ]*\}|%[a-z_][a-z_.\-]*%|%[sd@]|\{\d?\}|%\d\$s|__[A-Z_]*[A-Z]__|\$[a-zA-Z_][a-zA-Z_.]*|:[a-z_]+"
    r"|[<\[](?:your |the |insert |enter )?(?:[a-z_.\- ]*[_.\- ])?"
    r"(?:user|customer|client|member|visitor|first|last|full|given|family|nick|e?mail|phone|mobile|name|u?u?id|no|"
    r"number|device|anonymous|distinct|contact|subscriber|profile|person|order|openid|unionid)"
    r"(?:[_.\- ][a-z_.\- ]*|id|name)?[>\]]"
    r"|your[_\- ](?:user|customer|client|member|order)?[_\- ]?id"
    r"|#(?:ref|value|name|num|null|n/a|div/0)[!?]",  # a spreadsheet's errors
    re.IGNORECASE,
)

# --- constants ---------------------------------------------------------------------------------------------------

# What stands in the place of a device's own number on phones that do not tell it, and on emulators.
CONSTANTS = _set("""
    020000000000 ffffffffffff ffffffffffffffff ffffffffffffffffffffffffffffffff 9774d56d682e549c deadbeef
    0123456789abcdef 1234567890abcdef 004999010640000 123456789012345 012345678912345 358240051111110
    1234567890 0123456789 dead00beef""")
# Of these the ones that no system gives to a person either.
OF_EVERY_KIND = _set("020000000000 ffffffffffff ffffffffffffffffffffffffffffffff 9774d56d682e549c")
# Kinds of identifiers that are devices' own numbers, but for what stands before their last dot.
DEVICES = _set("idfa idfv gaid adid aaid oaid vaid imei imsi meid mac udid androidid android_id android.id")


# --- whether a value says anything ---------------------------------------------------------------------------------

SEPARATORS = re.compile(r"[\s:.\-_/,+(){}\[\]]+")
FIRST = frozenset(value[:2] for value in OF_EVERY_KIND)
FIRST_OF_DEVICES = frozenset(value[:2] for value in CONSTANTS)
_ZEROS = re.compile(r"[0xX\s:.\-_/,+(){}\[\]]+\Z").match
_ONLY_X = re.compile(r"x{3,}(?: x+)*\Z").match


def says_nothing(text: str) -> bool:
    """Whether a text given as an id, a number of something or a contact says nothing in any spelling.

    null, "undefined", <nil>, N/A, 未知, {{customer.id}}, zeros, -1, Android's constant addresses, marks alone. Give it
    what `values.own_id` made of the value.
    """
    if ordinary(text):
        return text[:2] in FIRST and constant(text)
    return _nothing(text)


@remembered(REMEMBERED)
def _nothing(text: str) -> bool:
    if len(text) > LONGEST_NOTHING:
        return zeros(text)
    tidy = folded(text)
    said = words(tidy)
    return tidy == "-1" or constant(tidy) or said in OF_IDENTIFIERS or names_nobody(tidy, said)


def names_nobody(tidy: str, said: str) -> bool:
    """Whether a name, or any other value by which one is told from others, says nothing."""
    return empty(tidy, said) or zeros(tidy) or _ONLY_X(said) is not None or PLACE.fullmatch(tidy) is not None


def empty(tidy: str, said: str) -> bool:
    """What holds for values of all kinds: a word for nothing, a template, or no sign that says anything."""
    if said == "":
        return not any(_tells(sign) for sign in tidy)
    return _word_for_nothing(said) or template(tidy)


def folded(text: str) -> str:
    """A value as it is compared: compatible forms made one, nothing invisible in it."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text.translate(INVISIBLE)).strip()


def word_for_nothing(text: str) -> bool | None:
    """Whether a value of letters and blanks alone is a word for nothing; None for any other value. Quick."""
    if not text.replace(" ", "").isalpha() or not (text.isascii() or unicodedata.is_normalized("NFKC", text)):
        return None
    return _word_for_nothing(" ".join(text.casefold().split()))


def words(tidy: str) -> str:
    """The words of a value, in lower case with single blanks: letters, digits and the marks on them."""
    lower = tidy.casefold()
    if lower.isascii():
        return " ".join(_ASCII_WORDS(lower))
    return " ".join(
        "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in lower).split()
    )


_ASCII_WORDS = re.compile("[a-z0-9]+").findall


def zeros(tidy: str) -> bool:
    """Whether a value is noughts and what divides them: 0, 0.0, 000-000, 00:00:00:00:00:00."""
    return "0" in tidy and _ZEROS(tidy) is not None


def template(tidy: str) -> bool:
    """Whether a value holds the place of another that was never put in."""
    return not _OPENED.isdisjoint(tidy) and TEMPLATE.search(tidy) is not None


_OPENED = frozenset("{<[%*$")


def constant(tidy: str) -> bool:
    """Whether a value but for its separators is what stands where a number is not told."""
    return SEPARATORS.sub("", tidy.lower()) in OF_EVERY_KIND


def _tells(sign: str) -> bool:
    """Whether a sign that is no letter says something: an emoji does, punctuation does not."""
    return unicodedata.category(sign) == "So" and ord(sign) not in MASKS


def _word_for_nothing(said: str) -> bool:
    if said in ANYWHERE:
        return True
    each = said.split()
    if len(each) == 1:
        return said.endswith(_BESIDE_EAST) and any(said.removesuffix(end) in ANYWHERE for end in _BESIDE_EAST)
    if each[0] not in _FIRST_WORDS:
        return False
    rest = [word for word in each if word not in BESIDE]
    return " ".join(rest) in ANYWHERE or (bool(rest) and all(word in ANYWHERE for word in rest))
