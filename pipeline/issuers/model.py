"""The plain values of this package: a region, a public body. No behaviour beyond look-ups."""

from dataclasses import dataclass
from typing import Literal

IssuerKind = Literal[
    "central", "province", "prefecture", "county", "township", "zone", "department", "institution", "unknown"
]
Level = Literal["province", "prefecture", "county"]


@dataclass(frozen=True, slots=True)
class Region:
    """A unit of GB/T 2260 under one name. ``code`` is its latest six digits, ``codes`` all that it had under this name.

    ``valid_from`` and ``valid_to`` are the first and last year in which a published list names it; None where the list
    that begins (ends) our period still names it. ``prefecture`` is None for a province, for what a province or a
    municipality governs directly; ``county`` is None above the county.
    """

    code: str
    name: str
    level: Level
    province: str
    prefecture: str | None
    county: str | None
    codes: tuple[str, ...]
    valid_from: int | None = None
    valid_to: int | None = None

    @property
    def full_name(self) -> str:
        """Return the name that tells it from its namesakes: a district of a city stands after the city's name."""
        is_district = self.level == "county" and self.name.endswith("区") and not self.name.endswith(("林区", "特区"))
        return f"{self.prefecture or self.province}{self.name}" if is_district else self.name

    def existed_in(self, year: int | None) -> bool:
        """Tell whether the region bore this name in a year (any year is good where the year is not known)."""
        return year is None or ((self.valid_from or 0) <= year <= (self.valid_to or 9999))


@dataclass(frozen=True, slots=True)
class Issuer:
    """A public body: a row of ``issuers``. ``problem`` is None, or says in a line why the body could not be identified.

    ``issuer_id`` is a hash of the canonical name and the province, so it depends on nothing that was loaded before; that of
    a body that could not be identified is made from its report's, begins with ``u`` and is shared by nothing.
    """

    issuer_id: str
    name: str
    aliases: tuple[str, ...]
    kind: IssuerKind
    region_code: str | None
    province: str | None
    prefecture: str | None
    county: str | None
    parent_id: str | None
    valid_from: int | None
    valid_to: int | None
    problem: str | None = None

    @property
    def is_identified(self) -> bool:
        return self.problem is None
