"""Made documents of every kind, with known truth, for the measurements of this folder.

    python -m benchmarks.make_documents FOLDER [COUNT]     write them to look at

Belongs here: which kinds and styles there are, and how many of each. What a report says and how each kind prints it is in
``tests.documents``. One document in five has a wrong total planted.
"""

import contextlib
import itertools
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

import pypdfium2 as pdfium

from pipeline.catalogue.load import load_catalogue
from tests.documents import browser, docx, dump, html, office, pdf, xlsx
from tests.documents.made import MadeReport, Truth, make_report, with_cell

CATALOGUE = load_catalogue()
REPORT_KINDS = ("2019", "2021", "hybrid", "2021", "2014", "fujian")
SIX_SECTIONS = REPORT_KINDS[:4]
"""Text dumps are measured on these: the older forms are one column of numbers in any layout."""
PLANT_EVERY = 5
FILES_A_CALL = 20
MOST_LOST = 12
"""Characters; a row of a table is more."""
PRINTING_SECONDS = 120
"""A page takes two seconds; a machine with too much to do may not answer in time."""
Render = Callable[[MadeReport, random.Random], bytes]


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document with its truth; ``kind`` is the line of the table that it counts for."""

    kind: str
    style: str
    name: str
    report: MadeReport
    content: bytes


def _styles(module: object, styles: tuple[str, ...]) -> dict[str, Render]:
    def render(style: str, report: MadeReport, rng: random.Random) -> bytes:
        content: bytes = module.render(report, style, rng)  # type: ignore[attr-defined]
        return content

    return {style: partial(render, style) for style in styles}


RENDERERS: dict[str, tuple[str, dict[str, Render]]] = {
    "HTML": (".html", _styles(html, html.STYLES)),
    "DOCX": (".docx", {"": docx.render, "odd": docx.render_oddly}),
    "PDF": (".pdf", _styles(pdf, pdf.STYLES)),
    "XLSX": (".xlsx", {"": xlsx.render, "odd": xlsx.render_oddly}),
    "text": (".txt", _styles(dump, tuple(dump.LAYOUTS))),
}
KINDS = ("HTML", "DOCX", "DOC", "PDF", "PDF-office", "PDF-browser", "XLSX", "XLS", "text", "SCAN")
MAKERS = {"DOC": "soffice", "XLS": "soffice", "PDF-office": "soffice", "PDF-browser": "chromium"}
"""Kinds that another program makes, by that program's name. ``PDF`` is drawn by ourselves."""


def made_documents(kind: str, count: int, first: int = 0) -> Iterator[MadeDocument]:
    """Yield at least ``count`` documents of a kind, spread over its styles; the kinds of ``MAKERS`` need their program.

    ``first`` is the first seed: of another first all documents are others.
    """
    if kind == "SCAN":
        from benchmarks.make_scans import HELD_OUT, scan_documents

        yield from scan_documents(HELD_OUT + first, count)
        return
    if kind in MAKERS:
        maker = {"DOC": _doc_files, "XLS": _xls_files, "PDF-office": _office_files, "PDF-browser": _browser_files}[kind]
        yield from maker(range(first, first + count))
        return
    suffix, styles = RENDERERS[kind]
    per_style = -(-count // len(styles))
    for style, render in styles.items():
        for seed in range(first, first + per_style):
            rng = random.Random(f"{kind}/{style}/{seed}")
            report = planted_report(rng, seed, SIX_SECTIONS if kind == "text" else REPORT_KINDS)
            yield MadeDocument(kind, style, f"{style or kind}-{seed:03d}{suffix}", report, render(report, rng))


def planted_report(rng: random.Random, seed: int, kinds: tuple[str, ...]) -> MadeReport:
    """Return a made report of one of some forms, every fifth with a wrong total."""
    report = make_report(rng, CATALOGUE, kinds[seed % len(kinds)])
    totals = [key for key in report.truth if key[0] == "requests" and key[2] == "total"]
    if not totals or seed % PLANT_EVERY:
        return report
    key = rng.choice(totals)
    wrong = (report.truth[key].value or Decimal(0)) + rng.randint(1, 30)
    return with_cell(report, key, str(wrong), Truth(wrong, "reported"), CATALOGUE)


def _doc_files(seeds: range) -> Iterator[MadeDocument]:
    yield from _converted("DOC", ".docx", _doc_sources(seeds))


def _xls_files(seeds: range) -> Iterator[MadeDocument]:
    yield from _converted("XLS", ".xlsx", _xls_sources(seeds))


def _converted(kind: str, suffix: str, sources: Iterator[MadeDocument]) -> Iterator[MadeDocument]:
    """Yield documents as LibreOffice saves them in the older format of their kind, some files a call."""
    target = kind.lower()
    for batch in iter(lambda: list(itertools.islice(sources, FILES_A_CALL)), []):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, f"{source.name}{suffix}") for source in batch]
            for path, source in zip(paths, batch, strict=True):
                path.write_bytes(source.content)
            convert(paths, target, Path(folder))
            for source, path in zip(batch, paths, strict=True):
                content = path.with_suffix(f".{target}").read_bytes()
                yield MadeDocument(kind, source.style, f"{source.name}.{target}", source.report, content)


def _doc_sources(seeds: range) -> Iterator[MadeDocument]:
    for seed in seeds:
        rng = random.Random(f"DOC/{seed}")
        report = planted_report(rng, seed, REPORT_KINDS)
        render = docx.render_oddly if seed % 2 else docx.render
        yield MadeDocument("DOC", "odd" if seed % 2 else "", f"DOC-{seed:03d}", report, render(report, rng, controls=0))


def _xls_sources(seeds: range) -> Iterator[MadeDocument]:
    for seed in seeds:
        rng = random.Random(f"XLS/{seed}")
        report = planted_report(rng, seed, REPORT_KINDS)
        render = xlsx.render_oddly if seed % 2 else xlsx.render
        yield MadeDocument("XLS", "odd" if seed % 2 else "", f"XLS-{seed:03d}", report, render(report, rng))


def _office_files(seeds: range) -> Iterator[MadeDocument]:
    """Yield Word files laid out for print, made into PDF by LibreOffice; without those that it printed a part of."""
    reports: dict[str, MadeReport] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for seed in seeds:
            rng = random.Random(f"PDF-office/{seed}")
            paths.append(Path(folder, f"office-{seed:03d}.docx"))
            reports[paths[-1].stem] = report = planted_report(rng, seed, REPORT_KINDS)
            paths[-1].write_bytes(office.render(report, rng))
        for start in range(0, len(paths), FILES_A_CALL):
            convert(paths[start : start + FILES_A_CALL], "pdf", Path(folder))
        for path in paths:
            content = path.with_suffix(".pdf").read_bytes()
            if prints_tables(reports[path.stem], content):
                yield MadeDocument("PDF-office", "", f"{path.stem}.pdf", reports[path.stem], content)
            else:
                print(f"{path.stem}: left out, LibreOffice did not print all rows of its tables")


def prints_tables(report: MadeReport, content: bytes) -> bool:
    """Tell whether a PDF holds the characters of the tables, in whatever order; LibreOffice loses rows of rare layouts.

    Names of groups that stand upright lose a few signs, which leaves every number readable.
    """
    wanted = Counter(
        char for grid in report.grids.values() for cell in grid.cells for char in "".join(cell.text.split())
    )
    document = pdfium.PdfDocument(content)
    try:
        printed = Counter(char for page in document for char in page.get_textpage().get_text_range())
    finally:
        document.close()
    return (wanted - printed).total() <= MOST_LOST


def _browser_files(seeds: range) -> Iterator[MadeDocument]:
    """Yield pages printed to PDF by Chromium, one style of drawing lines after the other."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            style = browser.STYLES[seed % len(browser.STYLES)]
            rng = random.Random(f"PDF-browser/{seed}")
            report = planted_report(rng, seed, REPORT_KINDS)
            page = Path(folder, f"browser-{seed:03d}.html")
            page.write_text(browser.render(report, style, rng), encoding="utf-8")
            try:
                content = print_page(page, Path(folder))
            except NotPrinted as error:
                print(f"{page.stem}: left out, {error}")
                continue
            yield MadeDocument("PDF-browser", style, f"{page.stem}.pdf", report, content)


class NotPrinted(Exception):
    """A page that Chromium did not print; the message is one line."""


def print_page(page: Path, folder: Path) -> bytes:
    """Return a page as Chromium prints it, under a profile of its own. Raises NotPrinted where it takes too long twice."""
    target = page.with_suffix(".pdf")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={target}")
    for profile in ("profile", "profile-again"):  # A browser that was ended leaves its profile locked.
        command = ["chromium", *options, f"--user-data-dir={folder / profile}", page.as_uri()]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, check=True, capture_output=True, timeout=PRINTING_SECONDS)
            return target.read_bytes()
    raise NotPrinted(f"Chromium did not print it within {PRINTING_SECONDS} s, twice")


def convert(paths: list[Path], target: str, folder: Path) -> None:
    """Convert files with LibreOffice in one call, under a profile of its own."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", target, "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True)


def main(folder: Path, count: int) -> None:
    for kind in KINDS:
        for document in made_documents(kind, count):
            (folder / document.name).write_bytes(document.content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12)
