"""What each SQL dialect needs to read a double exactly: rows of data, no code."""

from dataclasses import dataclass
from typing import Literal

from leadweights.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect: what it is called, what is known of it, and what it does its own way."""

    name: str
    sqlglot: str
    """Its name there."""
    checked: str
    """In short, between semicolons, what shows that the SQL is right: tests, or documents."""
    unsure: str = ""
    """What the documents did not tell."""
    engines: tuple[str, ...] = ()
    """Those of `engines.known` that give the right bits for it."""

    longest_name: int = 0
    """The most characters of a name; 0 is no limit."""
    counts_bytes: bool = False
    """The most are bytes."""
    longest_query: int = 0
    """The most bytes of a statement that are read unless somebody sets it otherwise; 0 is none."""
    deepest_case: int = 0
    """How deep CASE may stand in CASE; 0 is no limit."""

    binds_types: bool = True
    """A column holds nothing but what its type has."""
    binds_presence: bool = True
    """A column that is NOT NULL holds no NULL; also where nothing denies it."""
    decimals_hold_nan: bool = False
    """A decimal number may be NaN."""

    casts_literals: bool = False
    """`1.5e-01` is a decimal number: literals are `CAST('1.5e-01' AS DOUBLE)`."""
    casts_by_operator: bool = False
    """A cast is an operator, and gets parentheses."""
    tries_casts: bool = True
    """There is a cast that gives NULL for what it cannot read."""
    double_mark: str = ""
    """A letter behind a literal that makes it a double."""
    double: str = "DOUBLE"
    """The type of an IEEE double where sqlglot's own name for it would not do."""
    inverts_divisors: bool = False
    """It makes x * (1 / 3) of x / 3, and is told x / (3 + x * 0)."""
    sign: str = "SIGN"
    """The function that gives 1, 0 or -1; "" where there is none, or not for 0."""

    text: str = "VARCHAR"
    """The type of a text of any length, or of the longest there is."""
    compared_as: str = ""
    """A type of bytes, where `=` does not see case or spaces at the end."""
    compared_by: str = ""
    """A function instead, that tells such texts apart."""
    collation: str = ""
    """A collation instead, that tells such texts apart."""
    searched_as: str = ""
    """A type for which a search sees every letter, where it does not in texts."""
    searched_under: str = ""
    """A collation instead, under which a search and REPLACE do."""
    search: str = ""
    """The function that gives the place of a part in a text, where sqlglot's would not do; REPLACE
    where there is none, and a text without the part is compared."""
    ordered_under: str = ""
    """A collation by letters, where an order follows a language."""
    ordered_as: str = ""
    """What gives an order by letters for a text `{}`, where that is no collation."""
    national: bool = False
    """Literals of texts are `N'...'`."""
    trims_alone: bool = False
    """TRIM takes spaces, and cannot be told what to take."""
    trims_both: bool = False
    """TRIM must be told that it is for both ends."""
    lower: str = "LOWER"
    """The function that gives letters beyond ASCII a lower case, too; "" where there is none."""
    lowered_under: str = ""
    """A collation that it knows all letters under, where its usual one does not."""
    lowers_words: bool = True
    """A letter's lower case depends on those beside it: the Greek sigma's at the end of a word, or
    two letters for the Turkish capital I. Also where no document denies it."""
    pattern: bool = True
    """Regular expressions find the numbers in texts, and each is read exactly."""
    globs: bool = False
    """GLOB tells the shape of a text instead, where there are no regular expressions; a number is
    computed from its digits, of which there are 18 at most, and 22 decimals."""
    exact_digits: int = 0
    """The digits up to which a text becomes the nearest double, where that is not for all; a
    number of more ends the SELECT."""
    written_dates: bool = True
    """Dates are read from texts; Databend 1.2 takes days that were counted so for missing."""
    matching: str = ""
    """The function that gives 1 for a text that is one from end to end."""
    newline_ends: bool = False
    """In them `$` matches before a newline at the end, too: what follows is looked at."""
    looks_ahead: bool = True
    """They can look at what follows."""
    replaces: str = ""
    """The function that replaces a part of a text, where it is not REPLACE."""
    nests_slowly: bool = False
    """A REPLACE in another doubles the time of planning: a pattern replaces several at once."""
    matches: str = ""
    """The operator that matches them, where sqlglot's own way would not do."""

    text_hash: str = ""
    """What makes a whole number of the first seven hexadecimal digits of the MD5 of a text `{}`."""

    date: str = "DATE"
    """The type of a calendar day."""
    dates_by_session: bool = False
    """How a text is read as a date is up to the session; TO_DATE is told."""
    days: Literal["function", "subtraction", "truncation", "cast"] = "function"
    """How those since 1970-01-01 are counted: by a function, by subtraction, by that after a time
    of day is cut off, or by a cast."""
    month_by_format: bool = False
    """A month comes from a date's text; elsewhere from EXTRACT."""

    counts_missing: bool = False
    """COUNT of a window counts NULL, which is a mistake: ones are summed."""
    prefers_aliases: bool = False
    """A name is taken for a result of the same SELECT before it is taken for a column: every column
    read is qualified by where it comes from."""
    prefers_rows: bool = False
    """A table's name is taken for its whole row before it is taken for a column: a column with the
    name of its table is qualified."""
    folds_constants: bool = False
    """Two constants are multiplied before the column between them is."""
    folds_steps: Literal["", "MATERIALIZED", "NO_MERGE", "LIMIT"] = ""
    """A common table expression is put into its reader, and a column computed anew wherever it is
    read, unless a word, a hint, or a LIMIT of all rows keeps it: three reasons of seven terms took
    SQLite 3.40 0.2 s a row, and now take it 0.06 ms; PostgreSQL does not end planning forty."""

    lists_rows: bool = False
    """A table function VALUES lists rows; a UNION of hundreds takes all the memory there is."""
    rows_from: str = ""
    """What a SELECT of constants reads where it must read something."""
    table_ending: str = ""
    """What CREATE TABLE must end with."""
    empty_is_null: bool = False
    """An empty text is NULL."""

    @property
    def reads_texts(self) -> bool:
        """Tell whether numbers in texts are read, and exactly."""
        return self.pattern or self.globs


_CONVERTED = "CONV(SUBSTRING(MD5({}), 1, 7), 16, 10)"

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            *("duckdb", "duckdb", "the tests of this project"),
            engines=("duckdb",),
            text_hash="CAST('0x' || SUBSTRING(MD5({}), 1, 7) AS BIGINT)",
            lowers_words=False,
        ),
        Dialect(
            *("postgres", "postgres", "the tests of this project; names"),
            unsure="LOWER knows the letters of the database's locale",
            engines=("postgres",),
            decimals_hold_nan=True,
            longest_name=63,
            counts_bytes=True,
            casts_literals=True,
            text="TEXT",
            ordered_under="C",
            folds_steps="MATERIALIZED",
            text_hash="CAST(CAST('x' || SUBSTRING(MD5({}), 1, 7) AS BIT(28)) AS INT)",
        ),
        Dialect(
            *("sqlite", "sqlite", "the tests of this project"),
            engines=("sqlite", "apsw"),
            binds_types=False,
            text="TEXT",
            collation="BINARY",
            lower="",
            pattern=False,
            globs=True,
            month_by_format=True,
            folds_steps="MATERIALIZED",
        ),
        Dialect(
            *("mysql", "mysql", "literals; CAST AS BINARY; names"),
            engines=("mariadb", "oceanbase"),
            longest_name=64,
            text="CHAR",
            compared_as="BINARY",
            searched_as="BINARY",
            newline_ends=True,
            folds_steps="LIMIT",
            text_hash=_CONVERTED,
            lowers_words=False,
        ),
        # Its usual collation knows the letters of Unicode 3.
        Dialect(
            *("mariadb", "mysql", "the tests of this project"),
            engines=("mariadb",),
            text="CHAR",
            compared_as="BINARY",
            searched_as="BINARY",
            lowered_under="uca1400_ai_ci",
            newline_ends=True,
            matches="REGEXP",
            folds_steps="LIMIT",
            text_hash=_CONVERTED,
            lowers_words=False,
        ),
        # Of letters it knows those of Unicode 3, under any collation.
        Dialect(
            *("oceanbase", "mysql", "the tests of this project"),
            engines=("oceanbase",),
            text="CHAR",
            compared_as="BINARY",
            searched_as="BINARY",
            lower="",
            newline_ends=True,
            matches="REGEXP",
            folds_steps="NO_MERGE",
            text_hash=_CONVERTED,
        ),
        # Of a text's number of 20 digits or more it reads one in 6,000 as a double beside it.
        Dialect(
            *("hyper", "postgres", "the tests of this project"),
            engines=("hyper",),
            text="TEXT",
            ordered_under="C",
            exact_digits=19,
            folds_constants=True,
        ),
        Dialect(
            *("snowflake", "snowflake", "types of numbers; REGEXP_LIKE"),
            unsure="the type of an exponent literal; the lower case of words; the longest name",
            longest_name=255,
            casts_literals=True,
            text_hash="TO_NUMBER(SUBSTR(MD5({}), 1, 7), 'XXXXXXX')",
        ),
        Dialect(
            *("bigquery", "bigquery", "GoogleSQL's own implementation, by these tests"),
            longest_query=2**20,
            unsure="the longest name",
            engines=("googlesql",),
            longest_name=300,
            text="STRING",
            prefers_rows=True,
            text_hash="CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5({})), 1, 7)) AS INT64)",
        ),
        # VARCHARs that differ by spaces at their ends are equal, VARBYTEs are not.
        Dialect(
            *("redshift", "redshift", "trailing blanks; VARBYTE; TRY_CAST"),
            unsure="the lower case of words; the longest name",
            longest_name=127,
            counts_bytes=True,
            casts_literals=True,
            text="VARCHAR(65535)",
            compared_as="VARBYTE(65535)",
            text_hash="STRTOL(SUBSTRING(MD5({}), 1, 7), 16)",
        ),
        Dialect(
            *("databricks", "databricks", "literals"),
            unsure="Photon's EXP; the longest name",
            engines=("spark",),
            longest_name=255,
            text="STRING",
            newline_ends=True,
            text_hash=_CONVERTED,
        ),
        Dialect(
            *("spark", "spark", "the tests of this project"),
            engines=("spark",),
            binds_presence=False,
            text="STRING",
            newline_ends=True,
            text_hash=_CONVERTED,
        ),
        # Bytes of NVARCHAR have the low byte first: in order are those of a collation in UTF-8.
        Dialect(
            *("tsql", "tsql", "literals; REGEXP_LIKE, which is too new"),
            deepest_case=10,
            unsure="how exactly a literal is read; whether steps are folded",
            longest_name=128,
            text="NVARCHAR(MAX)",
            compared_as="VARBINARY(MAX)",
            searched_under="Latin1_General_100_BIN2",
            ordered_as="CAST(CAST({} COLLATE Latin1_General_100_BIN2_UTF8 AS VARCHAR(MAX)) "
            "AS VARBINARY(MAX))",
            national=True,
            pattern=False,
            lowers_words=False,
        ),
        # Texts are UTF-8, and have no N'...'.
        Dialect(
            *("fabric", "fabric", "types; what it lacks of T-SQL"),
            deepest_case=10,
            unsure="how exactly a literal is read; whether steps are folded",
            longest_name=128,
            text="VARCHAR(MAX)",
            compared_as="VARBINARY(MAX)",
            searched_under="Latin1_General_100_BIN2_UTF8",
            pattern=False,
            lowers_words=False,
        ),
        Dialect(
            *("clickhouse", "clickhouse", "the tests of this project"),
            engines=("clickhouse",),
            text="String",
            lower="lowerUTF8",
            date="Date32",
            prefers_aliases=True,
            lists_rows=True,
            table_ending="ENGINE = Memory",
            text_hash=(
                "reinterpretAsUInt32(reverse(unhex(concat('0', substring(hex(MD5({})), 1, 7)))))"
            ),
        ),
        Dialect(
            *("trino", "trino", "literals"),
            binds_presence=False,
            longest_query=10**6,
            unsure="regular expressions where regex-library is RE2J",
            newline_ends=True,
            text_hash="FROM_BASE(SUBSTR(TO_HEX(MD5(TO_UTF8({}))), 1, 7), 16)",
            lowers_words=False,
        ),
        Dialect(
            *("datafusion", "trino", "the tests of this project"),
            engines=("datafusion",),
            binds_presence=False,
            sign="SIGNUM",
            days="subtraction",
        ),
        Dialect(
            *("polars", "trino", "the tests of this project"),
            engines=("polars",),
            search="REPLACE",
            inverts_divisors=True,
            days="cast",
        ),
        # An exponent makes a decimal number, a DECFLOAT. Texts are in the order of UTF-16.
        Dialect(
            *("h2", "trino", "the tests of this project"),
            engines=("h2",),
            casts_literals=True,
            tries_casts=False,
            compared_as="VARBINARY",
            search="INSTR",
            newline_ends=True,
            days="subtraction",
        ),
        Dialect(
            *("databend", "spark", "the tests of this project"),
            engines=("databend",),
            casts_literals=True,
            text="STRING",
            trims_both=True,
            nests_slowly=True,
            counts_missing=True,
            written_dates=False,
            days="subtraction",
        ),
        # Its SELECT is Trino's; sqlglot's own `athena` breaks lines elsewhere.
        Dialect(
            *("athena", "trino", "nothing but that version 3 is Trino"),
            binds_presence=False,
            longest_query=2**18,
            unsure="regular expressions; the longest name",
            longest_name=255,
            newline_ends=True,
            lowers_words=False,
        ),
        # A distribution of Trino: what Trino's documents say holds.
        Dialect(
            *("starburst", "trino", "nothing but that its engine is Trino"),
            binds_presence=False,
            longest_query=10**6,
            unsure="regular expressions where regex-library is RE2J",
            newline_ends=True,
            text_hash="FROM_BASE(SUBSTR(TO_HEX(MD5(TO_UTF8({}))), 1, 7), 16)",
            lowers_words=False,
        ),
        Dialect(
            *("presto", "presto", "grammar; texts; regular expressions"),
            binds_presence=False,
            longest_query=10**6,
            unsure="regular expressions where regex-library is RE2J",
            newline_ends=True,
            lowers_words=False,
        ),
        # In Oracle DOUBLE PRECISION is a decimal type of 126 bits, and SIGN of a BINARY_DOUBLE 0
        # is 1. A text becomes a number by the session's decimal mark, and texts are in its order.
        Dialect(
            *("oracle", "oracle", "literals; SIGN; NLSSORT"),
            unsure="how exactly a literal is read; numbers in texts where a comma is the decimal "
            "mark; whether steps are folded",
            longest_name=128,
            counts_bytes=True,
            double_mark="d",
            double="BINARY_DOUBLE",
            rows_from="DUAL",
            empty_is_null=True,
            tries_casts=False,
            sign="",
            text="VARCHAR2(4000)",
            ordered_as="NLSSORT({}, 'NLS_SORT=BINARY')",
            dates_by_session=True,
            days="truncation",
            lowers_words=False,
        ),
        Dialect(
            *("hive", "hive", "code of literals, casts and TRIM"),
            unsure="numbers in texts, which its vectors read by a function of their own; the "
            "longest name",
            binds_presence=False,
            longest_name=767,
            text="STRING",
            trims_alone=True,
            newline_ends=True,
        ),
        # Regular expressions are Hyperscan's or RE2's.
        Dialect(
            *("doris", "doris", "grammar; code of casts and REGEXP"),
            unsure="LOWER beyond A to Z; whether steps are folded; the longest name",
            longest_name=256,
            casts_literals=True,
            text="STRING",
            trims_alone=True,
            newline_ends=True,
            looks_ahead=False,
        ),
        Dialect(
            *("starrocks", "starrocks", "grammar; REGEXP; TRIM; LOWER_UTF8; names"),
            unsure="whether steps are folded",
            longest_name=1024,
            casts_literals=True,
            text="STRING",
            lower="LOWER_UTF8",
            newline_ends=True,
            looks_ahead=False,
        ),
        Dialect(
            *("singlestore", "singlestore", "casts; collations; WITH"),
            unsure="LOWER beyond A to Z; whether steps are folded; the longest name",
            longest_name=64,
            casts_by_operator=True,
            text="LONGTEXT",
            compared_by="HEX",
            searched_as="LONGBLOB",
        ),
        # A literal has at most 15 digits. Texts are equal in any case, and with spaces behind.
        Dialect(
            *("teradata", "teradata", "literals; comparisons; REGEXP_SIMILAR; WITH; names"),
            unsure="how exactly a text becomes a number; the lower case of words; whether steps "
            "are folded",
            longest_name=128,
            casts_literals=True,
            text="VARCHAR(2000) CHARACTER SET UNICODE",
            compared_by="CHAR2HEXINT",
            searched_as="VARCHAR(4000) CHARACTER SET UNICODE CASESPECIFIC",
            search="INDEX",
            trims_alone=True,
            matching="REGEXP_SIMILAR",
            replaces="OREPLACE",
            dates_by_session=True,
            days="subtraction",
            lowers_words=False,
        ),
        Dialect(
            *("exasol", "exasol", "literals; types; NaN; regular expressions; names"),
            unsure="how exactly a text becomes a number; the lower case of words",
            longest_name=128,
            casts_literals=True,
            tries_casts=False,
            text="VARCHAR(2000000)",
            newline_ends=True,
            dates_by_session=True,
        ),
        Dialect(
            *("risingwave", "risingwave", "code of literals, casts, dates, EXP, LOWER and TRIM"),
            unsure="ranks in a materialized view, which needs a PARTITION BY",
            binds_presence=False,
            decimals_hold_nan=True,
            casts_literals=True,
            lower="",
        ),
        Dialect(
            *("materialize", "materialize", "numbers; casts; functions; dates; WITH"),
            unsure="the longest name",
            binds_presence=False,
            decimals_hold_nan=True,
            longest_name=255,
            counts_bytes=True,
            casts_literals=True,
            sign="",
            text="TEXT",
        ),
    )
}

OF_DBT = ("duckdb", "postgres", "redshift", "snowflake", "bigquery", "databricks")
"""Those that an adapter of dbt has the same name as."""


def find_dialect(name: str) -> Dialect:
    """Look a dialect up. Raises UnsupportedError, naming those there are."""
    try:
        return DIALECTS[name.lower()]
    except KeyError:
        raise UnsupportedError(f"no dialect {name!r}; there are: {', '.join(DIALECTS)}") from None
