"""The elements of an HTML page as the standard library's parser meets them, for the second reading (``html_reference``).

Belongs here: which element stands in which, end tags that may be left out. Does not belong here: what is shown, grids.
Table parts out of their place are refused, not mended: two mendings may differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NoReturn

from pipeline.document import UnreadableFile

CELLS = frozenset(("td", "th"))
SECTIONS = frozenset(("thead", "tbody", "tfoot"))
TABLE_PARTS = CELLS | SECTIONS | {"tr", "table"}
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
ENDS_ITSELF = frozenset(("p", "li", "option", "dt", "dd"))
"""A second one straight inside it ends the first."""
DEEPEST = 300
MOST_NESTED = 12
"""Tables inside tables; laying a page out takes three or four."""


@dataclass(slots=True, eq=False)
class Element:
    """An element: its parts are texts and elements, in order."""

    tag: str
    attributes: dict[str, str]
    parts: list["str | Element"] = field(default_factory=list)

    @property
    def is_hidden(self) -> bool:
        """Whether the element itself says that it is not shown."""
        if "hidden" in self.attributes:
            return True
        for rule in self.attributes.get("style", "").lower().split(";"):
            name, _, value = rule.partition(":")
            if (name.strip(), value.split("!")[0].strip()) in (("display", "none"), ("visibility", "hidden")):
                return True
        return False

    def elements(self) -> Iterator["Element"]:
        """Yield the elements straight inside it."""
        return (part for part in self.parts if not isinstance(part, str))

    def all(self) -> Iterator["Element"]:
        """Yield every element inside it."""
        for element in self.elements():
            yield element
            yield from element.all()


class Outline(HTMLParser):
    """Builds the tree under ``root``. Raises UnreadableFile from ``feed``: nested too deep, table parts out of place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, after what it ends."""
        if tag in TABLE_PARTS and not self._make_room(tag):
            return
        if tag in ENDS_ITSELF and self.open[-1].tag == tag:
            self.open.pop()
        attributes: dict[str, str] = {}
        for name, value in attrs:
            attributes.setdefault(name, value or "")
        element = Element(tag, attributes)
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)
            if len(self.open) > DEEPEST:
                raise UnreadableFile("page nested too deep for a second reading")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open and close an element; browsers do not close ``<td/>``, other parsers do."""
        if tag in TABLE_PARTS:
            self._refuse(f"<{tag}/>")
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            if self.open[-1].is_hidden:
                self._refuse(f"hidden <{tag}/>")
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the nearest open element of that name, in this cell or, for table parts, in this table."""
        if tag in VOID:
            return
        for place in range(len(self.open) - 1, 0, -1):
            at = self.open[place].tag
            if at == tag:
                del self.open[place:]
                return
            if at == "table" or (at in CELLS and tag not in TABLE_PARTS):
                break
        if tag in TABLE_PARTS and tag != "table" and self._table() and tag not in SECTIONS:
            self._refuse(f"</{tag}> that nothing opens")

    def handle_data(self, data: str) -> None:
        """Add text to the innermost open element."""
        if self.open[-1].tag in SECTIONS | {"table", "tr"} and data.strip():
            self._refuse("text between cells")
        self.open[-1].parts.append(data)

    def _table(self) -> int:
        """Return the place of the innermost open table, 0 where none is open."""
        return next((place for place in range(len(self.open) - 1, 0, -1) if self.open[place].tag == "table"), 0)

    def _make_room(self, tag: str) -> bool:
        """Close what a part of a table ends; False where it stands in no table and means nothing."""
        table = self._table()
        inside = [element.tag for element in self.open[table + 1 :]]
        if tag == "table":
            if table and not CELLS & set(inside) and "caption" not in inside:
                self._refuse("a table between cells")
            if sum(element.tag == "table" for element in self.open) > MOST_NESTED:
                self._refuse("tables nested too deep")
            return True
        if not table:
            return False
        if tag in CELLS and "tr" not in inside:
            self._refuse("a cell in no row")
        ends = {"tr": CELLS | {"tr"}}.get(tag, CELLS if tag in CELLS else CELLS | SECTIONS | {"tr"})
        first = next((place for place, name in enumerate(inside) if name in ends), None)
        if first is not None:
            del self.open[table + 1 + first :]
        return True

    def _refuse(self, what: str) -> NoReturn:
        raise UnreadableFile(f"no second reading of a page with {what}")
