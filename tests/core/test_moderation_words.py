"""Words of a list: found however they are written, marked exactly where they stand, and not where they are not."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.core.moderation.folding import Folded, Table
from comments.core.moderation.words import WordList, word_list

FOUND = [
    (("fool",), "A fool, a FOOL.", ["fool", "FOOL"]),
    (("fool",), "foolish tomfool fool_ish", ["fool"]),
    (("fool*",), "Foolish fools! tomfool", ["Foolish", "fools"]),
    (("*fool*",), "tomfoolery", ["fool"]),
    (("*fool",), "tomfool fool foolery", ["fool", "fool"]),
    (("idiot",), "ïdiôt i\u0301diot\u0308s", ["ïdiôt"]),
    (("idiot",), "idiot\u0301, idiot", ["idiot\u0301", "idiot"]),
    (("fool",), "fo\u200dol fo\u00adol", ["fo\u200dol", "fo\u00adol"]),
    (("old fool",), "old\n  fool, oldfool, old-fool", ["old\n  fool", "old-fool"]),
    (("old", "old fool", "fool*"), "old fool old foolery", ["old fool", "old", "foolery"]),
    (("a.b",), "a.b xa.b a.bc a.b.", ["a.b", "a.b"]),
    (("$$$",), "$$$ a$$$b", ["$$$", "$$$"]),
    (("🖕",), "you 🖕🏽!", ["🖕"]),
    (("l'idiot",), "C'est l’idiot", ["l’idiot"]),
    (("idiot",), "C'est l’idiot", ["idiot"]),
    (("fool", "Fool"), "fool", ["fool"]),
    (("ﬁsh",), "fish ﬁsh", ["fish", "ﬁsh"]),
    (("1488", "a$$"), "1488 is 1488, a$$", ["1488", "1488", "a$$"]),
    # languages and scripts
    (("größe",), "GRÖSSE Grosse größe", ["GRÖSSE", "Grosse", "größe"]),
    (("grosse",), "große", ["große"]),
    (("connard", "enculé"), "CONNARD ! Encule", ["CONNARD", "Encule"]),
    (("coño",), "¡COÑO! cono", ["COÑO", "cono"]),
    (("żyd*",), "Żydów ZYDA", ["Żydów", "ZYDA"]),
    (("đavo",), "DAVO", ["DAVO"]),
    (("aptal",), "APTAL", ["APTAL"]),
    (("дурак",), "Дурак! дураки ДУРАК", ["Дурак", "ДУРАК"]),
    (("дурак*",), "дураки", ["дураки"]),
    (("нет", "дёготь"), "НЕТ, Деготь", ["НЕТ", "Деготь"]),
    (("μαλάκας",), "ΜΑΛΑΚΑΣ μαλακας", ["ΜΑΛΑΚΑΣ", "μαλακας"]),
    (("խենթ",), "ԽԵՆԹ", ["ԽԵՆԹ"]),
    (("خر", "كلب"), "يا خَر يا کلب كـلـب", ["خَر", "کلب", "كـلـب"]),
    (("כלב",), "הוא כֶּלֶב!", ["כֶּלֶב"]),
    (("傻瓜",), "你是傻瓜吗", ["傻瓜"]),
    (("バカ",), "このバカだ ばか ﾊｶ", ["バカ", "ばか"]),
    (("바보",), "바보! 바보야", ["바보"]),
    (("바보*",), "바보야", ["바보야"]),
    (("ควาย",), "ไอ้ควายนี่", ["ควาย"]),
    (("मूर्ख",), "तुम मूर्ख हो", ["मूर्ख"]),
    # look-alikes
    (("fool",), "ｆｏｏｌ 𝐟𝐨𝐨𝐥 ⓕⓞⓞⓛ 🅵🅾🅾🅻 ꜰᴏᴏʟ", ["ｆｏｏｌ", "𝐟𝐨𝐨𝐥", "ⓕⓞⓞⓛ", "🅵🅾🅾🅻", "ꜰᴏᴏʟ"]),
    (("idiot",), "an іdіоt, an ΙDΙΟΤ, an 1D1OT", ["іdіоt", "ΙDΙΟΤ", "1D1OT"]),
    (("nazi",), "Νazi NΑΖΙ nаzі", ["Νazi", "NΑΖΙ", "nаzі"]),
    (("fool",), "a fooI he is", ["fooI"]),
    (("сука",), "сyкa", ["сyкa"]),
    # digits and signs for letters
    (("idiot",), "1diot id10t idi0t 1d10t id!ot", ["1diot", "id10t", "idi0t", "1d10t", "id!ot"]),
    (("shit",), "sh1t $hit 5h1t sh!t sh17 $h!t", ["sh1t", "$hit", "5h1t", "sh!t", "sh17", "$h!t"]),
    (("kill*",), "k1ll ki11 k1l1ing", ["k1ll", "ki11", "k1l1ing"]),
    (("ass", "asshole"), "a$$ @ss 455hole @$$hole", ["a$$", "@ss", "455hole", "@$$hole"]),
    (("hell",), "he11 h€ll h3ll", ["he11", "h€ll", "h3ll"]),
    (("fool",), "fool! fool$ $fool @fool", ["fool", "fool", "fool", "fool"]),
    # drawn out
    (("spam",), "spaaaam SSSSPAM spammmm spppaaammm", ["spaaaam", "SSSSPAM", "spammmm", "spppaaammm"]),
    (("fool",), "foool fooooolll fffool", ["foool", "fooooolll", "fffool"]),
    (("ass",), "asssss aaass aass", ["asssss", "aaass"]),
    (("spam",), "sp@@@@m sp444m", ["sp@@@@m", "sp444m"]),
    # spaced out
    (("spam",), "s p a m", ["s p a m"]),
    (("spam",), "s.p.a.m s-p-a-m. S_P_A_M s*p*a*m", ["s.p.a.m", "s-p-a-m", "S_P_A_M", "s*p*a*m"]),
    (("spam",), "it is a s p a m y", ["s p a m"]),
    (("spam",), "t h i s  i s  s p a m  h e r e", ["s p a m"]),
    (("spam*",), "s p a m m e r", ["s p a m m"]),
    (("spam",), "s p @ m, s.p.4.m, s p a a a m", ["s p @ m", "s.p.4.m", "s p a a a m"]),
    (("дурак",), "д у р а к", ["д у р а к"]),
    (("*cunt*",), "S c u n t h o r p e", ["c u n t"]),
    (("傻瓜",), "你 是 傻 瓜 吗", ["傻 瓜"]),
]

NOT_FOUND = [
    (("*", " ", "", "\u200b", "***"), "* anything"),
    ((), "anything"),
    (("f***",), "for fools"),
    # the word within a word, and over the borders of two
    (("ass", "cunt", "tit", "cock", "sex"), "class Scunthorpe titles cocktail Essex glass, as s, it it"),
    (("ass",), "as soon as she has said so; c l a s s; a s s e s s m e n t"),
    (("arsch",), "Marschmusik, Barscher Ton, klarschauen"),
    (("hure",), "Uhure, Hurensohnlos, Schuhurechnung"),
    (("con",), "conseil, contre, le contexte, falcon"),
    (("puta",), "disputa, computadora, reputación, diputado"),
    (("cazzo",), "Cazzoletta, scazzottata"),
    (("kut",), "kutsal, takut, sanskut"),
    (("хуй",), "застрахуйте, психуйка"),
    (("хер",), "херувим, шахер"),
    (("كلب",), "الكلبية كلبشة"),
    (("바보",), "바보새"),
    (("バカ",), "バガ バス ハカ"),  # other voicings are other words
    (("กิน",), "กน"),  # vowels are no accents
    # one letter is not two, and two are not one
    (("god", "lose", "bite", "hel"), "good loose bitte hell Hölle"),
    (("good", "ass", "hell", "pool", "nigger"), "god as hel pol niger Niger"),
    (("heil",), "hell helle Hölle heel"),
    (("hell",), "heil Heil"),
    # digits are digits
    (("looo", "iooo", "ass", "sss"), "1000 100 455 1,000.50 $$$ 5.5.5"),
    (("ass", "asso"), "the A55, B55, 4550 m, at 4$$"),
    (("ist", "pis", "mpe", "bob"), "the 1st, on PI5, mp3, 80b"),
    (("shit",), "5417 5h17"),
    (("fool",), "f001 f00 1"),
    (("test",), "7357 and 7357"),
    # in their own script these are words of their own
    (("cop", "pop", "hee"), "Выбросьте сор, это всё нее рор"),
    (("сор",), "The cop was here and there"),
    # lists and initials
    (("abc",), "abcd, A B"),
    (("spam",), "s p a r m, s p, a m"),
    (("usa*",), "a s u s b"),
]


@pytest.mark.parametrize(("entries", "text", "found"), FOUND)
def test_found(entries: tuple[str, ...], text: str, found: list[str]) -> None:
    assert [text[hit.start : hit.end] for hit in WordList(entries).find(text)] == found


@pytest.mark.parametrize(("entries", "text"), NOT_FOUND)
def test_not_found(entries: tuple[str, ...], text: str) -> None:
    assert [(hit.entry, text[hit.start : hit.end]) for hit in WordList(entries).find(text)] == []


def test_entries_are_named_as_the_list_has_them() -> None:
    assert [hit.entry for hit in WordList(("Fool*", "ÄRGER")).find("foolish ärger")] == ["Fool*", "ÄRGER"]


def test_a_list_is_built_once() -> None:
    entries = tuple(string.ascii_letters)
    assert word_list(entries) is word_list(entries) is word_list((*entries,))


def test_more_lists_than_are_kept() -> None:
    lists = [tuple(f"word{n}of{place}" for place in range(3)) for n in range(200)]
    for n, entries in enumerate(lists * 2):
        assert word_list(entries).find(f"word{n % 200}of1")


LETTERS = st.text(st.sampled_from("abß1l!@$äÄ\u0308 \n.*_-\u200dİﬁ漢バIНао"), max_size=30)


@given(LETTERS, st.lists(LETTERS.filter(bool), max_size=4).map(tuple))
@settings(max_examples=500)
def test_spans_point_at_words(text: str, entries: tuple[str, ...]) -> None:
    """They lie in the text, one after the other; what they mark is still found when it stands alone."""
    words, end = WordList(entries), 0
    for hit in words.find(text):
        assert end <= hit.start < hit.end <= len(text)
        end = hit.end
        assert hit.entry in entries
        assert text[hit.start : hit.end].strip()


@given(st.lists(st.text("abcilost", min_size=3, max_size=8), min_size=1, max_size=5), st.data())
@settings(max_examples=300)
def test_disguised_words_are_found_where_they_stand(entries: list[str], data: st.DataObject) -> None:
    """Whichever way of writing it is, drawn out and with accents, the span is the word's."""
    entry = data.draw(st.sampled_from(entries))
    written = "".join(
        letter + data.draw(st.sampled_from(["", "\u0301", "\u200d"]))
        for letter in (entry.upper() if data.draw(st.booleans()) else entry)
    )
    before = data.draw(st.sampled_from(["", "so ", "ähm, ", "(", "漢"]))
    after = data.draw(st.sampled_from(["", " so", ".", ")", "漢"]))
    text = f"{before}{written}{after}"
    hits = [(hit.start, hit.end) for hit in WordList(tuple(entries)).find(text)]
    assert (len(before), len(before) + len(written)) in hits


@given(st.text(max_size=60))
def test_folding_remembers_the_way_back(text: str) -> None:
    for table in (Table(), Table(looks=True), Table(looks=True, symbols=True)):
        folded = Folded(text, table)
        for at, letter in enumerate(folded.words):
            if letter != " ":
                start, end = folded.span(at, at + 1)
                assert 0 <= start < end <= len(text)
                assert letter in table[ord(text[start])]


@given(st.text(max_size=60))
def test_case_does_not_matter(text: str) -> None:
    if text.upper().casefold() == text.casefold():
        assert Folded(text.upper(), Table()).words == Folded(text.lower(), Table()).words or "\u0345" in text
