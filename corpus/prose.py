"""Whether a text is prose, which articles are made of, and if not, what it is instead.

Told from the text alone. Prose with some code or a table in it stays prose: what counts is what most of it is.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence

from corpus.errors import ArticleError

_SAMPLE = 50_000
"""Characters that are looked at; and of lines so many:"""

_MOST_LINES = 400
_CODE_SAMPLE = 20_000
_LEAST_LETTERS = 0.6
"""Share of letters and spaces in prose."""

_FRONT = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*\n", re.DOTALL)
_HEADER = re.compile(r"([A-Za-z][A-Za-z-]{1,40}):(?: |$)")
# A memo has From, To and Subject too; these only machines write.
_MAIL_ONLY = frozenset(
    ["message-id", "received", "return-path", "mime-version", "delivered-to", "dkim-signature"]
)
_LOGGED = re.compile(
    r"""^\W{0,3}(?:
        (?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{4}|[A-Z][a-z]{2}\s{1,2}\d{1,2}|\d\d/[A-Z][a-z]{2}/\d{4})   # a day
        [T\s:,]{1,3}(?:\d\d:\d\d:\d\d|\W?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b)         # and a time or a level
      | \W?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)[\]:|\s]\s?.{0,40}?\d\d:\d\d:\d\d
      | \d{1,3}(?:\.\d{1,3}){3}\s\S+\s\S+\s\[
    )""",
    re.VERBOSE,
)
_CODE = re.compile(
    r"""^\t\S | ^\s*(?:
        \#!\s?/ | \#\s?(?:include|define|ifdef|ifndef|endif|pragma)\b | <\?php
      | (?:import|package|using|namespace|require|include)\s[\w.{}*"'<@/\s,-]{1,120};?$
      | from\s[\w.]+\simport\b | export\s(?:default|const|function|class|\{)
      | (?:async\s)?def\s\w+\s?\( | class\s\w+\s?[:({] | (?:pub\s)?(?:fn|func|function)\s[\w.]*\s?[(<] | (?:struct|enum|impl|trait|interface)\s[\w<>]+.{0,60}\{
      | (?:const|let|var|val|int|char|void|bool|float|double|auto|string)\s[\w*&{\[,\s:<>\]}]{1,60}(?:=|;|\()
      | (?:public|private|protected|static|final)\s.{1,100}[({;=]
      | (?:if|elif|for|while|with|switch|except|catch|foreach)\b.{1,140}[:{]$ | (?:else|try|finally|do)\s?[:{]$ | \}\s?(?:else|catch)\b
      | return(?:$|\s.{0,120}[\w)\]}"';]$) | raise\s\w+ | assert\s | yield\s | break;?$ | continue;?$ | pass$ | fi$ | done$ | esac$
      | @[\w.]+(?:\(.*\)?)?$ | (?:SELECT|INSERT|UPDATE|CREATE|ALTER|DROP)\s.{0,100}\b(?:FROM|INTO|SET|TABLE|INDEX)\b
      | [\w.$\[\]"'-]{1,60}\s?(?:[-+*/|&:]?=|=>|<-)\s?\S
      | [\w.$]{1,60}\(.*\)?[;,]?$
      | ["']?[\w.-]{1,40}["']?:\s(?:["'\[{|>-].{0,200}|[\w./-]{1,60})?,?$
      | [a-z][a-z0-9._-]{0,30}:(?:\s[\w./-]+)*$
      | \[{1,2}[\w."-]{1,60}\]{1,2}$
      | [.\#@]?[\w\s.>:,\#-]{1,80}\{
      | [)\]}]+[;,)]*$
      | .{0,300}(?:[;{]|\),?|\);|=>|->\s?\w+:|\\)$
    )""",
    re.VERBOSE,
)
# What a program says of itself in words is no prose of an article's.
_REMARKS = re.compile(r'(?<![\w"])(?:[rR]?"""[^"]*(?:"{1,2}(?!")[^"]*)*"""|/\*[^*]*(?:\*(?!/)[^*]*)*\*/)')
_REMARK = re.compile(r"^\s*(?:#|//|--\s|\*\s|;)")
_PROGRAM_SIGNS = 0.03
"""Share of braces, semicolons and equals signs that no prose has."""

_LIST = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s")
_SENTENCE_END = re.compile(r"[.!?…。！？:][\"'”’»)\]*_]*$")
_MARKED_UP = re.compile(r"<(?:\?xml|[A-Za-z][\w:.-]*[\s>/])")


def check_prose(text: str, shown: str) -> None:
    """Refuse what is no prose.

    Args:
        text: of a file.
        shown: the file's name or address, for the error.

    Raises:
        ArticleError: it is something else, which the reason names.
    """
    start = text.lstrip("\ufeff \t\r\n")[:_SAMPLE]
    if not start:
        raise ArticleError(shown, "it is empty")
    body = _FRONT.sub("", start.replace("\r\n", "\n"), count=1)
    lines = _outside_fences(body.splitlines())[:_MOST_LINES]
    checks: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: start.startswith("{\\rtf"), "it is RTF; save it as .docx or as plain text and add that"),
        (lambda: _is_mail(start), "it is a mail; save its text in a file and add that"),
        (lambda: _is_json(text), "it is data (JSON) and no article"),
        (lambda: _is_json_lines(lines), "it is data (JSON Lines) and no article"),
        (
            lambda: "<opml" in start[:1000].lower(),
            "it is a list of feeds (OPML); add the feeds by their addresses",
        ),
        (lambda: _MARKED_UP.match(start) is not None and start.count("<") > 4, "it is XML and no article"),
        (lambda: _is_log(lines), "it is a log and no article"),
        (lambda: _is_table(lines), "it is a table (CSV) and no article"),
        (lambda: _is_code(lines), "it is code or settings and no article"),
        (lambda: _has_few_letters(start), "most of it is figures and signs, like data; it is no article"),
    )
    for is_it, reason in checks:
        if is_it():
            raise ArticleError(shown, reason)


def _outside_fences(lines: Sequence[str]) -> list[str]:
    """Return the lines that say something, without those of code blocks in Markdown."""
    kept = []
    fence = ""
    for line in lines:
        mark = line.lstrip()[:3]
        if fence:
            fence = "" if mark == fence else fence
        elif mark in ("```", "~~~"):
            fence = mark
        elif mark:
            kept.append(line.rstrip())
    return kept


def _is_mail(text: str) -> bool:
    names = []
    for line in text.splitlines()[:60]:
        if line.startswith((" ", "\t", "From ")):
            continue
        found = _HEADER.match(line)
        if found is None:
            break
        names.append(found[1].lower())
    return len(names) >= 3 and not _MAIL_ONLY.isdisjoint(names)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_json_lines(lines: Sequence[str]) -> bool:
    return len(lines) >= 2 and all(line[:1] in "{[" and _is_json(line) for line in lines[:3])


def _is_log(lines: Sequence[str]) -> bool:
    return len(lines) >= 2 and sum(1 for line in lines if _LOGGED.match(line[:300])) >= 0.5 * len(lines)


def _is_table(lines: Sequence[str]) -> bool:
    """Whether the lines have the same number of columns; a comma in prose has a space after it."""
    for sign in ("\t", ",", ";"):
        try:
            rows = list(csv.reader(lines, delimiter=sign))
        except csv.Error:
            continue
        (columns, often), *_ = Counter(map(len, rows)).most_common(1) or [(0, 0)]
        spaced = sum(cell[:1] == " " for row in rows for cell in row[1:])
        if columns > 1 and often >= 3 and often >= 0.9 * len(rows) and spaced <= 0.2 * often * (columns - 1):
            return True
    return False


def _is_code(lines: Sequence[str]) -> bool:
    """Whether lines of code outweigh lines of prose, by their characters."""
    text = "\n".join(lines)[:_CODE_SAMPLE]
    # A row of equals signs underlines a heading.
    if sum(map(re.sub("={2,}", "", text).count, "{};=")) > _PROGRAM_SIGNS * max(len(text), 200):
        return True
    code = prose = signs = counted = 0
    for line in _REMARKS.sub("", text).splitlines():
        words = line.split()
        if not words or _REMARK.match(line):
            continue
        counted += 1
        if _CODE.match(line[:400]) and not (len(words) > 7 and _SENTENCE_END.search(line)):
            code += len(line)
            signs += 1
        elif _LIST.match(line) or len(words) > 3:
            prose += len(line)
    return signs >= 3 and (code > prose or signs > 0.45 * counted)


def _has_few_letters(text: str) -> bool:
    words = text.split()
    solid = "".join(words)
    letters = sum(1 for char in solid if char.isalpha() or "\u0300" <= char <= "\u0dff")
    # Spaces between words count: what was encoded as text has none.
    longest = max(map(len, words))
    return letters < _LEAST_LETTERS * len(solid) or (longest > 2000 and len(words) < 20)
