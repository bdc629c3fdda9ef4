"""docs/dictionary.md is what the declared data says, and leaves nothing of it out."""

from pathlib import Path

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.render_docs import render_dictionary


def test_the_page_is_current(project_root: Path) -> None:
    page = (project_root / "docs/dictionary.md").read_text(encoding="utf-8")
    assert page == render_dictionary(load_catalogue()), "run `make docs` and commit docs/dictionary.md"


def test_every_code_rule_and_column_is_told() -> None:
    catalogue = load_catalogue()
    page = render_dictionary(catalogue)
    published = [*catalogue.tables.values(), *catalogue.views.values()]
    names = {name for table in published for name in (table.name, *(column.name for column in table.columns))}
    names |= set(catalogue.rules) | set(catalogue.forms) | set(catalogue.problems)
    for form in catalogue.forms.values():
        for table in form.tables.values():
            names |= {axis.code for axis in (*table.rows, *table.columns) if not axis.is_group}
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_published_column_says_what_it_means() -> None:
    published = [*load_catalogue().tables.values(), *load_catalogue().views.values()]
    columns = [(table.name, column.name, column.comment) for table in published for column in table.columns]
    assert [f"{table}.{column}" for table, column, comment in columns if not comment.strip()] == []
