"""Personal data in what is published: told apart by form and by the names of columns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import leadweights as lw
from leadweights.model.personal import recognize
from tests.support.commands import invoke
from tests.support.learning import fit

# Examples of the registries and standards: ISO 13616, card networks' test numbers, fictional
# telephone numbers of Ofcom, the Bundesnetzagentur, ARCEP and the NANP.
PERSONAL = {
    "an e-mail address": [
        "anna@example.com",
        "Anna.M+x@mail.example.co.uk",
        "Mailto: ö@exämple.de",
    ],
    "a telephone number": [
        "+44 20 7946 0018",
        "+1-202-555-0143",
        "+4930123456",
        "0049 30 23125 000",
        "(030) 23125 000",
        "030/23125-000",
        "0170 1234567",
        "01701234567",
        "06.39.98.12.34",
        "06 39 98 12 34",
        "(202) 555-0143",
        "202-555-0143",
        "202.555.0143",
        "call +44 20 7946 0018 today",
    ],
    "a card number": ["4111 1111 1111 1111", "5555555555554444", "378282246310005"],
    "a bank account number": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"],
    "a social security number": ["123-45-6789"],
}
OTHER = [
    "", "Website", "yes", "1.0000000000000000e+00", "-0.123456789", "0.123456789", "1234567890",
    "2026-11-29", "29.11.2026", "01-02-2026", "2026-11-29 12:00:00", "24.8.4.13", "7001.0",
    "4111 1111 1111 1112", "DE00 3704 0044 0532 0130 00", "000-45-6789", "00012345678901",
    "@media", "a@b", "1,234,567.89", "1+1234", "e+1234567890", "DIN EN ISO 9001", "SW1A 1AA",
    "0000000000000000000000000000000000000000000000000000000000000000", "10-20", "0 0 1200 800",
    "$1 000 - 2 000 000",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in PERSONAL.items() for text in texts]
)
def test_personal_data_is_told_by_its_form(kind: str, text: str) -> None:
    found = recognize(text)
    assert found is not None
    assert found.kind == kind
    letters = [word for word in text.replace("-", " ").split() if len(word) > 2]
    assert not any(word in found.shown for word in letters)


@pytest.mark.parametrize("text", OTHER)
def test_other_texts_are_not(text: str) -> None:
    assert recognize(text) is None


def leads(**columns: list[str]) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    rows = 400
    visits = draw.normal(size=rows)
    frame = pd.DataFrame({"visits": visits, "converted": (visits + draw.normal(size=rows)) > 0})
    for name, values in columns.items():
        picked = draw.integers(len(values), size=rows)
        frame[name] = [values[at] for at in picked]
    return frame


NAMED = {
    "owner": (["anna@example.com", "ben@example.com"], "an e-mail address"),
    "Owner Name": (["Anna Miller", "Ben Stone", "Carla Diaz"], "a person's name"),
    "contactName": (["Anna Miller", "Ben Stone", "Carla Diaz"], "a person's name"),
    "Nachname": (["Müller", "Stein", "Diaz"], "a person's name"),
    "home_address": (["1 High Street", "2 Low Street"], "an address"),
    "mobile": (["20794 60018", "20794 60019", "20794 60020"], "a telephone number"),
}


@pytest.mark.sweep
def test_fit_warns_of_levels_that_are_personal_and_refuses_them_if_strict() -> None:
    frame = leads(**{column: values for column, (values, _) in NAMED.items()})
    found = fit(frame, label="converted")
    said = [line for line in found.warnings if "personal data" in line]
    assert len(said) == len(NAMED)
    for column, (values, kind) in NAMED.items():
        assert sum(repr(column) in line and kind in line for line in said) == 1
        assert not any(value in line for value in values for line in said)
    kinds = [kind for values, kind in NAMED.values() for _ in values]
    assert sorted(one.kind for one in lw.lint(found.model)) == sorted(kinds)
    with pytest.raises(lw.TableError, match="personal data") as refused:
        fit(frame, label="converted", strict=True)
    assert refused.value.details == tuple(line.partition("data: ")[2] for line in said)


@pytest.mark.sweep
def test_columns_that_only_sound_like_it_are_not_named() -> None:
    frame = leads(
        **{
            "company_name": ["Acme", "Stone Ltd", "Diaz SA"],
            "campaign name": ["Spring", "Summer", "Autumn"],
            "email_domain": ["example.com", "example.org"],
            "mobile": ["yes", "no", "unknown"],
            "address_type": ["home", "office"],
            "Do Not Call": ["Yes", "No"],
            "phone_brand": ["A 12345678", "B 12345678"],
            "birthday_mail": ["sent", "opened"],
        }
    )
    found = fit(frame, label="converted", strict=True)
    assert len(found.model.columns) > len(frame.columns) / 2
    assert not lw.lint(found.model)
    assert not [line for line in found.warnings if "personal" in line]


def test_a_folder_is_looked_through_but_for_rows_that_are_to_stay(tmp_path: Path) -> None:
    found = fit(leads(source=["Web", "Fair"]), label="converted")
    lw.save(found.model, tmp_path / "model.json")
    (tmp_path / "held_back.csv").write_text("mail\nanna@example.com\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG anna@example.com")
    done = invoke(["lint", str(tmp_path), "--strict"])
    assert (done.exit_code, done.stdout) == (0, "no personal data was found\n")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/score.sql").write_text("SELECT 1\n/* ask 'anna@example.com' */\n")
    (tmp_path / "report.html").write_text(
        "<style>a{content:'b@example.com'}</style>\n<p>x</p>\n<p title='+44 20 7946 0018'>y</p>"
        '<script>\nvar data = {"who": "ben@example.com"}</script>'
    )
    done = invoke(["lint", str(tmp_path), "--strict"])
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"{tmp_path}/notes/score.sql, line 2: an e-mail address, a***@e***.c***",
        f"{tmp_path}/report.html, line 3: a telephone number, +4*** 2*** 7*** 0***",
        f"{tmp_path}/report.html, line 4: an e-mail address, b***@e***.c***",
    ]
    assert done.stderr == "Error: strict: 3 texts are personal data, or may be\n"
    assert invoke(["lint", str(tmp_path)]).exit_code == 0


def test_words_and_names_of_columns_are_looked_at_too() -> None:
    frame = leads().rename(columns={"visits": "anna@example.com"})
    model = lw.fit_model(frame, label="converted")
    assert {one.shown for one in lw.lint(model)} == {"a***@e***.c***"}
    plain = lw.fit_model(leads(), label="converted")
    owned = replace(plain, decisions=replace(plain.decisions, owner="b@example.com"))
    assert [(one.where, one.kind) for one in lw.lint(owned)] == [("words", "an e-mail address")]


def test_what_the_project_publishes_has_none() -> None:
    for folder in (Path("outputs"),):
        assert lw.lint(folder) == ()


def test_a_folder_without_a_model_is_one_clear_line(tmp_path: Path) -> None:
    done = invoke(["lint", str(tmp_path)])
    assert done.exit_code == 1
    assert done.stderr == f"Error: no such file: {tmp_path}/model.json\n"
