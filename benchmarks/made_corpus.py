"""A corpus of any size, cheap to make: ``python -m benchmarks.made_corpus FOLDER COUNT [KINDS]``.

Belongs here: which reports there are, and how a few hundred rendered templates become a hundred thousand files. Does not
belong here: what a report says (``tests.documents``), measuring anything.

Report ``i`` is of one body and one year, and the same whatever the count: a smaller corpus is the beginning of a larger one.
A template is rendered once for each kind, year and variant; a file is a template in which the body's name (always six
characters) and the numbers of its prose (always four digits) are written over, in the encoding of its kind.
"""

import hashlib
import io
import itertools
import pickle
import random
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from multiprocessing import Pool
from pathlib import Path
from unittest import mock

from benchmarks.make_documents import convert
from pipeline.catalogue.load import load_catalogue
from pipeline.issuers.regions import load_regions
from tests.documents import docx, html, pdf
from tests.documents.made import MadeReport, Truth, make_report, with_cell, with_grids

YEARS = range(2018, 2022)
"""One of the statistics table, two of form 2019, one of form 2021: as in a load, few years and many reports of each."""
KINDS = ("html", "html", "html", "html", "pdf", "pdf", "pdf", "docx", "docx", "doc")
"""40 % HTML, 30 % PDF, 20 % DOCX, 10 % DOC."""
VARIANTS = {"html": 48, "pdf": 8, "docx": 16, "doc": 6}
PER_FOLDER = 1000
NAME = "齉龘县财政局"
"""Stands for the body's name in a template: characters that stand nowhere else."""
DEPARTMENTS = tuple(
    "财政局 教育局 民政局 审计局 水利局 统计局 司法局 公安局 商务局 信访局 档案局 林业局 农业局 文化局 体育局 卫生局 规划局 粮食局 "
    "物价局 旅游局 气象局 人防局 地震局 房管局 环保局 国土局 交通局 建设局 城管局 安监局".split()
)
NUMBERS = 40
FIRST_NUMBER = 7301
WRONG = 0.05
SENTENCES = (
    "全年通过政府网站公开信息{}条，较好地满足了群众的需要，公开的范围和深度都有新的拓展。",
    "政务微信发布信息{}条，政务微博发布信息{}条，栏目更新及时，内容经过三级审核后发布。",
    "举办业务培训，参加培训的人员共{}人次，重点学习了公开的范围、时限和方式。",
    "12345热线受理来电{}件，对来电反映较多的事项整理后形成了常见问答，在网站公布。",
    "政务服务大厅接待群众{}人次，查阅点提供电子查询设备和纸质材料，并安排专人解答。",
)
CACHE = Path(tempfile.gettempdir()) / "gongkai-corpus-templates"


@dataclass(frozen=True, slots=True)
class Template:
    """A rendered report, ready to be written over."""

    kind: str
    content: bytes


def kind_of(number: int, kinds: tuple[str, ...] = KINDS) -> str:
    """Return the kind of report ``number``: every body and every year has all of them."""
    return kinds[(number // len(YEARS) + 3 * (number % len(YEARS))) % len(kinds)]


def issuers() -> list[str]:
    """Return names of six characters: counties whose name no other region has, with a department."""
    regions = load_regions()
    names = [region.name for region in regions.by_code.values() if region.level == "county"]
    unique = sorted(name for name in names if len(name) == 3 and names.count(name) == 1 and name.endswith("县"))
    return [f"{county}{department}" for department in DEPARTMENTS for county in unique]


def templates(kinds: tuple[str, ...] = KINDS) -> dict[str, dict[int, list[Template]]]:
    """Return the templates by kind and year; made once for this version of the code and kept in the temporary folder."""
    made = {}
    for kind in sorted(set(kinds)):
        made[kind] = _kept(kind)
    return made


def write_corpus(folder: Path, count: int, kinds: tuple[str, ...] = KINDS) -> list[Path]:
    """Write reports 0 … count−1, in folders of a thousand; what stands already stays. Return the folders."""
    known = templates(kinds)
    bodies = issuers()
    if count > len(bodies) * len(YEARS):
        raise ValueError(f"there are bodies for {len(bodies) * len(YEARS)} reports only")
    parts = [(folder / f"{n:04d}", range(n * PER_FOLDER, min(count, (n + 1) * PER_FOLDER)))
             for n in range(-(-count // PER_FOLDER))]  # fmt: skip
    global _SHARED  # handed to forked processes without being pickled for each part
    _SHARED = (known, bodies, kinds)
    with Pool(2) as pool:
        pool.starmap(_write_part, parts, chunksize=1)
    return [part for part, _ in parts]


def report_bytes(
    number: int, known: dict[str, dict[int, list[Template]]], bodies: list[str], kinds: tuple[str, ...] = KINDS
) -> tuple[str, bytes]:
    """Return the name and the bytes of report ``number``."""
    year, body = YEARS[number % len(YEARS)], bodies[number // len(YEARS)]
    kind = kind_of(number, kinds)
    of_year = known[kind][year]
    rng = random.Random(number)
    template = of_year[rng.randrange(len(of_year))]
    numbers = {str(FIRST_NUMBER + n): str(rng.randint(1000, 9999)) for n in range(NUMBERS)}
    return f"{number:06d}.{kind}", patch(template, body, numbers)


def patch(template: Template, body: str, numbers: dict[str, str]) -> bytes:
    """Return a template with another body and other numbers: every length stays, so every offset in the file does."""
    if template.kind == "docx":
        return _patch_docx(template.content, body, numbers)
    encode = _ENCODINGS[template.kind]
    content = template.content.replace(encode(NAME), encode(body))
    after = {encode(number): encode(other) for number, other in numbers.items()}
    before = list(after)
    return re.sub(b"|".join(map(re.escape, before)), lambda found: after[found[0]], content)


def _octal(text: str) -> bytes:
    """Return text as our PDFs hold it: four characters for each byte, so that every text of a length is as long."""
    return "".join(f"\\{byte:03o}" for byte in text.encode("utf-16-be")).encode()


_ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "html": lambda text: text.encode("gb18030"),
    "pdf": _octal,
    "doc": lambda text: text.encode("utf-16-le"),
}


def _patch_docx(content: bytes, body: str, numbers: dict[str, str]) -> bytes:
    text = content.decode().replace(NAME, body)
    text = re.sub("|".join(numbers), lambda found: numbers[found[0]], text)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        parts = {"[Content_Types].xml": docx.TYPES, "_rels/.rels": docx.RELATIONS, "word/document.xml": text}
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


_SHARED: tuple[dict[str, dict[int, list[Template]]], list[str], tuple[str, ...]] = ({}, [], ())


def _write_part(folder: Path, numbers: range) -> None:
    known, bodies, kinds = _SHARED
    folder.mkdir(parents=True, exist_ok=True)
    standing = {path.name for path in folder.iterdir()}
    for number in numbers:
        if f"{number:06d}.{kind_of(number, kinds)}" not in standing:
            name, content = report_bytes(number, known, bodies, kinds)
            (folder / name).write_bytes(content)


def _kept(kind: str) -> dict[int, list[Template]]:
    sources = (Path(__file__), *(Path(module.__file__ or "") for module in (docx, html, pdf)))
    version = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    file = CACHE / f"{kind}-{version}.pickle"
    if file.exists():
        kept: dict[int, list[Template]] = pickle.loads(file.read_bytes())
        return kept
    made = _rendered(kind)
    CACHE.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.write_bytes(pickle.dumps(made))
    temporary.replace(file)
    return made


def _rendered(kind: str) -> dict[int, list[Template]]:
    if kind == "doc":
        return _doc_templates()
    keys = list(itertools.product([kind], YEARS, range(VARIANTS[kind])))
    with Pool(2) as pool:
        contents = pool.starmap(_render, keys)
    made: dict[int, list[Template]] = {}
    for (_, year, _), content in zip(keys, contents, strict=True):
        made.setdefault(year, []).append(Template(kind, content))
    return made


def _render(kind: str, year: int, variant: int) -> bytes:
    rng = random.Random(f"corpus/{kind}/{year}/{variant}")
    report = _report(rng, year)
    if kind == "html":
        return html.render(report, html.STYLES[variant % len(html.STYLES)], _Gbk(rng.random()))
    if kind == "docx":
        with zipfile.ZipFile(io.BytesIO(docx.render(report, rng, controls=0))) as archive:
            return _rejoined(archive.read("word/document.xml").decode()).encode()
    return _render_pdf(report, pdf.STYLES[variant % len(pdf.STYLES)], rng)


class _Gbk(random.Random):
    """Chooses the second of charsets: one encoding makes one way of writing over."""

    def choice(self, seq):  # type: ignore[no-untyped-def]
        return ("gb18030", "gbk") if seq and isinstance(seq[0], tuple) else super().choice(seq)


def _rejoined(document: str) -> str:
    """Join what runs broke apart where a name or a number of the prose is printed."""
    between = re.escape("</w:t></w:r>") + re.escape(docx.run("|").partition("|")[0])
    for mark in (NAME, *(str(FIRST_NUMBER + n) for n in range(NUMBERS))):
        broken = f"(?:{between})?".join(mark)
        document = re.sub(broken, mark, document)
    return document


def _render_pdf(report: MadeReport, style: str, rng: random.Random) -> bytes:
    from reportlab import rl_config
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rl_config.pageCompression = 0
    with (
        mock.patch.object(pdf, "font_name", lambda: "STSong-Light"),
        mock.patch.object(Canvas, "setTitle", lambda *_: None),  # It would stand there in yet another encoding.
        mock.patch.object(UnicodeCIDFont, "formatForPdf", lambda _, text: _octal(text).decode()),
    ):
        return pdf.render(report, style, rng)


def _doc_templates() -> dict[int, list[Template]]:
    keys = list(itertools.product(YEARS, range(VARIANTS["doc"])))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"{year}-{variant}.docx" for year, variant in keys]
        for path, (year, variant) in zip(paths, keys, strict=True):
            rng = random.Random(f"corpus/doc/{year}/{variant}")
            path.write_bytes(docx.render(_report(rng, year), rng, controls=0))
        convert(paths, "doc", folder)
        made: dict[int, list[Template]] = {}
        for path, (year, _) in zip(paths, keys, strict=True):
            made.setdefault(year, []).append(Template("doc", path.with_suffix(".doc").read_bytes()))
    return made


def _report(rng: random.Random, year: int) -> MadeReport:
    kind = "2014" if year < 2019 else "2019" if year < 2021 else "2021"
    report = make_report(rng, load_catalogue(), kind)
    while report.year != year:  # The year follows from the dice.
        report = make_report(rng, load_catalogue(), kind)
    return _named(report, year, rng)


def _named(report: MadeReport, year: int, rng: random.Random) -> MadeReport:
    prose = tuple(_prose(rng))
    sections = []
    for position, (heading, paragraphs) in enumerate(report.sections):
        texts = [text.replace(report.issuer, NAME).replace(str(report.year), str(year)) for text in paragraphs]
        sections.append((heading, (*texts, *(prose if position == 0 else ()))))
    date = f"{year + 1}-01-{rng.randint(5, 31):02d}"
    named = replace(report, issuer=NAME, year=year, published_on=date, sections=tuple(sections))
    return _with_wrong_total(with_grids(named, load_catalogue()), rng)


def _with_wrong_total(report: MadeReport, rng: random.Random) -> MadeReport:
    """Plant a wrong total in one template of twenty, as in real reports."""
    totals = [key for key in report.truth if key[0] == "requests" and key[2] == "total"]
    if not totals or rng.random() > WRONG:
        return report
    key = rng.choice(totals)
    wrong = (report.truth[key].value or Decimal(0)) + rng.randint(1, 30)
    return with_cell(report, key, str(wrong), Truth(wrong, "reported"), load_catalogue())


def _prose(rng: random.Random) -> Iterator[str]:
    numbers = iter(range(FIRST_NUMBER, FIRST_NUMBER + NUMBERS))
    for _ in range(24):
        sentences = rng.sample(SENTENCES, 2)
        wanted = sum(sentence.count("{}") for sentence in sentences)
        values = list(itertools.islice(numbers, wanted))
        if len(values) < wanted:
            return
        yield "".join(sentences).format(*values)


def main(arguments: list[str]) -> None:
    folder, count = Path(arguments[0]), int(arguments[1])
    kinds = tuple(arguments[2].split(",")) if len(arguments) > 2 else KINDS
    write_corpus(folder, count, kinds)


if __name__ == "__main__":
    from benchmarks import made_corpus  # What is kept is of this module, not of ``__main__``.

    made_corpus.main(sys.argv[1:])
