"""A question inside a polite or roundabout one: "Can you tell me when it comes to Japan?" asks when, not whether one can.

What is asked is taken out and, where its words allow it without a parser, put in the order of a plain question. A
question for what somebody said ("What did Meta say about prices?") is none of these and stays.
"""

from __future__ import annotations

import re

from assistant.keywords import as_question
from assistant.question import AUXILIARIES

_FILLER = r"(?:please|maybe|perhaps|possibly|quickly|briefly|also|just|kindly|actually|already|yet|ever|even|happen to|at all)"
_F = rf"(?:{_FILLER}\s+)*"
_TOLD = (
    r"(?:\s+(?:me|us|to me|to us|anything|something|exactly|publicly|officially|yet|already|please|maybe))*"
)
_VERB = (
    r"(?:tell|say|said|told|know|known|explain|explained|clarify|clarified|remind|show|describe|described|specify|specified|state|stated"
    r"|reveal|revealed|disclose|disclosed|announce|announced|confirm|confirmed|mention|mentioned|check|find out|look up|figure out"
    r"|let (?:me|us) know|work out|reported|report|public|clear|indicate|indicated)"
)
_SOURCE = r"(?:the|this|that|your|any of the|one of the)\s+(?:articles?|reports?|texts?|pieces?|stor(?:y|ies)|authors?|writers?|sources?|analysis|post|news)"
_OPENS = re.compile(
    rf"""^(?:(?:and|so|but|then|also|ok|okay|well|hey|hi|hello|um|sorry|please|now)\b[,.!]?\s+)*(?:
      (?:can|could|would|will)\s+(?:you|anyone|somebody|someone)\s+{_F}{_VERB}{_TOLD}
    | (?:do|does|did)\s+(?:you|we|they|anyone|anybody|somebody|someone|{_SOURCE})\s+{_F}{_VERB}{_TOLD}
    | (?:do|does)\s+(?:you|anyone|anybody)\s+have\s+(?:any|an)\s+(?:idea|clue)(?:\s+(?:of|about|on|as\s+to))?
    | (?:is|was|has)\s+it\s+(?:been\s+)?{_F}{_VERB}{_TOLD}
    | (?:has|have|did|does)\s+(?P<who>(?:the\s+)?[\w.’'-]+(?:\s+[\w.’'-]+)?)\s+{_F}(?:say|said|announced?|revealed?|disclosed?|confirmed?|explain(?:ed)?|stated?|specif(?:y|ied)|told|tell){_TOLD}
    | i\s*(?:['’]d|\s+would)?\s+(?:really\s+)?(?:like|want|need|love|wish|wonder|was\s+wondering|am\s+wondering)(?:\s+to\s+(?:know|find\s+out|understand|ask|learn|hear|see))?(?:\s+(?:you|about))?
    | i\s*(?:['’]m|\s+am|\s+was)\s+(?:just\s+)?(?:wondering|curious|asking|interested\s+to\s+know|trying\s+to\s+(?:find\s+out|understand|figure\s+out))(?:\s+(?:about|to\s+know|as\s+to))?
    | i\s+(?:do\s*n['’]?t|do\s+not|can\s*n?['’]?t|cannot)\s+(?:know|understand|see|find|get|tell)
    | (?:just\s+)?(?:wondering|curious)(?:\s+(?:about|as\s+to))?
    | (?:any|no)\s+(?:idea|clue|word|news|information|info)(?:\s+(?:of|about|on|as\s+to))?(?:\s+yet)?
    | (?:tell|remind|show)\s+(?:me|us) | explain(?:\s+to\s+(?:me|us))? | let\s+me\s+know | my\s+question\s+is | the\s+question\s+is
    )[,:]?\s+(?P<rest>.+)$""",
    re.I | re.X,
)
#: "Can you name the partners?" is "Name the partners".
_ORDER = re.compile(
    r"^(?:(?:and|so|but|ok|okay|hey|hi|hello)\b[,.!]?\s+)*(?:can|could|would|will)\s+you\s+(?:please\s+)?"
    r"(?P<order>(?:name|list|describe|introduce|summari[sz]e|compare|explain(?!\s+(?:to\s+(?:me|us)\s+)?(?:who|what|when|where|why|how|which|if|whether)\b)"
    r"|tell\s+(?:me|us)\s+(?:more\s+)?about)\s+\S.*)$",
    re.I,
)
_IS = r"is|are|was|were|will|would|can|could|has|have|had|should|may|might|does|do|did"
_WH = r"(?:(?:in|for|by|at|on|from|to|with|of|under|since|until)\s+)?(?:who|whom|whose|what|when|where|why|how|which)\b"
_ASKED = re.compile(rf"^(?P<wh>{_WH}|if\b|whether\b(?:\s+or\s+not\b)?)\s*(?P<clause>.*)$", re.I)
#: "how much | it costs", "which apps | it runs in": what is asked for, then who does it.
_SUBJECT = (
    r"(?:it|they|he|she|this|that|we|you|one|there|people|users|anyone"
    r"|(?:the|its|their|his|her|this|that|these|those|my|our|your)(?:\s+[\w’'-]+){1,3}?"
    r"|[A-Z][\w.’'-]*(?:\s+(?:[A-Z][\w.’'-]*|\d[\w.]*)){0,3})"
)
#: What stands between the question word and the subject: "how much", "which apps", "what kind of chip".
_OF_WHAT = r"(?:(?!(?:the|its|their|his|her|this|that|it|they|he|she|we|you|there)\b)[\w’'-]+\s+){0,3}?"
_WITH_AUX = re.compile(rf"^(?P<what>{_OF_WHAT})(?P<subject>{_SUBJECT})\s+(?P<aux>{_IS})\b(?P<rest>.*)$")
_WITH_VERB = re.compile(
    r"^(?P<what>(?:(?!(?:it|he|she|they)\b)[\w’'-]+\s+){0,3}?)(?P<subject>it|he|she|they)\s+(?P<verb>[a-z]+)\b(?P<rest>.*)$",
    re.I,
)
_PRONOUN = re.compile(r"\b(?:it|they|he|she|its|their)\b", re.I)
_NOBODY = frozenset("it they we you anyone there he she that this".split())
_IRREGULAR = {"has": "have", "goes": "go", "does": "do"}
_PAST = {
    "came": "come", "cost": "cost", "went": "go", "had": "have", "got": "get", "made": "make", "won": "win", "lost": "lose", "began": "begin",
    "gave": "give", "took": "take", "sold": "sell", "left": "leave", "built": "build", "paid": "pay", "beat": "beat", "said": "say",
}  # fmt: skip


def direct_question(text: str) -> str:
    """The question that is meant, or the text as it is where it asks straight away."""
    flat = " ".join(text.split())
    if order := _ORDER.match(flat):
        return f"{order['order'][:1].upper()}{order['order'][1:]}"
    found = _OPENS.match(flat)
    if found is None:
        return text
    asked = _ASKED.match(found["rest"].strip())
    if asked is None:
        # "I'd like to know the price of the Orla", but not "tell me about the Orla", which asks for whatever there is.
        thing = found["rest"].strip(" .?!")
        wanted = as_question(thing) if found["who"] is None and _A_THING.fullmatch(thing) else thing
        return wanted if wanted != thing else text
    clause = asked["clause"].strip().rstrip(" ?.!")
    who = found["who"]
    if who and who.lower() not in _NOBODY:
        # "Has Meta said when it opens the weights?": "it" is whoever would have said so.
        clause = _PRONOUN.sub(
            lambda m: who if m[0].lower() in ("it", "they", "he", "she") else f"{who}'s", clause, count=1
        )
    word = asked["wh"].lower()
    if not clause:
        return f"{word.capitalize()}?"
    if word.startswith(("if", "whether")):
        return _yes_or_no(clause)
    gap = "" if clause.startswith(("'", "’")) else " "  # "what's in it"
    return f"{word[:1].upper()}{word[1:]}{gap}{_in_order(word, clause)}?"


_A_THING = re.compile(r"(?:the|its|their)\s+[\w’' -]{3,80}", re.I)


def _plain(verb: str) -> tuple[str, str] | None:
    """The auxiliary and the bare form of a verb: "costs" is "does cost"; None where its form is not known."""
    low = verb.lower()
    if low in _PAST:
        return "did", _PAST[low]
    if low in _IRREGULAR:
        return "does", _IRREGULAR[low]
    if low.endswith("ies"):
        return "does", f"{low[:-3]}y"
    if low.endswith(("sses", "shes", "ches", "xes", "zes")):
        return "does", low[:-2]
    if low.endswith("s") and not low.endswith(("ss", "us")):
        return "does", low[:-1]
    return None


def _in_order(word: str, clause: str) -> str:
    """A clause in the order of a question, as far as its auxiliary or the ending of its verb shows it."""
    first = clause.split()[0].lower()
    if first in AUXILIARIES or first in ("'s", "’s"):
        return clause
    # "who runs the lab", "what happened": the question word itself is the subject.
    if (m := _WITH_AUX.match(clause)) and not (
        word == "who" and not m["what"] and m["subject"][:1].isupper()
    ):
        # "why Meta did this": what it did; only a denial has "did" beside another verb here.
        acts = m["aux"] in ("do", "does", "did") and not re.match(r"n['’]t\b|\s+not\b", m["rest"])
        return f"{m['what']}{m['aux']} {m['subject']}{' do' * acts}{m['rest']}"
    if (m := _WITH_VERB.match(clause)) and (plain := _plain(m["verb"])):
        return f"{m['what']}{plain[0]} {m['subject']} {plain[1]}{m['rest']}"
    return clause


def _yes_or_no(clause: str) -> str:
    """A clause after "if" as a question for yes or no."""
    m = re.match(rf"^(?P<subject>{_SUBJECT})\s+(?P<aux>{_IS})\b(?P<rest>.*)$", clause)
    if m:
        return f"{m['aux'].capitalize()} {_lower(m['subject'])}{m['rest']}?"
    m = re.match(rf"^(?P<subject>{_SUBJECT})\s+(?P<verb>[a-z]+)\b(?P<rest>.*)$", clause)
    if m and (plain := _plain(m["verb"])):
        return f"{plain[0].capitalize()} {_lower(m['subject'])} {plain[1]}{m['rest']}?"
    return f"Is it so that {clause}?"


def _lower(subject: str) -> str:
    """A subject as it stands inside a sentence."""
    first = subject.split()[0]
    return (
        subject[:1].lower() + subject[1:]
        if first.lower() in {"the", "its", "their", "it", "they", "this", "that", "these", "those"}
        else subject
    )
