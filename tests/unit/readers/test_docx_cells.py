"""Cells known again by their markup read as they do in the tree, whatever the document round them is."""

import random

import pytest

from benchmarks.make_documents import CATALOGUE
from pipeline.document import Document, Table
from pipeline.readers import docx
from pipeline.readers.docx_cells import Markup
from pipeline.readers.docx_package import TRANSITIONAL
from tests.documents.docx import package, render, run
from tests.documents.made import make_report
from tests.unit.readers.test_docx import NUMBERING


def _cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def _table(*cells: str) -> str:
    return f"<w:tbl><w:tr>{''.join(cells)}</w:tr></w:tbl>"


def _texts(body: str, parts: dict[str, str] | None = None) -> list[str]:
    tables = [block for block in docx.read_docx(package(body, parts), "r.docx").blocks if isinstance(block, Table)]
    return [cell.text for table in tables for cell in table.cells]


def _in_tree(content: bytes, monkeypatch: pytest.MonkeyPatch) -> Document:
    with monkeypatch.context() as patch:
        patch.setattr(docx, "table_markup", lambda _data, _root: Markup())
        return docx.read_docx(content, "r.docx")


@pytest.mark.parametrize("kind", ["2019", "2021", "2014", "fujian"])
def test_made_documents_read_alike(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3):
        rng = random.Random(f"{kind}/{seed}")
        content = render(make_report(rng, CATALOGUE, kind), rng)
        assert docx.read_docx(content, "r.docx") == docx.read_docx(content, "r.docx") == _in_tree(content, monkeypatch)


def test_list_numbers_are_counted_in_cells_that_look_alike() -> None:
    numbered = f'<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>{run("件")}</w:p>'
    body = _table(_cell(numbered), _cell(numbered), _cell(f"<w:p>{run('7')}</w:p>"))
    assert _texts(body) == ["件", "件", "7"]
    assert _texts(body, {"word/numbering.xml": NUMBERING}) == ["1.件", "2.件", "7"]


def test_hidden_text_is_left_out_of_cells_that_look_alike_otherwise() -> None:
    shown = f"<w:p>{run('35')}</w:p>"
    hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>35</w:t></w:r></w:p>"
    assert _texts(_table(_cell(shown), _cell(shown))) == ["35", "35"]
    assert _texts(_table(_cell(shown), _cell(hidden))) == ["35", ""]


def test_spans_tell_cells_of_one_text_apart() -> None:
    body = _table(_cell(f"<w:p>{run('0')}</w:p>", '<w:gridSpan w:val="2"/>'), _cell(f"<w:p>{run('0')}</w:p>"))
    for _ in range(2):
        (table,) = docx.read_docx(package(body), "r.docx").blocks
        assert isinstance(table, Table)
        assert [(cell.col, cell.col_span) for cell in table.cells] == [(1, 2), (3, 1)]


def test_another_prefix_of_the_namespace_is_read_in_the_tree() -> None:
    strange = f'<x:p xmlns:x="{TRANSITIONAL}"><x:r><x:t>12</x:t></x:r></x:p>'
    plain = '<x:p xmlns:x="urn:other"><x:r><x:t>12</x:t></x:r></x:p>'
    body = _table(_cell(f"<w:p>{run('a')}</w:p>"), _cell("{}"))
    for _ in range(2):
        assert _texts(body.format(plain)) == ["a", ""]
        assert _texts(body.format(strange)) == ["a", "12"]
