"""Lines that stand between the paragraphs of a page and are no part of the article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_LONGEST = 320
"""Characters; a longer paragraph is prose, whatever it begins with."""

_NEAR = 40
"""Paragraphs before and after, among which a pull quote's own sentence stands."""

# Whole short paragraphs only, and only such as no reporter would write as a sentence of the story.
_LINES = re.compile(
    r"""^(?:[-#*•>»›\s]*)(?:
    (?:advertisement|advert|ad|sponsored(?:\scontent)?|promoted|anzeige|werbung|publicidad|publicidade|publicit[ée]|реклама
        |إعلان|פרסומת|広告|广告|광고)\b\W*$
  | (?:story\s|article\s)?continues?\sbelow(?:\sthis|\sthe)?(?:\sadvertisement|\sad)?\b.{0,40}$
  | (?:skip\sto|jump\sto|back\sto\stop|scroll\sdown|scroll\sto\scontinue)\b.{0,40}$
  | (?:share|tweet|pin\sit|email|print|save|bookmark|copy\slink|like|comment|gift)(?:\W+(?:share|tweet|pin\sit|email|print|save
        |bookmark|copy\slink|link|comment|facebook|x|twitter|whatsapp|linkedin|reddit|telegram|gift))*\W*$
  | (?:share|send|forward|gift)\s(?:this|the)\s(?:article|story|post|page|report)\b.{0,100}$
  | (?:click|tap)\s(?:here|to)\b.{0,120}$
  | (?:follow|find|like|join|add)\sus\s(?:on|at|as)\b.{0,160}$
  | (?:follow|contact|reach|email|write\sto)\s(?:the\s(?:author|reporter|writer)|him|her|them)\b.{0,160}$
  | (?:read|see|watch|listen)\s?(?:more|also|next|now|on)\b\s?(?:[:|›»→]|$|from\s|about\s|on\s|stories).{0,200}$
  | (?:also\s(?:read|see)|related(?:\s(?:stories|articles|coverage|topics|reading))?|recommended|more\s(?:from|on|stories|in)\b
        |most\s(?:read|popular|viewed)|trending(?:\snow)?|editor'?s\spicks?|up\snext|you\s(?:may|might)\salso\s(?:like|enjoy)
        |don'?t\smiss|top\sstories|latest\snews|what\sto\sread\snext|in\sthis\s(?:article|story)|table\sof\scontents)\b.{0,160}$
  | (?:sign\sup|subscribe|register|log\s?in|sign\sin|create\s(?:a\sfree\s|an?\s)?account|become\sa\s(?:member|subscriber)
        |start\syour\s(?:free\s)?trial|support\s(?:our|independent)\sjournalism|get\s(?:our|the|unlimited|full)\s.{0,40}(?:newsletter|inbox|access|app)
        |already\s(?:a\ssubscriber|a\smember|have\san\saccount)|enter\syour\semail|download\s(?:our|the)\sapp
        |choose\syour\splan|unlock\sthis)\b.{0,260}$
  | (?:this|the)\s(?:article|story|content|page|post)\sis\s(?:for|only\sfor|reserved\sfor|available\sto|exclusive\sto|free\sfor)\s.{0,160}$
  | you\s?(?:'ve|\shave)\s(?:reached|read|used)\s.{0,40}\b(?:free|articles?|limit|stories)\b.{0,160}$
  | (?:to\s)?(?:continue|keep)\sreading\b.{0,200}$
  | (?:we|this\s(?:site|website)|our\s(?:site|website|partners))\b.{0,60}\b(?:cookies?|trackers|your\sprivacy)\b.{0,250}$
  | we\s(?:may|might|can)\s(?:earn|receive|get)\s.{0,80}$
  | by\s(?:clicking|continuing|signing\sup|using\sthis|submitting|subscribing)\b.{0,250}$
  | (?:accept|reject|manage)\s(?:all|cookies|preferences|settings|choices)\b.{0,80}$
  | (?:cookie|privacy)\s(?:policy|settings|preferences|notice|choices)\b.{0,120}$
  | terms\s(?:of|and|&)\s(?:service|use|conditions)\b.{0,100}$
  | (?:this\ssite\sis\sprotected\sby|powered\sby|hosted\sby|get\sit\son)\s.{0,140}$
  | (?:©|\(c\)\s|copyright\s).{0,200}$
  | .{0,120}\ball\srights\sreserved\b.{0,80}$
  | (?:photo|photograph|image|picture|video|illustration|graphic|credit|source\simage|bild|foto|cr[ée]dit(?:s|o)?|fotograf[íi]a)
        (?:\s(?:credit|credits|by|courtesy(?:\sof)?))?\s?[:/]\s?.{0,140}$
  | .{0,80}(?:/|via\s)\s?(?:getty\simages|shutterstock|unsplash|reuters\spictures|afp\sphoto|istock|alamy)\W*$
  | (?:published|posted|updated|last\s(?:updated|modified)|first\spublished)\s?(?:on|at|:)?\s?[\w,.:/\s|–-]{4,70}$
  | (?:\d+|one|two|three|four|five|six|seven|eight|nine|ten)[\s-]*(?:min(?:ute)?s?)[\s.-]*(?:read|lesezeit|de\slectura|de\slecture)\W*$
  | (?:reading\stime|lesezeit|estimated\sread)\W.{0,30}$
  | (?:\d[\d,.]*\s)?(?:comments?|shares?|likes|views|reactions|replies)\s?(?:\(\d+\))?\W*$
  | (?:leave|post|add|write|join)\s(?:a|your|the)\s(?:comment|reply|conversation|discussion)\b.{0,80}$
  | (?:comments\sare\s(?:closed|moderated)|be\sthe\sfirst\sto\s(?:comment|know)|show\scomments|view\scomments|load\smore)\b.{0,100}$
  | (?:tags?|topics?|filed\sunder|categories|keywords|labels)\s?:.{0,200}$
  | (?:previous|next)\s(?:article|story|post|page)\b.{0,160}$
  | (?:an?\s)?earlier\sversion\sof\sthis\spage\swas\scached\b.{0,100}$
  | (?:jetzt\s|hier\s)?(?:teilen|abonnieren|weiterlesen|mehr\szum\sthema|lesen\ssie\sauch|zur\sstartseite|artikel\sdrucken|newsletter\sabonnieren)\b.{0,120}$
  | (?:partager|partagez|lire\saussi|à\slire\saussi|abonnez-vous|s'abonner|sur\sle\smême\ssujet|il\svous\sreste)\b.{0,160}$
  | (?:compartir|compártelo|lea\stambién|lee\stambién|suscríbete|suscríbase|más\sinformación|te\spuede\sinteresar)\b.{0,140}$
  | (?:compartilhe|leia\stambém|leia\smais|assine|inscreva-se|condividi|leggi\sanche|abbonati|delen|lees\sook)\b.{0,140}$
  | (?:поделиться|читайте\sтакже|подписывайтесь|подпишитесь|udostępnij|czytaj\steż|zobacz\steż|paylaş|abone\sol)(?:\b|\s).{0,140}$
  | (?:شارك|اقرأ\sأيض|اشترك|تابعنا|שתפו|קראו\sגם|הירשמו|עקבו).{0,140}$
  | (?:シェア|関連記事|あわせて読みたい|続きを読む|会員登録|無料登録|分享|相关阅读|相關閱讀|延伸閱讀|订阅|공유|관련\s?기사|구독).{0,80}$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_BYLINE = re.compile(r"^(?:by|von|par|por|di|door|words\sby|text(?:e|o)?\s?:)\s", re.IGNORECASE)


def is_boilerplate(block: str) -> bool:
    """Whether a paragraph is a call, a notice or a credit and not part of a story."""
    return len(block) <= _LONGEST and _LINES.match(block) is not None


def drop_boilerplate(
    blocks: Iterable[str], *, title: str = "", authors: Sequence[str] = (), publisher: str = ""
) -> list[str]:
    """Keep the paragraphs of the article.

    Dropped are notices, the title and the byline where they stand again above the text, a paragraph that stands
    there twice, pull quotes (a short one that is part of a longer one), and headings with nothing below them.
    """
    kept: list[str] = []
    seen: set[str] = set()
    repeated = _words(title)
    names = [_words(name) for name in authors]
    for block in blocks:
        words = _words(block)
        if not words or is_boilerplate(block):
            continue
        above = len(kept) < 4
        if above and (
            words == repeated or (publisher and words == _words(publisher)) or _is_byline(block, words, names)
        ):
            continue
        if words in seen and (len(words) > 30 or block.startswith("#")):
            continue
        seen.add(words)
        kept.append(block)
    long = [_words(block) for block in kept]
    kept = [
        block
        for number, block in enumerate(kept)
        if block.startswith(("#", "- "))
        or not 30 < len(long[number]) < 300
        or not any(
            long[number] in other
            for other in long[max(0, number - _NEAR) : number + _NEAR + 1]
            if len(other) > len(long[number])
        )
    ]
    # From the end: a heading is kept if something stands between it and the next one.
    result: list[str] = []
    for block in reversed(kept):
        if not block.startswith("## ") or (result and not result[-1].startswith("## ")):
            result.append(block)
    return result[::-1]


def _is_byline(block: str, words: str, names: Sequence[str]) -> bool:
    if len(block) > 120:
        return False
    if words in names:
        return True
    return bool(_BYLINE.match(block)) and (
        any(name in words for name in names) or (len(block.split()) <= 6 and not block.rstrip().endswith("."))
    )


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
