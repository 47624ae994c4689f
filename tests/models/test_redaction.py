"""What is masked, what is left alone, and what a masked transcript looks like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzers.playbook_files import load_playbook
from analyzers.rule_finder import RuleFinder
from calls.call import Speaker
from calls.labels import Role
from calls.settings import AttributionSettings, RedactionSettings
from calls.transcript import Engine, Transcript, TranscriptOrigin, Turn, Utterance, Word
from models.language import blank_pipeline
from models.redaction import redact
from models.redaction.kinds import MASKS, Kind
from models.redaction.national_ids import known_form, regions
from models.turns import build_turns

NUMBERS = RedactionSettings()
EVERYTHING = RedactionSettings(emails=True, phones=True, dates_of_birth=True)
CARD = "4111 1111 1111 1111"


def utterance(
    text: str, *, start_s: float = 0.0, channel: int = 0, timed: bool = True
) -> Utterance:
    """An utterance of one word every half second."""
    said = text.split()
    words = tuple(
        Word(word, start_s + at / 2, start_s + at / 2 + 0.4, 0.5) for at, word in enumerate(said)
    )
    end_s = start_s + len(said) / 2
    return Utterance(start_s, end_s, text, channel=channel, words=words if timed else ())


def transcript(*utterances: Utterance, language: str | None = "en") -> Transcript:
    origin = TranscriptOrigin(Engine.WHISPER, "small")
    return Transcript(utterances, origin, language, "given")


def dialogue(*lines: tuple[int, float, str]) -> Transcript:
    """Lines of channel, start in seconds, text."""
    return transcript(*(utterance(text, start_s=at, channel=who) for who, at, text in lines))


def texts(masked: Transcript) -> list[str]:
    return [one.text for one in masked.utterances]


def text_of(said: str, settings: RedactionSettings = NUMBERS, language: str | None = "en") -> str:
    return texts(redact(transcript(utterance(said), language=language), settings))[0]


class TestWhatIsLeftOfAMaskedUtterance:
    def test_one_masked_word_stands_for_the_number_and_keeps_the_clock(self) -> None:
        masked = redact(transcript(utterance(f"it's {CARD}. Got that?")), NUMBERS)

        (only,) = masked.utterances
        assert only.text == "it's [card]. Got that?"
        assert [word.text for word in only.words] == ["it's", "[card].", "Got", "that?"]
        number = only.words[1]
        assert (number.start_s, number.end_s, number.probability) == (0.5, 2.4, 0.5)
        assert masked.redacted == {"card": 1}

    def test_text_and_words_agree_so_that_turns_find_their_times(self) -> None:
        masked = redact(transcript(utterance(f"okay {CARD} and thanks")), NUMBERS)
        (one,) = masked.utterances
        turn = Turn(0, "a", Role.CUSTOMER, one.start_s, one.end_s, one.text, one.words)

        assert turn.word_starts() == (0, 5, 12, 16)
        assert turn.time_of_char(turn.text.index("thanks")) == 3.0

    def test_words_without_times_are_masked_in_the_text(self) -> None:
        masked = redact(transcript(utterance(f"so ({CARD}).", timed=False)), NUMBERS)

        assert texts(masked) == ["so ([card])."]

    def test_signs_around_a_number_stay(self) -> None:
        assert text_of('"4111-1111-1111-1111", he said.') == '"[card]", he said.'

    def test_two_numbers_in_one_word_are_both_masked(self) -> None:
        said = "4111111111111111;5555555555554444"

        assert not any(sign.isdigit() for sign in text_of(said))

    def test_a_text_that_is_spelled_otherwise_than_its_words_is_masked_too(self) -> None:
        spoken = utterance("four " + "one " * 15 + "thanks")
        written = replace(spoken, text=f"{CARD}, thanks.")

        masked = redact(transcript(written), NUMBERS)

        assert texts(masked) == ["[card], thanks."]
        assert [word.text for word in masked.utterances[0].words] == ["[card]", "thanks"]
        assert masked.redacted == {"card": 1}

    def test_what_is_not_sensitive_is_the_very_same_object(self) -> None:
        plain = utterance("We have 45 thousand reasons, give or take 3.5 percent.")

        masked = redact(transcript(plain, utterance(CARD, start_s=60, channel=1)), NUMBERS)

        assert masked.utterances[0] is plain

    def test_everything_else_of_the_transcript_stays(self) -> None:
        before = replace(transcript(utterance(CARD)), notes=("a note",))

        after = redact(before, NUMBERS)

        assert replace(after, utterances=before.utterances, redacted=None) == before

    def test_turns_can_be_built_from_a_masked_transcript(self) -> None:
        masked = redact(dialogue((0, 0, "the card number?"), (1, 3, f"yes {CARD} okay")), NUMBERS)

        speakers = [Speaker("rep", Role.REP), Speaker("customer", Role.CUSTOMER)]
        said = zip(speakers, masked.utterances, strict=True)
        turns = build_turns(said, AttributionSettings())

        assert [turn.text for turn in turns] == ["the card number?", "yes [card] okay"]
        assert turns[1].word_count == 3


class TestCounts:
    def test_none_says_that_nothing_was_looked_for(self) -> None:
        before = transcript(utterance(CARD))

        assert redact(before, RedactionSettings(numbers=False)) is before

    def test_an_empty_count_says_that_nothing_was_found(self) -> None:
        assert redact(transcript(utterance("hello there")), NUMBERS).redacted == {}

    def test_a_number_over_several_utterances_counts_once(self) -> None:
        masked = redact(
            dialogue((0, 0, "4111 1111"), (1, 2, "mm-hm"), (0, 3, "1111 1111")), NUMBERS
        )

        assert texts(masked) == ["[card]", "mm-hm", "[card]"]
        assert masked.redacted == {"card": 1}

    def test_more_kinds_mask_more_and_add_to_the_counts(self) -> None:
        said = f"{CARD} and my number is 212-555-0143, mail j@example.com"
        first = redact(transcript(utterance(said)), NUMBERS)
        second = redact(first, EVERYTHING)

        assert texts(first) == ["[card] and my number is 212-555-0143, mail j@example.com"]
        assert texts(second) == ["[card] and my number is [phone], mail [email]"]
        assert second.redacted == {"card": 1, "email": 1, "phone": 1}

    def test_redacting_again_changes_nothing(self) -> None:
        once = redact(transcript(utterance(f"{CARD} expires 12/27 cvv 123")), EVERYTHING)

        assert redact(once, EVERYTHING) == once


class TestGroupsOverUtterances:
    @pytest.mark.parametrize("between", ["mm-hm", "okay", "yes, go on", "got it, thank you"])
    def test_acknowledgements_do_not_end_a_number(self, between: str) -> None:
        groups = CARD.split()
        lines = []
        for at, group in enumerate(groups):
            lines += [(0, at * 4.0, group), (1, at * 4.0 + 2, between)]

        masked = redact(dialogue(*lines), NUMBERS)

        assert texts(masked) == ["[card]", between] * 4

    def test_a_number_whose_groups_were_given_to_two_voices_is_one(self) -> None:
        masked = redact(dialogue((0, 0, "it's 4111 1111"), (1, 3, "1111 1111 okay")), NUMBERS)

        assert texts(masked) == ["it's [card]", "[card] okay"]

    def test_the_other_who_repeats_each_group_is_masked_as_well(self) -> None:
        lines = []
        for at, group in enumerate(CARD.split()):
            lines += [(0, at * 4.0, group), (1, at * 4.0 + 2, f"{group}?")]

        masked = redact(dialogue(*lines), NUMBERS)

        assert texts(masked) == ["[card]", "[card]?"] * 4

    def test_a_new_question_ends_a_number(self) -> None:
        masked = redact(
            dialogue(
                (0, 0, "two one two five five five oh one four three"),
                (1, 6, "and where do you live, what's your street?"),
                (0, 10, "seven eight nine Maple Avenue"),
            ),
            EVERYTHING,
        )

        assert texts(masked)[0] == "[phone]"
        assert texts(masked)[2] == "seven eight nine Maple Avenue"

    def test_a_long_pause_ends_a_number(self) -> None:
        apart = dialogue((0, 0, "4111 1111"), (0, 60, "1111 1111"))

        assert texts(redact(apart, NUMBERS)) == ["4111 1111", "1111 1111"]


class TestFailsClosed:
    def test_a_misheard_digit_does_not_save_a_card_number_that_was_asked_for(self) -> None:
        wrong = "4111 1111 1111 1112"

        masked = redact(dialogue((0, 0, "your credit card?"), (1, 2, f"sure {wrong}")), NUMBERS)

        assert texts(masked)[1] == "sure [card]"

    def test_parts_with_talk_in_between_are_masked_where_the_number_was_asked_for(self) -> None:
        masked = redact(
            dialogue(
                (0, 0, "what's the card number"),
                (1, 2, "4111 11 let me turn it over 11 1111 hmm hard to read 1111"),
            ),
            NUMBERS,
        )

        assert not any(sign.isdigit() for sign in texts(masked)[1])

    def test_a_long_number_that_nobody_names_is_masked(self) -> None:
        assert text_of("9 1 7 3 0 2 8 8 4 1 6 5 5 0 2") == "[number]"

    @pytest.mark.parametrize(
        "said",
        [
            "the tracking number is 9400 1118 9922 3197",
            "the serial is 8 8 1 2 0 0 4 7 7 1 9 5 5",
            "one two three four five six seven eight nine ten eleven twelve",
            "2019 2020 2021 2022 2023",
            "10, 20, 30, 40, 50, 60, 70, 80, 90",
        ],
    )
    def test_unless_it_is_called_something_harmless_or_is_a_list(self, said: str) -> None:
        assert text_of(said, EVERYTHING) == said


class TestLanguages:
    @pytest.mark.parametrize("language", ["de", "zh", None, "xx", "en-GB"])
    def test_written_numbers_are_found_in_any_language(self, language: str | None) -> None:
        assert text_of(f"Karte {CARD} bitte", language=language) == "Karte [card] bitte"

    def test_digits_of_other_scripts_are_digits(self) -> None:
        arabic = "٤١١١ ١١١١ ١١١١ ١١١١"
        wide = "４１１１ １１１１ １１１１ １１１１"

        assert text_of(f"{arabic} {'x'}") == "[card] x"
        assert text_of(wide) == "[card]"

    def test_a_number_in_a_text_without_spaces_is_found(self) -> None:
        assert text_of("我的卡号是4111111111111111谢谢", language="zh") == "我的卡号是[card]谢谢"


class TestRegions:
    @pytest.mark.parametrize(
        ("region", "number"),
        [
            ("GB", "AB123456C"),
            ("ES", "54362315K"),
            ("FR", "295109912611193"),
            ("BR", "39053344705"),
            ("BE", "85073003328"),
            ("IT", "RCCMNL83S18D969H"),
            ("CH", "7569217076985"),
            ("ZA", "7503305044089"),
        ],
    )
    def test_an_id_of_the_region_is_known_by_its_form_and_no_other_is(
        self, region: str, number: str
    ) -> None:
        settings = RedactionSettings(region=region)

        assert text_of(f"hm {number} yes", settings) == "hm [id] yes"
        assert known_form(number, "US") is None

    @pytest.mark.parametrize("region", regions())
    def test_few_numbers_pass_for_an_id_by_chance(self, region: str) -> None:
        # 1,000 numbers of each length, evenly spread and so with every ending.
        shares = []
        for length in range(9, 14):
            step = 10**length // 1000 + 7
            drawn = [str(at * step + 3).zfill(length)[-length:] for at in range(1000)]
            shares.append(sum(known_form(one, region) is not None for one in drawn) / 1000)

        assert max(shares) <= 0.03


class TestMasks:
    def test_no_rule_of_the_playbook_takes_a_mask_for_a_cliche(self) -> None:
        nlp = blank_pipeline("en")
        finder = RuleFinder(nlp.vocab, playbook=load_playbook())
        for mask in MASKS.values():
            for carrier in (mask, f"my number is {mask}.", f"so {mask} and what's your {mask}?"):
                assert finder.find(nlp(carrier)) == []

    @pytest.mark.parametrize("mask", MASKS.values())
    def test_a_mask_is_one_word_of_letters(self, mask: str) -> None:
        assert mask[0] + mask[-1] == "[]"
        assert mask[1:-1].isalpha()

    def test_what_another_tool_has_masked_stays(self) -> None:
        assert text_of("my card is [PII] and [CREDIT_CARD_1]") == (
            "my card is [PII] and [CREDIT_CARD_1]"
        )


class TestWhatIsAskedFor:
    def test_two_things_asked_for_in_one_breath_are_both_masked(self) -> None:
        masked = redact(
            dialogue(
                (0, 0, "the expiry of that visa and the CVV please"),
                (1, 5, "oh nine twenty seven and three one seven"),
            ),
            NUMBERS,
        )

        first, _, second = texts(masked)[1].partition(" and ")
        assert {first, second} <= {MASKS[Kind.EXPIRY], MASKS[Kind.CODE]}

    def test_consecutive_digits_are_an_account_number_all_the_same(self) -> None:
        assert text_of("my account number is one two three four five six") == (
            "my account number is [account]"
        )

    def test_telephone_numbers_stay_where_only_numbers_are_masked(self) -> None:
        said = "my number is 212-555-0143 or +44 20 7946 0321"

        assert text_of(said) == said
        assert text_of(said, EVERYTHING) == "my number is [phone] or [phone]"

    def test_the_end_of_a_card_is_masked_where_it_is_called_that(self) -> None:
        assert text_of("the visa ending in 4242") == "the visa ending in [card]"

    def test_a_contract_may_expire_beside_a_card(self) -> None:
        said = "My credit card expires soon, and the contract is up in June 2026."

        assert text_of(said) == said

    @pytest.mark.parametrize(
        "said",
        [
            "You'll find it at acme dot com under pricing.",
            "They are learners at the moment. It will pass.",
            "We met at the office. Me and Kim, visit acme dot com.",
            "You mentioned at some point in your talk",
        ],
    )
    def test_places_and_web_sites_are_no_mail_addresses(self, said: str) -> None:
        assert text_of(said, EVERYTHING) == said

    def test_a_mail_address_may_be_said_over_two_utterances(self) -> None:
        masked = redact(
            dialogue((1, 0, "jane dot roe at"), (0, 2, "mm-hm"), (1, 3, "example dot org okay")),
            EVERYTHING,
        )

        assert texts(masked) == ["[email]", "mm-hm", "[email] okay"]
        assert masked.redacted == {"email": 1}

    def test_the_end_of_a_telephone_number_is_masked_where_it_is_asked_for(self) -> None:
        masked = redact(
            dialogue(
                (0, 0, "the last four digits of your mobile please"), (1, 4, "one two three four")
            ),
            EVERYTHING,
        )

        assert texts(masked)[1] == "[phone]"
