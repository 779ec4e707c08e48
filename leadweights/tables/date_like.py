"""What a person takes for a date, in whatever words and order: to be refused, never to be a level.

A date as a level of a category is in no later row, and as an id it is left out. So a column of what
looks like dates, in no format that is read, is an error: this tells by words and numbers alone.
"""

import re

from leadweights.model.date_formats import MONTH_NAMES

_FOREIGN_MONTHS = re.findall(
    r"\w+",
    """
    januar februar märz april mai juni juli august september oktober november dezember jänner
    mrz janvier février mars avril juin juillet août septembre octobre novembre décembre enero
    febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio
    febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro março maio
    junho julho setembro outubro novembro dezembro januari februari maart mei augustus december
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada
    grudnia styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik
    listopad grudzień ledna února března dubna května června července srpna září října listopadu
    prosince ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık января
    февраля марта апреля мая июня июля августа сентября октября ноября декабря tammikuuta
    helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta
    """,
)
_MONTHS = (*MONTH_NAMES, *_FOREIGN_MONTHS)
_SHORTEST = 3
_ENGLISH = {name[:length] for name in MONTH_NAMES for length in (_SHORTEST, len(name))}
_WEEKDAYS = re.findall(
    r"\w+",
    """
    monday tuesday wednesday thursday friday saturday sunday tues thur thurs montag dienstag
    mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so lundi mardi
    mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim lunes martes miércoles
    jueves viernes sábado domingo mié jue vie sáb dom lunedì martedì mercoledì giovedì venerdì
    sabato domenica gio ma woe don vrij zat zon mon tue wed thu fri sat sun
    """,
)
_PERIODS = ("w", "kw", "q", "week", "quarter", "quartal", "sem")
_OTHERS = re.findall(
    r"\w+",
    """
    st nd rd th er t z h utc gmt cet cest est edt cst cdt pst pdt bst msk ist am pm uhr de del
    di le den der of the at um a à kl г года 年 月 日 時 分 秒 년 월 일 오전 오후 午前 午後
    europe america berlin paris london new york
    """,
)
_FILLERS = frozenset((*_WEEKDAYS, *_PERIODS, *_OTHERS))
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_HALF = re.compile(r"\b([ap])\.?\s?m\b\.?")
_BASIC = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])[ T_-]?\d{4,6}([.,]\d+)?Z?")
_SHORT = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{2}\D+\d{1,2}[:.]\d\d\b.*")
_LONGEST_DAY, _LONGEST_MONTH, _LONGEST_WEEK = 31, 12, 53


def looks_like_date(text: str) -> bool:
    """Tell whether a person would take a text for a date, a month, a week or a quarter of a year.

    It needs a year, but for names of months, and no word that is in no date.
    """
    if _BASIC.fullmatch(text.strip()):
        return True
    plain = _HALF.sub(r"\1m", text.casefold())
    tokens = _TOKEN.findall(plain)
    words = [token for token in tokens if not token.isdigit()]
    months = [word for word in words if _is_month(word)]
    if any(word not in _FILLERS and not _is_month(word) for word in words):
        return False
    numbers = [int(token) for token in tokens if token.isdigit() and len(token) <= 2]
    if _SHORT.fullmatch(plain.strip()):
        return True
    years = [place for place, token in enumerate(tokens) if _is_year(token)]
    if months:
        return bool(years) or len(numbers) > 1 or (bool(numbers) and months[0] in _ENGLISH)
    if any(word in _PERIODS for word in words):
        return bool(years) and any(number <= _LONGEST_WEEK for number in numbers)
    return any(_has_day_beside(tokens, place) for place in years) or (
        len(tokens) == 2 and len(years) == 1 and _is_month_of_year(text, tokens)
    )


def _is_month(word: str) -> bool:
    return len(word) >= _SHORTEST and any(month.startswith(word) for month in _MONTHS)


def _is_year(token: str) -> bool:
    return token.isdigit() and len(token) == 4 and 1900 <= int(token) < 2100


def _has_day_beside(tokens: list[str], place: int) -> bool:
    """Tell whether a day and a month stand beside a year."""
    words = ("年", "月", "日", "년", "월", "일")
    left = [token for token in tokens[:place] if token not in words][-2:]
    right = [token for token in tokens[place + 1 :] if token not in words][:2]
    return any(map(_are_day_and_month, (left, right, [*left[-1:], *right[:1]])))


def _are_day_and_month(pair: list[str]) -> bool:
    if len(pair) < 2 or not all(token.isdigit() and len(token) <= 2 for token in pair):
        return False
    low, high = sorted(map(int, pair))
    return 1 <= low <= _LONGEST_MONTH and high <= _LONGEST_DAY


def _is_month_of_year(text: str, tokens: list[str]) -> bool:
    """Tell 2026-03 and 03/2026 from 2026.3, a number, and from 2019/2020."""
    other = next((token for token in tokens if not _is_year(token)), "")
    small = other.isdigit() and len(other) <= 2 and 1 <= int(other) <= _LONGEST_MONTH
    return small and re.fullmatch(r"\s*\d+\s?[/-]\s?\d+\s*", text) is not None
