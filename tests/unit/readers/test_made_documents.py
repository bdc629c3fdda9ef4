"""From bytes to facts: made documents of every kind, read whole; what a dump has lost is marked, never wrong."""

import random
import shutil

import pytest

from benchmarks.make_documents import CATALOGUE, RENDERERS, MadeDocument, made_documents
from pipeline.reading import read_file
from tests.documents.scoring import Score, score_reading

STYLES = {kind: len(styles) for kind, (_, styles) in RENDERERS.items()}
WITHOUT_CELL_BORDERS = ("lines_with_blanks", "spaces", "glued")
"""Dumps of which nobody can tell where an empty cell stood."""


def _score(document: MadeDocument) -> Score:
    return score_reading(
        document.report, read_file(document.content, document.name, CATALOGUE), f"{document.style}/{document.name}"
    )


def _documents(kind: str, per_style: int) -> list[MadeDocument]:
    return list(made_documents(kind, per_style * STYLES[kind]))


@pytest.mark.parametrize(("kind", "per_style"), [("HTML", 6), ("DOCX", 12), ("XLSX", 12), ("PDF", 3)])
def test_every_cell_of_a_made_document_is_right(kind: str, per_style: int) -> None:
    for document in _documents(kind, per_style):
        score = _score(document)
        assert (score.right, score.wrong, dict(score.marked_why)) == (score.cells, [], {}), document.name
        assert score.identity["right"] == 2


def test_a_dump_is_never_silently_wrong() -> None:
    for document in _documents("text", 5):
        score = _score(document)
        assert score.wrong == []
        if document.style not in WITHOUT_CELL_BORDERS:
            assert score.share_right > 0.9, (document.name, score.marked_why)


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["DOC", "XLS"])
def test_a_file_that_libreoffice_saved_is_right(kind: str) -> None:
    if not shutil.which("soffice"):
        pytest.skip("soffice is not installed: no .doc or .xls can be made; the kept ones are read all the same")
    for document in made_documents(kind, 6):
        score = _score(document)
        assert (score.right, score.wrong) == (score.cells, []), (document.name, score.marked_why)


def test_the_score_sees_a_wrong_cell() -> None:
    (document,) = [d for d in made_documents("HTML", 3) if d.style == "plain"]
    other = random.Random(1).choice([d for d in _documents("HTML", 2) if d.report.issuer != document.report.issuer])
    score = score_reading(document.report, read_file(other.content, other.name, CATALOGUE), "swapped")
    assert score.wrong and score.identity["wrong"] >= 1 and score.whole == 0
