"""Whether scans can be read here: the optional extra ``ocr``.

Belongs here: nothing that needs the extra, so that every reader may ask.
"""

import importlib.util

from pipeline.document import UnreadableFile

INSTALL = "install gongkai[ocr] to read it"
PARTS = ("rapidocr", "onnxruntime", "cv2")


def is_installed() -> bool:
    """Tell whether the extra ``ocr`` is there."""
    return all(importlib.util.find_spec(name) is not None for name in PARTS)


def require_installed(what: str) -> None:
    """Raise UnreadableFile where the extra ``ocr`` is not installed."""
    if not is_installed():
        raise UnreadableFile(f"{what}: {INSTALL}")
