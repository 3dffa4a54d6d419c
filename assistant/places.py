"""Names of countries and regions: a report that names the country and one that names its town tell one place."""

from __future__ import annotations

import re

#: Countries, continents and unions by the names that reports use.
LARGE = frozenset(
    name.strip()
    for name in """europe, asia, africa, america, north america, south america, central america, latin america, australia, oceania,
    scandinavia, the middle east, middle east, the balkans, the caribbean, caribbean, the nordics, benelux, european union, eu,
    afghanistan, albania, algeria, angola, argentina, armenia, austria, azerbaijan, bahrain, bangladesh, belarus, belgium, bolivia,
    bosnia, botswana, brazil, britain, great britain, bulgaria, cambodia, cameroon, canada, chile, china, colombia, congo,
    costa rica, croatia, cuba, cyprus, czechia, czech republic, denmark, dominican republic, ecuador, egypt, el salvador, england,
    estonia, ethiopia, finland, france, georgia, germany, ghana, greece, greenland, guatemala, honduras, hong kong, hungary,
    iceland, india, indonesia, iran, iraq, ireland, northern ireland, israel, italy, ivory coast, jamaica, japan, jordan,
    kazakhstan, kenya, korea, south korea, north korea, kosovo, kuwait, kyrgyzstan, laos, latvia, lebanon, libya, liechtenstein,
    lithuania, luxembourg, madagascar, malaysia, mali, malta, mauritius, mexico, moldova, monaco, mongolia, montenegro, morocco,
    mozambique, myanmar, namibia, nepal, netherlands, new zealand, nicaragua, nigeria, north macedonia, norway, oman, pakistan,
    panama, paraguay, peru, philippines, poland, portugal, puerto rico, qatar, romania, russia, rwanda, saudi arabia, scotland,
    senegal, serbia, singapore, slovakia, slovenia, south africa, spain, sri lanka, sudan, sweden, switzerland, syria, taiwan,
    tajikistan, tanzania, thailand, tunisia, turkey, uganda, uk, ukraine, united arab emirates, uae, united kingdom,
    united states, uruguay, us, usa, uzbekistan, venezuela, vietnam, wales, yemen, zambia, zimbabwe""".replace(
        "\n", " "
    ).split(",")
)
#: Those names as part of a pattern, the longest first; matched whatever the capitals.
PATTERN = rf"(?:the\s+)?(?:{'|'.join(re.escape(n) for n in sorted(LARGE, key=len, reverse=True))})"


def is_large(name: str) -> bool:
    """Whether a name is that of a country or a region, which has towns."""
    low = name.lower()
    return low in LARGE or low.removeprefix("the ") in LARGE


#: One place under several names.
_SAME = {
    "uk": "britain", "united kingdom": "britain", "great britain": "britain", "us": "america", "usa": "america",
    "united states": "america", "eu": "europe", "european union": "europe", "czech republic": "czechia",
}  # fmt: skip
#: Parts of the world, in which countries lie.
_REGIONS = frozenset("europe asia africa oceania scandinavia".split())
#: Who lives there, where the word does not begin as the country's name does.
_PEOPLE = {
    "french": "france", "spanish": "spain", "spaniards": "spain", "dutch": "netherlands", "british": "britain",
    "britons": "britain", "english": "england", "scottish": "scotland", "scots": "scotland", "welsh": "wales",
    "irish": "ireland", "danish": "denmark", "danes": "denmark", "swedish": "sweden", "swedes": "sweden", "polish": "poland",
    "poles": "poland", "turkish": "turkey", "turks": "turkey", "finnish": "finland", "finns": "finland", "swiss": "switzerland",
    "greek": "greece", "greeks": "greece", "norwegian": "norway", "norwegians": "norway", "portuguese": "portugal",
    "european": "europe", "europeans": "europe", "canadian": "canada", "canadians": "canada", "mexican": "mexico",
    "italian": "italy", "italians": "italy", "belgian": "belgium", "belgians": "belgium", "german": "germany", "germans": "germany", "chinese": "china",
}  # fmt: skip
_WORDS = re.compile(r"\b(?:US|UK|EU|USA|UAE|[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)\b")


def countries_in(text: str) -> frozenset[str]:
    """The countries that a text names, or whose people it names; one name for each."""
    found: set[str] = set()
    for match in _WORDS.finditer(text):
        whole = match.group().lower()
        for word in (whole,) if whole in LARGE else whole.split():
            place = _PEOPLE.get(word) or (word if word in LARGE else "")
            if not place and word.endswith(("n", "ns", "ese", "i", "is")):
                stem = word.rstrip("s").removesuffix("ese").removesuffix("i")
                place = next(
                    (n for n in (stem, stem[:-1], f"{stem[:-2]}a", f"{stem[:-2]}y") if n in LARGE), ""
                )
            if place:
                found.add(_SAME.get(place, place))
    return frozenset(found - _REGIONS)
