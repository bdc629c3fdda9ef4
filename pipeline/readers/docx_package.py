"""The package of a Word file: its parts as XML, each checked before it is unpacked and parsed.

Belongs here: zip, limits, which part is the document, which pictures it has. Does not belong here: what stands in a part.
"""

import posixpath
import zipfile
import zlib
from typing import Any

from lxml import etree

from pipeline.document import UnreadableFile

MAX_PART_BYTES = 64 * 1024 * 1024
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = f"{{{TRANSITIONAL}}}"


def main_part(package: zipfile.ZipFile) -> str:
    """Return the name of the part that is the document. Raises UnreadableFile."""
    names = set(package.namelist())
    if "EncryptedPackage" in names:
        raise UnreadableFile("password-protected Word file")
    root = read_part(package, "_rels/.rels")
    if root is not None:
        for relation in root:
            if str(relation.get("Type", "")).endswith("/officeDocument"):
                target = str(relation.get("Target", "")).lstrip("/")
                if target in names:
                    return target
    if "word/document.xml" in names:
        return "word/document.xml"
    raise UnreadableFile("not a Word file: the package has no document part")


def read_part(package: zipfile.ZipFile, name: str) -> Any:
    """Return the root element of a part, None where the package has no such part. No entity is ever resolved."""
    data = read_data(package, name)
    return None if data is None else parse_data(data, name)


def read_data(package: zipfile.ZipFile, name: str) -> bytes | None:
    """Return a part's bytes under the namespace of transitional files, None where the package has no such part."""
    try:
        info = package.getinfo(name)
    except KeyError:
        return None
    if info.flag_bits & 0x1:
        raise UnreadableFile("password-protected Word file")
    if info.file_size > MAX_PART_BYTES:
        raise UnreadableFile(f"Word file whose {posixpath.basename(name)} is larger than {MAX_PART_BYTES // 2**20} MiB")
    try:
        with package.open(info) as stream:
            data = stream.read(MAX_PART_BYTES + 1)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(f"damaged Word file: {posixpath.basename(name)} cannot be unpacked") from error
    except Exception as error:  # zlib.error has no public base
        if type(error).__name__ != "error":
            raise
        raise UnreadableFile(f"damaged Word file: {posixpath.basename(name)} cannot be unpacked") from error
    if len(data) > MAX_PART_BYTES:
        raise UnreadableFile(f"Word file whose {posixpath.basename(name)} is larger than {MAX_PART_BYTES // 2**20} MiB")
    if b"<!DOCTYPE" in data[:2048] or b"<!ENTITY" in data[:4096]:
        raise UnreadableFile("Word file with an XML document type, which no word processor writes")
    return data.replace(STRICT.encode(), TRANSITIONAL.encode())


def parse_data(data: bytes, name: str) -> Any:
    """Return the root element of a part's bytes. Raises UnreadableFile where they are not well-formed."""
    try:
        return etree.fromstring(
            data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
        )
    except etree.XMLSyntaxError as error:
        raise UnreadableFile(f"damaged Word file: {posixpath.basename(name)} is not well-formed XML") from error


def related_parts(package: zipfile.ZipFile, main: str, kind: str) -> dict[str, str]:
    """Return relation id → part name of the parts of a kind (``image``, ``aFChunk``) that the document names."""
    folder, base = posixpath.split(main)
    root = read_part(package, f"{folder}/_rels/{base}.rels")
    if root is None:
        return {}
    return {
        str(r.get("Id")): posixpath.normpath(posixpath.join(folder, str(r.get("Target"))))
        for r in root
        if str(r.get("Type", "")).endswith(f"/{kind}") and r.get("TargetMode") != "External"
    }


def part_bytes(package: zipfile.ZipFile, part: str, most: int = MAX_PART_BYTES) -> bytes | None:
    """Return what a part holds, None where it is missing, damaged or larger than is sound (or than ``most`` bytes)."""
    try:
        info = package.getinfo(part)
        return package.read(info) if info.file_size <= min(most, MAX_PART_BYTES) else None
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return None


def properties(package: zipfile.ZipFile) -> dict[str, str]:
    """Return title and day of making as the document's properties state them."""
    root = read_part(package, "docProps/core.xml")
    if root is None:
        return {}
    found = {etree.QName(child).localname: (child.text or "").strip() for child in root if isinstance(child.tag, str)}
    return {
        key: value
        for key, value in (("title", found.get("title", "")), ("created", found.get("created", "")[:10]))
        if value
    }
