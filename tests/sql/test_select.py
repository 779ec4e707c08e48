"""The SQL as text: golden files, the way back through sqlglot's parser, names that bite."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial, reduce
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import sqlglot
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from leadweights.errors import UnsupportedError
from leadweights.formula.nodes import (
    AsInteger,
    Case,
    Column,
    Constant,
    DayColumn,
    Difference,
    FlagColumn,
    Formula,
    Lowered,
    Named,
    Null,
    NumberInText,
    OneOf,
    RowNumber,
    Sign,
    Stage,
    Sum,
    TextColumn,
    Trimmed,
)
from leadweights.formula.stages import LISTS, SHAPES, Shape, outputs, row_outputs, stages
from leadweights.model.file import load
from leadweights.model.model import Logit, Number, ScoringModel
from leadweights.model.terms import Standardized
from leadweights.sql.dialects import DIALECTS
from leadweights.sql.render import expression, render
from leadweights.sql.select import make_generator, scalar, write
from tests.support.engine import duckdb_columns
from tests.support.golden_files import (
    EVERY,
    FAMILIES,
    crm_model,
    deciding_model,
    golden,
    golden_paths,
)
from tests.support.release import RELEASE, sweep, try_part
from tests.support.sql_text import parse, tree_of
from tests.support.strategies import PROVENANCE, formulas, models


def test_no_class_of_sqlglot_is_subclassed_so_that_its_compiled_ones_do() -> None:
    for dialect in DIALECTS.values():
        used = type(make_generator(dialect))
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
            node.set("to", exp.DataType.build(exp.DType.INT if whole else exp.DType.DOUBLE))
        if isinstance(node, exp.Literal) and not node.is_string:
            node.set("this", node.name.removesuffix("d"))
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
    for trim in tree.find_all(exp.Trim):
        trim.set("position", None)
    # Any grouping of these has one meaning.
    for either in [node for node in tree.find_all(exp.Or) if not isinstance(node.parent, exp.Or)]:
        parts = [part.copy() for part in either.flatten(unnest=False)]
        either.replace(reduce(lambda left, right: exp.Or(this=left, expression=right), parts))
    for search in list(tree.find_all(exp.Anonymous)):
        if search.name in ("INSTR", "INDEX"):
            text, part = search.expressions
            search.replace(exp.StrPosition(this=text, substr=part))
    for joined in list(tree.find_all(exp.Concat, exp.DPipe, exp.Add)):
        if is_text(joined) and not is_text(joined.parent):
            joined.replace(exp.Concat(expressions=list(joined_texts(joined))))
    for place in list(tree.find_all(exp.StrPosition)):
        parts = [place.this, place.args["substr"]]
        place.replace(exp.Anonymous(this="SEARCH", expressions=parts))
    for old in list(tree.find_all(exp.Replace)):
        parts = [old.this, old.expression, old.args["replacement"]]
        old.replace(exp.Anonymous(this="REPLACE", expressions=parts))
    found: exp.Expr = tree.transform(same, copy=False)
    return found


def is_text(node: exp.Expr | None) -> bool:
    """Tell whether a node joins texts, in any of the ways that dialects have."""
    if isinstance(node, exp.Add):
        leaves = list(joined_texts(node))
        return any(isinstance(leaf, exp.National) or leaf.is_string for leaf in leaves)
    if isinstance(node, exp.Cast):
        return isinstance(node.this, exp.Concat | exp.DPipe) or is_text(node.parent)
    return isinstance(node, exp.Concat | exp.DPipe)


def joined_texts(node: exp.Expr) -> Iterator[exp.Expr]:
    """List the texts that are joined, without the casts that some dialects put around them."""
    match node:
        case exp.Concat():
            for part in node.expressions:
                yield from joined_texts(part)
        case exp.DPipe() | exp.Add():
            yield from joined_texts(node.this)
            yield from joined_texts(node.expression)
        case exp.Cast():
            yield from joined_texts(node.this)
        case _:
            yield node


@pytest.mark.parametrize(("dialect", "shape"), EVERY)
def test_golden_files_hold_the_sql_of_the_committed_model(dialect: str, shape: Shape) -> None:
    for path, text in golden(dialect, shape).items():
        assert path.read_text(encoding="utf-8") == text


def test_there_is_a_golden_file_for_every_dialect_and_no_other() -> None:
    expected = {path.name for target in EVERY for path in golden_paths(*target)}
    assert {path.name for path in Path("sql").iterdir()} == expected


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dialect", sweep(FAMILIES, 3, 2))
def test_the_text_of_every_family_of_dialects_parses_back_to_the_same_tree(
    dialect: str, shape: Shape
) -> None:
    model = load("outputs/model.json")
    columns = row_outputs(model, shape)
    again = parse(render(model, dialect=dialect, shape=shape, columns=columns), dialect)
    tree = tree_of(stages(model, shape, columns), dialect, model.keys)
    assert normal(again) == normal(tree)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dialect", sweep(FAMILIES, 3))
def test_a_model_with_every_kind_of_column_parses_back_with_the_same_operators(
    dialect: str, shape: Shape
) -> None:
    # Functions of dates and texts have other names on the way back; their number is the same.
    model = crm_model(dialect)
    # A flat probability is the same sum six times.
    again = parse(render(model, dialect=dialect, shape=shape), dialect)
    tree = tree_of(stages(model, shape), dialect, model.keys)
    kinds = (exp.Case, exp.If, exp.Between, exp.EQ, exp.GTE, exp.Mul)
    # Where texts are joined by `+`, too, they are not told apart on the way back.
    kinds = (*kinds, *(() if DIALECTS[dialect].searched_under else (exp.Add,)))
    assert_same_numbers(tree, again, dialect, kinds)


def assert_same_numbers(
    tree: exp.Expr, again: exp.Expr, dialect: str, kinds: Sequence[type[exp.Expr]]
) -> None:
    """Count nodes of some kinds; there are some of each."""
    wanted, found = (Counter(map(type, one.walk())) for one in (tree, again))
    for kind in kinds:
        assert wanted[kind] or (kind is exp.Add and DIALECTS[dialect].folds_constants), kind
        assert found[kind] == wanted[kind], kind


@pytest.mark.parametrize("dialect", sweep(DIALECTS if RELEASE else FAMILIES, 3, 1))
def test_a_model_with_every_decision_parses_back_with_the_same_operators(dialect: str) -> None:
    # That it is what is rendered, the golden files tell.
    again = parse(Path(f"sql/{dialect}.decisions.sql").read_text(encoding="utf-8"), dialect)
    model = deciding_model()
    tree = tree_of(stages(model, columns=[*outputs(model), *LISTS]), dialect, model.keys)
    kinds = (exp.Case, exp.If, exp.Between, exp.EQ, exp.GTE, exp.LT, exp.Mul, exp.Add, exp.Floor)
    sign = (exp.Sign,) if DIALECTS[dialect].sign else ()
    kinds = (*kinds, *sign, exp.Abs, exp.Window, exp.Ordered, exp.CTE)
    assert_same_numbers(tree, again, dialect, kinds)


@pytest.mark.parametrize("part", sweep(range(5), 5))
def test_random_formulas_parse_back_to_the_same_tree_in_every_family(part: int) -> None:
    try_part(check_parsed_back, part)


@settings(max_examples=20 if RELEASE else 10)
@given(formulas)
def check_parsed_back(formula: Formula) -> None:
    steps = [Stage("one", (Named("value", formula),))]
    for dialect in FAMILIES:
        target = DIALECTS[dialect]
        try:
            tree = tree_of(steps, dialect, ["key"])
        except UnsupportedError:
            assert not (target.lower and target.reads_texts)
            continue
        text = write(tree.copy(), target)
        assert normal(parse(text, dialect)) == normal(tree), dialect


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
    "redshift": {"DOUBLE PRECISION", "VARCHAR(65535)", "INTEGER", "DATE", "VARBYTE(65535)"},
    "databricks": {"DOUBLE", "STRING", "INT", "DATE"},
    "spark": {"DOUBLE", "STRING", "INT", "DATE"},
    "tsql": {"FLOAT", "NVARCHAR(MAX)", "INTEGER", "DATE", "VARBINARY(MAX)"},
    "clickhouse": {
        *("Nullable(Float64)", "Nullable(String)", "Nullable(Int32)", "Nullable(Date32)")
    },
    "trino": {"DOUBLE", "VARCHAR", "INTEGER", "DATE"},
    "starburst": {"DOUBLE", "VARCHAR", "INTEGER", "DATE"},
    "datafusion": {"DOUBLE", "VARCHAR", "INTEGER", "DATE"},
    "polars": {"DOUBLE", "VARCHAR", "INTEGER", "DATE"},
    "databend": {"DOUBLE", "STRING", "INT", "DATE"},
    "oracle": {"BINARY_DOUBLE", "VARCHAR2(4000)", "INT", "DATE"},
    "fabric": {"FLOAT", "VARCHAR(MAX)", "INT", "DATE", "VARBINARY(MAX)"},
    "athena": {"DOUBLE", "VARCHAR", "INTEGER", "DATE"},
    "presto": {"DOUBLE", "VARCHAR", "INTEGER", "DATE"},
    "hive": {"DOUBLE", "STRING", "INT", "DATE"},
    "doris": {"DOUBLE", "STRING", "INT", "DATE"},
    "starrocks": {"DOUBLE", "STRING", "INT", "DATE"},
    "singlestore": {"DOUBLE", "LONGTEXT", "INT", "DATE", "LONGBLOB"},
    "teradata": {"DOUBLE PRECISION", "VARCHAR(2000)", "VARCHAR(4000)", "INT", "DATE"},
    "exasol": {"DOUBLE", "VARCHAR(2000000)", "INT", "DATE"},
    "risingwave": {"DOUBLE PRECISION", "VARCHAR", "INT", "DATE", "TIMESTAMP", "BIGINT"},
    "materialize": {"DOUBLE PRECISION", "TEXT", "INT", "DATE", "TIMESTAMP", "BIGINT"},
    "h2": {"DOUBLE", "VARCHAR", "INTEGER", "DATE", "VARBINARY"},
}


@pytest.mark.parametrize(("dialect", "shape"), EVERY)
def test_every_type_is_one_of_the_dialect(dialect: str, shape: Shape) -> None:
    model = crm_model(dialect)
    text = render(model, dialect=dialect, shape=shape, columns=row_outputs(model, shape))
    # Aliases are quoted, types are not.
    types = r" (?:AS|!?:>) (?!MATERIALIZED)(\w+(?: PRECISION)?(?:\((?:[^()]|\([^()]*\))*\))?)"
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


@pytest.mark.parametrize("shape", SHAPES)
def test_bigquery_is_told_of_a_column_that_it_is_no_row(shape: Shape) -> None:
    # A bare name is, there, the row of the table of that name before it is the column.
    model = model_of([*ALIASED[:-1], "LEADS_"], keys=("Id",))
    text = render(
        model,
        dialect="bigquery",
        table="leads_",
        shape=shape,
        columns=row_outputs(model, shape),
    )
    seen = 0
    for query in sqlglot.parse_one(text, "bigquery").find_all(exp.Select):
        source = query.args["from_"].this.name
        for column in (c for c in query.find_all(exp.Column) if c.parent_select is query):
            rowlike = column.name.lower() == source
            assert column.table == source * rowlike
            seen += rowlike
    assert seen


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_other_dialects_stay_short(dialect: str) -> None:
    tree = sqlglot.parse_one(render(model_of(ALIASED), dialect=dialect), dialect)
    assert not any(column.table for column in tree.find_all(exp.Column))


@pytest.mark.parametrize("dialect", ["postgres", "sqlite", "mysql", "duckdb"])
def test_reasons_do_not_grow_beyond_all_bounds_where_steps_are_repeated(dialect: str) -> None:
    # PostgreSQL writes a step into the next one: without a fence it never ends planning these, and
    # MariaDB takes a second a row.
    fence = {"duckdb": "no fence", "mysql": f"LIMIT {2**63 - 1}\n)"}.get(dialect, " MATERIALIZED (")
    model = model_of([f"x{place}" for place in range(40)])
    scores = render(model, dialect=dialect, columns=["lead_score", "log_odds"])
    reasons = render(model, dialect=dialect, columns=["reason_1", "reason_2", "reason_3"])
    assert "MATERIALIZED" not in scores
    assert "LIMIT" not in scores
    # The log-odds, six rounds and the codes.
    assert reasons.count(fence) == (0 if dialect == "duckdb" else 8)


@pytest.mark.parametrize("dialect", [d.name for d in DIALECTS.values() if d.newline_ends])
def test_a_newline_after_a_number_is_not_overlooked(dialect: str) -> None:
    # In Java, ICU, Joni, PCRE and Hyperscan `$` matches before a newline at the end, as in Python's
    # re; Hyperscan and RE2 cannot look ahead, but know `\z`, which Python calls `\Z`.
    tree = parse(scalar(NumberInText("t"), dialect), dialect)
    like = tree.find(exp.RegexpLike)
    assert like is not None
    assert ("(?!" in like.expression.name) == (dialect not in ("doris", "starrocks"))
    pattern = re.compile(like.expression.name.replace(r"\z", r"\Z"))
    assert pattern.search(" 5 ")
    assert not pattern.search("5\n")
    assert not pattern.search("5\n0")


@pytest.mark.parametrize(
    ("dialect", "function"),
    [
        *dict.fromkeys(["spark", "databricks", "postgres", "hive", "doris"], "LOWER").items(),
        *dict.fromkeys(["snowflake", "redshift", "exasol", "materialize"], "LOWER").items(),
        ("clickhouse", "lowerUTF8"),
        ("starrocks", "LOWER_UTF8"),
    ],
)
def test_letters_that_depend_on_their_neighbours_get_their_lower_case_alone(
    dialect: str, function: str
) -> None:
    text = scalar(Lowered(TextColumn("t")), dialect)
    assert "'\u03a3', '\u03c3'), '\u0130', 'i')" in text
    assert text.startswith(f"{function}(")


def test_letters_without_a_lower_case_are_refused() -> None:
    # RisingWave's LOWER turns A to Z alone.
    with pytest.raises(
        UnsupportedError, match="risingwave does not give every letter beyond A to Z its lower"
    ):
        scalar(Lowered(TextColumn("t")), "risingwave")


@pytest.mark.parametrize(
    ("dialect", "formula", "text"),
    [
        # A decimal point is one in every session.
        ("oracle", Sum((Constant(-1.5), Column("x"))), '(-1.5000000000000000e+00d) + "x"'),
        ("teradata", Constant(0.5), "CAST('5.0000000000000000e-01' AS DOUBLE PRECISION)"),
        ("risingwave", Constant(0.5), "CAST('5.0000000000000000e-01' AS DOUBLE PRECISION)"),
        ("exasol", Constant(0.5), "CAST('5.0000000000000000e-01' AS DOUBLE)"),
        ("doris", Constant(0.5), "CAST('5.0000000000000000e-01' AS DOUBLE)"),
        ("hive", Constant(0.5), "5.0000000000000000e-01"),
        # An operator takes no more than it should.
        ("singlestore", FlagColumn("f"), "((`f` :> INT) :> DOUBLE)"),
        (
            *("singlestore", AsInteger(Difference(Column("a"), Column("b")))),
            "((`a` - `b`) :> INT)",
        ),
        ("hive", Trimmed(TextColumn("t")), "TRIM(CAST(`t` AS STRING))"),
        ("doris", Trimmed(TextColumn("t")), "TRIM(CAST(`t` AS STRING))"),
        ("presto", Trimmed(TextColumn("t")), "TRIM(CAST(\"t\" AS VARCHAR), ' ')"),
        (
            *("teradata", Trimmed(TextColumn("t"))),
            'TRIM(CAST("t" AS VARCHAR(2000) CHARACTER SET UNICODE))',
        ),
        (
            *("oracle", DayColumn("d")),
            "CAST((TRUNC(CAST(\"d\" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) "
            "AS BINARY_DOUBLE)",
        ),
        (
            *("exasol", DayColumn("d")),
            "CAST(DAYS_BETWEEN(CAST(\"d\" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) "
            "AS DOUBLE)",
        ),
        # The later day comes first here, and last there.
        (
            *("starrocks", DayColumn("d")),
            "CAST(DATE_DIFF('DAY', CAST(`d` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)",
        ),
        (
            *("presto", DayColumn("d")),
            "CAST(DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), CAST(\"d\" AS DATE)) AS DOUBLE)",
        ),
        (
            *("hive", DayColumn("d")),
            "CAST(DATEDIFF(CAST(`d` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)",
        ),
        (
            *("singlestore", DayColumn("d")),
            "(TIMESTAMPDIFF(DAY, ('1970-01-01' :> DATE), (`d` :> DATE)) :> DOUBLE)",
        ),
    ],
)
def test_what_a_dialect_needs_is_written(
    dialect: str, formula: Formula | Trimmed, text: str
) -> None:
    assert " ".join(scalar(formula, dialect).split()) == text


@pytest.mark.parametrize(
    ("dialect", "compared"),
    [
        ("redshift", "CAST('it\\'s' AS VARBYTE(65535))"),
        ("fabric", "CAST('it''s' AS VARBINARY(MAX))"),
        ("singlestore", "HEX('it''s')"),
        ("teradata", "CHAR2HEXINT('it''s')"),
    ],
)
def test_texts_are_compared_letter_by_letter(dialect: str, compared: str) -> None:
    # Elsewhere 'web' = 'web ', or 'web' = 'Web'.
    same = Case(((OneOf(TextColumn("t"), ("it's",)), Constant(1.0)),), Null())
    assert f" = {compared}" in scalar(same, dialect)


@pytest.mark.parametrize(
    ("dialect", "order"),
    [
        ("postgres", 'CAST("k" AS TEXT) COLLATE "C"'),
        ("oracle", "NLSSORT(CAST(\"k\" AS VARCHAR2(4000)), 'NLS_SORT=BINARY')"),
        (
            "tsql",
            "CAST(CAST(CAST([k] AS NVARCHAR(MAX)) COLLATE Latin1_General_100_BIN2_UTF8 "
            "AS VARCHAR(MAX)) AS VARBINARY(MAX))",
        ),
    ],
)
def test_an_order_sees_letters_and_not_a_language(dialect: str, order: str) -> None:
    text = scalar(RowNumber(Column("score"), (TextColumn("k"),)), dialect)
    assert f"DESC, {order}" in " ".join(text.split())


@pytest.mark.parametrize("dialect", ["oracle", "exasol"])
def test_no_function_is_called_that_there_is_not(dialect: str) -> None:
    assert "TRY" not in scalar(NumberInText("t"), dialect)
    assert "REGEXP_SIMILAR(" in scalar(NumberInText("t"), "teradata")


@pytest.mark.parametrize("dialect", ["oracle", "materialize"])
def test_a_sign_is_0_for_0_where_there_is_no_such_function(dialect: str) -> None:
    text = scalar(Sign(Column("x")), dialect)
    assert "SIGN(" not in text
    sql = sqlglot.transpile(text.replace("d", ""), read=dialect, write="duckdb")[0]
    values = {"x": np.array([-2.0, -0.0, 0.0, 5e-324, np.nan])}
    found = duckdb_columns(f"SELECT {sql} AS found FROM leads", values)["found"]
    assert found[:4].tolist() == [-1.0, 0.0, 0.0, 1.0]


POSTGRES_LONGEST = "\u00fc" * 31 + "x"


@pytest.mark.parametrize("shape", SHAPES)
def test_no_name_that_is_made_is_longer_than_the_column_may_be(shape: Shape) -> None:
    # Two names of 63 bytes, alike up to the last letter.
    names = [POSTGRES_LONGEST, "\u00fc" * 31 + "y"]
    model = model_of(names, keys=("k" * 63,))
    columns = ["lead_score", "contributions"] if shape == "standardized" else ["lead_score"]
    text = render(model, dialect="postgres", shape=shape, columns=columns)
    tree = sqlglot.parse_one(text, "postgres")
    found = [name.name for name in tree.find_all(exp.Identifier)]
    assert {*names, "k" * 63} <= {*found}
    assert max(len(name.encode()) for name in found) == 63
    assert isinstance(tree, exp.Select)
    assert len(set(tree.named_selects)) == len(tree.named_selects) >= 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_name_too_long_for_a_dialect_is_refused(dialect: str) -> None:
    target = DIALECTS[dialect]
    letter = "\u00fc" if target.counts_bytes else "x"
    fits = letter * (target.longest_name // len(letter.encode()))
    if not target.longest_name:
        assert "y" * 5000 in render(model_of(["y" * 5000]), dialect=dialect)
        return
    assert fits in render(model_of([fits]), dialect=dialect, keys=[fits], table=f"crm.{fits}")
    too_long = fits + letter
    unit = "bytes" if target.counts_bytes else "characters"
    said = f"{dialect} takes names of {target.longest_name} {unit} at most"
    write = partial(render, dialect=dialect)
    for refusing in (
        partial(write, model_of([too_long])),
        partial(write, model_of(["a"]), keys=[too_long]),
        partial(write, model_of(["a"]), table=too_long),
        partial(expression, model_of([too_long]), dialect=dialect),
    ):
        with pytest.raises(UnsupportedError) as refused:
            refusing()
        assert said in str(refused.value)
        assert "\n" not in str(refused.value)


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


@pytest.mark.parametrize("dialect", FAMILIES)
def test_nasty_names_come_back_from_the_text_of_every_family_of_dialects(dialect: str) -> None:
    longest = DIALECTS[dialect].longest_name or 500
    names = [name for name in NASTY if name not in ("lead_score", "probability")]
    names = [name[: longest - 4] for name in names]
    model = model_of(names, keys=tuple(f"{name} key" for name in names))
    # A second statement could not be parsed.
    tree = parse(render(model, dialect=dialect), dialect)
    found = {column.name for column in tree.find_all(exp.Column)}
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
    ("table", "parts"),
    [
        ("leads", ["leads"]),
        ("crm.leads", ["crm", "leads"]),
        ("db.crm.leads", ["db", "crm", "leads"]),
        ('crm."my leads"', ["crm", "my leads"]),
        ('db.dbo."Leads 2024"', ["db", "dbo", "Leads 2024"]),
        ("[dbo].[My Leads]", ["dbo", "My Leads"]),
        ("`my crm`.`a.b`", ["my crm", "a.b"]),
        ('"a""b".[c]]d].`e``f`', ['a"b', "c]d", "e`f"]),
        (" leads_2024 ", ["leads_2024"]),
    ],
)
def test_every_part_of_a_table_name_is_quoted_by_the_dialect(table: str, parts: list[str]) -> None:
    marks = {"postgres": ('"', '"'), "tsql": ("[", "]"), "mysql": ("`", "`")}
    for dialect, (first, last) in marks.items():
        quoted = ".".join(first + part.replace(last, last * 2) + last for part in parts)
        assert f"FROM {quoted}\n" in render(model_of(["a"]), table=table, dialect=dialect) + "\n"


@pytest.mark.parametrize("table", ["`p-1.d.t`", "p-1.d.t", "`p-1`.d.t", "`p-1.d`.t", '"p-1".d.[t]'])
def test_bigquery_quotes_all_parts_of_a_name_at_once_and_has_hyphens(table: str) -> None:
    assert "FROM `p-1`.`d`.`t`" in render(model_of(["a"]), table=table, dialect="bigquery")


def test_a_table_with_an_odd_name_is_read() -> None:
    connection = duckdb.connect()
    connection.execute('CREATE SCHEMA "my crm"')
    connection.execute('CREATE TABLE "my crm"."the ""best"" leads" AS SELECT 1.5 AS a')
    for table in ('"my crm"."the ""best"" leads"', '[my crm].[the "best" leads]'):
        sql = render(model_of(["a"]), table=table, keys=["a"])
        assert connection.execute(sql).fetchall()[0][0] == 1.5


@pytest.mark.sweep
@settings(max_examples=200 if RELEASE else 60)
@given(models(), st.sampled_from(EVERY))
def test_every_number_in_the_sql_has_17_digits_and_an_exponent(
    model: ScoringModel, target: tuple[str, Shape]
) -> None:
    dialect, shape = target
    try:
        text = render(model, dialect=dialect, shape=shape)
    except UnsupportedError:
        assume(False)
    tree = parse(text, dialect)
    numbers = [n for n in tree.find_all(exp.Literal) if is_a_value(n)]
    assert numbers
    for number in numbers:
        text = number.name.lstrip("-")
        # A whole number is a result of its own: a decision, a place on a scale; or a function's.
        if text.isdigit() and isinstance(
            number.parent, exp.If | exp.Case | exp.Offset | exp.EQ | exp.GT | exp.Limit
        ):
            continue
        # Where a text is taken apart in steps, whole numbers count its characters.
        if text.isdigit() and number.find_ancestor(exp.Subquery):
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
