"""The last question asked again of another thing of its kind: "what about Instagram?", "and in Spain?"."""

from __future__ import annotations

import re

from assistant import places
from assistant.pronouns import ending, it_of, settled
from assistant.referents import company_names, is_measure, launch_names, names_in
from corpus.models import Launch

#: A model, by its number or by its name, where it stands beside the name of a test.
_RIVAL = re.compile(r"\d|^(?:Claude|Gemini|Grok|Llama|ChatGPT|Copilot|DeepSeek|Mistral|Qwen)\b")
#: What stands after a preposition: a name, or a word or two before the end or the next preposition.
_PHRASE = r"(?:[A-Z][\w.-]*(?:['’]s)?(?:\s+[A-Z\d][\w.-]*(?:['’]s)?)*|\w+(?:\s+\w+)?)(?=$|\s+(?:in|on|at|for|with|from|by)\b)"
_PLACE = re.compile(places.PATTERN, re.I)
#: "Does it understand images?" - "and video?"
_DOES_WITH = re.compile(
    r"^(?P<head>(?:does|do|did|can|could|will)\s.+\s(?:understand|support|speak|read|handle|make|write|generate|see|hear|produce|"
    r"accept|process|translate)\s+)[a-z]+$",
    re.I,
)
_ABBREVIATED = frozenset("eu uk us usa".split())
_WHEREABOUTS = re.compile(r"^where\s+(?P<aux>is|are|was|were|will|can|does|do)\s+(?P<rest>.+)$", re.I)
_IN_PLACE = re.compile(rf"\bin\s+{_PLACE.pattern}\b", re.I)
#: Where a product is used: "and the glasses?" after "When does it reach WhatsApp?".
_SHOWN_ON = re.compile(
    r"(?:the\s+)?(?:(?:smart\s+)?glasses|app|website|web|phone|watch|desktop|browser|whatsapp|instagram|facebook|messenger|threads)",
    re.I,
)
_DEVICES = frozenset("glasses app website web phone watch desktop browser".split())
#: "... compare with GPT-5.4 and Claude on coding": what it was held against, and in what.
_COMPARED = re.compile(
    r"^(?P<head>.*\b(?:compared? (?:with|to|against)|compares (?:with|to|against)|than|against|versus|vs\.?|beats?|ahead of|behind|"
    r"outperforms?|outscores?|(?:differs?|different) from)\s+)(?:(?!\s(?:on|in|at|for|when|by)\s).)+?(?P<where>\s(?:on|in|at|for|when|by)\s.+)?$",
    re.I,
)


def swap(rest: str, prep: str, before: str, launch: Launch) -> str:
    """Ask the last question again of another thing of its kind: "what about Instagram?"."""
    rest = re.sub(r"\s+(?:for|of|with|on|in)\s+(?:it|that|this|them)$", "", rest, flags=re.I)
    stem = before.rstrip(" ?")
    if launch.name and (it := it_of(stem)) and not settled(it, launch):
        # A first question's "it" is the launch.
        stem = f"{stem[: it.start()]}{launch.name}{ending(it)}{stem[it.end() :]}"
        before = f"{stem}?"
    place = _PLACE.fullmatch(rest)
    if place and not prep:
        if whereabouts := _WHEREABOUTS.match(stem):
            return f"{whereabouts['aux'].capitalize()} {whereabouts['rest']} in {_as_place(rest)}?"
        if already := _IN_PLACE.search(stem):
            return f"{stem[: already.start()]}in {_as_place(rest)}{stem[already.end() :]}?"
    said = names_in(before, launch)
    own = launch_names(launch) | company_names(launch)
    others = [n for n in said if n.lower() not in own]
    shown = _SHOWN_ON.fullmatch(rest)
    if prep and not (shown and others and not re.search(rf"\b{prep}\b", stem)):
        # "and in Spain?" takes the place of "in France", or is added where the question had no such part.
        *_, same = (None, *re.finditer(rf"\b{prep}\s+(?:the\s+)?{_PHRASE}", stem))
        if same:
            return f"{stem[: same.start()]}{prep} {rest}{stem[same.end() :]}?"
        return f"{stem} {prep} {rest}?"
    if shown and others:
        rest = rest if " " in rest or rest.lower() in _DEVICES else rest.capitalize()
    named = rest[:1].isupper() or bool(shown and others)
    if named and (compared := _COMPARED.match(stem)):
        return f"{compared['head']}{rest}{compared['where'] or ''}?"
    target = others[-1] if others else (said[-1] if said else "")
    mine = next((n for n in said if n.lower() in launch_names(launch)), "")
    if mine and target != mine and is_measure(target) and not is_measure(rest) and _RIVAL.search(rest):
        # "How does it score on HealthBench?" - "and GPT-5.4?"
        target = mine
    if named and target:
        return re.sub(rf"(?:\bthe\s+)?{re.escape(target)}", rest, stem, count=1) + "?"
    if named and (it := it_of(stem)):
        return f"{stem[: it.start()]}{rest}{ending(it)}{stem[it.end() :]}?"
    thing_said = re.search(r"\bthe\s+[a-z][\w-]*", stem)
    if thing_said and re.match(r"(?:the|an?)\b", rest) and not said:
        return f"{stem[: thing_said.start()]}{rest}{stem[thing_said.end() :]}?"
    if named:
        return f"{stem}: {rest}?"
    if re.fullmatch(r"\w+er", rest) and (more := re.search(r"\b\w+er\b", stem)):
        # "cheaper than Claude?" - "and faster?"
        return f"{stem[: more.start()]}{rest}{stem[more.end() :]}?"
    if rest.isalpha() and (does := _DOES_WITH.match(stem)):
        return f"{does['head']}{rest}?"
    topic = next((n for n in said if n.lower() in launch_names(launch)), said[0] if said else launch.name)
    if topic and (owned := re.match(r"(?:its|their)\s+", rest, re.I)):
        return f"What about {topic}'s {rest[owned.end() :]}?"
    return f"What about {rest} of {topic}?" if topic else f"{stem}: {rest}?"


def _as_place(text: str) -> str:
    """A place in its capitals, with the article that it takes."""
    bare = re.sub(r"^the\s+", "", text, flags=re.I)
    if bare.lower() in _ABBREVIATED:
        return f"the {bare.upper()}"
    named = bare if bare[:1].isupper() else bare.title()
    return f"the {named}" if named.split()[0] in ("United", "European", "Netherlands") else named
