"""Parts of Office packages as ElementTree elements, for the second readings (``docx_reference``, ``sheet_reference``).

Belongs here: zip, limits, relations. Shares no code with the first readings; refuses what they refuse, document types among it.
"""

import io
import posixpath
import xml.etree.ElementTree as ET
import zipfile
import zlib

from pipeline.document import UnreadableFile

LARGEST_PART = 16 * 1024 * 1024
_NO_READING = "no second reading of this package"


class _NoDoctype(ET.TreeBuilder):
    """Refuses a document type before any entity of it is declared."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse."""
        raise UnreadableFile("package with an XML document type")


class Package:
    """An Office file. Every method raises UnreadableFile for what is damaged or too large."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableFile(f"{_NO_READING}: not a zip archive") from error

    def part(self, name: str) -> ET.Element | None:
        """Return the root element of a part, its tags without namespaces; None where there is no such part."""
        try:
            with self._zip.open(name) as stream:
                data = stream.read(LARGEST_PART + 1)
        except KeyError:
            return None
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
            raise UnreadableFile(f"{_NO_READING}: {name} is damaged") from error
        if len(data) > LARGEST_PART:
            raise UnreadableFile(f"{_NO_READING}: {name} is too large")
        try:
            root = ET.fromstring(data, ET.XMLParser(target=_NoDoctype()))  # noqa: S314 - document types are refused
        except (ET.ParseError, LookupError, ValueError) as error:
            raise UnreadableFile(f"{_NO_READING}: {name} is not well-formed") from error
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Return relation id → (last word of its type, name of the part) of a part; of the package itself for ``""``."""
        folder, base = posixpath.split(part)
        root = self.part(posixpath.join(folder, "_rels", f"{base}.rels"))
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/"),
            )
            for relation in (root if root is not None else ())
        }

    def document(self) -> str:
        """Return the name of the main part."""
        for kind, part in self.related("").values():
            if kind == "officeDocument":
                return part
        raise UnreadableFile(f"{_NO_READING}: it names no document")


def attribute(element: ET.Element, name: str) -> str | None:
    """Return an attribute by its name without namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
