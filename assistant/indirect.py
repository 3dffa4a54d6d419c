"""A question inside a polite or roundabout one: "Can you tell me when it comes to Japan?" asks when, not whether one can.

What is asked is taken out and, where its words show it without a parser, put in the order of a plain question; else its
order stays. What a product can tell ("Can it tell which bird is singing?") and what somebody said ("What did Meta say?")
is asked straight away.
"""

from __future__ import annotations

import re

from assistant.keywords import as_question
from assistant.question import AUXILIARIES

_FILLER = r"(?:(?:please|maybe|perhaps|possibly|quickly|briefly|also|just|kindly|actually|already|yet|ever|even|happen\s+to)\s+)*"
_TOLD = r"(?:\s+(?:me|us|to\s+me|to\s+us|anything|exactly|publicly|officially|yet|already|please|maybe))*"
_VERB = (
    r"(?:tell|say|said|told|know|known|explain(?:ed)?|clarify|clarified|remind|show|describe|specify|specified|state[ds]?"
    r"|reveal(?:ed)?|disclosed?|announced?|confirm(?:ed)?|mention(?:ed)?|check|find\s+out|look\s+up|figure\s+out|let\s+(?:me|us)\s+know"
    r"|work\s+out|report(?:ed)?|public|clear|indicated?)"
)
_SOURCE = (
    r"(?:the|this|that|your|any\s+of\s+the|one\s+of\s+the)\s+"
    r"(?:articles?|reports?|texts?|pieces?|stor(?:y|ies)|authors?|writers?|sources?|analysis|post|news)"
)
_TO_KNOW = r"\s+to\s+(?:know|find\s+out|understand|ask|learn|hear)"
_OPENS = re.compile(
    rf"""^(?:(?:and|so|but|then|also|ok|okay|well|hey|hi|hello|um|sorry|please|pls|now|thanks|thank\s+you|great|cool|nice|perfect
        |good|interesting)\b[,.!]*\s+)*(?:
      (?:can|could|would|will)\s+(?:you|u|anyone|somebody|someone)\s+{_FILLER}{_VERB}{_TOLD}
    | (?:do|does|did)\s+(?:you|u|we|they|anyone|anybody|somebody|someone|{_SOURCE})\s+{_FILLER}{_VERB}{_TOLD}
    | any(?:one|body)\s+know
    | (?:do|does)\s+(?:you|anyone|anybody)\s+have\s+(?:any|an)\s+(?:idea|clue)(?:\s+(?:of|about|on|as\s+to))?
    | (?:is|was|has)\s+it\s+(?:been\s+)?{_FILLER}{_VERB}{_TOLD}
    | (?:has|have|did)\s+(?P<who>(?:the\s+(?:company|firm|maker|lab|team)|(?-i:[A-Z])[\w.’'-]*(?:\s+(?-i:[A-Z])[\w.’'-]*)?))\s+{_FILLER}
      (?:say|said|announced?|revealed?|disclosed?|confirmed?|explain(?:ed)?|stated?|specif(?:y|ied)|told|tell){_TOLD}
    | i\s*(?:['’]?d|\s+would)\s+(?:really\s+)?(?:like|love|want)(?:{_TO_KNOW})?
    | i\s+(?:really\s+)?(?:want|need|wish){_TO_KNOW}
    | i\s+wonder(?:ed)?
    | i\s*(?:['’]?m|\s+am|\s+was)\s+(?:just\s+)?(?:wondering|curious|asking|not\s+sure|interested\s+to\s+know
        |trying\s+to\s+(?:find\s+out|understand|figure\s+out))(?:\s+(?:about|to\s+know|as\s+to))?
    | i\s+(?:do\s*n['’]?t|do\s+not|can\s*n?['’]?t|cannot)\s+(?:know|understand|see|find|tell)
    | (?:just\s+|was\s+|not\s+)?(?:wondering|curious|sure)(?:\s+(?:about|as\s+to))?
    | (?:is\s+there\s+)?(?:any|no)\s+(?:idea|clue|word|news|information|info)(?:\s+(?:of|about|on|as\s+to))?(?:\s+yet)?
    | (?:may|can|could)\s+i\s+ask(?:\s+you)?
    | (?:tell|remind|show)\s+(?:me|us) | explain(?:\s+to\s+(?:me|us))? | let\s+me\s+know | (?:my|the)\s+question\s+is
    )[,:]?\s+(?P<rest>.+)$""",
    re.I | re.X,
)
#: "Can you name the partners?" is "Name the partners".
_ORDER = re.compile(
    r"^(?:(?:and|so|but|ok|okay|hey|hi|hello)\b[,.!]?\s+)*(?:can|could|would|will)\s+(?:you|u)\s+(?:please\s+)?"
    r"(?P<order>(?:name|list|describe|introduce|summari[sz]e|compare"
    r"|explain(?!\s+(?:to\s+(?:me|us)\s+)?(?:who|what|when|where|why|how|which|if|whether)\b)"
    r"|tell\s+(?:me|us)\s+(?:more\s+)?about)\s+\S.*)$",
    re.I,
)
_LIST = re.compile(
    r"^(?:please\s+)?(?:list|name|give\s+me|show\s+me)\s+(?:me\s+)?(?:all\s+(?:of\s+)?)?"
    r"(?P<thing>(?:the|its|their)\s+(?:[\w’'-]+\s+){0,3}?(?P<head>[\w’'-]+)"
    r"(?:\s+(?:of|for|in|on|at|that|which|who|whose|with|by|from|where|to|it|they|[A-Z])\b.*)?)$",
    re.I,
)
_A_THING = re.compile(r"(?:the|its|their)\s+[\w’' -]{3,80}", re.I)

_WH = r"(?:(?:in|for|by|at|on|from|to|with|of|under|since|until)\s+)?(?:who|whom|whose|what|when|where|why|how|which)\b"
_IF = r"(?:if|whether(?:\s+or\s+not)?)\b"
_ASKED = re.compile(rf"^(?P<wh>{_WH}|{_IF})\s*(?P<clause>.*)$", re.I)
_NEXT = re.compile(rf"(?:,\s*and\s+|,\s+|\s+and\s+)(?={_WH}|{_IF})", re.I)

#: Whom or what a clause is about: "it", "the new app", "Meta's model", "the price of the API".
_NAME = r"[A-Z][\w.-]*(?:\s+(?:[A-Z][\w.-]*|\d[\w.]*)){0,3}"
_PLURALS = r"people|users|developers|customers|readers|critics|analysts|companies|rivals"
_SUBJECT = (
    rf"(?:it|they|he|she|this|that|we|you|i|I|one|there|anyone|{_PLURALS}"
    rf"|(?:the|its|their|his|her|this|that|these|those|my|our|your)(?:\s+[\w’-]+){{1,3}}?(?:\s+of\s+(?:the\s+)?[\w-]+)?"
    rf"|{_NAME}['’]s?(?:\s+[\w-]+){{1,3}}?|{_NAME})"
)
#: What stands between the question word and that: "how | much", "which | apps", "what | kind of chip".
_OF_WHAT = (
    r"(?P<what>(?:(?!(?:the|its|their|this|that|it|they|he|she|we|you|i|there)\b)[a-z][\w’'-]*\s+){0,3}?)"
)
_IS = r"(?:is|are|was|were|will|would|can|could|has|have|had|should|may|might|does|do|did)(?:n['’]t)?|can['’]t|won['’]t"
_ADVERB = r"(?:(?P<adverb>also|still|ever|really|never|already|just|even|actually|now)\s+)?"
_END = r"(?![\w’'])"
_WITH_AUX = re.compile(rf"^{_OF_WHAT}(?P<subject>{_SUBJECT})\s+(?P<aux>{_IS}){_END}(?P<rest>.*)$")
#: "why agents are hard": a bare plural, where the question word cannot belong to it ("which apps are free").
_PLURAL_AUX = re.compile(rf"^(?P<what>)(?P<subject>[a-z]+s)\s+(?P<aux>{_IS}){_END}(?P<rest>.*)$")
_WITH_VERB = re.compile(
    rf"^{_OF_WHAT}(?P<subject>it|he|she|they|we|you|{_PLURALS})\s+{_ADVERB}(?P<verb>[a-z]+){_END}(?P<rest>.*)$",
    re.I,
)
#: "how the new app works", but not "what the new phones cost": after a verb comes no other.
_AFTER_VERB = (
    r"(?=$|\s*[,;]|\s+(?:[A-Z\d]|[a-z]+ly\b|(?:a|an|the|its|their|his|her|this|that|these|those|it|them|him|me|us|you|so|as|in|on|at|to|for"
    r"|from|with|by|of|about|like|into|over|out|up|off|down|without|against|than|under|after|before|since|until|during|when|if|here|there"
    r"|now|today|well|better|best|more|less|most|much|everything|anything|nothing|all|no|not|outside|inside|between|among)\b))"
)
_NAMED_VERB = re.compile(
    rf"^{_OF_WHAT}(?P<subject>{_SUBJECT})\s+{_ADVERB}(?P<verb>[a-z]+(?:[^\Ws]s|ed)"
    rf"|(?:did|made|came|took|gave|got|built|paid|kept|chose|said|spent|told|wrote|went|saw|found|ran|led|won|lost|left|began))\b"
    rf"{_AFTER_VERB}(?P<rest>.*)$"
)
_LOOSE = frozenset("what when where why how which".split())
#: "it has been seen", but "how many seats it has".
_HELPS = re.compile(
    r"\s+(?:not|been|already|just|never|ever|also|since|yet)\b|\s+(?:[a-z]+ly\s+)?(?:[a-z]+(?:ed|en|wn|ne)|spent|cut|put|had|cost|come"
    r"|become|run|told|sold|paid|said|held|kept|left|lost|built|bought|met|won|led|got|made|begun|sent|hit|set)\b"
)
_CONTRACTED = re.compile(
    r"^(it|he|she|that|there|they|we|you)(?:['’](s|re|ll)|(?<=it)(s)|(?<=there)(s))\b(?!\s+(?:been|got)\b)",
    re.I,
)
_FULL = {"s": "is", "re": "are", "ll": "will"}
_HE = re.compile(r"^(?:he|she)\b", re.I)
#: "Did Meta say why it closed the weights?": what a company does, of which it would speak itself.
_IT_ACTS = re.compile(
    r"^(?:it|they)\b(?=\s+(?:(?:will|would|has|had|may|might)\s+)?(?:close[sd]?|opens?|opened|releas\w+|with(?:held|h\w+)|publish\w*|charg\w+|plan\w*"
    r"|wants?|wanted|hir\w+|buys?|bought|acquir\w+|invest\w*|spen[dt]s?|train\w*|builds?|built|drop\w*|stop\w*|chang\w+|decid\w+|cho\w+)\b)",
    re.I,
)
_PAST = {
    "came": "come", "cost": "cost", "went": "go", "had": "have", "got": "get", "made": "make", "won": "win", "lost": "lose", "began": "begin",
    "gave": "give", "took": "take", "sold": "sell", "left": "leave", "built": "build", "paid": "pay", "beat": "beat", "said": "say",
    "did": "do", "kept": "keep", "grew": "grow", "fell": "fall", "rose": "rise", "led": "lead", "met": "meet", "chose": "choose",
    "spent": "spend", "told": "tell", "wrote": "write", "saw": "see", "found": "find", "ran": "run", "broke": "break", "thought": "think",
    "felt": "feel", "knew": "know", "bought": "buy", "held": "hold", "sent": "send", "used": "use",
}  # fmt: skip
_IRREGULAR = {"has": "have", "goes": "go", "does": "do"}
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
#: After such endings a past form has lost an e: "releas|ed", "chang|ed", "creat|ed", "enabl|ed", "nam|ed".
_SILENT_E = re.compile(
    r"(?:[cuvz]|(?<!s)s|[adrn]g|(?<!tre)(?<!pe)(?<!fe)(?<!he)(?<!se)(?<!o)at|[iu]r|[bcdfgkptz]l"
    r"|(?:nam|hop|tim|lik|not|quot|vot|clud|cid|vid|plet|rid|sid|fin|bin|scal|fil|shar|par|stor|scor|plor|ignor))$"
)

_WHATS = re.compile(
    r"\b(what|who|where|when|how|why)(?:['’]s|s)\s+(?=\w)"
    r"(?!(?:been|got|left|gone|become|happened|(?!call|nam|includ|need|requir|support|allow|bas)\w+ed)\b)",
    re.I,
)
_WHATS_IT = re.compile(
    r"\b(what|how|where|when)(?:['’]s|s)\s+it\s+(cost|compare|work|run|look|mean|do|take|handle|perform|feel|differ|weigh)\b",
    re.I,
)
_ITS = re.compile(
    r"\b(it|there)s\s+(?=(?:free|open|available|out|safe|good|better|worth|ready|live|an?|no|not|going|coming)\b)",
    re.I,
)
_DONT = re.compile(r"\b(is|are|was|were|do|does|did|has|have|had|would|could|should|ca|wo)nt\b", re.I)


def direct_question(text: str) -> str:
    """The question that is meant, or the text as it is where it asks straight away."""
    flat = " ".join(text.split())
    asked = _spelled_out(flat)
    for _ in range(3):  # "I was wondering if you could tell me when ..."
        inner = _unwrapped(asked)
        if inner == asked:
            break
        asked = inner
    return text if asked == flat else asked


def _spelled_out(text: str) -> str:
    """The text with "what is" for "whats" and "what's", and "isn't" for "isnt"."""
    for pattern, words in (
        (_WHATS_IT, r"\1 does it \2"),
        (_WHATS, r"\1 is "),
        (_ITS, r"\1 is "),
        (_DONT, r"\1n't"),
    ):
        text = pattern.sub(words, text)
    return text


def _unwrapped(text: str) -> str:
    """The text without one wrapping around its question."""
    if order := _ORDER.match(text):
        plain = f"{order['order'][:1].upper()}{order['order'][1:]}"
        return _listed(plain) or plain
    if listed := _listed(text):
        return listed
    found = _OPENS.match(text)
    if found is None:
        return text
    asked = _ASKED.match(found["rest"].strip())
    if asked is None:
        # "I'd like to know the price of the Orla", but not "tell me about the Orla", which asks for whatever there is.
        thing = found["rest"].strip(" .?!")
        wanted = as_question(thing) if found["who"] is None and _A_THING.fullmatch(thing) else thing
        return wanted if wanted != thing else text
    clause = asked["clause"].strip().rstrip(" ?.!")
    if who := found["who"]:
        clause = _HE.sub(who, clause) if _HE.match(clause) else _IT_ACTS.sub(who, clause)
    if not clause:
        return f"{asked['wh'].capitalize()}?"
    # "what it gains and what it loses": each in its order.
    clauses = _NEXT.split(clause)
    joints = _NEXT.findall(clause)
    whole = _ask(asked["wh"], clauses[0])
    for joint, other in zip(joints, clauses[1:], strict=True):
        more = _ASKED.match(other)
        whole += joint + (_ask(more["wh"], more["clause"]) if more and more["clause"] else other)
    return f"{whole[:1].upper()}{whole[1:]}?"


def _listed(text: str) -> str:
    """The question in "List the apps that get it", or "" where nothing is to be listed."""
    found = _LIST.match(text.rstrip(" .?!"))
    if found is None:
        return ""
    if (asked := as_question(found["thing"])) != found["thing"]:
        return asked
    many = found["head"].lower().endswith("s") and not found["head"].lower().endswith("ss")
    return f"What are {found['thing']}?" if many else ""


def _ask(word: str, clause: str) -> str:
    """A question word and its clause as a question."""
    word = word.lower()
    if not word.startswith(("if", "whether")):
        gap = "" if clause.startswith(("'", "’")) else " "  # "what's in it"
        return f"{word}{gap}{_in_order(word, clause)}"
    ordered = _in_order("why", clause)
    return ordered if ordered != clause else f"do the sources say that {clause}"


def _in_order(word: str, clause: str) -> str:
    """A clause in the order of a question, as far as its auxiliary or the ending of its verb shows it."""
    if clause.split()[0].lower() in (*AUXILIARIES, "'s", "’s", "of"):
        return clause
    clause = _CONTRACTED.sub(lambda m: f"{m[1]} {_FULL[(m[2] or 's').lower()]}", clause)
    loose = word in _LOOSE
    found = _WITH_AUX.match(clause) or (_PLURAL_AUX.match(clause) if loose and word != "which" else None)
    if found and _is_asked_for(word, found):
        return clause
    if found:
        aux, rest, subject = found["aux"], found["rest"], _inside(found["subject"])
        # "who Wang is", but "who Meta has been beaten by": there the name need not be what the verb belongs to.
        if word == "who" and rest and found["subject"][:1].isupper():
            return clause
        if aux in ("do", "does", "did", "has", "have", "had") and not _HELPS.match(rest):
            # "why Meta did this", "how many seats it has": the verb itself.
            helper, verb = _plain(aux) or ("do", aux)
            return f"{found['what']}{helper} {subject} {verb}{rest}"
        return f"{found['what']}{aux} {subject}{rest}"
    found = _WITH_VERB.match(clause) or (_NAMED_VERB.match(clause) if loose else None)
    if found and not _is_asked_for(word, found):
        many = found["subject"].lower() in {"they", "we", "you", *_PLURALS.split("|")}
        plain = _plain(found["verb"]) or (("do", found["verb"]) if many else None)
        if plain:
            adverb = f"{found['adverb']} " if found["adverb"] else ""
            helper = "do" if many and plain[0] == "does" else plain[0]
            return f"{found['what']}{helper} {_inside(found['subject'])} {adverb}{plain[1]}{found['rest']}"
    return clause


def _is_asked_for(word: str, found: re.Match[str]) -> bool:
    """Whether the question word belongs to what the clause is about: "how many people work there", "which users get it"."""
    subject = found["subject"].lower()
    if subject not in _PLURALS.split("|"):
        return False
    return (
        word in ("which", "whose")
        or found["what"].endswith("many ")
        or (word == "what" and subject in ("companies", "rivals"))
    )


def _inside(subject: str) -> str:
    """A subject as it stands inside a sentence."""
    if subject == "i":
        return "I"
    lower = {"the", "its", "their", "it", "they", "this", "that", "these", "those"}
    return subject[:1].lower() + subject[1:] if subject.split()[0].lower() in lower else subject


def _plain(verb: str) -> tuple[str, str] | None:
    """The auxiliary and the bare form of a verb: "costs" is "does cost"; None where its form is not known."""
    low = verb.lower()
    if low in _PAST:
        return "did", _PAST[low]
    if low in _IRREGULAR:
        return "does", _IRREGULAR[low]
    if low.endswith("ed") and len(low) > 4:
        stem = f"{low[:-3]}y" if low.endswith("ied") else low[:-2]
        if _DOUBLED.search(stem) and len(stem) > 3:
            stem = stem[:-1]
        elif _SILENT_E.search(stem):
            stem += "e"
        return "did", stem
    if low.endswith("ies") and len(low) > 4:
        return "does", f"{low[:-3]}y"
    if low.endswith(("sses", "shes", "ches", "xes", "zes")):
        return "does", low[:-2]
    if low.endswith("s") and not low.endswith(("ss", "us")):
        return "does", low[:-1]
    return None
