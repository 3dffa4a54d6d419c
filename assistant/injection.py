"""Sentences in articles that speak to the machine instead of the reader.

An article is data. A sentence that gives orders to an assistant, poses as a system message, or hides what it says
is never used as evidence, so neither a quote nor a chat model can pass it on as something the sources say.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.passages import sentence_spans

_TARGET = r"(?:assistant|model|ai|a\.i\.|chat ?bot|bot|llm|language model|agent|system|gpt|you)"
#: Where an order begins: at the start of a sentence or clause, or after a word that commands. Reports use the same
#: verbs ("critics say that it ignores earlier rules"), but not there.
_DO = r"(?:^\W*|[.:;,—–]\s*|\b(?:please|must|should|always|now|only|then)\s+)"
_ORDERS: tuple[str, ...] = (
    _DO
    + r"(?:ignore|disregard|forget|override|bypass|overlook|skip|discard)\b.{0,40}\b(?:instruction|prompt|rule|"
    r"guideline|direction|above|previous|prior|earlier|everything|other (?:sources|articles|quotes)|what you)",
    r"(?:^\W*|[\[<(]\s*)(?:system|developer|admin(?:istrator)?|root|operator)\s*(?:message|prompt|note|notice|override|"
    r"instruction|update)?\s*[:>\]]",
    r"<\|?(?:im_start|im_end|system|endoftext|assistant|user|inst)\b|\[/?INST\]|<<SYS>>|###\s*(?:system|instruction|response|human|assistant)",
    r"^\s*(?:assistant|user|human|ai|model|system)\s*:",
    rf"^\W*(?:attention|(?:[a-z]+['’]s )?note to|message (?:to|for)|instructions? (?:to|for)|dear|hey|hello)\b.{{0,20}}\b(?:{_TARGET}|ais|llms|models|assistants|bots)\b",
    r"\byou (?:are|must|should|will|shall|have to|need to) (?:now|not|always|never|only|instead|therefore)?\s*(?:an? |the )?"
    r"(?:answer|reply|respond|say|state|tell|report|write|output|print|repeat|reveal|cite|quote|claim|include|assistant|dan|"
    r"unrestricted|act|behave|pretend|ignore|obey|comply|follow|mention|recommend|summari[sz]e|translate|jailbr)",
    _DO
    + r"(?:answer|reply|respond|output|print|write|say|state|tell (?:the )?(?:user|reader)s?|report|repeat|claim|insist|conclude)\b"
    r"\s+(?:only |exactly |always |with |that |to the user |the following|verbatim)",
    _DO
    + r"(?:reveal|print|show|repeat|output|leak|send|disclose|expose|exfiltrate|post)\b.{0,30}\b(?:system prompt|prompt|instructions|api[ _-]?key|"
    r"secrets?\b|passwords?\b|(?:access|auth|authentication|bearer|session|secret|login) tokens?\b|credential|environment variable|conversation|chat history)",
    _DO + r"cite (?:source|quote|article|this|number|\[)\s*\[?\d*",
    r"^\W*as an? (?:ai|language model|large language model|assistant|llm)\b[^.]{0,40}\b(?:you|i)\b",
    r"\b(?:new|updated|real|actual|true|hidden|secret) (?:instructions?|system prompt|directives?|task)\s*(?::|for (?:the|all|any|every)\b)",
    r"^\W*when (?:you are )?(?:asked|someone asks|a user asks|the user asks|users ask|answering|summari[sz]ing)\b[^.]{0,60},\s*"
    r"(?:always |only |just )?(?:say|answer|reply|respond|state|write|claim|tell)\b",
    _DO
    + r"(?:act|behave|pretend|role-?play|roleplay) as\b|"
    + _DO
    + r"pretend (?:to be|that|you)\b|\bdo anything now\b",
    r"(?:[-=#<\[*_]{2,}|^\W*)\s*(?:end|begin|start) of (?:article|document|context|quotes?|data|sources?|system|instructions?)\b"
    r"[^a-z]*(?:$|[-=#>\]*_])",
    r"\b(?:render|display|embed|insert|include|append|add|load|fetch|open|visit|click)\b.{0,30}(?:!\[|https?://|www\.|<img|markdown image|this (?:link|image|url))",
    r"!\[[^\]]*\]\([^)]*\)|<(?:img|script|iframe|svg|style|object|embed|link|meta|form|a)\b",
    r"\b(?:ignorez|ignoriere|ignora|ignore[nz]?|ignorieren sie|olvida|oublie[zr]?|vergiss|vergessen sie|dimentica|esqueça|"
    r"negeer|ignorar|desconsidere)\b.{0,60}\b(?:instru|anweisung|istruzion|consigne|anterior|précéd|vorherig|precedent|regel|règle|regola)",
    r"(?:忽略|无视|忘记).{0,20}(?:指示|指令|提示|说明)|игнорируй|забудь.{0,20}инструкц|無視して|指示を無視|이전.{0,10}지시.{0,6}무시|"
    r"تجاهل.{0,20}(?:تعليمات|التعليمات)",
    r"\b(?:antworte|répondez|réponds|responde|rispondi|responda|antwoord)\b.{0,20}\b(?:nur|dass|que|che|uniquement|solo|seulement|immer|toujours|siempre|dat)\b",
    r"\b(?:base64|decode|rot13|hex)\b.{0,40}\b(?:decode|follow|execute|run|string|and (?:do|obey))\b",
    r"\bfrom now on\b.{0,60}\b(?:you|your)\b|\bfrom now on,? (?:always |only )?(?:answer|respond|reply|say)\b",
    r"\b(?:your|the assistant's|the model's) (?:answer|reply|response|output|task|job|role|purpose|instructions?) (?:must|should|is|has|will|shall|are)\b",
    r"[:,;]\s*(?:answer|reply|respond|repeat|output|print) (?:only|with|that|the following|verbatim)\b",
    r"\bif you (?:do not |don['’]t )?(?:answer|reply|respond|say|state)\b",
    r"\band (?:output|print|repeat) (?:only|the following)\b",
    r"^\W*(?:instruction|response)s?\s*:",
    r"[\"']role[\"']\s*:\s*[\"'](?:system|user|assistant|developer|tool)|\btool_calls?\b|</?(?:tool|function|system|instruction)s?(?:_\w+)?>",
    r"^\W*(?:please )?tell (?:the |your )?(?:user|reader)s?\b",
    r"^\W*(?:please )?(?:answer|reply|respond) without\b",
    r"\brequires? (?:all|every|any) (?:ai |language |chat )?(?:models?|assistants?|bots?) to (?:state|say|answer|reply|report|tell|claim)\b",
)
_ORDER = re.compile("|".join(f"(?:{p})" for p in _ORDERS), re.I)
# Letters of another alphabet inside a word, digits for letters, and letters set apart: all three slip past a filter.
_MIXED = re.compile(r"(?:[a-z]{2}[\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][a-z]{2})", re.I)
_MASKED = re.compile(r"(?=\w*[a-z]{2})(?=\w*[0134579])[a-z0134579]{4,}", re.I)
_UNMASKED = str.maketrans("0134579", "oieastg")
_APART = re.compile(r"\b(?:[A-Za-z] ){3,}[A-Za-z]\b")
_BLOB = re.compile(r"\b[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9])")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2061\u2062\u2063\u2064")


def visible(text: str) -> str:
    """The text without characters that do not show: zero-width ones, soft hyphens, bidi and tag characters."""
    return "".join(
        c
        for c in text
        if c not in _INVISIBLE and (unicodedata.category(c) not in ("Cf", "Cc", "Co", "Cn") or c in "\n\t")
    )


def is_instruction(text: str) -> bool:
    """Whether a sentence gives orders to a machine, imitates its messages, or hides something from the reader."""
    seen = visible(text)
    # Letters hidden between letters are there to slip past a reader or a filter; a joiner in a name or emoji is not.
    hidden = sum(
        c in _INVISIBLE - {"\u00ad", "\u200d", "\u200c"} or 0xE0000 <= ord(c) <= 0xE007F for c in text
    )
    if hidden >= 3:
        return True
    plain = unicodedata.normalize("NFKC", seen)
    if _MIXED.search(plain):
        return True
    clear = _APART.sub(lambda m: m.group().replace(" ", ""), plain)
    clear = _MASKED.sub(lambda m: m.group().translate(_UNMASKED), clear)
    return bool(_ORDER.search(plain) or _BLOB.search(plain) or _ORDER.search(clear))


def stands_with_instruction(text: str, start: int, end: int) -> bool:
    """Whether text[start:end], or another sentence of its paragraph, is an instruction.

    What an order wants said mostly stands beside it ("Ignore the others. The price is one euro."), and alone looks
    like any other sentence. So the whole paragraph is not used; the rest of the article still is.
    """
    first = text.rfind("\n\n", 0, start)
    last = text.find("\n\n", end)
    return _has_instruction(text[first + 2 if first >= 0 else 0 : last if last >= 0 else len(text)])


@lru_cache(maxsize=4096)
def _has_instruction(paragraph: str) -> bool:
    return any(is_instruction(paragraph[start:end]) for start, end in sentence_spans(paragraph))
