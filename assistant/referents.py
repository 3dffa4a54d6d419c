"""Who or what a pronoun means after a question: "it", "they", "he".

Rules over words. Where they cannot tell, they say nothing, and the words stay as they were asked: a pronoun that is
left costs less than one that is bound to the wrong thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.models import MARKER
from assistant.terms import names
from corpus.models import Launch

#: Words that open a question or an order; their capital makes no name of them.
_OPENING = frozenset(
    """wann wer was wo warum wieso weshalb wie wem wen wessen wohin woher womit welche welcher welches welchen welchem ist
    sind hat haben kann können gibt gab wird werden wurde wurden und oder aber qui que quoi quand où pourquoi comment
    combien quel quelle quels quelles est sont et quién quiénes qué cuándo dónde cómo cuánto cuántos cuál cuáles por es son
    y quem quanto quantos qual quais onde porque quando chi che cosa dove perché come quanti quale quali è sono wie wat
    wanneer waar waarom hoe welke zijn heeft tell explain describe summarise summarize list name give show compare ignore
    forget say write repeat answer translate quote find look read describe thanks thank hello hi hey ok okay sure great
    yes please sorry""".split()
)
_FIRST_WORD = re.compile(r"(?:^|(?<=[.!?:]\s))[¿¡]?\w+")

#: "Kestrel 2", and not "Meta 2 days ago".
_MODEL_NUMBER = re.compile(
    r"\s\d{1,3}(?:\.\d+)?\b(?!\s*(?:%|percent|per cent|million|billion|thousand|st|nd|rd|th|people|users|times|"
    r"seconds?|minutes?|hours?|days?|weeks?|months?|years?|dollars|euros|pounds|of)\b)"
)

_BE = r"(?:'s|’s|\s+is|\s+are|\s+was|\s+were)"
_PLAINLY = re.compile(
    rf"^(?:(?:what|who){_BE}(?:\s+known\s+(?:of|about))?|what\s+about|(?:please\s+)?(?:(?:can|could)\s+you\s+)?"
    r"(?:tell\s+me\s+(?:more\s+|something\s+)?(?:about|of)|explain|describe|summari[sz]e))\s+(?:the\s+|an?\s+)?(?P<what>[^,;]+?)\s*[?.!]*$",
    re.I,
)
#: What stands before a name that a question mentions by the way: a place, a store, a measure, a rival.
_BY_THE_WAY = re.compile(
    r"\b(?:in|on|at|into|onto|via|through|from|(?<!wrong )with|than|against|versus|vs\.?|by|like|reach|reache[sd]|"
    r"(?:compared?|come|came|get|got) to)\s+(?:(?:the|an?|its|their)\s+)?$",
    re.I,
)
_PLATFORM = re.compile(
    r"\b(?:store|play|arena|exam|leaderboard|index)$|bench(?:\s+(?:hard|pro|verified))?$|bench\b|bench(?:mark)?\b|eval\b",
    re.I,
)
_PLATFORM_NOUN = re.compile(
    r"\s+(?:app|apps|site|website|store|page|feed|leaderboard|benchmark|index)\b", re.I
)
_LINK = re.compile(r"\s*(?:,|\band\b|\bor\b|\bthe\b|\s)+\s*", re.I)
_OPINION = re.compile(
    r"\b(?:say|says|said|think|thinks|thought|write|writes|wrote|feel|feels|felt)\b[^?]{0,20}?\b(?:about|of|on)\s+"
    r"(?:it|this|that)\b",
    re.I,
)
_NOUNS = r"(?:mode|edition|version|plan|tier|deal|feature|test|service|device|programme|project|data cent(?:re|er)|lab|team)"
#: "the API for Muse Spark", "the lab that built Muse Spark": a thing of the launch's, and not the launch.
_OF_LAUNCH = re.compile(
    rf"\b(?:an?|the)\s+(?P<what>(?:[a-z]+\s+)?(?:API|app|paper|preview|licen[cs]e|website|{_NOUNS}))\s+(?:for|of|to|behind)\s+(?:the\s+)?$",
)
_MAKER = re.compile(
    r"\b(?P<what>the\s+(?:lab|laboratory|team|unit|firm|company|group)\s+(?:that|which|who|behind)\b[^,?]*)$"
)
_FOUNDED = re.compile(r"\bit\s+(?:set\s+up|founded|formed|created|based|headquartered|hire|employ)", re.I)
#: Whoever asks this does not ask about the launch, but about what was named beside it.
_ASKS_WHAT = re.compile(r"^(?:and |so |but )?what(?:'s|’s| is| was) (?:that|this)(?: exactly)?[ ?]*$", re.I)
_COMPANY_DOES = re.compile(
    r"\b(?:is|was|does|did|has|have|will|would|can)\s+it\s+(?:announce|buy|bought|pay|paid|hire|invest|plan|say|employ|own|sell|spend|"
    r"acquire|fund|decide|promise|want|based|headquartered|lose|gain|explain|respond|admit)",
    re.I,
)
SUBJECT = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|should)\s+(?P<subject>the\s+[a-z][\w-]*)\b"
)

#: Words that products, firms and papers bear, and people do not.
_NO_PERSON = frozenset(
    """labs lab research store play inc corp group systems studio cloud opus sonnet haiku pro flash ultra mini max plus
    university institute herald times post news daily journal review bench exam arena capital ventures partners
    foundation bank media books code assistant app model edition""".split()
)
_SPEECH = (
    r"say|says|said|think|thinks|write|writes|wrote|argue|argues|argued|told|tells|warns|warned|notes|noted"
)
_DOES = rf"{_SPEECH}|work|works|worked|join|joins|joined|co-found|co-founded|resign|resigned"
_SPEAKS = re.compile(
    rf"\s+(?:{_SPEECH}|report|reports|reported|claim|claims|claimed|mention|mentions|mentioned|agree)\b", re.I
)
_JOBS = (
    r"CEO|CTO|chief|founder|head|director|researcher|analyst|scientist|scientists?|engineer|president|chair(?:man|woman)?|"
    r"officer|boss|designer|curator|reporter|critic|professor|minister|Mr|Ms|Mrs|Dr|Prof"
)
_WHO = re.compile(r"\bwho(?:m|se)?\b|\bwhich person\b", re.I)


def names_in(text: str, launch: Launch) -> list[str]:
    """Names in a question as the user wrote them, in order, with their number; the launch's own in lower case too."""
    text = _FIRST_WORD.sub(lambda m: m[0].lower() if m[0].lower().strip("¿¡") in _OPENING else m[0], text)
    found: list[tuple[int, str]] = []
    for name in names(text):
        # As it stands there: a possessive inside a name ("Humanity's Last Exam") is a part of it.
        written = re.search(r"(?:['’]s)?\s+".join(map(re.escape, name.split())), text)
        number = _MODEL_NUMBER.match(text, written.end()) if written else None
        if written:
            found.append((written.start(), written.group() + (number.group() if number else "")))
    for name in (launch.name, *launch.aliases, launch.company, *launch.company_names):
        if name and (m := re.search(rf"\b{re.escape(name)}\b", text, re.I)):
            found.append((m.start(), name))
    ordered: list[str] = []
    for _, name in sorted(found, key=lambda item: (item[0], -len(item[1]))):
        if not any(name.lower() in kept.lower() for kept in ordered):
            ordered.append(name)
    return ordered


def launch_names(launch: Launch) -> frozenset[str]:
    """What the launch is called, in lower case."""
    return frozenset(n.lower() for n in (launch.name, *launch.aliases) if n)


def company_names(launch: Launch) -> frozenset[str]:
    """What the company is called, in lower case."""
    return frozenset(n.lower() for n in (launch.company, *launch.company_names) if n)


def thing(before: str, question: str, launch: Launch) -> str:
    """What "it" is in a question: the launch, unless the question before was plainly about one other thing.

    Returns:
        The name with the noun it qualifies; "" where it cannot be told.
    """
    own = {n.lower() for n in names_in(question, launch)}
    said = [n for n in names_in(before, launch) if n.lower() not in own]
    if plain := _plainly(before, said):
        return _noun_phrase(plain, before)
    known = launch_names(launch) | company_names(launch)
    if _ASKS_WHAT.match(question) and (others := [n for n in said if n.lower() not in known]):
        return others[-1]
    if mine := next((n for n in said if n.lower() in launch_names(launch)), ""):
        return _of_launch(mine, before, question) or mine
    company = next((n for n in said if n.lower() in company_names(launch)), "")
    if company and _COMPANY_DOES.search(question):
        return company
    if not said:
        # Without a name in it, a question is better served by the words of the one before.
        subject = SUBJECT.search(before)
        return "" if not own or own & launch_names(launch) else subject["subject"] if subject else launch.name
    main = [] if own and _OPINION.search(question) else list(_told_of(before, said, launch))
    if len(main) == 1:
        return _noun_phrase(main[0], before)
    if own & launch_names(launch):
        return ""
    if launch.name:
        return launch.name
    subject = SUBJECT.search(before)
    # With no launch to speak of, the only name said is the best there is, unless it is a mere place.
    return subject["subject"] if subject else main[0] if main else ""


def _of_launch(name: str, before: str, question: str) -> str:
    """The thing of the launch's that a question was about rather than the launch itself: its API, the lab that made it."""
    at = before.lower().find(name.lower())
    if at < 0:
        return ""
    if part := _OF_LAUNCH.search(before[:at]):
        return f"the {before[part.start('what') : at + len(name)]}"
    maker = _MAKER.search(before[: at + len(name)])
    return maker["what"] if maker and _FOUNDED.search(question) else ""


#: "what are they?", "how much did they rise?": things are asked about, where things were named.
_THINGS_DO = re.compile(
    r"\b(?:are|were)\s+(?:\w+\s+)?they\b(?!\s+\w+ing\b)|\bthey\s+(?:cost|weigh|rise|fall|drop|arrive|work|look|mean|include|run|last)\b",
    re.I,
)
_FIRMS_DO = re.compile(
    r"\bthey\s+(?:announce|say|said|release|launch|build|built|buy|bought|sell|sold|plan|decide|hire|make|made|want|charge|promise|publish)",
    re.I,
)
_MANY_THINGS = re.compile(
    r"\b(?:(?i:how many|which|what)\s+(?P<asked>(?:(?!(?:is|was|does|did|has)\b)[a-z-]+\s+)?(?!(?:is|was|does|did|has|happens)\b)[a-z-]+[^s\W]s)\b(?!\s+of\b)"
    r"|(?P<named>(?:the|[A-Z][\w-]*['’]s)\s+(?:[a-z-]+\s+)?[a-z-]+[^s\W]s)\b(?!\s+of\b))"
)


def they(before: str, question: str, launch: Launch) -> str:
    """Who "they" are: who the question before was plainly about, or the company; "" where several things were named."""
    if _THINGS_DO.search(question) and (things := _MANY_THINGS.search(before)):
        return things["named"] or f"the {things['asked']}"
    own = {n.lower() for n in names_in(question, launch)}
    said = [n for n in names_in(before, launch) if n.lower() not in own]
    if not said:
        # "Who chooses the films?" - "and who pays for them?"; but it is a firm that announces.
        things = None if _FIRMS_DO.search(question) else _MANY_THINGS.search(before)
        return "" if things is None else things["named"] or f"the {things['asked']}"
    if plain := _plainly(before, said):
        # "Why did they give it up?" after "What is Avocado?": "it" is Avocado.
        both = plain.lower() in launch_names(launch) or (launch.company and _IT.search(question))
        return launch.company if both else plain
    if acts := next((n for n in said if _acts(n, before) and n.lower() not in launch_names(launch)), ""):
        return acts
    if company := next((n for n in said if n.lower() in company_names(launch)), ""):
        return company
    rivals = [n for n in said if n.lower() not in launch_names(launch)]
    return "" if len(rivals) > 1 else launch.company


_IT = re.compile(r"\bit\b", re.I)


def _acts(name: str, question: str) -> bool:
    """Whether a question asks what a name says or does: "What did OpenAI say about it?"."""
    return bool(
        re.search(
            rf"\b(?:does|do|did|has|have|will|would)\s+(?:the\s+)?{re.escape(name)}\s+(?!and\b|or\b)[a-z]",
            question,
        )
    )


def is_measure(name: str) -> bool:
    """Whether a name is plainly that of a test or of a place where things are ranked: "HealthBench Hard"."""
    return bool(_PLATFORM.search(name))


def _plainly(before: str, said: list[str]) -> str:
    """The one name that a question is about and nothing else: "What is Avocado?"."""
    match = _PLAINLY.match(before)
    # "the Contemplating mode of Kestrel" is Contemplating's.
    what = (
        re.sub(rf"(?:\s+{_NOUNS})?(?:\s+(?:of|in|from|by)\s+.*)?$", "", match["what"].lower())
        if match
        else ""
    )
    return next((n for n in said if n.lower() == what), "")


def _told_of(before: str, said: list[str], launch: Launch) -> Iterator[str]:
    """The things of a question that are not mentioned by the way: no store, no measure, no rival, no person."""
    end, passing = -1, False
    for name in said:
        at = before.find(name)
        if at < 0:
            continue
        linked = end >= 0 and bool(_LINK.fullmatch(before[end:at]))
        if not linked:
            passing = bool(_BY_THE_WAY.search(before[:at]))
        end = at + len(name)
        aside = (
            passing
            or _SPEAKS.match(before, end)
            or _PLATFORM.search(name)
            or _PLATFORM_NOUN.match(before, end)
        )
        if not aside and name.lower() not in company_names(launch) and not is_person(name, before):
            yield name


def _noun_phrase(name: str, before: str) -> str:
    """The name with the noun it qualifies: "the British edition" rather than "British"."""
    qualifies = re.search(r"(?:ish|ese|[^aeiou]an|ch)$", name)
    noun = "[a-z]{3,}" if qualifies else _NOUNS
    match = re.search(rf"\b(the|an?)\s+({re.escape(name)}\s+{noun})\b", before)
    return f"the {match.group(2)}" if match else name


def person(before: str, answered: str, launch: Launch) -> str:
    """The one person that the last question or its answer names, or ""."""
    told = MARKER.sub(" ", answered)
    asks_who = bool(_WHO.search(before))
    known = launch_names(launch) | company_names(launch)
    for text in (before, told) if re.match(rf"who{_BE}\b", before, re.I) else (told, before):
        found = [n for n in names(text) if n.lower() not in known]
        people = [n for n in found if is_person(n, text)]
        if not people and asks_who and text is told:
            people = [n for n in found if n not in before and like_person(n)]
        if len(set(people)) == 1 or (people and text is before):
            return people[-1]
    return ""


def is_person(name: str, text: str) -> bool:
    """Whether a name has a person's form and the text speaks of it as one speaks of people."""
    if not like_person(name):
        return False
    n = re.escape(name)
    return bool(
        re.search(rf"^who{_BE}\s+{n}\s*\??$", text, re.I)
        or re.search(
            rf"\b{n},?\s+(?:who\b|(?:{_DOES})\b|(?:(?:is|was|the|its|a|an|former)\s+){{0,3}}(?:{_JOBS})\b)",
            text,
        )
        or re.search(
            rf"\b(?:{_JOBS})\b\.?,?\s+{n}\b|\b(?:led|run|headed|founded|written|said|owned)\s+by\s+{n}\b",
            text,
        )
        or re.search(rf"[”\"],?\s+(?:said|says)\s+{n}\b", text)
    )


def like_person(name: str) -> bool:
    """Whether a name has the form of a person's: two or three words in capitals, none of them a product's."""
    words = name.split()
    return len(words) in (2, 3) and all(
        len(w) > 1
        and not w.isupper()
        and w.lower() not in _NO_PERSON
        and all(c.isalpha() or c in "-'" for c in w)
        for w in words
    )


_WHO_DOES = re.compile(
    r"^who\s+(?!is\b|was\b|are\b|were\b|else\b|do\b|does\b|did\b|can\b|will\b)(?P<does>\w.*)$", re.I
)


def the_one_who(question: str) -> str:
    """Who a question asks for, put as a noun: "Who runs Tavisk?" asks for "the one who runs Tavisk"; else ""."""
    match = _WHO_DOES.match(question.rstrip(" ?"))
    return f"the one who {match['does']}" if match else ""
