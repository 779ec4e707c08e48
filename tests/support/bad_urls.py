"""URLs that are wrong, or in a wrong place, each with a secret; and every place to type one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from leadweights.cli.main import main

SECRET = "S3cr3t"
MODEL, VALID, TRAIN = "model.json", "valid.csv", "train.csv"

_USERS = (
    *("u:S3cr3t@", "u:abc@S3cr3t@", "u:p@ss:S3cr3t@", "u:S3cr3t/x@", "u:x/S3cr3t@", "u:S3cr3t:x@"),
    *("u:S3cr3t?x@", "u:x?S3cr3t@", "u:S3cr3t#x@", "u:x#S3cr3t@", "u:S3cr3t%x@", "u:x%zzS3cr3t@"),
    *("u:x S3cr3t@", "u:x'S3cr3t@", 'u:x"S3cr3t@', "u:x%40S3cr3t@", ":S3cr3t@", "S3cr3t:x@"),
    *("u:1/S3cr3t@", "u:[S3cr3t@", "u:x\tS3cr3t@", "u:x;S3cr3t@", "u:x\\S3cr3t@", "u:{S3cr3t}@"),
)
_PLACES = (
    "postgresql+psycopg://{}127.0.0.1:1/d",
    "mysql+pymysql://{}127.0.0.1:1/d",
    "postgresql:/{}h/d",
    "//{}h",
    "{}h",
)
_ENDS = (
    *(
        "u:x@h:S3cr3t/d",
        "u:x@h:5432S3cr3t/d",
        "u:x@127.0.0.1:1:S3cr3t/d",
        "u:x@127.0.0.1:-1/S3cr3t@",
    ),
    *("u:S3cr3t@[::1/d", "u:S3cr3t@" + 70 * "a" + "/d", "u:S3cr3t@a..b/d", "u:S3cr3t@\u202eh/d"),
    *("127.0.0.1:1/d?password=S3cr3t", "127.0.0.1:1/d?sslpassword=S3cr3t&sslmode=x"),
    *("127.0.0.1:1/d?token=S3cr3t", "127.0.0.1:1/d?access_token=S3cr3t", "/d?user=S3cr3t&port=x"),
    *("127.0.0.1:1/d?passwd=S3cr3t", "127.0.0.1:1/d?x=u:S3cr3t@h", "127.0.0.1:1/d?ssl=S3cr3t"),
)
_OTHERS = (
    *("sqlite://u:S3cr3t@h/d", "sqlite:///u:S3cr3t@h/d", "sqlite:///x.db?password=S3cr3t"),
    *("duckdb:///u:S3cr3t@h", "duckdb:///x.db?token=S3cr3t", "spark://u:S3cr3t@h:7077"),
    *("spark://h:1?token=S3cr3t", "spark:/u:S3cr3t@h", "snowflake://u:S3cr3t@a/d?role=x"),
    *("databricks://token:S3cr3t@h?http_path=x", "bigquery://p/d?credentials_path=S3cr3t"),
    *("mssql+pyodbc:///?odbc_connect=UID%3Du%3BPWD%3DS3cr3t", "dbase://u:S3cr3t@h/d"),
    *(
        "mssql+pyodbc://u:S3cr3t@h\\i/d",
        "postgresqll://u:S3cr3t@h/d",
        "://u:S3cr3t@h",
        "http:u:S3cr3t@h",
    ),
)
# Files in the cloud: nobody listens there.
_CLOUD = (
    *("s3://u:S3cr3t@bucket/x.csv", "s3://bucket/x.csv?X-Amz-Signature=S3cr3t"),
    *("az://c/x.csv?sv=1&sig=S3cr3t", "abfss://c:S3cr3t@a.dfs.core.windows.net/x.csv"),
    *("gs://b/x.csv?access_token=S3cr3t", "gs://S3cr3t@b/x.parquet"),
    *("https://u:S3cr3t@127.0.0.1:1/x.csv", "https://127.0.0.1:1/x.parquet?sig=S3cr3t"),
    *("HTTPS://u:S3cr3t@127.0.0.1:1/x.xlsx?sig=S3cr3t#sheet", "https://u:S3cr3t@/x.csv"),
    *("http://u:S3cr3t@h/x.csv", "https://u:p@ss:S3cr3t@h/x.csv", "https://127.0.0.1:1/?a@S3cr3t"),
)
URLS = (
    *(place.format(user) for place in _PLACES for user in _USERS),
    *(f"{scheme}://{end}" for end in _ENDS for scheme in ("postgresql+psycopg", "mysql+pymysql")),
    *_OTHERS,
    *_CLOUD,
)

_MODELS = ("model", "published", "champion", "challenger", "before", "after")
_TABLES = ("valid", "data", "current", "leads", "results")
_GIVEN = {"train": TRAIN, **dict.fromkeys(_MODELS, MODEL), **dict.fromkeys(_TABLES, VALID)}
_GIVEN |= dict.fromkeys(("version", "value", "values"), "1")
_GIVEN |= {"file": "tokens.json", "name": "crm"}


def commands(group: click.Group) -> Iterator[tuple[list[str], click.Command]]:
    """Give each command with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from (([name, *names], one) for names, one in commands(command))
        else:
            yield [name], command


def places(url: str) -> Iterator[list[str]]:
    """Give command lines with a URL as a command, as an option, and for each argument and value."""
    yield [url]
    yield [f"--{url}"]
    for names, command in commands(main):
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        given = [_GIVEN[str(one.name)] for one in arguments]
        yield [*names, *given, url]
        yield [*names, *given, f"--{url}"]
        for place in range(len(given)):
            yield [*names, *given[:place], url, *given[place + 1 :]]
        for option in command.params:
            if not isinstance(option, click.Option) or option.is_flag:
                continue
            yield [*names, *given, option.opts[-1], url]
            yield [*names, *given, f"{option.opts[-1]}={url}"]
            if option.opts[0] == "-o":
                yield [*names, *given, f"-o{url}"]
            if option.name in ("engine", "engines"):
                read = given if names == ["fit"] else given[:1]
                also = ["--table", "leads", *(["--in-place"] if names == ["verify"] else [])]
                yield [*names, *read, option.opts[-1], url, *also]


def find_secret(folder: Path) -> list[Path]:
    """Name what a folder holds whose name or content has the secret, in any case."""
    secret = SECRET.lower()
    found = [path for path in folder.rglob("*") if secret in str(path.relative_to(folder)).lower()]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return found + [path for path in files if secret.encode() in path.read_bytes().lower()]
