"""Bad outputs as users of Whisper report them, and true speech that looks like them.

Written for this test after the complaints: loops with high confidence, phrases on near-silence,
passages dropped, another language, the prompt printed, names nobody said, rates and times that
can't be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from models.guards import Suspicion, suspicions
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.sound import Samples
from tests.spoken import chunk_of, fan, heard, near_silence, voice, words_of

NAMES = ("Quillstone", "Halfpace", "Saltmarsh Hotels", "Imogen Castell", "Dele Ransome")


@dataclass(frozen=True)
class Output:
    """An engine's output: text spread over the sound, unless `words` say it word by word."""

    name: str
    text: str = ""
    language: str = "en"
    sound: Samples = field(default_factory=lambda: voice(20))
    end_s: float | None = None
    words: tuple[RawWord, ...] = ()
    hotwords: tuple[str, ...] = ()
    no_speech: float | None = 0.05

    def found(self) -> tuple[Suspicion, ...]:
        chunk = chunk_of(self.sound)
        end_s = self.end_s or max(0.1, chunk.duration_s - 0.2)
        decoded = heard(self.text, end_s=end_s, no_speech_probability=self.no_speech)
        if self.words:
            decoded = HeardChunk(self.words, self.no_speech, -0.2)
        return suspicions(chunk, decoded, DecodeOptions(self.language, self.hotwords))


def apart(text: str) -> str:
    """A text without spaces as Whisper gives it: a word per character."""
    return " ".join(text)


LOOPS = [
    Output("one word", "the " * 40),
    Output("one word with commas", "so, " * 12 + "we looked at the numbers again last week"),
    Output("two words", "thank you " * 15),
    Output("two words after speech", "we can do that on Monday if you like " + "all right " * 9),
    Output("three words", "I don't know. " * 10),
    Output("a clause", "I think that I think that " * 6),
    Output("a clause at the end", "so the price is the one we sent you. " + "and then we can " * 6),
    Output("a sentence three times", "I'm going to send you the contract today. " * 3),
    Output("a sentence ten times", "We'll be right back after this. " * 10),
    Output("a long passage twice", "so what we see with hotels of your size is that guests rate "
           "the arrival before they have even seen the room and nobody measures it " * 2),
    Output("a loop with a varying word", " ".join(f"and the next one is item {n} of the list"
           for n in (1, 2, 1, 2, 1, 2, 1, 2, 1, 2))),
    Output("an address form", "Thank you, Mr. President, " * 8),
    Output("syllables in one word", "ha" * 60),
    Output("letters in one word", "A" + "a" * 200),
    Output("German", "Das ist ein Problem. " * 7, "de"),
    Output("French", "c'est-à-dire que " * 9, "fr"),
    Output("Russian", "я не знаю " * 12, "ru"),
    Output("Arabic", "لا أعرف " * 14, "ar"),
    Output("Chinese", apart("我不知道" * 12), "zh"),
    Output("Chinese in long words", "我不知道" * 12, "zh"),
    Output("Japanese", apart("そうですね" * 10), "ja"),
    Output("Korean", "그래서 제가 " * 10, "ko"),
    Output("Thai", apart("ไม่รู้" * 14), "th"),
]  # fmt: skip

PHANTOMS = [
    Output("en: watching", "Thank you for watching!", sound=near_silence(3)),
    Output("en: watching, aloud", "Thanks for watching.", sound=voice(6)),
    Output("en: subscribe", "Please subscribe to my channel.", sound=voice(4)),
    Output("en: credits", "Subtitles by the Amara.org community", sound=voice(8)),
    Output("en: thanks on silence", "Thank you.", sound=near_silence(2)),
    Output("en: you on silence", "you", sound=near_silence(1)),
    Output("en: bye on a fan", "Bye.", sound=fan(2)),
    Output("en: thanks, engine hears no speech", "Thank you.", sound=voice(2), no_speech=0.9),
    Output("en: thanks in place of a passage", "Thank you very much.", sound=voice(15)),
    Output("en: several", "Thank you. Thanks for watching. Bye.", sound=voice(5)),
    Output("de: Amara", "Untertitel der Amara.org-Community", "de"),
    Output("de: ZDF after speech", "Das schicke ich Ihnen morgen gerne zu. "
           "Untertitelung im Auftrag des ZDF, 2020", "de"),
    Output("de: watching", "Vielen Dank fürs Zuschauen!", "de", near_silence(2)),
    Output("de: in an English call", "Vielen Dank.", "en", near_silence(2)),
    Output("fr: credits", "Sous-titres réalisés para la communauté d'Amara.org", "fr"),
    Output("fr: credits of a company", "Sous-titrage ST' 501", "fr", voice(3)),
    Output("es: watching", "¡Gracias por ver el video!", "es", voice(3)),
    Output("it: Amara", "Sottotitoli creati dalla comunità Amara.org", "it"),
    Output("it: QTSS", "Sottotitoli e revisione a cura di QTSS", "it", voice(4)),
    Output("pt: Amara", "Legendas pela comunidade Amara.org", "pt"),
    Output("nl: Amara", "Ondertitels ingediend door de Amara.org gemeenschap", "nl"),
    Output("pl: watching", "Dziękuję za oglądanie.", "pl", near_silence(2)),
    Output("ru: continued", "Продолжение следует...", "ru", near_silence(2)),
    Output("ru: credits", "Субтитры сделал DimaTorzok", "ru", voice(3)),
    Output("ru: after speech", "До свидания, спасибо вам большое. Субтитры создавал DimaTorzok",
           "ru"),
    Output("tr: watching", "İzlediğiniz için teşekkür ederim.", "tr", near_silence(2)),
    Output("ar: watching", "شكراً للمشاهدة", "ar", near_silence(2)),
    Output("zh: subscribe", apart("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目"), "zh", voice(8)),
    Output("zh: Amara", "字幕由Amara.org社区提供", "zh", voice(4)),
    Output("ja: watching", apart("ご視聴ありがとうございました"), "ja", near_silence(3)),
    Output("ja: thanks on silence", apart("ありがとうございました"), "ja", near_silence(2)),
    Output("ko: news", "MBC 뉴스 이덕영입니다", "ko", near_silence(2)),
    Output("ko: watching", "시청해 주셔서 감사합니다.", "ko", voice(4)),
]  # fmt: skip

GAPS = [
    Output("nothing at all", sound=voice(12)),
    Output("only the start", "so let me tell you how we usually work with hotels", end_s=4.0),
    Output("only the end", words=words_of("and that is all I wanted to say today", start_s=16,
           end_s=19.5)),
    Output("the middle is missing", words=(
        *words_of("good morning I wanted to talk about arrival", end_s=4),
        *words_of("so that is where we would start I think", start_s=15, end_s=19.5))),
    Output("a word stretched over it", words=(
        *words_of("good morning I wanted to talk about", end_s=4), RawWord("it", 4, 17, 0.8),
        *words_of("so there we start", start_s=17.5, end_s=19.5))),
    Output("marks in place of words", "♪ ♪ ♪ ... ♪", sound=voice(10)),
]  # fmt: skip

FLIPS = [
    Output("English to German", "und dann haben wir gesehen, dass die Gäste nicht mehr an der "
           "Rezeption warten wollen, und das ist für uns ein Problem"),
    Output("English to French", "et donc nous avons vu que les clients ne sont pas contents avec "
           "ce que vous faites pour la réception"),
    Output("English to Spanish", "y lo que vemos es que los clientes no están contentos con el "
           "tiempo que hay que esperar para la habitación"),
    Output("English to Russian", "и тогда мы увидели, что гости не хотят ждать"),
    Output("English to Chinese", apart("然后我们看到客人不想等待")),
    Output("English to Arabic", "ثم رأينا أن الضيوف لا يريدون الانتظار"),
    Output("English to Greek", "και τότε είδαμε ότι οι πελάτες δεν θέλουν να περιμένουν"),
    Output("English to Portuguese", "então o que nós vemos é que os clientes não estão contentes "
           "com o tempo que eles têm que esperar para o quarto"),
    Output("a passage in the middle", "we looked at the numbers with the team last week and "
           "und das ist für uns nicht so einfach, aber wir haben mit der Firma auch noch "
           "nicht über die Preise gesprochen and that is what we would like to know"),
    Output("German to English", "and what we have seen is that the guests are not happy with the "
           "time it takes to get to the room", "de"),
    Output("German to Dutch", "en dat is wat wij ook zien bij de klanten die niet meer willen "
           "wachten op de kamer", "de"),
    Output("French to English", "I think that we should have a look at the numbers before we talk "
           "about what it costs", "fr"),
    Output("Spanish to English", "and then you can see it in the report that we sent to you", "es"),
    Output("Russian to English", "and then you can see it in the report that we sent to you", "ru"),
    Output("Japanese to English", "and then you can see it in the report that we sent you", "ja"),
    Output("Japanese to Korean", "그래서 저희가 보고서를 보내 드렸습니다", "ja"),
    Output("Hindi to Urdu script", "اور پھر ہم نے دیکھا کہ مہمان انتظار نہیں کرنا چاہتے", "hi"),
    Output("Polish to English", "so this is the report and you have it with the numbers", "pl"),
]  # fmt: skip

PROMPTS = [
    Output("the whole list", ", ".join(NAMES), hotwords=NAMES),
    Output("part of it", "Halfpace, Saltmarsh Hotels, Imogen Castell", hotwords=NAMES),
    Output("before speech", "Quillstone Halfpace Saltmarsh Hotels so what we have seen is that "
           "guests rate the arrival before the room", hotwords=NAMES),
    Output("two names and no more", "Imogen Castell, Dele Ransome.", hotwords=NAMES),
    Output("one name over and over", "Quillstone Quillstone Quillstone", hotwords=("Quillstone",)),
]  # fmt: skip

HOTWORDS = [
    Output("on silence", "Quillstone.", sound=near_silence(2), hotwords=NAMES),
    Output("the engine disbelieves it", hotwords=NAMES, sound=voice(8), words=(
        *words_of("so we went to see", end_s=2), RawWord("Halfpace", 2.0, 2.6, 0.1),
        *words_of("and they told us the same story again", start_s=2.7, end_s=7.8))),
    Output("too short and doubtful", hotwords=NAMES, sound=voice(8), words=(
        *words_of("so we went to see", end_s=2), RawWord("Quillstone", 2.0, 2.1, 0.3),
        *words_of("and they told us the same story again", start_s=2.2, end_s=7.8))),
    Output("after the voice ends", hotwords=NAMES, words=(
        *words_of("so we went to see them and they told us the same", end_s=5.6),
        RawWord("Quillstone", 6.6, 7.2, 0.9)),
        sound=chunk_of(voice(6), near_silence(2)).audio),
]  # fmt: skip

RATES = [
    Output("a speech in a second", "so what we see with hotels of your size is that guests rate "
           "the arrival first", sound=voice(1.2)),
    Output("a burst", words=(
        *words_of("so what we see is", end_s=3),
        *words_of("that guests of a hotel of your size all rate the arrival before the room",
                  start_s=3, end_s=4),
        *words_of("and nobody has ever measured that in this part of the world until now",
                  start_s=4.2, end_s=9.5)), sound=voice(10)),
    Output("one word in ten seconds", "arrival", sound=voice(10)),
    Output("words without time", words=(
        *words_of("so what we see is", end_s=3),
        *(RawWord(word, 3.0, 3.0, 0.9) for word in ("that", "hotel", "guests", "do", "rate", "it")),
        *words_of("and nobody measures that", start_s=3.2, end_s=5.8)), sound=voice(6)),
]  # fmt: skip

TIMES = [
    Output("backwards", words=words_of("so what we see is this", end_s=5)[::-1], sound=voice(6)),
    Output("end before start", words=(RawWord("so", 2, 1), RawWord("what", 2, 3)), sound=voice(4)),
    Output("beyond the chunk", words=words_of("so what we see is this", end_s=9), sound=voice(4)),
    Output("no number", words=(RawWord("so", float("nan"), 1), RawWord("what", 1, 2)),
           sound=voice(3)),
    Output("all at one instant", words=tuple(RawWord(word, 1, 1) for word in ("so", "what", "we")),
           sound=voice(3)),
]  # fmt: skip

BAD = {
    Suspicion.REPETITION: LOOPS,
    Suspicion.PHANTOM: PHANTOMS,
    Suspicion.COVERAGE: GAPS,
    Suspicion.LANGUAGE: FLIPS,
    Suspicion.PROMPT: PROMPTS,
    Suspicion.HOTWORD: HOTWORDS,
    Suspicion.RATE: RATES,
    Suspicion.TIMES: TIMES,
}


@pytest.mark.parametrize(
    ("suspicion", "output"),
    [
        pytest.param(suspicion, output, id=f"{suspicion}: {output.name}")
        for suspicion, outputs in BAD.items()
        for output in outputs
    ],
)
def test_a_bad_output_is_suspicious_for_what_is_wrong_with_it(
    suspicion: Suspicion, output: Output
) -> None:
    assert suspicion in output.found()
