"""Made scans with known truth: printed reports drawn as pictures and spoilt, for the measurements of this folder.

Belongs here: which seed makes which scan. What is done to a page is in ``tests.documents.scan``; what is printed on it comes
from the PDF that we draw, that LibreOffice saves and that Chromium prints, where these are installed. Thirty seeds in a row
have every way of spoiling at every resolution.
"""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.make_documents import MadeDocument, NotPrinted, convert, planted_report, print_page
from tests.documents import browser, office, pdf, scan
from tests.documents.made import MadeReport

FORMS = ("2019", "2021", "hybrid", "2021", "2014")
SUFFIXES = (".pdf", ".pdf", ".tiff", ".png")
SOURCES = ("own", "own", "chromium", "soffice")
FIRST_SEED = 1000
"""Lower seeds were looked at while the reader was made."""
HELD_OUT = 4000
"""Seeds from here on are for figures: those below have been looked at as well."""


def scan_documents(first: int, count: int) -> Iterator[MadeDocument]:
    """Yield the scans of ``count`` seeds from ``first`` on."""
    styles = tuple(scan.STYLES)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            rng = random.Random(f"SCAN/{seed}")
            style, dpi = styles[seed % len(styles)], scan.DPI[seed // len(styles) % len(scan.DPI)]
            report = planted_report(rng, seed, (rng.choice(FORMS),))
            try:
                source, printed = _printed(report, rng, Path(folder, f"page-{seed}"))
            except NotPrinted as error:
                print(f"scan-{seed}: left out, {error}")
                continue
            pages = [scan.spoil_page(page, style, rng, dpi) for page in scan.draw_pages(printed, dpi)]
            suffix = rng.choice(SUFFIXES)
            name = f"scan-{seed}-{style}-{dpi}-{source}{suffix}"
            yield MadeDocument("SCAN", style, name, report, scan.as_file(pages, suffix, dpi))


def _printed(report: MadeReport, rng: random.Random, stem: Path) -> tuple[str, bytes]:
    """Return who printed a report, and the PDF."""
    source = rng.choice(SOURCES)
    if source == "chromium" and shutil.which(source):
        page = stem.with_suffix(".html")
        page.write_text(browser.render(report, rng.choice(browser.STYLES), rng), encoding="utf-8")
        return source, print_page(page, stem.parent)
    if source == "soffice" and shutil.which(source):
        word = stem.with_suffix(".docx")
        word.write_bytes(office.render(report, rng))
        convert([word], "pdf", stem.parent)
        return source, stem.with_suffix(".pdf").read_bytes()
    return "own", pdf.render(report, rng.choice(pdf.STYLES), rng)
