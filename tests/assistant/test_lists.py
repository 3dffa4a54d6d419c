"""Lists are quoted with the line that announces them, exactly as they stand."""

from datetime import date

import pytest

from assistant.lists import LONGEST, with_its_list
from assistant.models import Evidence
from corpus.models import Article, Kind
from index.models import Hit
from index.passages import passages

TEXT = """\
The trial ran for a year. The most frequent side effects were:

- an unpleasant taste, in 18 per cent of patients
- nosebleeds, in 7 per cent

Sales begin in April.

1. Open the box.
2. Press the button.
"""


def found(quote: str, text: str = TEXT) -> Evidence:
    article = Article("a", "The trial", "The Ledger", None, date(2026, 5, 1), None, Kind.REPORTING, text)
    passage = passages(article, max_chars=4000, overlap_sentences=0)[0]
    start = text.index(quote)
    return Evidence(Hit(passage, article, 1.0, 1, 1, 0.5), start, start + len(quote), quote, 0.9)


@pytest.mark.parametrize(
    ("quote", "begins", "ends"),
    [
        ("The most frequent side effects were:", "The most", "in 7 per cent"),
        ("nosebleeds, in 7 per cent", "The most", "in 7 per cent"),
        ("an unpleasant taste, in 18 per cent of patients", "The most", "of patients"),
        ("Sales begin in April.", "Sales", "April."),
        ("The trial ran for a year.", "The trial", "year."),
        ("Press the button.", "Press", "button."),  # nothing announces these
    ],
)
def test_a_list_and_what_announces_it(quote, begins, ends):
    whole = with_its_list(found(quote))
    assert whole.quote.startswith(begins)
    assert whole.quote.endswith(ends)
    assert TEXT[whole.start : whole.end] == whole.quote


def test_a_colon_before_no_list_and_a_list_without_an_end_stay_as_they_are():
    said = found("He said one thing:", "He said one thing:\n\nNothing follows.")
    assert with_its_list(said) is said
    endless = "It has:\n" + "".join(f"- part number {n} of very many\n" for n in range(LONGEST // 20))
    announced = found("It has:", endless)
    assert with_its_list(announced) is announced
