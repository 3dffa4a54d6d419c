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
