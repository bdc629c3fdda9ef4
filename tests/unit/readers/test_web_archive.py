"""Web archives: the page that a browser saved, whatever it encoded it with."""

import base64
import quopri
import random

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import UnreadableFile
from pipeline.reading import read_file
from tests.documents import html
from tests.documents.made import make_report

CATALOGUE = load_catalogue()


def archived(page: bytes, encoding: str, kind: str = "text/html") -> bytes:
    body = base64.encodebytes(page) if encoding == "base64" else quopri.encodestring(page)
    head = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="=_x"\n\n--=_x\n'
    part = f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\nContent-Location: file:///a.htm\n\n"
    picture = "--=_x\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--=_x--\n"
    return head.encode() + part.encode() + body + b"\n" + picture.encode()


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_the_page_in_it_is_read(encoding: str) -> None:
    report = make_report(random.Random(3), CATALOGUE, "2021", "plain")
    reading = read_file(archived(html.render(report, "word", random.Random(3)), encoding), "a.mht", CATALOGUE)
    assert (reading.media_type, reading.reports[0].issuer) == ("multipart/related", report.issuer)
    for fact in reading.reports[0].facts:
        assert fact.value == report.truth[fact.fact_table, fact.row_code, fact.column_code].value


def test_without_a_page_it_says_so() -> None:
    with pytest.raises(UnreadableFile, match="without a page"):
        read_file(archived(b"x", "base64", "text/css"), "a.mht", CATALOGUE)


def test_parts_in_parts_without_end() -> None:
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (number, number) for number in range(3000)
    )
    with pytest.raises(UnreadableFile, match="MHT"):
        read_file(b"MIME-Version: 1.0\n" + deep, "a.mht", CATALOGUE)
