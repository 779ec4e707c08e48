"""What each SQL dialect needs to read a double exactly: rows of data, no code."""

from dataclasses import dataclass

from leadweights.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect; `sqlglot` is its name there.

    `checked` says in short, between semicolons, which of its documents were read, `unsure` what
    they did not tell; `engines` are those of `engines.known` that give the right bits for it.
    Names have at most `longest_name` characters, or bytes where it `counts_bytes`; 0 is no limit.

    `double` is the type of an IEEE double where sqlglot's own name for it would not do.
    `casts_literals` is for engines that read `1.5e-01` as a decimal number: they get
    `CAST('1.5e-01' AS DOUBLE)`, or a letter behind it that is a `double_mark`. Where a cast is an
    operator (`casts_by_operator`), it gets parentheses; where there is none that gives NULL for
    what it cannot read (`tries_casts`), it is a plain one. A SIGN that is not 0 for 0, or is
    missing, is no function that `signs`.

    `text` is the type of a text of any length, or of the longest there is. Where `=` does not see
    case or trailing spaces, texts are `compared_as` bytes, `compared_by` a function, or under a
    `collation`; `national` literals are `N'...'`. Where an order follows a language, or bytes that
    are not in the order of the letters, texts are `ordered_under` another collation, or
    `ordered_as` what it says of a text `{}`. Where TRIM takes spaces, and cannot be told what to
    take, it `trims_alone`.
    `lower` is the function that gives letters beyond ASCII a lower case, too, "" where there is
    none. Where it `lowers_words`, or no document denies it, a letter's lower case depends on the
    letters beside it: the Greek sigma's at the end of a word, or two letters for the Turkish
    capital I.
    `pattern` says whether there are regular expressions, `matching` the function that gives 1 for
    a text that is one from end to end, `newline_ends` whether `$` in them matches before a newline
    at the end, too: what follows is looked at, but for engines that cannot, none of which
    `looks_ahead`. `date` is the type of a calendar day; an engine that reads `dates_by_session` is
    told how. A difference of two is days (`days_by_subtraction`) or takes a function; so does a
    month, but for engines that get it from a date's text (`month_by_format`). An engine
    `prefers_aliases` that takes a name for a result of the same SELECT before it takes it for a
    column: there every column read is qualified by where it comes from. `folds_steps` is for
    engines that put a common table expression into its reader unless it is MATERIALIZED, and
    compute a column anew wherever it is read: three reasons of seven terms took SQLite 3.40 0.2 s
    a row, and now take it 0.06 ms; PostgreSQL does not end planning forty terms. Where there is no
    such word a LIMIT no table reaches does it (`limits_steps`): MariaDB 10.11 took three reasons of
    twelve terms 0.2 s a row, and now 0.3 ms.
    """

    name: str
    sqlglot: str
    checked: str
    unsure: str = ""
    engines: tuple[str, ...] = ()
    longest_name: int = 0
    counts_bytes: bool = False
    casts_literals: bool = False
    casts_by_operator: bool = False
    tries_casts: bool = True
    double_mark: str = ""
    double: str = "DOUBLE"
    signs: bool = True
    text: str = "VARCHAR"
    compared_as: str = ""
    compared_by: str = ""
    collation: str = ""
    ordered_under: str = ""
    ordered_as: str = ""
    national: bool = False
    trims_alone: bool = False
    lower: str = "LOWER"
    lowers_words: bool = False
    pattern: bool = True
    matching: str = ""
    newline_ends: bool = False
    looks_ahead: bool = True
    date: str = "DATE"
    dates_by_session: bool = False
    days_by_subtraction: bool = False
    month_by_format: bool = False
    prefers_aliases: bool = False
    folds_steps: bool = False
    limits_steps: bool = False


DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            *("duckdb", "duckdb", "the tests of this project"),
            engines=("duckdb",),
        ),
        Dialect(
            *("postgres", "postgres", "PostgreSQL 15.18, by hand; names"),
            unsure="LOWER knows the letters of the database's locale",
            engines=("postgres", "hyper"),
            longest_name=63,
            counts_bytes=True,
            casts_literals=True,
            text="TEXT",
            ordered_under="C",
            lowers_words=True,
            folds_steps=True,
        ),
        Dialect(
            *("sqlite", "sqlite", "the tests of this project"),
            engines=("sqlite", "apsw"),
            text="TEXT",
            collation="BINARY",
            lower="",
            pattern=False,
            month_by_format=True,
            folds_steps=True,
        ),
        Dialect(
            *("mysql", "mysql", "literals; CAST AS BINARY; names"),
            engines=("mariadb", "oceanbase"),
            longest_name=64,
            text="CHAR",
            compared_as="BINARY",
            newline_ends=True,
            limits_steps=True,
        ),
        Dialect(
            *("snowflake", "snowflake", "types of numbers; REGEXP_LIKE"),
            unsure="the type of an exponent literal; the lower case of words; the longest name",
            longest_name=255,
            casts_literals=True,
            lowers_words=True,
        ),
        Dialect(
            *("bigquery", "bigquery", "GoogleSQL's own implementation, by hand"),
            unsure="the longest name",
            engines=("googlesql",),
            longest_name=300,
            text="STRING",
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
            lowers_words=True,
        ),
        Dialect(
            *("databricks", "databricks", "literals"),
            unsure="Photon's EXP; the longest name",
            engines=("spark",),
            longest_name=255,
            text="STRING",
            lowers_words=True,
            newline_ends=True,
        ),
        Dialect(
            *("spark", "spark", "Spark 4.3.0, by hand"),
            engines=("spark",),
            text="STRING",
            lowers_words=True,
            newline_ends=True,
        ),
        # Bytes of NVARCHAR have the low byte first: in order are those of a collation in UTF-8.
        Dialect(
            *("tsql", "tsql", "literals; REGEXP_LIKE, which is too new"),
            unsure="how exactly a literal is read; whether steps are folded",
            longest_name=128,
            text="NVARCHAR(MAX)",
            compared_as="VARBINARY(MAX)",
            ordered_as="CAST(CAST({} COLLATE Latin1_General_100_BIN2_UTF8 AS VARCHAR(MAX)) "
            "AS VARBINARY(MAX))",
            national=True,
            pattern=False,
        ),
        # Texts are UTF-8, and have no N'...'.
        Dialect(
            *("fabric", "fabric", "types; what it lacks of T-SQL"),
            unsure="how exactly a literal is read; whether steps are folded",
            longest_name=128,
            text="VARCHAR(MAX)",
            compared_as="VARBINARY(MAX)",
            pattern=False,
        ),
        Dialect(
            *("clickhouse", "clickhouse", "ClickHouse 26.9, by hand"),
            engines=("clickhouse",),
            text="String",
            lower="lowerUTF8",
            lowers_words=True,
            date="Date32",
            prefers_aliases=True,
        ),
        Dialect(
            *("trino", "trino", "literals"),
            unsure="regular expressions where regex-library is RE2J",
            newline_ends=True,
        ),
        # Its SELECT is Trino's; sqlglot's own `athena` breaks lines elsewhere.
        Dialect(
            *("athena", "trino", "nothing but that version 3 is Trino"),
            unsure="regular expressions; the longest name",
            longest_name=255,
            newline_ends=True,
        ),
        Dialect(
            *("presto", "presto", "grammar; texts; regular expressions"),
            unsure="regular expressions where regex-library is RE2J",
            newline_ends=True,
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
            tries_casts=False,
            signs=False,
            text="VARCHAR2(4000)",
            ordered_as="NLSSORT({}, 'NLS_SORT=BINARY')",
            dates_by_session=True,
            days_by_subtraction=True,
        ),
        Dialect(
            *("hive", "hive", "code of literals, casts and TRIM"),
            unsure="numbers in texts, which its vectors read by a function of their own; the "
            "longest name",
            longest_name=767,
            text="STRING",
            trims_alone=True,
            lowers_words=True,
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
            lowers_words=True,
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
            lowers_words=True,
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
            lowers_words=True,
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
            trims_alone=True,
            matching="REGEXP_SIMILAR",
            dates_by_session=True,
            days_by_subtraction=True,
        ),
        Dialect(
            *("exasol", "exasol", "literals; types; NaN; regular expressions; names"),
            unsure="how exactly a text becomes a number; the lower case of words",
            longest_name=128,
            casts_literals=True,
            tries_casts=False,
            text="VARCHAR(2000000)",
            lowers_words=True,
            newline_ends=True,
            dates_by_session=True,
        ),
        Dialect(
            *("risingwave", "risingwave", "code of literals, casts, dates, EXP, LOWER and TRIM"),
            unsure="ranks in a materialized view, which needs a PARTITION BY",
            casts_literals=True,
            lower="",
        ),
        Dialect(
            *("materialize", "materialize", "numbers; casts; functions; dates; WITH"),
            unsure="the longest name",
            longest_name=255,
            counts_bytes=True,
            casts_literals=True,
            signs=False,
            text="TEXT",
            lowers_words=True,
        ),
    )
}


def dialect_named(name: str) -> Dialect:
    """Look a dialect up. Raises UnsupportedError, naming those there are."""
    try:
        return DIALECTS[name.lower()]
    except KeyError:
        raise UnsupportedError(f"no dialect {name!r}; there are: {', '.join(DIALECTS)}") from None
