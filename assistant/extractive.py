"""The quoting answerer: from scored sentences to one to four quotes that answer, or to a plain refusal.

Pure. It chooses the fewest quotes that cover what was asked, puts them in a readable order, and says what the
sources leave open. Every line it shows is an exact quote or one of the fixed phrases below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from assistant.conflicts import Difference, find_difference
from assistant.evidence import Thresholds
from assistant.forms import subject_of
from assistant.lists import whole_lists
from assistant.models import Citation, Conflict, Evidence, Outcome, Sentence, Side
from assistant.neighbours import near_to
from assistant.question import Question, QuestionKind, asks_which, gives_reason
from assistant.readable import readable
from assistant.relevance import mentioned
from assistant.replies import nearly
from assistant.terms import content_words, figures, names, negations, overlap
from assistant.witnesses import agrees, also_told, witnesses
from corpus.models import Kind, Launch

NO_ANSWER = "The sources do not say."
NEAREST = "The nearest that they come to it:"
PARTLY = "The sources answer this only in part."
DIFFER = "The sources differ on this."
SILENT_ON = "On the rest, the sources do not say."

MOST_QUOTES = 4
#: Below this score the best sentence may be the wrong one: what is about as likely is shown beside it.
UNSURE = 0.7
#: From which score on a sentence counts whose short answer, alone in its article, is about the figure that was found.
LIKELY = 0.008


@dataclass(slots=True)
class Draft:
    """An answer before it has an index generation and timings."""

    outcome: Outcome
    confidence: float
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    agreeing: list[Citation] = field(default_factory=list)
    witnesses: int = 0
    notes: list[str] = field(default_factory=list)

    def phrase(self, text: str) -> None:
        """Add a fixed phrase."""
        self.sentences.append(Sentence(text, (), 1.0))

    def quote(self, evidence: Evidence, launch: Launch, *, attributed: bool = False) -> int:
        """Add a quote with its citation; returns the marker."""
        marker = self.cite(evidence)
        words = f"“{readable(evidence, launch)}” [{marker}]"
        lead = _lead(evidence, launch, attributed=attributed)
        self.sentences.append(Sentence(f"{lead}{words}", (marker,), 1.0))
        return marker

    def cite(self, evidence: Evidence) -> int:
        """The marker of the evidence's citation, made at first use."""
        article = evidence.hit.article
        for citation in self.citations:
            if (citation.article_id, citation.start, citation.end) == (
                article.id,
                evidence.start,
                evidence.end,
            ):
                return citation.marker
        marker = len(self.citations) + 1
        self.citations.append(_citation(evidence, marker))
        return marker

    def adopt(self, citation: Citation) -> int:
        """Take over another draft's citation; returns its marker here."""
        for own in self.citations:
            if (own.article_id, own.start, own.end) == (citation.article_id, citation.start, citation.end):
                return own.marker
        marker = len(self.citations) + 1
        self.citations.append(replace(citation, marker=marker))
        return marker

    def carry_conflicts(self, other: Draft) -> None:
        """Take over another draft's conflicts, in this draft's markers, where this one cites every side."""
        own = {(c.article_id, c.start): c.marker for c in self.citations}
        renumbered = {
            c.marker: own[c.article_id, c.start] for c in other.citations if (c.article_id, c.start) in own
        }
        carried = [_carried(conflict, renumbered) for conflict in other.conflicts]
        self.conflicts = [c for c in carried if all(side.markers for side in c.sides)]


def _citation(evidence: Evidence, marker: int) -> Citation:
    article = evidence.hit.article
    return Citation(
        marker, article.id, article.title, article.publisher, article.url, article.published,
        evidence.quote, evidence.start, evidence.end, article.digest, article.kind.value, article.also_published_by,
    )  # fmt: skip


def _carried(conflict: Conflict, renumbered: dict[int, int]) -> Conflict:
    sides = tuple(
        Side(s.value, tuple(renumbered[m] for m in s.markers if m in renumbered)) for s in conflict.sides
    )
    return Conflict(conflict.subject, sides)


def _lead(evidence: Evidence, launch: Launch, *, attributed: bool) -> str:
    article = evidence.hit.article
    if attributed:
        who = article.publisher or article.title
        when = spoken(article.published) if article.published else "undated"
        return f"{who} ({when}): "
    who = speaker([evidence], launch)
    return f"{who} says: " if who else ""


def speaker(evidence: Sequence[Evidence], launch: Launch) -> str:
    """Whose word it is where a claim stands only in the company's own statements, else ""."""
    if not evidence or any(e.hit.article.kind is not Kind.STATEMENT for e in evidence):
        return ""
    return launch.company or evidence[0].hit.article.publisher or "The company"


def spoken(day: date) -> str:
    """A day as people write it: 8 April 2026."""
    return f"{day.day} {day:%B %Y}"


def compose(
    question: Question,
    scored: Sequence[tuple[str, Sequence[Evidence]]],
    *,
    thresholds: Thresholds,
    launch: Launch,
) -> Draft:
    """An answer from scored sentences.

    Args:
        question: the stand-alone question.
        scored: for each part of the question, the part and its evidence, best first.
        thresholds: from which probabilities evidence counts.
        launch: for telling the launch's own name from an answer.
    """
    answered: list[list[Evidence]] = []
    missing = 0
    for part, evidence in scored:
        chosen = choose(part, question.kind, evidence, thresholds, of_several=len(scored) > 1)
        if chosen:
            answered.append(chosen)
        else:
            missing += 1
    if not answered:
        return _refusal([e for _, evidence in scored for e in evidence[:1]], question, launch)
    best = min(group[0].score for group in answered)
    difference = _difference(question, scored, thresholds, launch) if len(scored) == 1 else None
    weak = all(group[0].score < thresholds.answered for group in answered)
    outcome = Outcome.PARTIAL if missing or weak else Outcome.ANSWERED
    draft = Draft(outcome, best if not missing else best / 2)
    if difference:
        _tell_difference(draft, difference, launch)
        return draft
    if weak and not missing:
        draft.phrase(PARTLY)
    shown: list[Evidence] = []
    for group in answered:
        shown += [e for e in group if not any(_same(e, s) for s in shown)]
    shown = _readable_order(shown)[:MOST_QUOTES]
    for piece in whole_lists(shown):
        draft.quote(piece, launch)
    backing = [
        e
        for part, evidence in scored
        for e in evidence[:40]
        if e.score >= thresholds.partial and any(e is c or agrees(e, c, part) for c in shown)
    ]
    draft.witnesses = witnesses(backing)
    if outcome is Outcome.ANSWERED:
        also = also_told(question.text, shown, backing, launch)
        draft.agreeing = [_citation(e, n) for n, e in enumerate(also, len(draft.citations) + 1)]
    if missing:
        draft.phrase(SILENT_ON)
    return draft


def _refusal(nearest: Sequence[Evidence], question: Question, launch: Launch) -> Draft:
    best = max((e.score for e in nearest), default=0.0)
    draft = Draft(Outcome.NO_EVIDENCE, 1.0 - best)
    draft.phrase(NO_ANSWER)
    topic = content_words(" ".join((launch.name, *launch.aliases, launch.company)))
    asked = content_words(question.text) - topic
    # Something is near only if it shares a word with the question beyond the launch's name.
    for evidence in sorted(nearest, key=lambda e: -e.score)[:1]:
        if asked & content_words(evidence.quote):
            draft.phrase(NEAREST)
            draft.quote(evidence, launch)
    return draft


_SEVERAL = frozenset({QuestionKind.LIST, QuestionKind.WHY, QuestionKind.HOW, QuestionKind.WHAT})


def choose(
    part: str,
    kind: QuestionKind,
    evidence: Sequence[Evidence],
    thresholds: Thresholds,
    *,
    of_several: bool = False,
) -> list[Evidence]:
    """The fewest pieces of evidence that cover one part of a question, best first; empty when none answers.

    Where it is one part of several, a further quote has to answer about as well as the first to take room from them.
    """
    if not evidence or evidence[0].score < thresholds.partial:
        return []
    chosen = [evidence[0]]
    several = kind in _SEVERAL and not of_several
    most = MOST_QUOTES if several else 2
    share = 0.35 if several else 0.65 if kind is QuestionKind.WHEN else 0.45
    if evidence[0].score < UNSURE and not of_several:
        most, share = max(most, 3), min(share, 0.35)
    floor = max(0.5 * thresholds.partial, evidence[0].score * share)
    asked = content_words(part)
    # What goes on from the best sentence, or leads to it, is the likelier to belong to the answer.
    for candidate in near_to(evidence[:1], evidence[1:])[:11]:
        if len(chosen) >= most or candidate.score < floor:
            break
        if any(_same(candidate, c) for c in chosen):
            continue
        if _adds(candidate, chosen, asked, kind):
            chosen.append(candidate)
    companion = _companion(chosen[0], evidence, kind)
    if companion and companion not in chosen:
        chosen = [chosen[0], companion, *chosen[1 : most - 1]]
    return chosen


#: "That is why ...", "This makes ...": what is meant stands in the sentence before.
_POINTS_BACK = re.compile(r"(?:That|This|These|Those|Such|Both|Neither)\b(?!\s+(?:week|month|year|day)\b)")
#: "It is distribution." after "... is not a single benchmark score."
_GOES_ON = re.compile(r"(?:It|They|He|She|Instead|Rather|But|Its|Their)\b")
#: A denial that a correction may follow; what merely ends ("before it stops") is not corrected.
_DENIES = re.compile(r"\b(?:not|neither|never|no longer|hardly)\b|n['’]t\b")
_SHORT = 6


def _companion(best: Evidence, evidence: Sequence[Evidence], kind: QuestionKind) -> Evidence | None:
    """The neighbour without which the best quote says too little: what it points back to, or where it goes on."""
    own = sorted((e for e in evidence if e.hit.article.id == best.hit.article.id), key=lambda e: e.start)
    at = next((i for i, e in enumerate(own) if e.start == best.start and e.end == best.end), None)
    if at is None:
        return None
    gap = "\n\n"
    text = best.hit.article.text
    if _POINTS_BACK.match(best.quote) and at > 0 and gap not in text[own[at - 1].end : best.start]:
        return own[at - 1]
    if at + 1 < len(own) and gap not in text[best.end : own[at + 1].start]:
        denies = _DENIES.search(best.quote) and _GOES_ON.match(own[at + 1].quote)
        short = len(best.quote.split()) <= _SHORT and (
            kind in _SEVERAL or own[at + 1].score >= 0.1 * best.score
        )
        # "It was late. The locomotive had to be changed": the fact that was asked about, and then why.
        why = kind is QuestionKind.WHY and not gives_reason(best.quote) and gives_reason(own[at + 1].quote)
        if denies or short or why:
            return own[at + 1]
    return None


def _adds(candidate: Evidence, chosen: Sequence[Evidence], asked: frozenset[str], kind: QuestionKind) -> bool:
    """Whether a further quote says something that the chosen ones do not."""
    told = frozenset().union(*(content_words(c.quote) for c in chosen)) | asked
    fresh = content_words(candidate.quote) - told
    if kind is QuestionKind.LIST:
        had = {n.lower() for c in chosen for n in names(c.quote)}
        return len(fresh) >= 3 and (
            any(n.lower() not in had for n in names(candidate.quote)) or len(fresh) >= 5
        )
    if kind in (QuestionKind.WHEN, QuestionKind.QUANTITY):
        had_figures = frozenset().union(*(figures(c.quote) for c in chosen))
        return bool(figures(candidate.quote) - had_figures) or len(fresh) >= 4
    # Beside a no, a yes says something new in whatever words.
    denied = {bool(negations(c.quote)) for c in chosen}
    if kind is QuestionKind.YES_NO and bool(negations(candidate.quote)) not in denied:
        return True
    return len(fresh) >= 4 or bool(_numbered(fresh))


def _same(a: Evidence, b: Evidence) -> bool:
    """Whether two quotes say the same, so that one of them is enough."""
    if a.hit.article.id == b.hit.article.id and a.start < b.end and b.start < a.end:
        return True
    # "Muse Spark" and "Muse Spark 1.2": a figure more or less is not the same.
    if _numbered(content_words(a.quote)) != _numbered(content_words(b.quote)):
        return False
    # Nor are "The weights are open" and "The weights are not open".
    if bool(negations(a.quote)) != bool(negations(b.quote)):
        return False
    return overlap(content_words(a.quote), content_words(b.quote)) >= 0.7


def _numbered(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if any(c.isdigit() for c in word))


def _readable_order(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Articles in the order of their best quote; within an article as it was written."""
    rank: dict[str, int] = {}
    for e in evidence:
        rank.setdefault(e.hit.article.id, len(rank))
    return sorted(evidence, key=lambda e: (rank[e.hit.article.id], e.start))


def _difference(
    question: Question,
    scored: Sequence[tuple[str, Sequence[Evidence]]],
    thresholds: Thresholds,
    launch: Launch,
) -> Difference | None:
    _, evidence = scored[0]
    # Where it is not sure that anything answers, two sentences that say different things are no news.
    best = evidence[0]
    if max(best.score, best.own_score) < thresholds.answered and not _beside(question, best, evidence[1:2]):
        return None
    floor = max(thresholds.partial * 0.6, evidence[0].score * 0.2)
    # Another value for the same thing often stands in other words, and scores lower for that.
    plain = question.kind in (QuestionKind.QUANTITY, QuestionKind.WHO, QuestionKind.WHERE) or asks_which(
        question.text
    )
    low = 0.4 * thresholds.partial
    own = (launch.name, *launch.aliases, launch.company)
    if subject_of(question.text, own):
        return (
            None  # What is said of a thing in one place need not be another side of what is said in another.
        )

    near: dict[str, list[Evidence]] = {}
    for e in evidence if question.kind is QuestionKind.QUANTITY else ():
        if nearly(question.text, e, best):
            near.setdefault(e.hit.article.id, []).append(e)

    def only_one_of_its_article(e: Evidence) -> bool:
        alike = near.get(e.hit.article.id, ())
        return len(alike) == 1 and alike[0] is e

    def counts(e: Evidence) -> bool:
        score = max(e.score, e.own_score)
        if LIKELY <= score < floor and e.reply and only_one_of_its_article(e):
            return mentioned(question.text, e, own)
        if score >= floor or not (plain or e.reply or _in_like_words(e, evidence[0])):
            return score >= floor
        # "It does not give Meta a clear lead" names nobody who could lead the lab instead.
        if question.kind is QuestionKind.WHO and not set(names(e.quote)).difference(own):
            return False
        return score >= low and mentioned(question.text, e, own)

    return find_difference(question.text, [e for e in evidence[:16] if counts(e)])


#: From which share of the best score on another article's figure is one more answer to a question that is hard to answer.
_BESIDE = 0.15


def _beside(question: Question, best: Evidence, others: Sequence[Evidence]) -> bool:
    """Whether the next best sentence is another article's and answers with about the same figure about as surely."""
    return question.kind is QuestionKind.QUANTITY and any(
        e.hit.article.id != best.hit.article.id
        and e.score >= _BESIDE * best.score
        and nearly(question.text, e, best)
        for e in others
    )


def _in_like_words(one: Evidence, other: Evidence) -> bool:
    """Whether a sentence says in most of its words what another does: a side, though it may score low beside it."""
    first, second = content_words(one.quote), content_words(other.quote)
    return len(first & second) >= 0.6 * max(2, min(len(first), len(second)))


def _tell_difference(draft: Draft, difference: Difference, launch: Launch) -> None:
    draft.phrase(DIFFER)
    sides, seen = [], []
    for value, members in difference.sides[:MOST_QUOTES]:
        best = max(members, key=lambda e: e.score)
        sides.append(Side(value, (draft.quote(best, launch, attributed=True),)))
        seen.append(best)
    draft.conflicts.append(Conflict(difference.subject, tuple(sides)))
    draft.witnesses = witnesses(seen)
