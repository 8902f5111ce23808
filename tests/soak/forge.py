"""
Arbitrary messages out of labelled ones: cut, swapped, doubled, wrapped, and sprinkled with odd characters.

Message `index` of a seed is always the same message, whichever process makes it.
"""

import random
from collections.abc import Callable, Sequence

from engine.model.message import Embed, EmbedField, Message
from tests.corpus.rows import adversarial_rows, corpus_rows, message_of

MOST_CHARACTERS = 20_000
ONE_IN_IS_LONG = 400
ODD = (
    "\u200b\u200d\u2060\ufeff\u00ad\u202e\u202c\u2066\u2069\u00a0\u3000\u2028\x00\x1b\ud83d\udc00\ufe0f\u0301\u0336\u20e3"
    "٦१①½²Ⅺ１ＡſKßİıΑСРЅ𝟔𝐁🚀‼️→−–—·．＠＄€¢“”’\\`*_~|>#<@&:()[]{}%$/.,;!?'\""
)
WORD_LIST = """
 BTO STC STO BTC sold bought out in all half 1/2 3/4 50% most trim if not ? @ for at SPY $QQQ /ES
HIGH 660c 6900P 5c 0dte 11/27 4/16/26 Friday weekly exp 1.2 .5 $4.05 0 -1 1,250.50 1e20 x5 qty SL PT
TP BE lotto credit debit fly CCS PCS roll straddle 6900/6910/6920 7390/95 100 shares
<@&845120934512304> <:up500c:99887766> <t:1795791600:R> https://example.com/660c ||1.9|| ~~2.1~~
`BTO` > ``` ** __
"""
WORDS = (*WORD_LIST.split(), "\n", "\n\n", "\t")
LINK = ("[", "](https://example.com/1)")
WRAPPERS = (("**", "**"), ("~~", "~~"), ("`", "`"), ("```\n", "\n```"), ("> ", ""), ("||", "||"), LINK, ("**", ""))

Change = Callable[["Forge", random.Random, str], str]


class Forge:
    """Makes messages. seed: another seed, other messages."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._texts = [row.text for row in corpus_rows()]
        self._texts += [row.message.content for row in adversarial_rows() if len(row.message.content) < 4_000]

    def message(self, index: int) -> Message:
        """Return message `index`: mostly one text, now and then cards, sometimes up to 20 kB."""
        dice = random.Random(f"{self._seed}:{index}")
        content = self._text(dice)
        if dice.randrange(ONE_IN_IS_LONG) == 0:
            content = self._long(dice, content)
        embeds = tuple(self._embed(dice) for _ in range(dice.choice((0, 0, 0, 0, 0, 1, 1, 2))))
        return message_of(content if not embeds or dice.random() < 0.5 else "", embeds=embeds)

    def pick(self, dice: random.Random) -> str:
        """Return one of the labelled texts."""
        return dice.choice(self._texts)

    def _text(self, dice: random.Random) -> str:
        text = self.pick(dice)
        for _ in range(dice.choice((0, 1, 1, 2, 3, 5))):
            text = dice.choice(CHANGES)(self, dice, text)
        return text[:MOST_CHARACTERS]

    def _long(self, dice: random.Random, text: str) -> str:
        size = dice.randint(1_000, MOST_CHARACTERS)
        word = dice.choice(WORDS) + " "
        piece = dice.choice((text + "\n", text + " ", word, dice.choice(ODD), "the tape is slow today. "))
        return (piece * (size // max(len(piece), 1) + 1))[:size]

    def _embed(self, dice: random.Random) -> Embed:
        fields = tuple(EmbedField(dice.choice(WORDS), self._text(dice)) for _ in range(dice.choice((0, 0, 1, 2, 5))))
        title, description = (self._text(dice) if dice.random() < 0.7 else "" for _ in range(2))
        author, footer = dice.choice(WORDS), dice.choice(WORDS)
        return Embed(title, description, fields, author, footer, color=dice.choice(("", "#00FF00")))


def _swap(_: Forge, dice: random.Random, text: str) -> str:
    words = text.split(" ")
    first, second = dice.randrange(len(words)), dice.randrange(len(words))
    words[first], words[second] = words[second], words[first]
    return " ".join(words)


def _cut(_: Forge, dice: random.Random, text: str) -> str:
    start, end = sorted((dice.randint(0, len(text)), dice.randint(0, len(text))))
    return text[:start] + text[end:] if dice.random() < 0.7 else text[start:end]


def _sprinkle(_: Forge, dice: random.Random, text: str) -> str:
    for _time in range(dice.choice((1, 1, 2, 8))):
        place = dice.randint(0, len(text))
        text = text[:place] + dice.choice(ODD) + text[place:]
    return text


def _double_a_word(_: Forge, dice: random.Random, text: str) -> str:
    words = text.split(" ")
    words.insert(dice.randint(0, len(words)), dice.choice(words))
    return " ".join(words)


def _insert_a_word(_: Forge, dice: random.Random, text: str) -> str:
    words = text.split(" ")
    words.insert(dice.randint(0, len(words)), dice.choice(WORDS))
    return " ".join(words)


def _new_digits(_: Forge, dice: random.Random, text: str) -> str:
    return "".join(dice.choice("0123456789") if char.isdecimal() and dice.random() < 0.4 else char for char in text)


def _join(forge: Forge, dice: random.Random, text: str) -> str:
    return text + dice.choice(("\n", " ", ", then ", " / ", "\n\n", "")) + forge.pick(dice)


def _wrap(_: Forge, dice: random.Random, text: str) -> str:
    before, after = dice.choice(WRAPPERS)
    start, end = sorted((dice.randint(0, len(text)), dice.randint(0, len(text))))
    return text[:start] + before + text[start:end] + after + text[end:]


def _other_case(_: Forge, dice: random.Random, text: str) -> str:
    return dice.choice((text.upper, text.lower, text.swapcase, text.title))()


def _other_spaces(_: Forge, dice: random.Random, text: str) -> str:
    return text.replace(" ", dice.choice(("", "\n", "  ", "\t", " | ", "\u00a0", ", ")))


def _from_words(_: Forge, dice: random.Random, text: str) -> str:
    return " ".join(dice.choice(WORDS) for _word in range(dice.randint(1, 14))) + (text if dice.random() < 0.2 else "")


def _any_characters(_: Forge, dice: random.Random, text: str) -> str:
    codes = (dice.randrange(dice.choice((128, 0x110000))) for _char in range(dice.randint(1, 40)))
    return text[:20] + "".join(map(chr, codes))


CHANGES: Sequence[Change] = (
    _swap,
    _cut,
    _sprinkle,
    _double_a_word,
    _insert_a_word,
    _insert_a_word,
    _new_digits,
    _join,
    _wrap,
    _other_case,
    _other_spaces,
    _from_words,
    _any_characters,
)
