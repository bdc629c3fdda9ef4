"""What a number says of requests for information: received, answered, carried over, and how they were decided.

Belongs here: the wording of such numbers, word by word (``requests`` and ``outcomes`` of ``prose.yaml``). A label that holds
any other word is of something else, and gets no meaning. Does not belong here: bodies and years (``context``), disputes.
"""

import re
from dataclasses import dataclass
from functools import cache

from pipeline.narrative.context import Report, Topic
from pipeline.narrative.words import alternation, any_of, one_of, prose_words

# The year and the requests themselves may stand before an outcome (2022年政府信息公开申请予以公开40件).
_PLAIN_HEAD = re.compile(r"^(?:\d{4}年度?|全年|今年|本年度?)?(?:政府信息公开|信息公开|依申请公开)?申请")

# 主动公开 80 件、依申请公开 10 件、不予公开 30 件 sorts documents by their property: no request was decided.
_KINDS_OF_DOCUMENTS = re.compile(
    r"(?<!另行)制作|(?<!已)获取|形成|制发|产生|主动公开[^,;。]{0,6}\d+.*依申请公开[^,;。]{0,6}\d+"
)
_REQUESTS = re.compile(
    r"(?<!依)申请|(?:收到|受理|接到|接收|办理|办结|答复)[^,;。]{0,10}依申请|依申请公开(?:[^,;。\d]{0,4}(?:答复|办结|办理)|中|方面|情况)"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a number means (a key of ``meanings`` in prose.yaml), and a doubt that its wording leaves."""

    code: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """The words around a number: its clause before and behind it, the topic at hand, its sentence so far.

    ``context`` is the heading and the text before the number, from the beginning of the sentence before; ``rest`` is the text
    behind it, to the end of its sentence.
    """

    before: str
    after: str
    topic: Topic | None
    sentence: str
    context: str
    rest: str = ""


def meaning_of_requests(said: Wording, report: Report) -> Meaning | None:
    """Return what a number says of requests, or None where it says nothing that a table holds."""
    if any_of("changes").search(said.before):
        return None
    return _carried(said, report) or _outcome(said) or _received(said) or _route(said, report)


@cache
def _tokens() -> str:
    return f"(?:{one_of('requests', 'tokens')})*"


def _has_noun(text: str) -> bool:
    return bool(any_of("requests", "nouns").search(text))


@cache
def _carried_patterns(year: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Match numbers carried over from last year, and to the next, the words before the number or behind it."""
    last, following = rf"上一?年度?|去年|往年|{year - 1}年度?", rf"下一?年度?|次年|明年|来年|{year + 1}年度?"
    from_last, to_next = one_of("requests", "from_last_year"), one_of("requests", "to_next_year")
    handled = rf"(?:{one_of('requests', 'verbs')}|{one_of('requests', 'handled_verbs')})?"
    inward = rf"(?P<lead>.*?)(?:(?:{last})[^,;]{{0,4}}?(?:{from_last})|(?:{from_last})(?:{last})){handled}{_tokens()}$"
    outward = rf"(?:{to_next})(?:至|到|入|为|于)?(?:{following})(?:继续)?(?:办理|答复|处理)?{_tokens()}$"
    behind = rf"[^,;。]{{0,16}}?(?:{to_next})(?:至|到|入|为)?(?:{following})"
    return re.compile(inward), re.compile(outward), re.compile(behind)


def _carried(said: Wording, report: Report) -> Meaning | None:
    inward, outward, behind = _carried_patterns(report.year or 1)
    from_last = inward.search(said.before)
    if from_last:
        narrowed = re.search(r"办结|答复|处理|复议|诉讼", from_last["lead"])
        return None if narrowed else _carried_meaning("carried_in", said)
    to_next = outward.search(said.before)
    if not to_next and re.fullmatch(r"(?:另有|尚有|剩余|还有|另|余|有|其余|除)?", said.before):
        to_next = behind.match(said.after)
    return _carried_meaning("carried_out", said) if to_next else None


def _carried_meaning(code: str, said: Wording) -> Meaning | None:
    if said.topic in ("dispute", "other") and not _has_noun(said.before + said.after):
        return None
    return Meaning(code, None if said.topic == "request" else "loosely_worded")


@cache
def _outcome_patterns() -> tuple[tuple[str, str, re.Pattern[str], re.Pattern[str]], ...]:
    """Return (phrase, meaning, pattern of a label before the number, pattern of one behind it), longest phrase first."""
    heads, tails = one_of("outcome_heads"), one_of("outcome_tails")
    pairs = [(phrase, entry["meaning"]) for entry in prose_words()["outcomes"] for phrase in entry["phrases"]]
    return tuple(
        (
            phrase,
            meaning,
            re.compile(rf"(?P<head>.*?)[“\"]?{re.escape(phrase)}[”\"]?(?:{tails})*"),
            re.compile(rf"(?:申请)?(?:{heads})*[“\"]?{re.escape(phrase)}"),
        )
        for phrase, meaning in sorted(pairs, key=lambda pair: len(pair[0]), reverse=True)
    )


@cache
def _outcome_heads() -> re.Pattern[str]:
    return re.compile(rf"(?:{one_of('outcome_heads')}|[“\"])*")


def _outcome(said: Wording) -> Meaning | None:
    if said.topic != "request" or _KINDS_OF_DOCUMENTS.search(said.sentence) or not _REQUESTS.search(said.context):
        return None
    before, after = said.before.strip('“”"'), said.after.lstrip('“"')
    for phrase, code, label, behind in _outcome_patterns():
        found = label.fullmatch(before) if phrase in before else None
        if found:
            head = _PLAIN_HEAD.sub("", re.sub(r"因[^,]*?等?原因", "", found["head"]))
            return Meaning(code, _alone(code, said)) if _outcome_heads().fullmatch(head) else None
        if phrase in after and _outcome_heads().fullmatch(before) and behind.match(after):
            return Meaning(code, _alone(code, said) if not before else "loosely_worded")
    return None


def _alone(code: str, said: Wording) -> str | None:
    """Return the doubt of a wording that means an item of the table only beside others of its kind."""
    beside = next((entry.get("beside", ()) for entry in prose_words()["outcomes"] if entry["meaning"] == code), ())
    return "loosely_worded" if beside and not any(word in said.sentence + said.rest for word in beside) else None


@cache
def _verb_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (meaning, pattern): what leads up to a verb, the verb (or several), and an object of plain words."""
    links = one_of("requests", "verb_links")
    kinds = (("new_verbs", "new"), ("verbs", "received"), ("handled_verbs", "handled"), ("replied_verbs", "replied"))
    patterns = []
    for kind, code in kinds:
        verb = one_of("requests", kind)
        chain = rf"(?:{verb})(?:(?:{links})*(?:{verb}))*(?:{links})*?"
        patterns.append((code, re.compile(rf"(?P<lead>.*)(?P<verb>{chain})(?:过|了)?(?P<object>{_tokens()})")))
    return tuple(patterns)


@cache
def _bare_noun() -> re.Pattern[str]:
    subject = r"(?:.*[^一-鿿])?(?:全年|今年|本年度?|我[一-鿿]{1,3}|\d{4}年度?)*"
    return re.compile(rf"{subject}(?:{one_of('requests', 'bare_nouns')})(?:共|为|有|数|总数|数量|共计)*")


def _received(said: Wording) -> Meaning | None:
    for kind, pattern in _verb_patterns():
        match = pattern.fullmatch(said.before)
        if match:
            handled = kind == "received" and re.search("办理|处理|答复", match["verb"])
            return _whole_of_requests("handled" if handled else kind, match["lead"], match["object"], said)
    return Meaning("handled", "loosely_worded") if _bare_noun().fullmatch(said.before) else None


@cache
def _object_behind() -> re.Pattern[str]:
    return re.compile(_tokens())


def _whole_of_requests(code: str, lead: str, noun: str, said: Wording) -> Meaning | None:
    """Return the meaning if the number is of all requests: no qualifier before the verb, no other noun behind the number."""
    other = any_of("requests", "other_applications")
    if re.search(r"(?:不予|未予|[未没无不])$", lead) or other.search(lead + noun) or _qualified(lead):
        return None
    if any_of("requests", "rates").search(lead) or any_of("requests", "from_last_year").search(lead + noun):
        return None
    if code == "replied" and not _plainly_done(lead):
        return None
    behind = _object_behind().match(said.after)
    trailing = behind[0] if behind else ""
    rest = said.after[len(trailing) :]
    if other.match(rest):
        return None
    is_a_part = re.search(r"其中[,:]?$", said.sentence.removesuffix(said.before))
    is_partial = bool(is_a_part) or (code == "replied" and _has_other_ends(said.rest))
    doubt = "loosely_worded" if is_partial or any_of("requests", "exact_time").search(lead) else None
    if _has_noun(noun) or (_has_noun(trailing) and not _has_noun(lead)):
        is_plain = re.search("公开|依申请|政府信息", noun + trailing + lead)
        if said.topic == "other" and not is_plain:
            return None
        return Meaning(code, doubt if is_plain or said.topic == "request" else "loosely_worded")
    if said.topic != "request" or (rest and not trailing and _names_something(rest)):
        return None
    return Meaning(code, doubt)


def _has_other_ends(rest: str) -> bool:
    """Tell whether the sentence goes on with requests that ended otherwise (``答复7件，不予受理4件``): not all were answered."""
    return bool(any_of("requests", "other_ends").search(rest.partition("其中")[0]))


@cache
def _plain_lead() -> re.Pattern[str]:
    return re.compile(rf"(?:{one_of('requests', 'adverbs')}|{one_of('requests', 'tokens')}|\d{{4}}年度?)*$")


def _plainly_done(lead: str) -> bool:
    """Tell whether nothing but adverbs, requests, a year and a body stands before 答复 or 办结 (not 同意公开答复, 延期答复)."""
    rest = _plain_lead().sub("", lead)
    return not rest or bool(re.search(r"[局委镇乡县市区办厅省府站处道心院]$", rest))


def _names_something(rest: str) -> bool:
    """Tell whether a clause goes on with a noun of its own behind the number (``收到3件信访``), not with a predicate."""
    return not re.match(
        r"均|都|全部|已|并|也|比|较|同比|中|,|其中|按|依法|答复|办结|予以|无|未|和|及|占|分别|主要", rest
    )


def _qualified(lead: str) -> bool:
    """Tell whether the requests are only those of one route or kind (``网络平台收到3件``); several routes are all of them."""
    routes = [part for part in re.split("[、和及与]", lead) if any_of("requests", "qualifiers").search(part)]
    return len(routes) == 1 and "等" not in lead


@cache
def _route_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    tails = one_of("requests", "route_tails")
    routes = prose_words()["requests"]["routes"].items()
    lead = "(?:其中)?(?:通过|以|采用|采取)?"
    return tuple((code, re.compile(rf"{lead}(?:{alternation(names)})(?:{tails})*")) for code, names in routes)


def _route(said: Wording, report: Report) -> Meaning | None:
    if said.topic != "request" or not report.has_routes:
        return None
    return next((Meaning(code) for code, pattern in _route_patterns() if pattern.fullmatch(said.before)), None)
