"""A search query made a question: "price of the Orla Seven" asks what the price is, "new CEO of Tavisk?" who that is.

The evidence model was trained on questions, and what a question asks for is told by its words. Only where a query's
head says what is wanted (a measure, a person, a day, a property) is it touched.
"""

from __future__ import annotations

import re

from assistant.ordinary import is_ordinary
from assistant.question import AUXILIARIES

_MEASURE = frozenset(
    """price cost fee rate weight height width length size range speed capacity power payload thrust temperature score
    rank ranking age budget salary resolution brightness thickness diameter depth volume area consumption output yield
    dose dosage efficacy accuracy latency bandwidth storage memory ram wattage horsepower torque displacement mileage
    altitude runtime time life duration population turnover revenue profit loss discount deposit interest valuation funding
    """.split()
)
_PERSON = frozenset(
    """ceo cto cfo boss chief director designer founder cofounder author writer composer owner inventor head leader chair
    chairman chairwoman president captain commander pilot architect engineer narrator producer editor spokesman spokeswoman
    maker manufacturer developer publisher supplier partner operator sponsor investor distributor
    """.split()
)
_DAY = frozenset("date deadline day".split())
_PROPERTY = (
    r"waterproof|free|open[ -]source|available|safe|legal|compatible|included|refundable|vegan|wireless|rechargeable"
    r"|removable|replaceable|foldable|multilingual|multimodal|open|closed|approved|recyclable|dishwasher[ -]safe|online"
)
_BEFORE = re.compile(r"\s(?:of|for|in|at|on|by|with|from|to|per|after|before|under|without)\s", re.I)
_ASKS = re.compile(
    rf"\b(?:who|whom|whose|what|what's|when|where|why|how|which|{'|'.join(map(re.escape, AUXILIARIES))}|be|been|tell|explain|describe"
    r"|list|name|give|show|compare|summari[sz]e|find|say|says|said|i|you|we|it|he|she|they)\b",
    re.I,
)
_IS_SO = re.compile(rf"^(?P<thing>[\w].*?)\s+(?P<property>(?:{_PROPERTY}))$", re.I)
_ARTICLE = re.compile(r"^(?:the|an?|its|their|his|her|any)\s", re.I)
_MOST_WORDS = 12


def as_question(query: str) -> str:
    """The query as a question, or as it is where it is one already or its head does not say what is wanted."""
    text = query.strip().rstrip("?!. ")
    words = text.split()
    if not 2 <= len(words) <= _MOST_WORDS or _ASKS.search(text) or any(c in text for c in "?:;,()"):
        return query
    if is_ordinary(words[0]):
        text = text[:1].lower() + text[1:]
    said = text if _ARTICLE.match(text) else f"the {text}"
    if found := _IS_SO.match(text):
        thing = found["thing"] if _ARTICLE.match(text) else f"the {found['thing']}"
        return f"Is {thing} {found['property']}?"
    head = _BEFORE.split(text, maxsplit=1)[0].split()[-1].lower()
    if head in _PERSON:
        return f"Who is {said}?"
    if head in _MEASURE or head in _DAY:
        return f"What is {said}?"
    return query
