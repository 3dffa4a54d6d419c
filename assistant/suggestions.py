"""Further questions that the sources can answer: made from what stands near an answer and was not told in it.

Candidates are plain questions that templates make of names, dates and figures in the passages that were read. Each is
put to the assistant itself, and offered only if it is answered from the very sentence that it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.attribution import speakers
from assistant.models import Answer, Outcome
from assistant.question import parse_question
from assistant.terms import content_words, dates, figures, names, overlap
from corpus.models import Launch

if TYPE_CHECKING:
    from assistant.chain import Assistant

_BASE = {
    "launched": "launch", "released": "release", "announced": "announce", "introduced": "introduce",
    "unveiled": "unveil", "acquired": "acquire", "bought": "buy", "paid": "pay", "hired": "hire", "opened": "open",
    "closed": "close", "rebuilt": "rebuild", "rose": "rise", "climbed": "climb", "fell": "fall", "reached": "reach",
    "gained": "gain", "trained": "train", "built": "build", "invested": "invest", "took": "take", "scored": "score",
    "published": "publish", "showed": "show", "started": "start", "began": "begin", "ended": "end", "led": "lead",
    "moved": "move", "replaced": "replace", "dropped": "drop", "cut": "cut", "won": "win", "lost": "lose",
}  # fmt: skip
_NAME = (
    r"(?!The [a-z])(?:The )?[A-Z](?:[\w'’-]|\.(?=\w))*(?: (?:[A-Z0-9](?:[\w'’-]|\.(?=\w))*|of (?=[A-Z])))*"
)
_DONE = re.compile(
    rf"^(?:(?:On|In) [^,]{{3,30}}, )?(?P<who>{_NAME}) (?P<did>{'|'.join(_BASE)}) (?P<what>[^,;:.(—–“]{{3,60}})"
)
_PAID = re.compile(rf"^(?P<who>{_NAME}) (?:paid|spent) .{{3,40}} (?:for|on) (?P<what>[^,;:.(—–“]{{3,60}})")
_SAYS = re.compile(
    rf"^(?P<who>{_NAME}) (?:says|said|writes|wrote|argues|argued|calls|called|reports|reported|counts|names|lists|noted|"
    r"warns|warned|expects|describes|described|gives|gave)\b"
)
_IS = re.compile(rf"^(?P<who>{_NAME}) (?:is|was) (?:an?|the|one of) ")
_SCORED = re.compile(rf"\b(?:scores?|scored|ranks?|ranked|tied)\b.{{0,40}}? on (?P<what>{_NAME})")
_TIMED = re.compile(
    r" (?:on|in|by|since|for|from|at|after|before|during|within)\b(?! (?:its|their|the)\b).*$"
)
_SHARE = re.compile(r"^(?:about )?[\d.,]+ ?(?:%|per ?cent) of ")
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that a sentence may answer.

    Attributes:
        question: as it would be offered.
        rank: 0 for the most telling kind.
        about: a name that an answer's first quote must hold; "" if it must come from the sentence itself.
        article_id: where the sentence stands.
        start: of the sentence, in characters.
        end: of the sentence, exclusive.
    """

    question: str
    rank: int
    about: str
    article_id: str
    start: int
    end: int


def suggest(
    assistant: Assistant,
    answer: Answer,
    *,
    asked: Sequence[str] = (),
    wanted: int = 3,
    most_checks: int = 8,
    go_on: Callable[[], bool] = lambda: True,
) -> tuple[str, ...]:
    """Questions that the assistant answers, at most `wanted`; fewer, or none, where there are no good ones.

    Args:
        assistant: answers each before it is offered.
        answer: what was just told.
        asked: questions of the conversation so far; none is offered again.
        wanted: how many at most.
        most_checks: how many candidates are tried at most.
        go_on: asked before each try; False gives up what is left.

    Raises:
        LaunchError: the index or a model cannot be used.
    """
    told = {(c.article_id, c.quote) for c in answer.citations}
    known = [*asked, answer.question, answer.standalone_question]
    offered: list[str] = []
    shapes: set[str] = set()
    checks = 0
    for candidate in candidates(answer, assistant.launch):
        if checks == most_checks or len(offered) == wanted or not go_on():
            break
        shape = " ".join(candidate.question.split()[:2])
        # Three questions of one form read like a form.
        if shape in shapes or any(_alike(candidate.question, other) for other in known):
            continue
        checks += 1
        # Nothing is gained by trying its like again, whether it is offered or not.
        known.append(candidate.question)
        found = assistant.answer(candidate.question, as_of=answer.as_of)
        if found.outcome is Outcome.ANSWERED and _fits(candidate, found, told):
            offered.append(candidate.question)
            shapes.add(shape)
            told |= {(c.article_id, c.quote) for c in found.citations}
    return tuple(offered)


def _fits(candidate: Candidate, found: Answer, told: set[tuple[str, str]]) -> bool:
    """Whether an answer is about what the candidate was made of, and says what was not told yet."""
    if all((c.article_id, c.quote) in told for c in found.citations):
        return False
    if candidate.about:
        return candidate.about in found.citations[0].quote
    return any(
        c.article_id == candidate.article_id and c.start < candidate.end and candidate.start < c.end
        for c in found.citations
    )


#: The rank of a question about a name that a sentence only mentions.
_OF_A_NAME = 2


def candidates(answer: Answer, launch: Launch) -> tuple[Candidate, ...]:
    """Questions of what the answer's passages say and it does not: the most telling first, then the nearest."""
    told = {(c.article_id, c.start) for c in answer.citations}
    common = content_words(" ".join((launch.name, *launch.aliases, launch.company)))
    known = content_words(f"{answer.question} {answer.text}") | common
    publishers = content_words(" ".join(hit.article.publisher for hit in answer.hits))
    found: dict[str, Candidate] = {}
    for hit in answer.hits:
        for start, end in hit.passage.sentences:
            sentence = " ".join(hit.article.text[start:end].split())
            if (hit.article.id, start) in told or not 25 <= len(sentence) <= 320:
                continue
            for rank, question, about in questions_of(sentence, known=known, launch=launch):
                # Of who only reports, the articles tell nothing but what it says.
                if rank == _OF_A_NAME and content_words(about) & publishers:
                    continue
                if len(question) <= _LONGEST:
                    made = Candidate(question, rank, about, hit.article.id, start, end)
                    found.setdefault(question, made)
    return tuple(sorted(found.values(), key=lambda c: c.rank))


def questions_of(sentence: str, *, known: frozenset[str], launch: Launch) -> Iterator[tuple[int, str, str]]:
    """Plain questions that a sentence may answer, each with its rank and the name that it is about.

    Args:
        sentence: of an article.
        known: stems of what was told already; a question is about something else.
        launch: for telling the launch's own name from others.
    """

    def new(name: str) -> bool:
        return not content_words(name) & known

    done, paid, says = _DONE.match(sentence), _PAID.match(sentence), _SAYS.match(sentence)
    scored, described = _SCORED.search(sentence), _IS.match(sentence)
    if scored and launch.name and launch.name in sentence and new(scored["what"]):
        yield 0, f"How did {launch.name} score on {scored['what']}?", scored["what"]
    if paid and content_words(paid["what"]) - known and figures(sentence):
        what = _SHARE.sub("a share of ", paid["what"].strip())
        yield 0, f"How much did {_inside(paid['who'])} pay for {what}?", ""
    if done and dates(sentence):
        what = _TIMED.sub("", done["what"]).strip(" ”\"'")
        if content_words(what) - known and len(what.split()) <= 7:
            yield 0, f"When did {_inside(done['who'])} {_BASE[done['did']]} {what}?", ""
    if described and new(described["who"]) and _is_name(described["who"]):
        yield 1, f"What is {_inside(described['who'])}?", described["who"]
    if says and new(says["who"]) and launch.name and launch.name in sentence:
        yield 1, f"What does {says['who']} say about {launch.name}?", says["who"]
    # Of who only reports the sentence, the articles tell nothing.
    spoken = speakers(sentence)
    for name in names(sentence):
        if content_words(name) & spoken:
            continue
        if new(name) and _is_name(name) and f"The {name}" not in sentence and name in sentence:
            yield _OF_A_NAME, f"What is known about {name}?", name


def _inside(name: str) -> str:
    """A name as it stands inside a sentence."""
    return re.sub(r"^The (?=[A-Z])", "the ", name)


def _is_name(name: str) -> bool:
    """Whether more than a capital at the start of a sentence speaks for a name."""
    bare = name.removeprefix("The ")
    return len(bare) > 3 and (" " in bare or any(c.isupper() or c.isdigit() for c in bare[1:]))


def _alike(a: str, b: str) -> bool:
    """Whether two questions ask nearly the same."""
    same_kind = parse_question(a).kind is parse_question(b).kind
    return overlap(content_words(a), content_words(b)) >= (0.7 if same_kind else 1.0)
