from datetime import date
from itertools import permutations

from pipeline.series import SeriesMember, choose_current, series_identifier


def member(
    report_id: str, *, published: date | None = None, signed: date | None = None, unread: int = 0, file_id: str = "f"
) -> SeriesMember:
    return SeriesMember(report_id, "i1:2020:own", file_id, published, signed, unread)


def current_in_any_order(*members: SeriesMember) -> set[frozenset[str]]:
    return {choose_current(order) for order in permutations(members)}


def test_the_latest_printed_date_wins_whatever_the_load_order() -> None:
    older = member("a", published=date(2021, 1, 20))
    newer = member("b", published=date(2021, 3, 2), unread=40)
    undated = member("c", unread=0)
    assert current_in_any_order(older, newer, undated) == {frozenset({"b"})}


def test_the_date_under_the_text_counts_as_printed() -> None:
    page_dated = member("a", published=date(2021, 1, 20))
    signed_later = member("b", published=date(2021, 1, 10), signed=date(2021, 1, 25))
    assert current_in_any_order(page_dated, signed_later) == {frozenset({"b"})}


def test_on_one_day_the_fewest_unread_cells_then_the_smallest_file() -> None:
    day = date(2021, 1, 20)
    assert current_in_any_order(
        member("a", published=day, unread=3, file_id="1"), member("b", published=day, unread=2, file_id="2")
    ) == {frozenset({"b"})}
    assert current_in_any_order(member("a", published=day, file_id="2"), member("b", published=day, file_id="1")) == {
        frozenset({"b"})
    }


def test_every_series_has_its_own_current_report() -> None:
    own = SeriesMember("a", series_identifier("i1", 2020, "own", "a"), "f1", None, None, 0)
    aggregate = SeriesMember("b", series_identifier("i1", 2020, "aggregate", "b"), "f2", date(2021, 3, 1), None, 0)
    assert choose_current([own, aggregate]) == {"a", "b"}


def test_an_unknown_issuer_year_or_scope_never_shares_a_series() -> None:
    known = series_identifier("i1", 2020, "own", "r1")
    assert known == "i1:2020:own" == series_identifier("i1", 2020, "own", "r2")
    assert series_identifier("i1", 2020, "unknown", "r1") != series_identifier("i1", 2020, "unknown", "r2")
    assert series_identifier("i1", None, "own", "r1") != series_identifier("i1", None, "own", "r2")
    unknown_issuer = [series_identifier("u1", 2020, "own", r, issuer_identified=False) for r in ("r1", "r2")]
    assert len(set(unknown_issuer)) == 2
