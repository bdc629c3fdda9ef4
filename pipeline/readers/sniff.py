"""Which kind of file some bytes are.

Belongs here: signatures of formats, and telling text from binary. The suffix of the name only decides where the bytes do not.
Does not belong here: reading the file (its own module), or which kinds can be read (``pipeline.reading``).
"""

import io
import re
import zipfile

from pipeline.document import UnreadableFile
from pipeline.readers.ole_container import open_container
from pipeline.readers.strict_text import strict_text

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PDF = "application/pdf"

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"{\\rtf", "application/rtf"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
)
ZIP_MEMBERS = (
    ("word/document.xml", DOCX),
    ("xl/workbook.xml", XLSX),
    ("xl/workbook.bin", XLSB),
    ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("OFD.xml", "application/ofd"),
)
OLE_STREAMS = (("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS))
OLE_SUFFIXES = {"doc": DOC, "wps": DOC, "dot": DOC, "wpt": DOC, "xls": XLS, "et": XLS, "xlt": XLS}
PAGE_MARK = re.compile(rb"<\s*(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|table[\s>])", re.IGNORECASE)
TAG = re.compile(rb"<\s*/?\s*(?:p|div|span|td|tr|br|font|meta|ul|li)\b[^<>]*>", re.IGNORECASE)
HTML_SUFFIXES = frozenset(("html", "htm", "shtml", "xhtml", "mht", "jsp", "aspx", "asp", "php"))
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1a\x1b")
PROBE = 65536


def sniff(content: bytes, name: str) -> str:
    """Return the media type of a file's bytes.

    Raises UnreadableFile: empty, damaged ZIP or OLE container, password-protected Office file, unknown binary data.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise UnreadableFile("empty file")
    if b"%PDF-" in content[:1024]:
        return PDF
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _sniff_ole(content, _suffix(name))
    for signature, media_type in SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[257:262] == b"ustar":
        return "application/x-tar"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"BM") and int.from_bytes(content[2:6], "little") == len(content):
        return "image/bmp"
    return _sniff_text(content, _suffix(name))


def _suffix(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def _sniff_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = set(archive.namelist())
            mimetype = archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in members else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, KeyError, EOFError) as error:
        raise UnreadableFile("damaged ZIP archive or Office file") from error
    for member, media_type in ZIP_MEMBERS:
        if member in members:
            return media_type
    return mimetype.strip() if mimetype.startswith("application/vnd.oasis.opendocument.") else "application/zip"


def _sniff_ole(content: bytes, suffix: str) -> str:
    try:
        with open_container(content) as container:
            if container.exists("EncryptedPackage"):
                raise UnreadableFile("password-protected Office file")
            for stream, media_type in OLE_STREAMS:
                if container.exists(stream):
                    return media_type
    except UnreadableFile:
        raise
    except Exception as error:  # olefile raises whatever its damaged tables lead it to
        raise UnreadableFile("damaged Office file (OLE container)") from error
    if suffix in OLE_SUFFIXES:
        return OLE_SUFFIXES[suffix]
    return "application/x-ole-storage"


def _sniff_text(content: bytes, suffix: str) -> str:
    """Return text/html, text/xml, application/xml, multipart/related or text/plain.

    The bytes decide, the suffix only between text and a fragment of HTML.
    """
    start = content[:PROBE]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = _decoded_utf16(content).encode("utf-8")[:PROBE]
    elif start.count(b"\0") or len(start) - len(start.translate(None, CONTROLS)) > len(start) // 100:
        raise UnreadableFile("not a document: unknown binary data")
    elif not _decodes(start):
        raise UnreadableFile("not a document: neither UTF-8 nor GB18030 text")
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:200].lower().startswith(b"mime-version:") or b"multipart/related" in head[:2048].lower():
        return "multipart/related"
    if b"<?mso-application" in head[:1024] or b"<w:worddocument" in head[:2048].lower():
        return "application/xml"
    if PAGE_MARK.search(start) or len(TAG.findall(start)) >= (1 if suffix in HTML_SUFFIXES else 6):
        return "text/html"
    return "text/xml" if head.startswith(b"<?xml") else "text/plain"


def _decoded_utf16(content: bytes) -> str:
    text = content[: PROBE // 2 * 2].decode("utf-16", "replace")
    if text.count("\ufffd") > len(text) // 100:
        raise UnreadableFile("not a document: damaged UTF-16 text")
    return text


def _decodes(start: bytes) -> bool:
    """Tell whether the bytes are text, but for a few damaged characters and the character that the probe cuts in two."""
    # Strictly first: replacing what one codec does not know is slow where the text is simply of the other.
    if any(strict_text(start, codec) is not None for codec in ("utf-8", "gb18030")):
        return True
    damaged = (start.decode(codec, "replace").count("\ufffd") for codec in ("utf-8", "gb18030"))
    return any(count <= 1 + len(start) // 500 for count in damaged)
