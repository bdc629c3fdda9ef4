"""Which files may belong to one report: what was declared, links, names, folders; never the order of sightings."""

import random

import pytest

from pipeline.companions import Companion, Place, SeenFile, find_companions

PDF, HTML, PNG = "application/pdf", "text/html", "image/png"


def companions(
    *seen: tuple[str, str, str, int | None], links: dict[str, tuple[str, ...]] | None = None, **belongs: str
):
    """``seen``: content, source, kind, year read (None: it cannot be read); ``belongs``: content → source of its page."""
    files = {i: SeenFile(i, kind, (year,) if year else (), (links or {}).get(i, ())) for i, _, kind, year in seen}
    places = [Place(i, source, (belongs[i],) if i in belongs else ()) for i, source, _, _ in seen]
    found = find_companions(files, places)
    for seed in range(3):
        random.Random(seed).shuffle(places)
        assert find_companions(dict(reversed(files.items())), places) == found
    return {(pair.file_id, pair.page_id, pair.ground) for pair in found}


def test_a_folder_with_one_page_can_be_one_report() -> None:
    found = companions(
        ("a", "x/index.html", HTML, 2023), ("b", "x/report.pdf", PDF, 2023), ("c", "x/附件/1.png", PNG, None)
    )
    assert found == {("b", "a", "folder"), ("c", "a", "folder")}


def test_what_cannot_be_read_beside_a_page_may_be_anything() -> None:
    assert not companions(("a", "x/index.html", HTML, 2023), ("c", "x/1.png", PNG, None))


def test_an_archive_is_a_folder() -> None:
    assert companions(("a", "r.zip!/a.html", HTML, 2023), ("b", "r.zip!/b.pdf", PDF, 2023)) == {("b", "a", "folder")}


@pytest.mark.parametrize(
    "others",
    [
        [("c", "x/c.html", HTML, 2023)],  # two pages
        [("c", "x/c.pdf", PDF, 2022)],  # reports of two years
        [(f"c{n}", f"x/{n}.pdf", PDF, 2023) for n in range(40)],  # a collection
    ],
)
def test_a_folder_of_several_reports_joins_nothing(others: list[tuple[str, str, str, int]]) -> None:
    assert not companions(("a", "x/a.html", HTML, 2023), ("b", "x/b.pdf", PDF, 2023), *others)


def test_two_files_of_one_kind_are_two_versions() -> None:
    assert not companions(("a", "x/a.pdf", PDF, 2023), ("b", "x/b.pdf", PDF, 2023))
    assert not companions(("a", "x/a.html", HTML, 2023), ("b", "x/a.html", HTML, 2023))


def test_an_attachment_belongs_to_every_version_of_its_page() -> None:
    found = companions(("a", "x/a.html", HTML, 2023), ("b", "x/a.html", HTML, 2023), ("c", "x/z.pdf", PDF, 2023))
    assert found == {("c", "a", "folder"), ("c", "b", "folder")}


@pytest.mark.parametrize(
    "name", ["清河_附件1.pdf", "清河附件：统计表.xlsx", "清河.pdf", "清河（附件2）.doc", "清河 盖章版.pdf"]
)
def test_names_join_in_a_folder_of_many(name: str) -> None:
    many = [(f"o{n}", f"x/{n}.html", HTML, 2020) for n in range(5)]
    found = companions(("a", "x/清河.html", HTML, 2023), ("b", f"x/{name}", "application/x", None), *many)
    assert found == {("b", "a", "name")}


def test_a_saved_page_has_a_folder() -> None:
    many = [(f"o{n}", f"x/{n}.html", HTML, 2020) for n in range(5)]
    found = companions(("a", "x/清河.html", HTML, 2023), ("p", "x/清河_files/1.png", PNG, None), *many)
    assert found == {("p", "a", "name")}


def test_a_link_joins_by_place_and_by_name() -> None:
    links = {"a": ("./files/P%20020.pdf",), "b": ("https://e.gov.cn/down/2.pdf",)}
    seen = [
        ("a", "https://e.gov.cn/art/1.html", HTML, 2023),
        ("b", "https://e.gov.cn/art/2.html", HTML, 2023),
        ("c", "https://e.gov.cn/down/2.pdf", PDF, 2023),
        ("d", "https://e.gov.cn/art/files/P%20020.pdf", PDF, None),
    ]
    assert companions(*seen, links=links) == {("c", "b", "named"), ("d", "a", "named")}


def test_what_was_declared_counts() -> None:
    found = companions(
        ("a", "https://e.gov.cn/1.html", HTML, 2023),
        ("b", "https://f.gov.cn/2", PDF, 2023),
        b="https://e.gov.cn/1.html",
    )
    assert found == {("b", "a", "declared")}
    assert Companion("b", "a", "declared")
