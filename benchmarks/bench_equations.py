"""Measure the equations over 1,000,000 facts against one DuckDB statement that writes the same rows.

Both read one Parquet file of facts and write one Parquet file of results, sentences included; the two results are
compared row by row before anything is printed. Plain command: ``python benchmarks/bench_equations.py [facts]``.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import median

import duckdb
import polars as pl

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import TableForm
from pipeline.edits.evaluate import evaluate_rules
from pipeline.edits.frames import CELL_KEY, operand_frame
from pipeline.edits.labels import cell_name, printed_names
from pipeline.edits.operands import rule_instances
from pipeline.edits.wording import failure_templates, refusal_templates

CATALOGUE = load_catalogue()
INSTANCES = rule_instances(CATALOGUE)
REPORT_KINDS = (
    (("2019", "proactive"), ("2019", "requests"), ("2019", "disputes")),
    (("2021", "proactive"), ("2021", "requests"), ("2019", "disputes")),
    (("2014", "statistics"),),
)
ROUNDS = 5
Cells = dict[tuple[str, str], Decimal]


def sound_table(table: TableForm, rng: random.Random) -> Cells:
    """Draw the cells of a table that satisfies every rule: items drawn, sums computed by the rules themselves."""
    cells = {cell: Decimal(rng.choice((0, 0, 0, 0, 1, 2, 5, 19))) for cell in table.cells}
    order = {"requests.processed_sum": 0, "requests.balance": 1, "statistics.denied_sum": 0}
    instances = [i for i in INSTANCES if (i.form, i.rule.fact_table) == (table.form, table.fact_table)]
    for instance in sorted(instances, key=lambda i: order.get(i.rule.check_id, 2)):
        left, right = instance.left, instance.right
        if instance.rule.check_id == "requests.balance":
            cells[right[1]] = Decimal(0)
            cells[left[1]] = Decimal(0)
            cells[left[0]] = cells[right[0]]
        elif instance.rule.kind == "bound" or (instance.rule.kind == "linear" and instance.rule.relation == "="):
            cells[left[0]] = sum((cells[cell] for cell in right), Decimal(0))
        elif instance.rule.kind == "subset" or instance.rule.relation == "<=":
            cells[left[0]] = min(cells[left[0]], cells[right[0]])
    return cells


def make_facts(count: int, rng: random.Random) -> pl.DataFrame:
    """Draw about ``count`` facts: of the reports 5 % have a wrong number, 10 % a blank column, 2 % an unread cell."""
    stock = [
        [
            (table, [sound_table(table, rng) for _ in range(40)])
            for table in (CATALOGUE.forms[f].tables[t] for f, t in kind)
        ]
        for kind in REPORT_KINDS
    ]
    rows: list[tuple[object, ...]] = []
    while len(rows) < count:
        tables = rng.choice(stock)
        report, year = f"{rng.getrandbits(64):016x}", 2018 if len(tables) == 1 else rng.randint(2019, 2024)
        damage = rng.random()
        for table, versions in tables:
            cells: dict[tuple[str, str], Decimal | str] = dict(rng.choice(versions))
            chosen = rng.choice(table.cells)
            if damage < 0.05:
                cells[chosen] = Decimal(rng.randint(-9, 99))
            elif damage < 0.07:
                cells[chosen] = "unreadable"
            elif damage > 0.9:
                cells |= {cell: "blank" for cell in cells if cell[1] == chosen[1]}
            for cell, content in cells.items():
                value, status = (None, content) if isinstance(content, str) else (content, "reported")
                rows.append((report, year, table.fact_table, *cell, value, status, table.form))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "report_id": pl.String, "year": pl.Int32, "fact_table": pl.String, "row_code": pl.String,
        "column_code": pl.String, "value": pl.Decimal(20, 4), "status": pl.String, "form": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


SQL = r"""
copy (
with bound as (
  select f.report_id, f.year, o.instance, o.is_left, o.position, o.name, f.row_code, f.column_code, f.value, f.status
  from read_parquet($facts) f join operands o using (fact_table, form, row_code, column_code)
), sums as (
  select report_id, year, instance,
    coalesce(sum(value) filter (is_left), 0) as lhs, coalesce(sum(value) filter (not is_left), 0) as rhs,
    coalesce(max(coalesce(value, 0)) filter (not is_left), 0) as low,
    count(*) filter (is_left) as n_left, count(*) filter (not is_left) as n_right,
    count(value) filter (is_left) as v_left, count(value) filter (not is_left) as v_right,
    count(*) filter (status = 'blank') > 0 as has_blank,
    count(*) filter (value is null and status <> 'blank') > 0 as has_void,
    count(*) filter (value < 0 or value <> trunc(value)) as bad
  from bound group by all
), tested as (
  select s.*, i.* exclude (instance),
    n_left >= needs_left and n_right >= needs_right as is_complete, v_left + v_right > 0 as has_value,
    case kind when 'bound' then low <= lhs and lhs <= rhs when 'cell' then bad = 0 else
      case relation when '=' then lhs = rhs when '<=' then lhs <= rhs else lhs >= rhs end end as holds
  from sums s join instances i using (instance)
), judged as (
  select *, case
    when kind = 'cell' and bad > 0 then 'failed'
    when not is_complete or not has_value or has_void or (not holds and has_blank) then 'not_assessable'
    when holds then 'passed' else 'failed' end as outcome,
    is_complete and has_value and not has_void and not holds as blank_breaks
  from tested
), results as (
  select report_id, year, instance, check_id, subject, severity, outcome, has_value, blank_breaks, failed_zh, failed_en,
    refused_zh, refused_en, case kind when 'cell' then bad else lhs end::decimal(38,4) as lhs,
    case kind when 'cell' then 0 else rhs end::decimal(38,4) as rhs, low::decimal(38,4) as low,
    case when kind = 'cell' or (v_left = n_left and n_left >= needs_left) or (outcome = 'passed' and v_left > 0)
      then case kind when 'cell' then bad else lhs end end::decimal(38,4) as left_value,
    case when kind = 'cell' then 0
      when (v_right = n_right and n_right >= needs_right) or (outcome = 'passed' and (v_right > 0 or n_right = 0))
      then case when kind = 'bound' and lhs < low then low else rhs end end::decimal(38,4) as right_value
  from judged
  union all by name
  select b.report_id, b.year, b.instance, i.check_id, b.row_code || '/' || b.column_code as subject, i.severity,
    'failed' as outcome, true as has_value, false as blank_breaks, replace(bad_zh, '{cell}', b.name) as failed_zh,
    replace(bad_en, '{cell}', b.name) as failed_en, null as refused_zh, null as refused_en, b.value as lhs,
    0::decimal(38,4) as rhs, 0::decimal(38,4) as low, b.value as left_value, 0::decimal(38,4) as right_value
  from bound b join instances i using (instance)
  where i.kind = 'cell' and (b.value < 0 or b.value <> trunc(b.value))
), blamed as (
  select r.report_id, r.instance, count(*) as n,
    array_to_string(list(replace(t.zh, '{cell}', b.name) order by not b.is_left, b.position)[:3], '{between_zh}') as zh,
    array_to_string(list(replace(t.en, '{cell}', b.name) order by not b.is_left, b.position)[:3], '{between_en}') as en
  from results r join bound b using (report_id, instance) join causes t on t.cause = b.status, endings
  where r.outcome = 'not_assessable' and r.has_value and b.value is null and (b.status <> 'blank' or r.blank_breaks)
  group by all
), told as (
  select r.*, case outcome when 'failed' then failed_zh when 'not_assessable' then replace(refused_zh, '{causes}',
      case when has_value then zh || case when n > 3 then replace(more_zh, '{count}', n::varchar) else '' end
        || case when blank_breaks then blank_zh else '' end else none_zh end) end as template_zh,
    case outcome when 'failed' then failed_en when 'not_assessable' then replace(refused_en, '{causes}',
      case when has_value then en || case when n > 3 then replace(more_en, '{count}', n::varchar) else '' end
        || case when blank_breaks then blank_en else '' end else none_en end) end as template_en
  from results r left join blamed using (report_id, instance), endings
)
select report_id, year, check_id, subject,
  left_value::decimal(20,4) as left_value, right_value::decimal(20,4) as right_value,
  (left_value - right_value)::decimal(20,4) as difference, outcome, severity,
  case outcome when 'failed' then 'unknown' end as verdict,
  replace(replace(replace(replace(template_zh, '{left}', plain(lhs)), '{right}', plain(rhs)), '{low}', plain(low)),
    '{difference}', plain(lhs - rhs)) as message_zh,
  replace(replace(replace(replace(template_en, '{left}', plain(lhs)), '{right}', plain(rhs)), '{low}', plain(low)),
    '{difference}', plain(lhs - rhs)) as message_en
from told order by report_id, check_id, subject
) to '{results}' (format parquet, compression zstd)
"""


def open_duckdb() -> duckdb.DuckDBPyConnection:
    """Give DuckDB the declared data as tables: what a warehouse would hold before the facts arrive."""
    con = duckdb.connect()
    con.execute(r"create macro plain(x) as regexp_replace(x::decimal(38,4)::varchar, '\.?0{1,4}$', '')")
    names = printed_names(CATALOGUE)
    operands = operand_frame(INSTANCES)
    named = [
        cell_name(names, table, form, (row, column)) for table, form, row, column in operands.select(CELL_KEY).rows()
    ]
    bad = CATALOGUE.messages.failed["bad_cell"]
    instances = pl.DataFrame(
        [
            (n, i.rule.check_id, i.subject, i.rule.kind, "<=" if i.rule.kind == "subset" else i.rule.relation,
             i.rule.severity, i.needs_left or (len(i.left) if i.form else 0), i.needs_right, bad.zh, bad.en)
            for n, i in enumerate(INSTANCES)
        ],
        schema=["instance", "check_id", "subject", "kind", "relation", "severity",
                "needs_left", "needs_right", "bad_zh", "bad_en"],
        orient="row",
    )  # fmt: skip
    failed = failure_templates(INSTANCES, names, CATALOGUE).rename(
        {"message_zh": "failed_zh", "message_en": "failed_en"}
    )
    refused = refusal_templates(INSTANCES, names, CATALOGUE).rename(
        {"message_zh": "refused_zh", "message_en": "refused_en"}
    )
    instances = (
        instances.with_columns(pl.col("instance").cast(pl.UInt32))
        .join(failed, on="instance")
        .join(refused, on="instance")
    )
    causes = CATALOGUE.messages.not_assessable
    keys = {"more": "more", "blank": "blank_breaks", "none": "no_number"}
    endings = {f"{name}_{lang}": [getattr(causes[key], lang)] for name, key in keys.items() for lang in ("zh", "en")}
    told = pl.DataFrame(
        [(key, text.zh, text.en) for key, text in causes.items()], schema=["cause", "zh", "en"], orient="row"
    )
    for name, frame in (
        ("operands", operands.with_columns(name=pl.Series(named))),
        ("instances", instances),
        ("endings", pl.DataFrame(endings)),
        ("causes", told),
    ):
        con.register("declared", frame.to_arrow())
        con.execute(f"create table {name} as select * from declared")
        con.unregister("declared")
    return con


def timed(work: Callable[[], object]) -> list[float]:
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        facts, ours, theirs = (Path(folder) / name for name in ("facts.parquet", "ours.parquet", "theirs.parquet"))
        drawn = make_facts(count, random.Random(20))
        drawn.write_parquet(facts)
        con = open_duckdb()
        between = CATALOGUE.messages.not_assessable["between"]
        sql = SQL.replace("{results}", theirs.as_posix())
        sql = sql.replace("{between_zh}", between.zh).replace("{between_en}", between.en)
        seconds_ours = timed(lambda: evaluate_rules(pl.read_parquet(facts), CATALOGUE).write_parquet(ours))
        seconds_theirs = timed(lambda: con.execute(sql, {"facts": facts.as_posix()}))
        results, same = pl.read_parquet(ours), pl.read_parquet(theirs)
        same = same.cast(results.schema)
        if not results.equals(same):
            odd = results.join(same, on=results.columns, how="anti", nulls_equal=True)
            raise SystemExit(f"{odd.height} of {results.height} rows differ ({same.height}): {odd.head(3).rows()}")
    reports = drawn["report_id"].n_unique()
    print(f"{drawn.height:,} facts of {reports:,} reports; {results.height:,} results, equal row by row")
    print(dict(results["outcome"].value_counts().sort("outcome").iter_rows()))
    print(f"{'':24}{'median s':>10}{'best s':>10}{'worst s':>10}")
    for name, seconds in (("evaluate_rules", seconds_ours), ("one DuckDB statement", seconds_theirs)):
        print(f"{name:24}{median(seconds):>10.2f}{min(seconds):>10.2f}{max(seconds):>10.2f}")
    print(f"ratio of medians: {median(seconds_ours) / median(seconds_theirs):.2f}")


if __name__ == "__main__":
    main()
