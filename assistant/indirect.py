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
#: "why agents are hard": a bare plural, where the question word cannot belong to it ("which apps are free").
_PLURAL_AUX = re.compile(rf"^(?P<what>)(?P<subject>[a-z]+s)\s+(?P<aux>{_IS})\b(?P<rest>.*)$")
_WITH_VERB = re.compile(
    r"^(?P<what>(?:(?!(?:it|he|she|they)\b)[\w’'-]+\s+){0,3}?)(?P<subject>it|he|she|they)\s+(?P<verb>[a-z]+)\b(?P<rest>.*)$",
    re.I,
)
#: "how the new app works", but not "what the new phones cost".
_NAMED_VERB = re.compile(
    rf"^(?P<what>)(?P<subject>{_SUBJECT})\s+(?P<verb>[a-z]+(?:[^\Ws]s|ed)|did|made|came|took|gave|got|built|paid|kept|chose)\b"
    r"(?!\s+(?:cost|do|have|need|look|work|run|mean|weigh|say|want|get|make|offer)\b)(?P<rest>.*)$"
)
_LOOSE = frozenset("what when where why how".split())
#: "it has been seen", but "how many seats it has".
_HELPS = re.compile(
    r"n['’]t\b|\s+(?:not|been|already|just|never|ever|to)\b|\s+(?:[a-z]+ly\s+)?[a-z]+(?:ed|en|wn|ne)\b"
)
_CONTRACTED = re.compile(r"^(it|he|she|that|there|they|we|you)['’](s|re|ll)\b(?!\s+(?:been|got)\b)", re.I)
_FULL = {"s": "is", "re": "are", "ll": "will"}
_PERSON = re.compile(r"\b(?:he|she)\b", re.I)
_THING = re.compile(r"\b(?:it|they)\b", re.I)
_OF_A_PRODUCT = re.compile(
    r"\b(?:it|they)\s+(?:(?:will|would|can|could|may|might|to)\s+)?(?:be|is|are|was|were|has|have|had|comes?|came|ships?|shipped|arrives?"
    r"|arrived|launch(?:es|ed)?|costs?|works?|worked|runs?|ran|weighs?|lasts?|reach(?:es|ed)?|supports?|appears?|goes|becomes?)\b",
    re.I,
)
_NOBODY = frozenset("it they we you anyone there he she that this".split())
_IRREGULAR = {"has": "have", "goes": "go", "does": "do"}
_PAST = {
    "came": "come", "cost": "cost", "went": "go", "had": "have", "got": "get", "made": "make", "won": "win", "lost": "lose", "began": "begin",
    "gave": "give", "took": "take", "sold": "sell", "left": "leave", "built": "build", "paid": "pay", "beat": "beat", "said": "say",
    "did": "do", "kept": "keep", "grew": "grow", "fell": "fall", "rose": "rise", "led": "lead", "met": "meet", "chose": "choose",
}  # fmt: skip
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
#: After such endings a past form has lost an e: "releas|ed", "chang|ed", "creat|ed", "enabl|ed", "nam|ed".
_SILENT_E = re.compile(
    r"(?:[cuvz]|(?<!s)s|[adrn]g|(?<!tre)(?<!pe)(?<!fe)(?<!he)(?<!se)(?<!o)at|[iu]r|[bcdfgkptz]l"
    r"|(?:^|\W)(?:\w*(?:nam|hop|tim|lik|not|quot|vot|clud|cid|vid|plet|rid|sid|fin|bin|scal|fil|shar|par|stor|scor|plor|ignor)))$"
)


_LIST = re.compile(
    r"^(?:please\s+)?(?:list|name|give\s+me|show\s+me)\s+(?:me\s+)?(?:all\s+(?:of\s+)?)?"
    r"(?P<thing>(?P<all>(?:the|its|their)\s+(?:[\w’'-]+\s+){0,3}?(?P<head>[\w’'-]+))"
    r"(?:\s+(?:of|for|in|on|at|that|which|who|whose|with|by|from|where|to|it|they|[A-Z])\b.*)?)$",
    re.I,
)


def _listed(text: str) -> str:
    """The question in "List the apps that get it", or "" where nothing is to be listed."""
    found = _LIST.match(text.rstrip(" .?!"))
    if found is None:
        return ""
    if (asked := as_question(found["thing"])) != found["thing"]:
        return asked
    many = found["head"].lower().endswith("s") and not found["head"].lower().endswith("ss")
    return f"What are {found['thing']}?" if many else ""


_WHATS = re.compile(r"\b(what|who|where|when|how|why)(?:['’]s|s)\s+(?=\w)(?!(?:been|got)\b)", re.I)
_DONT = re.compile(r"\b(is|are|was|were|do|does|did|has|have|had|would|could|should|ca|wo)nt\b", re.I)


def _spelled_out(text: str) -> str:
    """The text with "what is" for "whats" and "what's", and "isn't" for "isnt"."""
    return _DONT.sub(r"\1n't", _WHATS.sub(r"\1 is ", text))


def direct_question(text: str) -> str:
    """The question that is meant, or the text as it is where it asks straight away."""
    flat = _spelled_out(" ".join(text.split()))
    if order := _ORDER.match(flat):
        flat = f"{order['order'][:1].upper()}{order['order'][1:]}"
        return _listed(flat) or flat
    if listed := _listed(flat):
        return listed
    found = _OPENS.match(flat)
    if found is None:
        return flat if flat != " ".join(text.split()) else text
    asked = _ASKED.match(found["rest"].strip())
    if asked is None:
        # "I'd like to know the price of the Orla", but not "tell me about the Orla", which asks for whatever there is.
        thing = found["rest"].strip(" .?!")
        wanted = as_question(thing) if found["who"] is None and _A_THING.fullmatch(thing) else thing
        return wanted if wanted != thing else flat
    clause = asked["clause"].strip().rstrip(" ?.!")
    who = found["who"]
    if who and who.lower() not in _NOBODY:
        # "Did Meta say why it closed the weights?" is of Meta, "... when it comes to Europe?" of what it sells.
        clause = _PERSON.sub(who, clause, count=1)
        if not _OF_A_PRODUCT.search(clause):
            clause = _THING.sub(who, clause, count=1)
    word = asked["wh"].lower()
    if not clause:
        return f"{word.capitalize()}?"
    if word.startswith(("if", "whether")):
        return _yes_or_no(clause)
    # "what it gains and what it loses": each in its order.
    first, *others = re.split(rf",?\s+and\s+(?={_WH})", clause)
    asks = [_ask(word, first)]
    for other in others:
        if (more := _ASKED.match(other)) and more["clause"]:
            asks.append(_ask(more["wh"].lower(), more["clause"]))
    whole = " and ".join(asks)
    return f"{whole[:1].upper()}{whole[1:]}?"


_A_THING = re.compile(r"(?:the|its|their)\s+[\w’' -]{3,80}", re.I)


def _plain(verb: str) -> tuple[str, str] | None:
    """The auxiliary and the bare form of a verb: "costs" is "does cost"; None where its form is not known."""
    low = verb.lower()
    if low in _PAST:
        return "did", _PAST[low]
    if low.endswith("ed") and len(low) > 4:
        stem = f"{low[:-3]}y" if low.endswith("ied") else low[:-2]
        if _DOUBLED.search(stem) and len(stem) > 3:
            stem = stem[:-1]
        elif _SILENT_E.search(stem):
            stem += "e"
        return "did", stem
    if low in _IRREGULAR:
        return "does", _IRREGULAR[low]
    if low.endswith("ies"):
        return "does", f"{low[:-3]}y"
    if low.endswith(("sses", "shes", "ches", "xes", "zes")):
        return "does", low[:-2]
    if low.endswith("s") and not low.endswith(("ss", "us")):
        return "does", low[:-1]
    return None


def _ask(word: str, clause: str) -> str:
    gap = "" if clause.startswith(("'", "’")) else " "  # "what's in it"
    return f"{word}{gap}{_in_order(word, clause)}"


def _in_order(word: str, clause: str) -> str:
    """A clause in the order of a question, as far as its auxiliary or the ending of its verb shows it."""
    if clause.split()[0].lower() in (*AUXILIARIES, "'s", "’s"):
        return clause
    clause = _CONTRACTED.sub(lambda m: f"{m[1]} {_FULL[m[2].lower()]}", clause)
    loose = word in _LOOSE
    found = _WITH_AUX.match(clause) or (_PLURAL_AUX.match(clause) if loose else None)
    # "who runs the lab", "what happened": the question word itself is the subject.
    if found and not (word == "who" and not found["what"] and found["subject"][:1].isupper()):
        aux, rest = found["aux"], found["rest"]
        if aux in ("do", "does", "did", "has", "have", "had") and not _HELPS.match(rest):
            # "why Meta did this", "how many seats it has": the verb itself.
            helper, verb = _plain(aux) or ("do", aux)
            return f"{found['what']}{helper} {found['subject']} {verb}{rest}"
        return f"{found['what']}{aux} {found['subject']}{rest}"
    found = _WITH_VERB.match(clause) or (_NAMED_VERB.match(clause) if loose else None)
    if found and (plain := _plain(found["verb"])):
        return f"{found['what']}{plain[0]} {found['subject']} {plain[1]}{found['rest']}"
    return clause


def _yes_or_no(clause: str) -> str:
    """A clause after "if" as a question for yes or no."""
    clause = _CONTRACTED.sub(lambda m: f"{m[1]} {_FULL[m[2].lower()]}", clause)
    ordered = _in_order("why", clause)
    if ordered == clause:
        return f"Do the sources say that {clause}?"
    aux, subject = ordered.split(maxsplit=1)
    return f"{aux.capitalize()} {_lower(subject)}?"


def _lower(subject: str) -> str:
    """A subject as it stands inside a sentence."""
    first = subject.split()[0]
    return (
        subject[:1].lower() + subject[1:]
        if first.lower() in {"the", "its", "their", "it", "they", "this", "that", "these", "those"}
        else subject
    )
