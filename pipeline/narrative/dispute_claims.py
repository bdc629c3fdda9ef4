"""What a number says of reviews and litigation over disclosure, and of their outcomes.

Belongs here: the wording of such numbers (``disputes`` of ``prose.yaml``). Does not belong here: the body's work as judge of
others' cases, which no table of these reports holds.
"""

import re
from functools import cache

from pipeline.narrative.request_claims import Meaning, Wording
from pipeline.narrative.words import alternation, any_of, one_of, prose_words, words

_SHORT = 8  # Before a number whose noun stands behind it (发生一件…的行政复议案件) there is little more than a verb.
_BEHIND = "已|均|全部|并|正|尚|由|于|经"
_DISCLOSURE = re.compile("信息公开|依申请|政府信息|公开申请")


def meaning_of_disputes(said: Wording) -> Meaning | None:
    """Return what a number says of disputes, or None."""
    if any_of("changes").search(said.before):
        return None
    return _channel(said) or _outcome(said)


@cache
def _label_words() -> str:
    """Match a label: declared words, the channel (or both), and the few words that may close it."""
    channels = alternation(name for names in prose_words()["disputes"]["channels"].values() for name in names)
    tokens, tails = one_of("disputes", "tokens"), one_of("disputes", "tails")
    return rf"(?:{tokens})*(?P<channel>(?:{channels})(?:(?:{tokens})*(?:{channels}))*)(?:{tails})*"


@cache
def _label_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(rf"(?P<lead>.*?)(?:{_label_words()})"), re.compile(rf"(?:{_label_words()})(?=$|{_BEHIND})")


def _channel(said: Wording) -> Meaning | None:
    before_number, behind_number = _label_patterns()
    before, behind = before_number.fullmatch(said.before), behind_number.match(said.after)
    if before:
        code, lead = _channel_of(before["channel"]), before["lead"]
    elif behind and len(said.before) <= _SHORT:
        code, lead = _channel_of(behind["channel"]), said.before
    else:
        return None
    if code is None or re.search("复议|诉讼", lead) or any_of("disputes", "not_before").search(lead):
        return None
    outcome = _ending_outcome(lead)
    if outcome:
        return Meaning(f"{code}_{outcome[0]}", outcome[1]) if code != "disputes_both" else None
    words_near = said.before + said.after
    of_disclosure = bool(_DISCLOSURE.search(words_near))
    if any_of("disputes", "as_judge").search(said.before):
        return Meaning(code, "loosely_worded") if of_disclosure else None
    if any_of("disputes", "perhaps_as_judge").search(said.before) and not of_disclosure:
        return None
    return Meaning(code, None if _DISCLOSURE.search(said.context + words_near) else "loosely_worded")


def _channel_of(label: str) -> str | None:
    """Return the meaning of a label's channel: one of the two, or both where the label names both."""
    if any(name in label for name in words("disputes", "channels", "both")):
        return "disputes_both"
    names_litigation = "诉讼" in label
    names_review = "复议" in label
    if names_review and names_litigation:
        return None if not re.search("[、和及与]", label) else "disputes_both"
    return "litigation" if names_litigation else "reviews" if names_review else None


def _ending_outcome(lead: str) -> tuple[str, str | None] | None:
    for table, doubt in (("outcomes", None), ("soft_outcomes", "loosely_worded")):
        for code, phrases in prose_words()["disputes"][table].items():
            if lead.endswith(tuple(phrases)):
                return code, doubt
    return None


@cache
def _plain_label() -> re.Pattern[str]:
    channels = prose_words()["disputes"]["channels"]
    return re.compile(
        f"(?:{one_of('disputes', 'tokens')}|{alternation((*channels['reviews'], *channels['litigation']))})*"
    )


@cache
def _outcome_patterns() -> tuple[tuple[str, str | None, re.Pattern[str], re.Pattern[str]], ...]:
    """Return (outcome, doubt, pattern of a label before the number, pattern of one behind it)."""
    tails = one_of("disputes", "outcome_tails")
    patterns = []
    for table, doubt in (("outcomes", None), ("soft_outcomes", "loosely_worded")):
        for code, phrases in prose_words()["disputes"][table].items():
            phrase = alternation(phrases)
            before = re.compile(rf"(?P<head>.*?)(?:被|予以)?(?:{phrase})(?:{tails})*")
            patterns.append((code, doubt, before, re.compile(rf"(?:被|予以|为|案件|结果为)*(?:{phrase})")))
    return tuple(patterns)


def _outcome(said: Wording) -> Meaning | None:
    found = re.findall("复议|诉讼", said.context + said.before)
    if not found or not _DISCLOSURE.search(said.context):
        return None
    channel = "litigation" if found[-1] == "诉讼" else "reviews"
    for code, doubt, before, behind in _outcome_patterns():
        head = before.fullmatch(said.before)
        if head and _plain_label().fullmatch(head["head"]):
            return Meaning(f"{channel}_{code}", doubt)
        if re.fullmatch("(?:其中|有)?", said.before) and behind.match(said.after):
            return Meaning(f"{channel}_{code}", doubt)
    return None
