"""Why a cell should read otherwise, in a sentence that a person understands, in Chinese and English.

Belongs here: repair × equations → words, from the sentences of ``localize.yaml``. Does not belong here: finding
repairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pipeline.catalogue.localization import Localization
from pipeline.catalogue.model import Sentence
from pipeline.edits.labels import PrintedNames, cell_name
from pipeline.edits.repair import Repair
from pipeline.edits.repair_problem import Equation, RepairProblem

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class RepairWords:
    """What the sentences of one problem need: its printed names and the declared words."""

    problem: RepairProblem
    form: str
    names: PrintedNames
    declared: Localization

    def cell(self, place: int) -> str:
        """Return the printed name of the cell at a place."""
        table, row_code, column_code = self.problem.cells[place].printed.key
        return cell_name(self.names, table, self.form, (row_code, column_code))

    def number(self, number: int) -> str:
        """Write a number of the problem as people do."""
        return plain(Decimal(number) / self.problem.unit)


def plain(value: Decimal) -> str:
    """Write a decimal without a fraction where it is whole, and without trailing zeros."""
    return str(int(value)) if value == int(value) else f"{value.normalize():f}"


def reason(
    words: RepairWords, repair: Repair, place: int, solution: int, count: int, is_all: bool, language: Language
) -> str:
    """Return the sentence for one cell of a repair, which is the ``solution``-th of ``count`` equally small ones."""
    sentences = words.declared.sentences
    printed = words.problem.cells[place].printed.value
    reported = sentences["blank"] if printed is None else sentences["printed"]
    others = sentences["others"] if is_all else sentences["many_others"]
    several = count > 1 or not is_all
    told = {
        "cell": words.cell(place),
        "reported": _say(reported, language, reported="" if printed is None else plain(printed)),
        "evidence": _say(sentences["between"], language).join(_evidence(words, repair, place, language)),
        "suggested": words.number(dict(repair.numbers)[place]),
        "slip": _slip(words, repair, place, language),
        "others": _say(others, language, count=str(count), solution=str(solution)) if several else "",
    }
    return _say(sentences["suggestion"], language, **told)


def _say(sentence: Sentence, language: Language, **told: str) -> str:
    text = sentence.zh if language == "zh" else sentence.en
    for placeholder, words in told.items():
        text = text.replace("{" + placeholder + "}", words)
    return text


def _slip(words: RepairWords, repair: Repair, place: int, language: Language) -> str:
    for slip in repair.slips:
        places = [p for p, _ in slip.meant]
        if place in places:
            neighbour = next((words.cell(p) for p in places if p != place), "")
            return _say(words.declared.slip_sentences[slip.kind], language, neighbour=neighbour)
    return ""


def _evidence(words: RepairWords, repair: Repair, place: int, language: Language) -> list[str]:
    """Return what each broken rule says of the cell, the other cells as the repair leaves them."""
    numbers = [cell.base for cell in words.problem.cells]
    for changed, number in repair.numbers:
        numbers[changed] = number
    told: list[str] = []
    if words.problem.cells[place].must_change:
        told.append(_say(words.declared.sentences["negative"], language))
    broken = [equation for equation in words.problem.equations if equation.is_broken and place in equation.places]
    # What a cell's own items say comes before what a balance says.
    for equation in sorted(broken, key=lambda equation: equation.instance.rule.check_id in words.declared.sides):
        told += _of_equation(words, equation, place, numbers, language)
    return list(dict.fromkeys(told)) or [_say(words.declared.sentences["follows"], language)]


def _of_equation(
    words: RepairWords, equation: Equation, place: int, numbers: Sequence[int], language: Language
) -> Iterator[str]:
    sentences, rule = words.declared.sentences, equation.instance.rule
    is_left = place in equation.left
    same, opposite = (equation.left, equation.right) if is_left else (equation.right, equation.left)
    rest = sum(numbers[p] for p in same if p != place)
    total = sum(numbers[p] for p in opposite)
    if rule.check_id in words.declared.sides:
        name = words.declared.sides[rule.check_id]["right" if is_left else "left"]
        key = "balanced_rest" if rest else "balanced"
        told = {"other": _say(name, language), "sum": words.number(total), "rest": words.number(rest)}
        yield _say(sentences[key], language, **told)
    elif rule.kind == "subset":
        key = "at_most" if is_left else "at_least"
        yield _say(sentences[key], language, other=words.cell(opposite[0]), sum=words.number(total))
    elif rule.kind == "bound" and is_left:
        low = words.number(max(numbers[p] for p in equation.right))
        yield _say(sentences["within"], language, low=low, sum=words.number(total))
    elif is_left and len(equation.left) == 1:
        yield _say(sentences["items"], language, sum=words.number(total))
    else:
        told = {"other": words.cell(opposite[0]), "sum": words.number(total), "rest": words.number(rest)}
        yield _say(sentences["item"], language, **told)
