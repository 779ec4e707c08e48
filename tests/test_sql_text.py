"""The SQL as text: golden files, the way back through sqlglot's parser, names that bite."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlglot
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from leadweights import render_sql
from leadweights.dialects import DIALECTS, Dialect
from leadweights.errors import UnsupportedError
from leadweights.formula import Formula, Lowered, Named, NumberInText, Stage, TextColumn
from leadweights.model import Logit, Number, ScoringModel, Standardized
from leadweights.model_file import load
from leadweights.render_sql import scalar
from leadweights.results import SHAPES, Shape, row_outputs
from leadweights.statement import expression, render
from tests.engine import duckdb_columns
from tests.golden import EVERY, crm_model, golden
from tests.strategies import PROVENANCE, formulas, models


def test_no_class_of_sqlglot_is_subclassed_so_that_its_compiled_ones_do() -> None:
    for dialect in DIALECTS.values():
        used = type(render_sql._generator(dialect))
        assert used is sqlglot.Dialect.get_or_raise(dialect.sqlglot).generator_class


NASTY = [
    "a b",
    'say "hi"',
    "it's",
    "back`tick",
    "[bracket]",
    "semi;colon",
    "--comment",
    "/* comment */",
    '"; DROP TABLE leads; --',
    "select",
    "lead_score",
    "probability",
    "Größe 😀",
    "line\nbreak",
    "percent %s {x}",
    "back\\slash",
    "x" * 300,
]


def normal(tree: exp.Expr) -> exp.Expr:
    """Forget what has no meaning: comments, and which of its names a dialect gives a double."""

    def same(node: exp.Expr) -> exp.Expr | Any:
        node.pop_comments()
        if isinstance(node, exp.Cast):
            whole = node.to.this in exp.DataType.INTEGER_TYPES
            node.set("to", exp.DataType.build("INT" if whole else "DOUBLE"))
        if isinstance(node, exp.Trim):
            node.set("position", None)
        if isinstance(node, exp.Div):
            node.set("typed", True)
            node.set("safe", False)
        if isinstance(node, exp.Alias) and node.this == exp.column(node.args["alias"].copy()):
            return node.this
        return node

    tree = tree.copy()
    # What sqlglot calls a CAST that gives NULL on failing; a transform would not look inside.
    for cast in list(tree.find_all(exp.TryCast)):
        cast.replace(exp.Cast(this=cast.this, to=cast.to))
    found: exp.Expr = tree.transform(same)
    return found


@pytest.mark.parametrize(("dialect", "shape"), EVERY)
def test_golden_files_hold_the_sql_of_the_committed_model(dialect: str, shape: Shape) -> None:
    for path, text in golden(dialect, shape).items():
        assert path.read_text(encoding="utf-8") == text


def test_there_is_a_golden_file_for_every_dialect_and_no_other() -> None:
    expected = {path.name for target in EVERY for path in golden(*target)}
    assert {path.name for path in Path("sql").iterdir()} == expected


@pytest.mark.parametrize(("dialect", "shape"), EVERY)
def test_the_text_of_every_dialect_parses_back_to_the_same_tree(
    dialect: str, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load("outputs/model.json")
    trees = caught_trees(monkeypatch)
    text = render(model, dialect=dialect, shape=shape, columns=row_outputs(model, shape))
    again = sqlglot.parse_one(text, dialect=DIALECTS[dialect].sqlglot)
    assert normal(again) == normal(trees[0])


@pytest.mark.parametrize(("dialect", "shape"), EVERY)
def test_a_model_with_every_kind_of_column_parses_back_with_the_same_operators(
    dialect: str, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Functions of dates and texts have other names on the way back; their number is the same.
    model = crm_model(dialect)
    trees = caught_trees(monkeypatch)
    # A flat probability is the same sum six times.
    text = render(model, dialect=dialect, shape=shape)
    again = sqlglot.parse_one(text, dialect=DIALECTS[dialect].sqlglot)
    kinds = (exp.Case, exp.If, exp.Between, exp.EQ, exp.GTE, exp.Mul, exp.Add)
    for kind in kinds:
        wanted = len(list(trees[0].find_all(kind)))
        assert wanted or (kind is exp.Add and DIALECTS[dialect].folds_constants), kind
        assert len(list(again.find_all(kind))) == wanted, kind


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_model_with_every_decision_parses_back_with_the_same_operators(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = caught_trees(monkeypatch)
    text = golden(dialect, "standardized")[Path(f"sql/{dialect}.decisions.sql")]
    again = sqlglot.parse_one(text, dialect=DIALECTS[dialect].sqlglot)
    kinds = (exp.Case, exp.If, exp.Between, exp.EQ, exp.GTE, exp.LT, exp.Mul, exp.Add, exp.Floor)
    for kind in (*kinds, exp.Abs, exp.Sign, exp.Window, exp.Ordered, exp.CTE):
        wanted = len(list(trees[-1].find_all(kind)))
        assert wanted or (kind is exp.Add and DIALECTS[dialect].folds_constants), kind
        assert len(list(again.find_all(kind))) == wanted, kind


@settings(max_examples=150)
@given(formulas)
def test_random_formulas_parse_back_to_the_same_tree_in_every_dialect(formula: Formula) -> None:
    stages = [Stage("one", (Named("value", formula),))]
    for dialect, target in DIALECTS.items():
        with pytest.MonkeyPatch.context() as patch:
            trees = caught_trees(patch)
            try:
                text = render_sql.select(stages, dialect, "leads", ["key"])
            except UnsupportedError:
                assert not (target.lower and target.pattern)
                continue
            again = sqlglot.parse_one(text, dialect=target.sqlglot)
            assert normal(again) == normal(trees[0]), dialect


# What a SELECT may cast to. `normal` forgets types: sqlglot reads back what it does not know.
TYPES = {
    "duckdb": {"DOUBLE", "TEXT", "INT", "DATE"},
    "postgres": {"DOUBLE PRECISION", "TEXT", "INT", "DATE", "TIMESTAMP", "BIGINT"},
    "sqlite": {"REAL", "TEXT", "INTEGER", "DATE"},
    "mysql": {"DOUBLE", "CHAR", "SIGNED", "DATE", "BINARY"},
    "mariadb": {"DOUBLE", "CHAR", "SIGNED", "DATE", "BINARY"},
    "oceanbase": {"DOUBLE", "CHAR", "SIGNED", "DATE", "BINARY"},
    "hyper": {"DOUBLE PRECISION", "TEXT", "INT", "DATE", "TIMESTAMP", "BIGINT"},
    "snowflake": {"DOUBLE", "VARCHAR", "INT", "DATE"},
    "bigquery": {"FLOAT64", "STRING", "INT64", "DATE"},
    "redshift": {"DOUBLE PRECISION", "VARCHAR(65535)", "INTEGER", "DATE"},
    "databricks": {"DOUBLE", "STRING", "INT", "DATE"},
    "spark": {"DOUBLE", "STRING", "INT", "DATE"},
    "tsql": {"FLOAT", "NVARCHAR(MAX)", "INTEGER", "DATE", "VARBINARY(MAX)"},
    "clickhouse": {
        *("Nullable(Float64)", "Nullable(String)", "Nullable(Int32)", "Nullable(Date32)")
    },
    "trino": {"DOUBLE", "VARCHAR", "INTEGER", "DATE"},
    "oracle": {"BINARY_DOUBLE", "VARCHAR2(4000)", "INT", "DATE"},
}


@pytest.mark.parametrize(("dialect", "shape"), EVERY)
def test_every_type_is_one_of_the_dialect(dialect: str, shape: Shape) -> None:
    model = crm_model(dialect)
    text = render(model, dialect=dialect, shape=shape, columns=row_outputs(model, shape))
    # Aliases are quoted, types are not.
    types = r" AS (?!MATERIALIZED)(\w+(?: PRECISION)?(?:\((?:[^()]|\([^()]*\))*\))?)"
    found = re.findall(types, text)
    assert set(found) <= TYPES[dialect]
    assert len(set(found)) >= 3


ALIASED = ["x", "x_input", "lead_score", "log_odds", "odds", "leads", "Id"]


@pytest.mark.parametrize("shape", SHAPES)
def test_clickhouse_is_told_where_each_column_comes_from(shape: Shape) -> None:
    # A bare name is, there, the alias of the same SELECT before it is the column.
    model = model_of(ALIASED[:-1], keys=("Id",))
    text = render(model, dialect="clickhouse", shape=shape, columns=row_outputs(model, shape))
    tree = sqlglot.parse_one(text, "clickhouse")
    for query in tree.find_all(exp.Select):
        source = query.args["from_"].this.name
        own = [c for c in query.find_all(exp.Column) if c.parent_select is query]
        assert own
        assert {column.table for column in own} == {source}
        assert all(isinstance(item, exp.Alias) for item in query.expressions)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_other_dialects_stay_short(dialect: str) -> None:
    tree = sqlglot.parse_one(render(model_of(ALIASED), dialect=dialect), dialect)
    assert not any(column.table for column in tree.find_all(exp.Column))


@pytest.mark.parametrize("dialect", ["postgres", "sqlite", "duckdb"])
def test_reasons_do_not_grow_beyond_all_bounds_where_steps_are_repeated(dialect: str) -> None:
    # PostgreSQL writes a step into the next one: without a fence it never ends planning these.
    model = model_of([f"x{place}" for place in range(40)])
    scores = render(model, dialect=dialect, columns=["lead_score", "log_odds"])
    reasons = render(model, dialect=dialect, columns=["reason_1", "reason_2", "reason_3"])
    assert "MATERIALIZED" not in scores
    assert ("MATERIALIZED" in reasons) == (dialect != "duckdb")


@pytest.mark.parametrize("dialect", ["spark", "databricks", "mysql", "trino"])
def test_a_newline_after_a_number_is_not_overlooked(dialect: str) -> None:
    # In Java, ICU and Joni, as in Python's re, `$` matches before a newline at the end, too.
    tree = sqlglot.parse_one(scalar(NumberInText("t"), dialect), dialect)
    like = tree.find(exp.RegexpLike)
    assert like is not None
    pattern = re.compile(like.expression.name)
    assert pattern.search(" 5 ")
    assert not pattern.search("5\n")
    assert not pattern.search("5\n0")


@pytest.mark.parametrize("dialect", ["spark", "databricks", "postgres", "clickhouse"])
def test_letters_that_depend_on_their_neighbours_get_their_lower_case_alone(dialect: str) -> None:
    text = scalar(Lowered(TextColumn("t")), dialect)
    assert "'\u03a3', '\u03c3'), '\u0130', 'i')" in text
    assert text.startswith("lowerUTF8(" if dialect == "clickhouse" else "LOWER(")


def caught_trees(monkeypatch: pytest.MonkeyPatch) -> list[exp.Expr]:
    """Collect what goes into sqlglot's generator."""
    trees: list[exp.Expr] = []
    original = render_sql._generator

    def catching(target: Dialect) -> object:
        generator = original(target)
        generate = generator.generate

        def kept(tree: exp.Expr, copy: bool = True) -> str:
            trees.append(tree.copy())
            return generate(tree, copy=copy)

        monkeypatch.setattr(generator, "generate", kept)
        return generator

    monkeypatch.setattr(render_sql, "_generator", catching)
    return trees


def model_of(names: list[str], keys: tuple[str, ...] = ()) -> ScoringModel:
    count = len(names)
    return ScoringModel(
        "logistic_regression",
        keys,
        tuple(Number(name, 1.5) for name in names),
        tuple(Standardized(name, 1.5, 0.5, 1 / count) for name in names),
        Logit(-0.5, 2.0),
        PROVENANCE,
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NASTY)
def test_any_column_name_works_and_cannot_inject(name: str, shape: Shape) -> None:
    sql = render(model_of([name]), shape=shape, columns=["lead_score"])
    found = duckdb_columns(sql, {name: np.array([1.0, 2.0, np.nan])})
    assert found["lead_score"].tolist() == [-1.0, 1.0, 0.0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nasty_names_come_back_from_the_text_of_every_dialect(dialect: str) -> None:
    names = [name for name in NASTY if name not in ("lead_score", "probability")]
    model = model_of(names, keys=tuple(f"{name} key" for name in names))
    statements = sqlglot.parse(render(model, dialect=dialect), DIALECTS[dialect].sqlglot)
    assert len(statements) == 1
    assert statements[0] is not None
    found = {column.name for column in statements[0].find_all(exp.Column)}
    assert {*names, *(f"{name} key" for name in names)} <= found


def test_keys_pass_through_and_may_be_features_too() -> None:
    sql = render(model_of(["a", "b"]), keys=["b"], columns=["lead_score"])
    found = duckdb_columns(sql, {"a": np.array([1.5]), "b": np.array([2.0])})
    assert {name: values[0] for name, values in found.items()} == {"b": 2.0, "lead_score": 0.5}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keys": ["Lead_Score"]}, "key 'Lead_Score' has the name of a column of the result"),
        ({"keys": ["a_input"]}, "key 'a_input' has the name of a column of the result"),
        ({"keys": ["k", "k"]}, "key 'k' is named twice"),
        ({"dialect": "dbase"}, "no dialect 'dbase'; there are: duckdb, postgres"),
        ({"shape": "round"}, "no shape 'round'; there are: standardized, raw"),
        ({"columns": ["score"]}, "no column 'score' in the result; there are: lead_score"),
        ({"columns": []}, "no column '' in the result"),
        ({"table": "leads; DROP TABLE x"}, "is not the name of a table"),
        ({"table": ""}, "is not the name of a table"),
        ({"table": "(SELECT 1)"}, "is not the name of a table"),
        ({"table": "a b"}, "is not the name of a table"),
        ({"table": "f(1)"}, "is not the name of a table"),
        ({"table": "a.b.c.d"}, "is not the name of a table"),
        ({"table": "a..b"}, "is not the name of a table"),
        ({"table": "#leads", "dialect": "tsql"}, "is not the name of a table"),
        ({"table": "crm..leads", "dialect": "tsql"}, "is not the name of a table"),
        ({"keys": "id"}, "keys is a list of names, not one text: ['id']"),
    ],
)
def test_what_cannot_be_rendered_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UnsupportedError) as refused:
        render(model_of(["a"]), **options)  # type: ignore[arg-type]
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("table", "quoted"),
    [
        ("leads", '"leads"'),
        ("crm.leads", '"crm"."leads"'),
        ("db.crm.leads", '"db"."crm"."leads"'),
        ('crm."my leads"', '"crm"."my leads"'),
    ],
)
def test_every_part_of_a_table_name_is_quoted(table: str, quoted: str) -> None:
    assert f"FROM {quoted}" in render(model_of(["a"]), table=table, dialect="postgres")


@settings(max_examples=200)
@given(models(), st.sampled_from(EVERY))
def test_every_number_in_the_sql_has_17_digits_and_an_exponent(
    model: ScoringModel, target: tuple[str, Shape]
) -> None:
    dialect, shape = target
    try:
        text = render(model, dialect=dialect, shape=shape)
    except UnsupportedError:
        assume(False)
    tree = sqlglot.parse_one(text, DIALECTS[dialect].sqlglot)
    numbers = [n for n in tree.find_all(exp.Literal) if is_a_value(n)]
    assert numbers
    for number in numbers:
        text = number.name.lstrip("-")
        # A whole number is a result of its own: a decision, a place on a scale.
        if text.isdigit() and isinstance(number.parent, exp.If | exp.Case | exp.Offset | exp.Limit):
            continue
        # sqlglot's own, where PostgreSQL has to divide seconds into days.
        assert f"{float(text):.16e}" == text or text == "86400"


def is_a_value(literal: exp.Literal) -> bool:
    cast = literal.parent
    if not literal.is_string:
        return not isinstance(cast, exp.DataTypeParam)
    return isinstance(cast, exp.Cast) and cast.to.sql("duckdb") in ("DOUBLE", "BINARY_DOUBLE")


@pytest.mark.parametrize("table", ["inputs", "Contributions", "lead_scores", "odds"])
def test_a_table_may_have_the_name_of_a_step(table: str) -> None:
    tree = sqlglot.parse_one(render(model_of(["a"]), table=table), "duckdb")
    steps = {step.alias.lower() for step in tree.find_all(exp.CTE)}
    assert table.lower() not in steps
    assert table in {found.name for found in tree.find_all(exp.Table)}


def test_the_raw_shape_is_one_flat_select() -> None:
    tree = sqlglot.parse_one(render(model_of(["a", "b"]), shape="raw"), "duckdb")
    assert len(list(tree.find_all(exp.Select))) == 1
    assert not list(tree.find_all(exp.Div))


def test_the_standardized_shape_has_a_common_table_expression_per_step() -> None:
    tree = sqlglot.parse_one(render(model_of(["a", "b"])), "duckdb")
    names = [table.alias for table in tree.find_all(exp.CTE)]
    assert names == ["inputs", "contributions", "lead_scores", "log_odds", "odds"]


@pytest.mark.parametrize("column", ["lead_score", "log_odds", "probability"])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_expression_gives_what_the_select_gives(column: str, shape: Shape) -> None:
    model = model_of(["a", "b"])
    table = {"a": np.array([1.0, np.nan]), "b": np.array([7.0, -2.0])}
    pasted = f"SELECT {expression(model, shape=shape, column=column)} AS pasted FROM leads"
    whole = duckdb_columns(render(model, shape=shape, columns=row_outputs(model, shape)), table)
    assert duckdb_columns(pasted, table)["pasted"].tolist() == whole[column].tolist()
