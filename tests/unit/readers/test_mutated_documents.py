"""Spoilt files are read or refused with one line, never anything else (twenty thousand of them: ``benchmarks.mutate_files``)."""

import random
from pathlib import Path

import pytest

from benchmarks.make_documents import CATALOGUE, made_documents
from pipeline.document import UnreadableFile
from pipeline.reading import read_file
from tests.documents.mutate import MUTATIONS, mutate

KEPT = Path(__file__).parents[2] / "fixtures"
COUNTS = {"HTML": 60, "DOCX": 60, "XLSX": 50, "text": 40, "PDF": 16, "DOC": 60, "XLS": 40}


def _seeds(kind: str) -> list[tuple[str, bytes]]:
    if kind in ("DOC", "XLS"):
        return [(file.name, file.read_bytes()) for file in sorted(KEPT.glob(f"*.{kind.lower()}"))]
    return [(document.name, document.content) for document in made_documents(kind, 2)]


@pytest.mark.parametrize("kind", COUNTS)
def test_a_spoilt_file_is_read_or_refused(kind: str) -> None:
    seeds = _seeds(kind)
    refused = 0
    for number in range(COUNTS[kind]):
        rng = random.Random(f"{kind}/{number}")
        name, content = rng.choice(seeds)
        try:
            read_file(mutate(content, [other for _, other in seeds], rng), name, CATALOGUE)
        except UnreadableFile as error:
            refused += 1
            assert str(error) and "\n" not in str(error)
    assert 0 < refused < COUNTS[kind], "the mutations should neither break every file nor none"


@pytest.mark.parametrize("spoil", MUTATIONS, ids=lambda spoil: spoil.__name__)
def test_a_mutation_follows_from_its_seed(spoil: object) -> None:
    content = b"<table><tr><td>12</td></tr></table>" * 20
    once, again = (spoil(content, random.Random(7)) for _ in range(2))  # type: ignore[operator]
    assert once == again != content
