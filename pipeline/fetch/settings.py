"""The declared settings of fetching, as values.

Belongs here: reading ``catalogue/fetch.yaml``. Does not belong here: what they mean (the modules that use them).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parents[1] / "catalogue" / "fetch.yaml"


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``fetch.yaml`` declares, section by section, with what one fetch was told."""

    product: str
    user_agent: str
    pace: Mapping[str, float]
    retries: Mapping[str, Any]
    limits: Mapping[str, int]
    resume: Mapping[str, int]
    refused_addresses: tuple[str, ...]
    ports: tuple[int, ...]
    article_words: frozenset[str]
    attachments: tuple[str, ...]
    pictures: tuple[str, ...]
    attachment_words: tuple[str, ...]
    picture_bytes: int
    allow_private: bool = False
    proxy: str = ""

    def told(self, *, allow_private: bool = False, proxy: str = "", contact: str = "") -> "Settings":
        """Return the settings with what the caller of one fetch decides."""
        agent = self.user_agent if not contact else _agent(_declared()["who"], contact)
        return replace(self, allow_private=allow_private, proxy=proxy, user_agent=agent)


@cache
def load_settings() -> Settings:
    """Return the declared settings."""
    data = _declared()
    pages = data["pages"]
    return Settings(
        product=data["who"]["product"],
        user_agent=_agent(data["who"], data["who"]["contact"]),
        pace=data["pace"],
        retries=data["retries"],
        limits=data["limits"],
        resume=data["resume"],
        refused_addresses=tuple(data["addresses"]["refused"]),
        ports=tuple(data["addresses"]["ports"]),
        article_words=frozenset(pages["article_words"]),
        attachments=tuple(pages["attachments"]),
        pictures=tuple(pages["pictures"]),
        attachment_words=tuple(pages["attachment_words"]),
        picture_bytes=pages["picture_bytes"],
    )


@cache
def _declared() -> dict[str, Any]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def _agent(who: Mapping[str, str], contact: str) -> str:
    """Return the User-Agent; a header holds ASCII, and a contact must not begin another header."""
    try:
        number = version("gongkai")
    except PackageNotFoundError:
        number = "0"
    text = who["agent"].format(version=number, contact=" ".join(contact.split()))
    return text.encode("ascii", "replace").decode("ascii")
