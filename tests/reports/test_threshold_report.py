"""Thresholds in words and in JSON: what is said is what was found, by hand."""

import json

import numpy as np

from leadweights.decisions.asks import Ask, Capacity, Precision, Profit, QueueRate, Recall
from leadweights.decisions.threshold import Choice, choose_cut
from leadweights.reports.threshold import choice_document, choice_text

Y = np.array([1, 1, 0, 1, 0, 1, 0, 0, 0, 0], dtype=float)
Z = np.array([3.2, 2.1, 1.0, 1.0, 0.4, 0.1, -0.3, -1.2, -2.0, -3.7])


def text(ask: Ask) -> str:
    return choice_text(choose_cut(Y, Z, ask))


def test_a_choice_is_told_whole() -> None:
    assert choice_text(choose_cut(np.r_[Y, 1], np.r_[Z, np.nan], Profit(100, 40))) == (
        """\
Contact a row where log_odds >= 0.0 (a probability of 50.0% or more).
Asked for: the highest profit, with 100 a conversion and 40 a contact.
No promise: the cut was picked by the outcomes of these rows, which favours it.

On these 10 rows, 4 of them positive (1 more have no score and are left out):

                                             95% interval
contacted rows                      6        3 to 9
of them positive (hits)             4        1 to 7
precision: hits of the contacted    66.7%    22.3% to 95.7%
recall: hits of all positive rows   100.0%   39.8% to 100.0%
F1                                  0.800    0.400 to 1.000
queue rate: contacted of all rows   60.0%    26.2% to 87.8%
lift over contacting anybody        1.67     1.11 to 3.33
conversions per 1,000 contacted     667      223 to 957
conversions per 1,000 rows          400      122 to 738
profit on these rows                160      -80 to 420

By decile of log_odds, the highest first (rows of one score stay together):

   rows  log-odds from     to  hits  precision  lift  rows so far  precision  recall
1     1           3.20   3.20     1     100.0%  2.50            1     100.0%   25.0%
2     1           2.10   2.10     1     100.0%  2.50            2     100.0%   50.0%
3     2           1.00   1.00     1      50.0%  1.25            4      75.0%   75.0%
4     1           0.40   0.40     0       0.0%  0.00            5      60.0%   75.0%
5     1           0.10   0.10     1     100.0%  2.50            6      66.7%  100.0%
6     1          -0.30  -0.30     0       0.0%  0.00            7      57.1%  100.0%
7     1          -1.20  -1.20     0       0.0%  0.00            8      50.0%  100.0%
8     1          -2.00  -2.00     0       0.0%  0.00            9      44.4%  100.0%
9     1          -3.70  -3.70     0       0.0%  0.00           10      40.0%  100.0%
"""
    )


def test_what_was_asked_is_said() -> None:
    for ask, words in (
        (Capacity(4), "at most 4 rows"),
        (QueueRate(0.38), "at most 38% of the rows"),
        (Recall(0.7), "the smallest queue with at least 70% of the positive rows"),
        (Precision(0.2, 0.75), "whose precision is at least 0.2, with 75% confidence"),
    ):
        assert words in text(ask)


def test_a_promise_is_rounded_down() -> None:
    # Four rows, three of them hits: the bound at 90% is 0.3205 (binom.sf(2, 4, 0.3205) = 0.1).
    assert "at least 32% convert" in text(Capacity(4))
    y = np.r_[np.ones(40), np.zeros(40)]
    found = choice_text(choose_cut(y, np.linspace(1, -1, 80), Precision(0.875)))
    assert "at least 87.5% convert" in found
    assert "at most 10% give a promise that is broken" in found


def test_to_contact_nobody_or_everybody_is_said() -> None:
    assert text(Profit(1, 5)).startswith("Contacting nobody is best")
    assert "The cut 4 is above all log-odds." in text(Profit(1, 5))
    assert text(Capacity(10)).startswith("Contact every row that has a score: the cut -4 is below")


def test_what_is_not_proven_is_one_sentence() -> None:
    z = np.linspace(2, -2, 400)
    y = np.r_[np.ones(32), np.zeros(8), np.tile([1.0, 0.0], 180)]
    found = choice_text(choose_cut(y, z, Precision(0.7, 0.99))).splitlines()
    assert found[0] == (
        "No threshold for the largest queue whose precision is at least 0.7, with 99% confidence."
    )
    assert found[1].startswith("These 400 rows do not prove a precision of 0.7 with 99% confidence")
    assert found[1].endswith(" more rows would do.")
    never = choice_text(choose_cut(np.tile([1.0, 0.0], 200), z, Precision(0.8)))
    assert never.endswith(
        "no larger number of rows will help with this model, for the observed precision never "
        "reaches 0.8.\n"
    )


def test_documents_are_json_with_six_decimals_and_the_cut_as_it_is() -> None:
    choice = choose_cut(Y, Z + 1 / 3e7, Capacity(5))
    assert isinstance(choice, Choice)
    document = json.loads(json.dumps(choice_document(choice), allow_nan=False))
    assert document["proven"] is True
    assert document["cut"] == choice.cut
    assert document["ask"] == {"rows": 5}
    assert document["measures"]["lift"]["value"] == 1.5
    assert document["measures"]["precision"]["low"] == round(0.14663279963467, 6)
    assert document["deciles"][2]["cumulative_precision"] == 0.75
    unproven = choice_document(
        choose_cut(np.tile([1.0, 0.0], 200), np.linspace(2, -2, 400), Precision(0.8))
    )
    assert unproven["proven"] is False
    assert unproven["more_rows"] is None
    assert unproven["sentence"].startswith("These 400 rows")
