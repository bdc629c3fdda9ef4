"""The word lists of the catalogue: declared words that one module reads, each a YAML file of its own beside this one."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.catalogue.model import CatalogueError

FOLDER = Path(__file__).parent


@cache
def load_words(name: str) -> dict[str, Any]:
    """Return the content of ``<name>.yaml``. Raises CatalogueError: no such file, or not a mapping."""
    file = FOLDER / f"{name}.yaml"
    try:
        words = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise CatalogueError(f"{file.name} cannot be read: {error}") from error
    if not isinstance(words, dict):
        raise CatalogueError(f"{file.name} is not a mapping")
    return words
