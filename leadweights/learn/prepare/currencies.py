"""What people write beside an amount of money: signs, codes, short words."""

import re
from unicodedata import category

# ISO 4217, the active codes.
_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN
    NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK
    SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
    VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
"""
CODES = frozenset(re.findall("[A-Z]{3}", _CODES))
# Three digits behind their decimal mark are usual.
_OF_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
WORDS = {
    **dict.fromkeys(("euro", "euros"), "EUR"),
    **dict.fromkeys(("dollar", "dollars"), "USD"),
    **dict.fromkeys(("fr.", "sfr", "sfr.", "fr"), "CHF"),
    **dict.fromkeys(("rs", "rs."), "INR"),
    **dict.fromkeys(("kr", "kr."), "kr"),
    "z\u0142": "PLN",
    "k\u010d": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "\u043b\u0432": "BGN",
    "\u043b\u0432.": "BGN",
    "\u0440\u0443\u0431": "RUB",
    "\u0440\u0443\u0431.": "RUB",
    "rm": "MYR",
    "rp": "IDR",
    "rp.": "IDR",
    "tl": "TRY",
    "\u5143": "CNY",
    "\u5186": "JPY",
}
SIGNS = {"\u20ac": "EUR", "$": "USD", "US$": "USD", "\u00a3": "GBP", "\u20b9": "INR"}


def find_currency(text: str) -> str | None:
    """Name the currency that a text stands for, the same for each way to write it; or None."""
    if text in SIGNS:
        return SIGNS[text]
    if text.upper() in CODES:
        return text.upper()
    # US$, R$ and kin.
    if text and category(text[-1]) == "Sc" and re.fullmatch("[A-Za-z]{0,3}", text[:-1]):
        return text
    return WORDS.get(text.casefold())


def has_thousandths(currency: str | None) -> bool:
    """Tell whether amounts of a currency usually have three digits behind the decimal mark."""
    return currency in _OF_THOUSANDTHS
