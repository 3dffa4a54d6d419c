"""Sentences and passages: exact, in order, complete."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.models import Article, Kind
from index.passages import is_heading, passages, sentence_spans

_PIECES = st.sampled_from(
    ["The model ships.", "Is it open?", "No.", "U.S.", "3.5", "Mr.", "“Yes.”", "# Head", "- item", "> said", "* x", "1. one",
     "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2028", "e\u0301", "👩‍🚀", "你好。", "؟", "---", "...", "…", " ", "\ufeff", "\u200b",
     "\u0085", "\x1c", "word " * 150, "x" * 700]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.one_of(_PIECES, st.text(st.characters(exclude_categories=["Cs"]), max_size=12)), max_size=25).map("".join),
    st.lists(_PIECES, max_size=40).map(" ".join),
)  # fmt: skip
_MARKS = re.compile(r"[#\-*+•>_=\ufeff]|\d{1,3}[.)]")


def _article(text: str) -> Article:
    return Article("a", "Title", "", None, date(2026, 4, 8), None, Kind.UNKNOWN, text)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("a\r\n\r\n\r\nb")
@example("- - - x")
def test_spans_are_exact_ordered_and_complete(text: str) -> None:
    at, left_out = 0, []
    for start, end in sentence_spans(text):
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        left_out.append(text[at:start])
        at = end
    left_out.append(text[at:])
    # Nothing is left out but whitespace and the signs of Markdown.
    for gap in left_out:
        assert not _MARKS.sub("", gap).strip(), gap


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(200, 1200), st.integers(0, 3))
def test_passages_are_exact_and_hold_every_sentence(text: str, most: int, overlap: int) -> None:
    found = passages(_article(text), max_chars=most, overlap_sentences=overlap)
    held = []
    for passage in found:
        assert text[passage.start : passage.end] == passage.text
        assert passage.sentences[0][0] == passage.start
        assert passage.sentences[-1][1] == passage.end
        assert len(passage.text) <= most or len(passage.sentences) == 1
        held.extend(passage.sentences)
    assert tuple(sorted(set(held))) == sentence_spans(text)
    assert len({p.id for p in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. Army left. Mr. Smith Jr. joined Acme Inc. on Jan. 5 at 9 a.m. He said so.",
         ["The U.S. Army left.", "Mr. Smith Jr. joined Acme Inc. on Jan. 5 at 9 a.m.", "He said so."]),
        ("It costs $3.5 billion. No. 5 beats No. 6.", ["It costs $3.5 billion.", "No. 5 beats No. 6."]),
        ('"Really?!" she asked. "Yes." He left... And came… Then slept.',
         ['"Really?!" she asked.', '"Yes."', "He left...", "And came…", "Then slept."]),
        ("# Head\nBody one. Body two\n\n- item one\n* item two.\n> quoted here.",
         ["Head", "Body one.", "Body two", "item one", "item two.", "quoted here."]),
        ("这是第一句。这是第二句！第三句？", ["这是第一句。", "这是第二句！", "第三句？"]),
        ("Version 4.5.1 of GPT-5.2 shipped. J. K. Rowling wrote it. It works in the U.S. The rest waits.",
         ["Version 4.5.1 of GPT-5.2 shipped.", "J. K. Rowling wrote it.", "It works in the U.S.", "The rest waits."]),
        ("It is read in full sun. Priced low, it sells. He came on Sun. 4 May and sat. Then he left.",
         ["It is read in full sun.", "Priced low, it sells.", "He came on Sun. 4 May and sat.", "Then he left."]),
        ("It has many tools (e.g. search). See Fig. 3 vs. Fig. 4. Done.",
         ["It has many tools (e.g. search).", "See Fig. 3 vs. Fig. 4.", "Done."]),
        ("Prose wrapped by hand at a width that is\nkept all through the text goes on from\nline to line. Next.",
         ["Prose wrapped by hand at a width that is\nkept all through the text goes on from\nline to line.", "Next."]),
        ("One.\u2028Two.\n \n\nThree.", ["One.", "Two.", "Three."]),
        ("**A bold lead.** Then text. It cost five dollars.[1] Then more.",
         ["**A bold lead.**", "Then text.", "It cost five dollars.[1]", "Then more."]),
        ("", []),
        (" \n\t\n", []),
    ],
)  # fmt: skip
def test_sentences_of_news_prose(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentence_spans(text)] == expected


def test_headings_are_context_and_items_are_sentences() -> None:
    text = "# A head\nA bare line\n\nA sentence.\n\n- an item without a stop\n"
    kinds = {text[a:b]: is_heading(text, (a, b)) for a, b in sentence_spans(text)}
    assert kinds == {
        "A head": True,
        "A bare line": True,
        "A sentence.": False,
        "an item without a stop": False,
    }


def test_a_heading_goes_with_what_it_heads() -> None:
    text = "".join(f"# Head {n}\n\n" + f"Sentence of part {n} is here. " * 6 + "\n\n" for n in range(6))
    for passage in passages(_article(text), max_chars=300, overlap_sentences=1):
        last = passage.sentences[-1]
        assert not is_heading(text, last), passage.text


def test_ids_follow_article_and_digest() -> None:
    one = passages(_article("Text."), max_chars=900, overlap_sentences=1)[0]
    again = passages(_article("Text."), max_chars=900, overlap_sentences=1)[0]
    twin = Article("b", "Title", "", None, date(2026, 4, 8), None, Kind.UNKNOWN, "Text.")
    assert one.id == again.id
    assert passages(twin, max_chars=900, overlap_sentences=1)[0].id != one.id
    assert passages(_article("Text!"), max_chars=900, overlap_sentences=1)[0].id != one.id
