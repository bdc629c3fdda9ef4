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
# What may stand before a label that does not itself tell of disclosure: a time, a body. Anything else is a cause of its own.
_TIME_OR_BODY = re.compile(r"(?:.*(?:年度?|全年|今年|期间|[局委办厅镇乡县市区省州盟旗道府关处]|中心|单位|系统))?")


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
    clause = re.split(r"[,;:。()]", said.sentence)[-1]
    of_disclosure = bool(_DISCLOSURE.search(words_near + clause))
    if before and not of_disclosure and not _TIME_OR_BODY.fullmatch(lead):
        return None
    if any_of("disputes", "as_judge").search(clause):
        return Meaning(code, "loosely_worded") if of_disclosure else None
    if any_of("disputes", "perhaps_as_judge").search(said.before) and not of_disclosure:
        return None
    return Meaning(code, None if of_disclosure or _is_of_disclosure(said) else "loosely_worded")


def _is_of_disclosure(said: Wording) -> bool:
    """Tell whether the sentence, or what stands before it, is about disclosure as a ground of disputes."""
    if _DISCLOSURE.search(said.sentence):
        return True
    heading, _, before = said.context.partition("。")
    return any(_DISCLOSURE.search(text) and re.search("申请|复议|诉讼", text) for text in (heading, before))


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


def _speaks_as_judge(text: str) -> bool:
    """Tell whether the text speaks of disputes that the body decides, not of those against it (收到行政复议申请210件)."""
    own, perhaps = one_of("disputes", "as_judge"), one_of("disputes", "perhaps_as_judge")
    found = re.finditer(rf"(?:(?P<own>{own})|{perhaps})(?P<of>[^,;。\d]{{0,20}}?)(?:复议|诉讼)", text)
    return any(match["own"] or not _DISCLOSURE.search(match["of"]) for match in found)


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
    as_judge = "loosely_worded" if _speaks_as_judge(said.context + said.before) else None
    for code, doubt, before, behind in _outcome_patterns():
        doubt = doubt or as_judge
        head = before.fullmatch(said.before)
        if head and _plain_label().fullmatch(head["head"]):
            return Meaning(f"{channel}_{code}", doubt)
        if re.fullmatch("(?:其中|有)?", said.before) and behind.match(said.after):
            return Meaning(f"{channel}_{code}", doubt)
    return None
