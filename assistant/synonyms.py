"""Words that ask for and tell the same thing in reports of launches: "released" and "came out", "price" and "costs".

Only for weighing how much of a question a sentence takes up; nothing is ever shown or verified by them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.terms import content_words

_GROUPS = """
    launch launched release released unveil unveiled introduce introduced debut debuted
    price priced pricing cost costs costing pay paid charge fee expensive cheap
    buy bought purchase purchased acquire acquired acquisition
    company firm maker manufacturer business
    lead leads led head heads headed run chief boss ceo chair
    rival rivals competitor competitors competing
    employee employees staff worker workers
    start started begin began begins beginning
    end ended finish finished stop stopped
    build built develop developed created create manufacture manufactured
    rise rose increase increased grow grew growth
    fall fell drop dropped decline declined decrease decreased
    film films movie movies title titles
    phone phones handset handsets smartphone smartphones
    car cars vehicle vehicles
    error errors mistake mistakes bug bugs flaw flaws fault faults
    danger dangers risk risks hazard
    gap gaps weakness weaknesses weak drawback drawbacks shortcoming shortcomings disadvantage downside
    strength strengths advantage advantages benefit benefits gain gains
    explode exploded explosion blew blow
    injured hurt harmed harm injury injuries
    weigh weighs weight heavy grams kilograms
    fast speed quick quickly faster
    tall height high
    big size large
    last lasts lasting battery endurance
    approve approved approval authorise authorised cleared clearance permit permitted licence licensed
    study studies trial trials test tests tested testing
    free gratis nothing
    wireless wifi wi-fi internet
    children kids child kid
    trip journey ride travel travels
    store stores shop shops retailer retailers
    music score soundtrack
    screen screens display displays
    picture pictures image images photo photos
    country countries nation nations
    delay delayed postpone postponed slipped
    show shows reveal revealed present presented
    criticise criticised complain complained complaint complaints grumble grumbled curse
    subscribe subscription subscriber subscribers member members membership
    medicine drug treatment
    job post position role
    user users customer customers people
    rank ranked ranking place placed
    name named called known
    app apps application applications
    website site web
    money funding fund funds raised investment invest invested
    doctor doctors physician physicians
    help helps assist assists
"""


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    """Stem -> the first stem of its group."""
    found: dict[str, str] = {}
    for line in _GROUPS.strip().splitlines():
        stems = [s for word in line.split() for s in sorted(content_words(word))]
        for stem in stems:
            found.setdefault(stem, stems[0])
    return found


_PHRASES = (
    (re.compile(r"\b(?:come|comes|came|coming) out\b", re.I), "launched"),
    (re.compile(r"\bopen[- ]?source[ds]?\b", re.I), "open weights"),
)


@lru_cache(maxsize=16384)
def meanings(text: str) -> frozenset[str]:
    """The content words of a text, those of one group as one."""
    for pattern, words in _PHRASES:
        text = pattern.sub(words, text)
    groups = _groups()
    return frozenset(groups.get(s, s) for s in content_words(text))
