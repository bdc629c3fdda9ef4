"""What a number says of requests for information: received, answered, carried over, and how they were decided.

Belongs here: the wording of such numbers, word by word (``requests`` and ``outcomes`` of ``prose.yaml``). A label that holds
any other word is of something else, and gets no meaning. Does not belong here: bodies and years (``context``), disputes.
"""

import re
from dataclasses import dataclass
from functools import cache

from pipeline.narrative.context import Report, Topic
from pipeline.narrative.words import alternation, any_of, prose_words, words

# The year and the requests themselves may stand before an outcome (2022年政府信息公开申请予以公开40件).
_PLAIN_HEAD = re.compile(r"^(?:\d{4}年度?|全年|今年|本年度?)?(?:政府信息公开|信息公开|依申请公开)?申请")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a number means (a key of ``meanings`` in prose.yaml), and a doubt that its wording leaves."""

    code: str
    doubt: str | None = None
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """The words around a number: its clause before and behind it, and the topic at hand."""

    before: str
    after: str
    topic: Topic | None
    sentence: str


def meaning_of_requests(said: Wording, report: Report) -> Meaning | None:
    """Return what a number says of requests, or None where it says nothing that a table holds."""
    if any_of("changes").search(said.before):
        return None
    return _carried(said, report) or _outcome(said) or _received(said) or _route(said, report)


@cache
def _tokens() -> str:
    return f"(?:{alternation(words('requests', 'tokens'))})*"


def _has_noun(text: str) -> bool:
    return bool(any_of("requests", "nouns").search(text))


def _carried(said: Wording, report: Report) -> Meaning | None:
    last, following = (
        rf"上一?年度?|去年|往年|{(report.year or 1) - 1}年度?",
        rf"下一?年度?|次年|明年|来年|{(report.year or 1) + 1}年度?",
    )
    from_last = alternation(words("requests", "from_last_year"))
    to_next = alternation(words("requests", "to_next_year"))
    before, after = said.before, said.after
    inward = re.search(
        rf"(?P<lead>.*?)(?:(?:{last})[^,;]{{0,4}}?(?:{from_last})|(?:{from_last})(?:{last})){_tokens()}$", before
    )
    if inward:
        return None if re.search(r"办结|答复|处理|复议|诉讼", inward["lead"]) else _carried_meaning("carried_in", said)
    outward = re.search(
        rf"(?:{to_next})(?:至|到|入|为|于)?(?:{following})(?:继续)?(?:办理|答复|处理)?{_tokens()}$", before
    )
    if not outward and re.fullmatch(r"(?:另有|尚有|剩余|还有|另|余|有|其余)?", before):
        outward = re.match(rf"[^,;。]{{0,16}}?(?:{to_next})(?:至|到|入|为)?(?:{following})", after)
    return _carried_meaning("carried_out", said) if outward else None


def _carried_meaning(code: str, said: Wording) -> Meaning | None:
    if said.topic in ("dispute", "other") and not _has_noun(said.before + said.after):
        return None
    return Meaning(code, None if said.topic == "request" else "loosely_worded", carried=True)


@cache
def _outcome_phrases() -> tuple[tuple[str, str], ...]:
    pairs = [(phrase, entry["meaning"]) for entry in prose_words()["outcomes"] for phrase in entry["phrases"]]
    return tuple(sorted(pairs, key=lambda pair: len(pair[0]), reverse=True))


def _outcome(said: Wording) -> Meaning | None:
    if said.topic != "request" or re.search(r"制作|获取|形成|制发|产生", said.sentence):
        return None
    heads, tails = alternation(words("outcome_heads")), alternation(words("outcome_tails"))
    before, after = said.before.strip('“”"'), said.after.lstrip('“"')
    for phrase, code in _outcome_phrases():
        here = re.escape(phrase)
        label = re.fullmatch(rf"(?P<head>.*?)[“\"]?{here}[”\"]?(?:{tails})*", before)
        if label:
            head = _PLAIN_HEAD.sub("", re.sub(r"因[^,]*?等?原因", "", label["head"]))
            return Meaning(code) if re.fullmatch(rf"(?:{heads}|[“\"])*", head) else None
        if re.fullmatch(rf"(?:{heads})*", before) and re.match(rf"(?:申请)?(?:{heads})*[“\"]?{here}", after):
            return Meaning(code, None if not before else "loosely_worded")
    return None


def _received(said: Wording) -> Meaning | None:
    for kind, code in (
        ("new_verbs", "new"),
        ("verbs", "received"),
        ("handled_verbs", "handled"),
        ("replied_verbs", "replied"),
    ):
        verb, links = alternation(words("requests", kind)), alternation(words("requests", "verb_links"))
        match = re.fullmatch(
            rf"(?P<lead>.*)(?P<verb>(?:{verb})(?:(?:{links})*(?:{verb}))*(?:{links})*?)(?:过|了)?(?P<object>{_tokens()})",
            said.before,
        )
        if match:
            if code == "received" and re.search("办理|处理|答复", match["verb"]):
                code = "handled"
            return _whole_of_requests(code, match["lead"], match["object"], said)
    bare = alternation(words("requests", "bare_nouns"))
    if re.fullmatch(
        rf"(?:.*[^一-鿿])?(?:全年|今年|本年度?|我[一-鿿]{{1,3}}|\d{{4}}年度?)*(?:{bare})(?:共|为|有|数|总数|数量|共计)*",
        said.before,
    ):
        return Meaning("handled", "loosely_worded")
    return None


def _whole_of_requests(code: str, lead: str, noun: str, said: Wording) -> Meaning | None:
    """Return the meaning if the number is of all requests: no qualifier before the verb, no other noun behind the number."""
    other = alternation(words("requests", "other_applications"))
    if re.search(r"(?:不予|未予|[未没无不])$", lead) or re.search(other, lead + noun) or _qualified(lead):
        return None
    if code == "replied" and not _plainly_done(lead):
        return None
    behind = re.match(_tokens(), said.after)
    trailing = behind[0] if behind else ""
    rest = said.after[len(trailing) :]
    if re.search(rf"^(?:{other})", rest):
        return None
    doubt = "loosely_worded" if any_of("requests", "exact_time").search(lead) else None
    if _has_noun(noun) or (_has_noun(trailing) and not _has_noun(lead)):
        is_plain = re.search("公开|依申请|政府信息", noun + trailing + lead)
        if said.topic == "other" and not is_plain:
            return None
        return Meaning(code, doubt if is_plain or said.topic == "request" else "loosely_worded")
    if said.topic != "request" or (rest and not trailing and _names_something(rest)):
        return None
    return Meaning(code, doubt)


def _plainly_done(lead: str) -> bool:
    """Tell whether nothing but adverbs, requests, a year and a body stands before 答复 or 办结 (not 同意公开答复, 延期答复)."""
    adverbs = alternation((*words("requests", "adverbs"), *words("requests", "tokens")))
    rest = re.sub(rf"(?:{adverbs}|\d{{4}}年度?)*$", "", lead)
    return not rest or bool(re.search(r"[局委镇乡县市区办厅省府站处道心院]$", rest))


def _names_something(rest: str) -> bool:
    """Tell whether a clause goes on with a noun of its own behind the number (``收到3件信访``), not with a predicate."""
    return not re.match(
        r"(?:均|都|全部|已|并|也|比|较|同比|中|,|其中|按|依法|答复|办结|予以|无|未|和|及|占|分别|主要)", rest
    )


def _qualified(lead: str) -> bool:
    """Tell whether the requests are only those of one route or kind (``网络平台收到3件``); several routes are all of them."""
    routes = [part for part in re.split("[、和及与]", lead) if any_of("requests", "qualifiers").search(part)]
    return len(routes) == 1 and "等" not in lead


def _route(said: Wording, report: Report) -> Meaning | None:
    if said.topic != "request" or report.form in (None, "2019", "2021"):
        return None
    tails = alternation(words("requests", "route_tails"))
    for code, names in prose_words()["requests"]["routes"].items():
        if re.fullmatch(rf"(?:其中)?(?:通过|以|采用|采取)?(?:{alternation(names)})(?:{tails})*", said.before):
            return Meaning(code)
    return None
