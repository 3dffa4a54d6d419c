"""What is said to an assistant and asks nothing of the sources: thanks, greetings; and questions not put in English."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from assistant.extractive import Draft
from assistant.models import Outcome, Sentence
from assistant.terms import tokens

WELCOME = "You are welcome to ask about the launch."
"""The whole reply to a courtesy; it states nothing."""

ENGLISH_ONLY = "Questions are understood in English only; please ask in English."
"""The note on a question that is plainly not English and found no full answer."""

_TO = r"(?:\s+(?:you|there|all|everyone|everybody|again|so|very|much|lots|a|lot|indeed|then|now|for|that|this|it|the|your|help|answers?))*"
_COURTESY = re.compile(
    rf"""(?:
      (?:many\s+|much\s+)?(?:thanks|thank\s+you|thank\s+u|thankyou|thx|ty|cheers|danke|merci|gracias|grazie|obrigad[oa]){_TO}
    | (?:hi|hello|hey|hiya|greetings|hallo|hola|bonjour|ciao|servus|good\s+(?:morning|afternoon|evening|day|night)){_TO}
    | (?:bye|goodbye|good\s+bye|bye\s+bye|see\s+you(?:\s+(?:later|soon|tomorrow))?|farewell|take\s+care)
    | how\s+are\s+you(?:\s+(?:doing|today))*
    | (?:(?:that(?:'s|\s+is|\s+was)?|it(?:'s|\s+is)?|you(?:'re|\s+are)?)\s+)?(?:very\s+|so\s+|really\s+|most\s+)?
      (?:ok|okay|great|good|nice|fine|perfect|cool|awesome|excellent|brilliant|wonderful|lovely|helpful|interesting|
         well\s+done|good\s+job|nice\s+work|all|it)(?:\s+(?:job|work|answer|to\s+know|for\s+now))?
    | (?:that\s+helps|got\s+it|i\s+see|understood|makes\s+sense|no\s+problem|never\s+mind|sorry|please|you(?:'re|\s+are)\s+welcome){_TO}
    )""",
    re.I | re.X,
)
_BREAK = re.compile(r"[\s,.!?;:)(\-–—]*[,.!?;:)(\-–—]+[\s,.!?;:)(\-–—]*|\s+(?=(?:thanks|thank you)\b)", re.I)
_SPOKEN_TO = frozenset("assistant bot dear friend folks guys mate sir team".split())


def is_courtesy(text: str, own: Collection[str] = ()) -> bool:
    """Whether a message is thanks, a greeting or the like, and nothing else.

    Args:
        text: what was said.
        own: names that are no courtesy, whatever they look like (a launch may be called "Hello").
    """
    known = {name.lower() for name in own if name}
    pieces = [
        p for p in _BREAK.split(" ".join(text.replace("’", "'").split())) if p and any(map(str.isalnum, p))
    ]
    return bool(pieces) and all(
        p.lower() not in known and (bool(_COURTESY.fullmatch(p)) or (i > 0 and p.lower() in _SPOKEN_TO))
        for i, p in enumerate(pieces)
    )


def welcome() -> Iterator[Sentence | Draft]:
    """The reply to thanks and greetings: a fixed phrase that rests on nothing, since nothing was asked."""
    draft = Draft(Outcome.NO_EVIDENCE, 1.0)
    draft.phrase(WELCOME)
    yield from draft.sentences
    yield draft


#: Words that hold English questions together, but for those that other languages write alike ("was", "die", "in").
_ENGLISH = frozenset(
    """the of and to is are were be been what which who whom whose when where why how does do did can could will would has
    have had it its this that these those there they them their he she his with without for from by about on or not you
    your my if than then say says said tell me much many any some please give show list""".split()
)
#: Such words of other languages, but for those that English writes alike.
_OTHER = frozenset(
    """wann wer wo warum wie wieso weshalb wem wen wessen welche welcher welches ist sind der das den dem ein eine einen
    und oder nicht kein keine mit von für auf bei zum zur gibt kostet heißt wird kann haben über sich auch
    qui que quoi quand où pourquoi comment combien quel quelle est sont le les des du un une dans avec pour sur et ce cette
    quién qué cuándo dónde cómo cuánto cuál el los las del por para está una con es son
    chi cosa dove perché quanto quale il gli della di che sono
    quem quando onde como qual quais você não uma o os
    wat wanneer waar waarom hoe welke het een van zijn voor""".split()
)


#: An English question hardly begins with one of these.
_OPENS_OTHER = frozenset(
    """wann wer warum wieso weshalb welche welcher welches ist kostet gibt quand pourquoi combien quelle quién cuándo dónde
    cuánto cuál perché quanto quale quem quando onde wanneer waar waarom""".split()
)


def plainly_not_english(text: str) -> bool:
    """Whether a question is plainly put in another language: another script, or the small words of another tongue.

    Conservative: one English word that holds the sentence together makes it English, whatever names it has.
    """
    words = [w for w in tokens(text) if w[0].isalpha()]
    small = [w.lower() for w in words[:1]] + [w for w in words[1:] if w.islower()]
    if any(w in _ENGLISH for w in small):
        return False
    # Names keep their Latin letters in a question of another script.
    letters = [c for w in words if _foreign(w[0]) or not w[0].isupper() for c in w if c.isalpha()]
    if 2 * sum(map(_foreign, letters)) > len(letters) or "¿" in text:
        return True
    if len(words) > 1 and small[0] in _OPENS_OTHER:
        return True
    others = sum(w in _OTHER for w in small)
    return others >= 2 or (small[:1] == ["was"] and others == 1)


def _foreign(letter: str) -> bool:
    """Whether a letter belongs to a script other than the Latin one."""
    return ord(letter) > 0x24F and not 0x1E00 <= ord(letter) <= 0x1EFF
