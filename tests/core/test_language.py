"""Languages: told where there is enough to tell, and not guessed where there is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.core.language import language_of

TOLD = {
    "en": "I think the council should have listened to the residents before building this road.",
    "de": "Ich glaube, der Gemeinderat hätte vor dem Bau dieser Straße auf die Anwohner hören sollen.",
    "fr": "Je pense que le conseil aurait dû écouter les habitants avant de construire cette route.",
    "es": "Creo que el ayuntamiento debería haber escuchado a los vecinos antes de construir esta carretera.",
    "it": "Penso che il comune avrebbe dovuto ascoltare i residenti prima di costruire questa strada.",
    "pt": "Acho que a câmara devia ter ouvido os moradores antes de construir esta estrada.",
    "nl": "Ik denk dat de gemeente naar de bewoners had moeten luisteren voordat deze weg werd aangelegd.",
    "pl": "Myślę, że rada powinna była wysłuchać mieszkańców przed budową tej drogi.",
    "sv": "Jag tycker att kommunen borde ha lyssnat på invånarna innan den byggde vägen.",
    "da": "Jeg synes, kommunen skulle have lyttet til beboerne, før den byggede vejen.",
    "cs": "Myslím, že rada měla vyslechnout obyvatele před stavbou této silnice.",
    "tr": "Bence belediye bu yolu yapmadan önce sakinleri dinlemeliydi.",
    "ru": "Думаю, совет должен был выслушать жителей до строительства этой дороги.",
    "uk": "Думаю, рада мала вислухати мешканців перед будівництвом цієї дороги.",
    "el": "Νομίζω ότι το συμβούλιο έπρεπε να ακούσει τους κατοίκους πριν φτιάξει τον δρόμο.",
    "ar": "أعتقد أن المجلس كان يجب أن يستمع إلى السكان قبل بناء هذا الطريق.",
    "he": "אני חושב שהמועצה הייתה צריכה להקשיב לתושבים לפני שבנתה את הכביש הזה.",
    "ja": "この道路を建設する前に、議会は住民の意見を聞くべきだったと思います。",
    "zh": "我认为议会在修建这条道路之前应该听取居民的意见。",
    "ko": "의회가 이 도로를 건설하기 전에 주민들의 의견을 들었어야 한다고 생각합니다.",
}


@pytest.mark.parametrize(("language", "text"), TOLD.items())
def test_told(language: str, text: str) -> None:
    assert language_of(text) == language
    assert language_of(f"{text} https://www.example.org/an/address/in/english.html") == language


@pytest.mark.parametrize(
    "text", ["", "ok", "LOL", "12345 67890", "https://example.org/the/news", "👍👍👍", "a@b.example", "hahaha"]
)
def test_not_guessed(text: str) -> None:
    assert language_of(text) is None


@given(st.text(st.characters(), max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    code = language_of(text)
    assert code is None or (code.isalpha() and code.islower() and len(code) in (2, 3))
