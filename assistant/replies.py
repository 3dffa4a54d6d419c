"""What a sentence says in short to a question: yes or no, or the figure, date or name that answers it.

The head for claims is asked about the question with each answer that the sentence may give ("What does it cost? 40 euros.").
So two reports can be held against each other though they share no word: "one dial and no app" says no to "Can a phone
control it?", and of "announced on 3 May, sold from 9 June" only one date answers "When can one buy it?".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.evidence import EvidenceModel, flat, log_odds, read_alone
from assistant.measures import measured
from assistant.models import Evidence
from assistant.question import QuestionKind, as_claim, parse_question
from assistant.sides import price_side, side
from assistant.terms import Figure, content_words
from assistant.values import values

#: How many of the best sentences are asked, and about how many values each.
ASKED, MOST_VALUES = 10, 4
#: From which probability a value is taken, and from which product with the probability that its sentence answers at all.
SURE, SURE_OF_BOTH = 0.5, 0.05
#: From which probability a figure is taken that is about the one that the best sentence gives.
SURE_OF_NEAR = 0.35
#: By how much, in log-odds, the head prefers no to yes where neither is so, and by how much more one must stand out.
LEANS_TO_NO, STANDS_OUT = 0.4, 2.2
#: By how much two sentences that may take two sides have to be apart, and how likely the less sure one has to answer.
STANDS_APART, LIKELY = 1.5, 0.4
#: How likely two sentences have to answer whose words take the two sides, the log-odds from which on the one may be the yes,
#: and the probability of support from which on they say the same after all.
LIKELY_BOTH, MAY_BE_YES, SAYS_THE_SAME = 0.15, -0.5, 0.35
#: From where on a leaning to the other side needs no word of the sentence to bear it out.
LEANS = 1.0


def with_replies(question: str, evidence: Sequence[Evidence], model: EvidenceModel) -> tuple[Evidence, ...]:
    """The evidence, its best sentences with the short answer that the model reads in each."""
    best = evidence[:ASKED]
    options = [_options(question, e.quote) for e in best]
    pairs = [
        (as_claim(question, option), read_alone(e, flat(e.quote)))
        for e, offered in zip(best, options, strict=True)
        for option in offered
    ]
    chances = iter(model.supports(pairs) if pairs else ())
    told = [{option: float(next(chances)) for option in offered} for offered in options]
    if options and options[0] is _YES_NO:
        leans = [log_odds(chance["Yes"]) - log_odds(chance["No"]) + LEANS_TO_NO for chance in told]
        sided = list(_sides(question, best, leans))
        return (*_against_each_other(question, sided, leans, model), *evidence[ASKED:])
    found = [replace(e, reply=_value(chance, e)) for e, chance in zip(best, told, strict=True)]
    beside = [_near_the_first(question, found[0], e, chance) for e, chance in zip(found, told, strict=True)]
    return (*beside, *evidence[ASKED:])


def _near_the_first(question: str, first: Evidence, e: Evidence, told: Mapping[str, float]) -> Evidence:
    """The quote with the figure that the model likes best in it, where that is about the first quote's figure.

    A figure of the same unit and about the same size in another report seldom is of another thing, so less will do.
    """
    if e.reply or not told or not first.reply or e.hit.article.id == first.hit.article.id:
        return e
    chance, reply = _likeliest(told)
    read = replace(e, reply=reply)
    near = chance >= SURE_OF_NEAR and bool(reply_value(question, read)) and nearly(question, first, read)
    return read if near else e


def _sides(question: str, best: Sequence[Evidence], leans: Sequence[float]) -> Iterator[Evidence]:
    """The evidence with the side that each sentence takes.

    A yes in other words than the question's seldom stands out by itself. Beside a firm no of another article it does, if
    the sentence denies nothing.
    """
    firm = [(lean, e.hit.article.id) for lean, e in zip(leans, best, strict=True) if abs(lean) >= STANDS_OUT]
    for e, lean in zip(best, leans, strict=True):
        reply = "Yes" if lean > 0 else "No"
        if abs(lean) < STANDS_OUT:
            reply, says_yes = "", side(question, e.quote) == {"yes"}
            for other, article in firm:
                opposite = "No" if other > 0 else "Yes"
                apart = abs(lean - other) >= STANDS_APART and article != e.hit.article.id
                leaning = abs(lean) >= LEANS and (lean > 0) != (other > 0)
                if apart and e.score >= LIKELY and (leaning or (other < 0 and says_yes)):
                    reply = opposite
            if not reply and len(priced := price_side(question, e.quote)) == 1:
                reply = str(next(iter(priced))).capitalize()
        yield replace(e, reply=reply)


def _against_each_other(
    question: str, sided: Sequence[Evidence], leans: Sequence[float], model: EvidenceModel
) -> list[Evidence]:
    """The evidence with the sides that stand out only beside another article's, where the words of both say so as well."""
    # Beside what its article answers better, a quote speaks of something else.
    firsts = {
        sided[at].hit.article.id: at for at in sorted(range(len(sided)), key=lambda at: sided[at].score)
    }
    likely = [at for at in firsts.values() if sided[at].score >= LIKELY_BOTH]
    words = {at: side(question, sided[at].quote) for at in likely}
    found = list(sided)
    for yes in (at for at in likely if words[at] == {"yes"} and leans[at] > MAY_BE_YES):
        for no in (at for at in likely if words[at] == {"no"} and leans[at] < 0):
            known = sided[yes].reply and sided[no].reply
            if known or leans[yes] - leans[no] < STANDS_APART or _say_the_same(sided[yes], sided[no], model):
                continue
            for at, reply in ((yes, "Yes"), (no, "No")):
                found[at] = replace(found[at], reply=sided[at].reply or reply)
    return found


def _say_the_same(one: Evidence, other: Evidence, model: EvidenceModel) -> bool:
    """Whether each of two quotes supports the other."""
    ours, theirs = flat(one.quote), flat(other.quote)
    pairs = [(ours, read_alone(other, theirs)), (theirs, read_alone(one, ours))]
    return bool(min(model.supports(pairs)) >= SAYS_THE_SAME)


def _likeliest(told: Mapping[str, float]) -> tuple[float, str]:
    return max((chance, option) for option, chance in told.items())


def _value(told: Mapping[str, float], evidence: Evidence) -> str:
    if not told:
        return ""
    chance, reply = _likeliest(told)
    both = chance * max(evidence.score, evidence.own_score)
    return reply if chance >= SURE and both >= SURE_OF_BOTH else ""


_YES_NO = ("Yes", "No")


def reply_value(question: str, evidence: Evidence) -> frozenset[object]:
    """The short answer that the model read in a quote, as a value that can be compared; nothing where it read none."""
    if not evidence.reply:
        return frozenset()
    if evidence.reply in _YES_NO:
        return frozenset({evidence.reply.lower()})
    return frozenset(v.what for v in values(question, evidence.quote) if v.phrase == evidence.reply)


#: Two reports of one sum or measure seldom differ by more than this factor.
_NEAR = 2.0
#: Counts as large as these that are so near to each other are of one thing, whatever it is called: "copies", "units".
_MANY = 1000.0


def nearly(question: str, one: Evidence, other: Evidence) -> bool:
    """Whether two quotes answer with figures of one unit, or of one thing that is counted, and about one size."""
    counted = content_words(one.reply or "") & content_words(other.reply or "")
    return any(
        isinstance(x, Figure)
        and isinstance(y, Figure)
        and x.unit == y.unit
        and (x.unit or any(word.isalpha() for word in counted) or min(x.value, y.value) >= _MANY)
        and _within(x.value, y.value)
        for x in reply_value(question, one) or measured(one.quote)
        for y in reply_value(question, other) or measured(other.quote)
    )


def _within(a: float, b: float) -> bool:
    small, large = sorted((abs(a), abs(b)))
    return 0 < large <= _NEAR * small


def has_reply(one: Evidence, other: Evidence) -> bool:
    """Whether a quote also states what another answers: "in Spain and in Peru" beside "in Spain" says more, not otherwise."""
    if not other.reply or other.reply in _YES_NO:
        return False
    return bool(re.search(rf"(?<!\w){re.escape(other.reply)}(?!\w)", one.quote, re.I))


def _options(question: str, quote: str) -> tuple[str, ...]:
    if parse_question(question).kind is QuestionKind.YES_NO:
        return _YES_NO
    return tuple(dict.fromkeys(value.phrase for value in values(question, quote)))[:MOST_VALUES]
