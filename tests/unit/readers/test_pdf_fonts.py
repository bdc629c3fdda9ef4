"""A PDF that does not hold its fonts reads the same on every machine."""

import ctypes
import hashlib
import subprocess
import sys
from pathlib import Path

import pypdfium2.raw as raw
import pytest

from pipeline.readers.pdf_fonts import BOX, UNITS, stand_in_font
from pipeline.readers.pdf_page import open_pdf

KEPT = Path(__file__).parents[2] / "fixtures" / "report_2021.pdf"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts")
"""Where PDFium looks on Linux."""
READ = """
import hashlib, sys
from pathlib import Path
from pipeline.readers.pdf import read_pdf
print(hashlib.sha256(repr(read_pdf(Path(sys.argv[1]).read_bytes(), "r.pdf")).encode()).hexdigest())
"""


def test_the_kept_file_does_not_hold_its_fonts() -> None:
    assert b"/STSong-Light" in KEPT.read_bytes() and b"/FontFile" not in KEPT.read_bytes()


def test_characters_of_absent_fonts_have_the_stand_in_s_shape() -> None:
    """Whatever the machine has installed: the ink of every Chinese character is the box that we made."""
    document = open_pdf(KEPT.read_bytes())
    text = document[0].get_textpage()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    seen = set()
    for index in range(raw.FPDFText_CountChars(text.raw)):
        if raw.FPDFText_GetUnicode(text.raw, index) < 0x4E00:
            continue
        raw.FPDFText_GetCharBox(text.raw, index, *map(ctypes.byref, (left, right, bottom, top)))
        size = raw.FPDFText_GetFontSize(text.raw, index)
        seen.add((round((right.value - left.value) / size, 1), round((top.value - bottom.value) / size, 1)))
    text.close()
    document.close()
    assert seen == {((BOX[2] - BOX[0]) / UNITS, (BOX[3] - BOX[1]) / UNITS)}


def test_the_font_is_the_same_every_time() -> None:
    assert stand_in_font() == stand_in_font()
    assert hashlib.sha256(stand_in_font()).hexdigest().startswith("1b2e18734dd7")


@pytest.mark.skipif(sys.platform != "linux", reason="fonts are hidden with Linux namespaces")
def test_reads_the_same_where_no_font_is_installed() -> None:
    hide = "".join(f"[ -d {name} ] && mount -t tmpfs none {name}; " for name in FONT_FOLDERS)
    apart = ["unshare", "--map-root-user", "--mount", "sh", "-c", hide + 'exec "$@"', "sh"]
    try:
        subprocess.run([*apart, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lets nobody make a mount namespace: no fonts can be hidden")
    command = [sys.executable, "-c", READ, str(KEPT)]
    here, there = (
        subprocess.run([*before, *command], check=True, capture_output=True, text=True).stdout for before in ([], apart)
    )
    assert here and here == there
