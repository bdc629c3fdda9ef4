"""Which home a folder is: whether its raw store and lake stand in it or in an object store, as was said once.

Belongs here: the address that is written down in the home folder. Does not belong here: what stands at it (``warehouse``).
"""

from pathlib import Path

from pipeline.home import Home

LAKE_VARIABLE = "GONGKAI_LAKE"


class AddressRefused(ValueError):
    """An address that cannot be this home's, in one line."""


def open_home(root: Path, address: str | None = None) -> Home:
    """Return the home of a folder; ``address`` is where its raw store and lake are, else what is written down there.

    Raises AddressRefused where the home is known to have them elsewhere: a load would begin anew, beside what is loaded.
    """
    home = Home(root)
    remembered = _remembered(home)
    given = (address or "").strip().rstrip("/")
    if given and remembered is not None and given != remembered:
        raise AddressRefused(
            f"the lake of {root} is at {remembered or root / 'lake'}, not at {given}; name another home, or move the lake "
            f"and write its address into {home.lake_address.name}"
        )
    return Home(root, given or remembered or "")


def remember_address(home: Home) -> None:
    """Write down where a home's raw store and lake are, unless they are in it. Raises OSError."""
    if home.store and not home.lake_address.exists():
        home.lake_address.write_text(f"{home.store}\n", encoding="utf-8")


def _remembered(home: Home) -> str | None:
    """Return the address that is written down; "" where the home holds a lake of its own, None where it holds neither."""
    try:
        return home.lake_address.read_text(encoding="utf-8").strip()
    except OSError:
        return "" if (home.root / "lake").exists() else None
