"""What may be shown of a stranger's text: no secret of a URL, nothing that moves a cursor."""

import re
from unicodedata import category
from urllib.parse import unquote, unquote_plus

LONGEST = 500
_LONGEST_WORD = 200
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")

_HIDDEN = "***"
# A shorter part is hidden only where it stands alone: a user called u is no letter of a word.
_LONG_ENOUGH = 4
_SCHEME = r"[A-Za-z][\w+.-]+"
# What is read as one is shown only if no reader could take a part of it for a password.
_SAFE = re.compile(
    rf"({_SCHEME}://)(?:[^@/?]*@)?([\w.-]*|\[[\da-fA-F:.]+\])(?::\d*)?(/[\w.,/ ~-]*)?(?:\?[^@]*)?"
)
# The URL of an object in a store: credentials stand nowhere in it.
_OBJECT = re.compile(r"(?:s3a?|gs|gcs|az|abfss?)://[\w.-]+(?:/[^\s@?;:'\"`&]*)?", re.IGNORECASE)
_HINT = r"(?<!\w)\w*(?:pass(?:word|wd|code|phrase)?|pwd|token|secret|credentials?|_key|apikey)="
# A quote is the end of a word where no letter follows.
_REST = r"(?:[^\s'\"`]|['\"`](?![\s;,.:)]|$))*"
# To the last @, spaces and all: a password may hold anything.
_URL = re.compile(
    rf"(?<![\w+.-])[\w+.-]{{2,}}:/(?:.*@)?{_REST}"
    rf"|(?<![^\s'\"`]){_REST}(?::(?=\S)|//).*@{_REST}|{_HINT}{_REST}",
    re.DOTALL | re.IGNORECASE,
)
# What is looked through for URLs: the time for that grows faster than a text.
_LOOKED_AT = 3000


def show(text: object) -> str:
    """Write a text in one line, of 500 characters at most, that shows only what may be shown.

    URLs lose their secrets. What does not print (line breaks, escape sequences, marks that turn
    text around, halves of letters) is escaped as in Python. Of words and texts that are too long
    the middle is left out, and counted: advice stands at the end.
    """
    text = _shorten(_shorten_words(str(text)), _LOOKED_AT)
    return _shorten(_shorten_words(escape(_URL.sub(_show_found, text))), LONGEST)


def escape(text: str, keep: str = "") -> str:
    r"""Write what does not print as in Python: \n, \x1b, \u202e; `keep` stays as it is."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in keep or category(c) == "Zs" else repr(c)[1:-1] for c in text
    )


def looks_like_url(text: str) -> bool:
    """Tell whether a text may be meant as a URL, or has a secret as a part of one has."""
    found = _URL.search(_shorten(text, _LOOKED_AT))
    return found is not None or "@" in text.partition(":")[2]


def show_url(text: str) -> str:
    """Show of a URL product, host and database; nothing of one that can be read in two ways."""
    if _OBJECT.fullmatch(text):
        return text
    found = _SAFE.fullmatch(text)
    return "".join(part or "" for part in found.groups()) if found else "the URL"


def hide_url(said: str, url: str) -> str:
    """Put *** for all that a driver repeats of a URL, but what may be shown of it."""
    shown = show_url(url)
    parts: set[str] = set()
    for text in (url, unquote(url), unquote_plus(url)):
        said = said.replace(text, shown)
        rest = text.partition("://")[2]
        parts |= {*re.split(r"[/@?&]", rest), *re.split(r"[:/@?&=;#,\s]+", rest)}
        for user in (rest.partition("@")[0], rest.rpartition("@")[0]):
            parts.add(user.partition(":")[2])  # a password, whole, whatever marks it has
    parts -= {"", *re.split(r"[:/]+", shown), *re.findall(r"[?&;]([a-z_]+)=", url)}
    for part in sorted(parts, key=len, reverse=True):
        ends = r"(?<!\w){}(?!\w)" if len(part) < _LONG_ENOUGH else "{}"
        said = re.sub(ends.format(re.escape(part)), _HIDDEN, said)
    return said


def _show_found(found: re.Match[str]) -> str:
    text = found[0].rstrip(".,:;?)")
    name, is_secret, _ = text.partition("=")
    if is_secret and name.replace("_", "").isalnum():
        shown = f"{name}={_HIDDEN}"
    else:  # a scheme alone is no URL
        shown = text if re.fullmatch(rf"{_SCHEME}://", text) else show_url(text)
    return shown + found[0][len(text) :]


def _shorten_words(text: str) -> str:
    return _LONG_WORD.sub(lambda word: _shorten(word[0], _LONGEST_WORD), text)


def _shorten(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    kept = longest - 40
    end = kept // 3
    # Without a space: what is left of a URL stays one word.
    return f"{text[: kept - end]}...[{len(text) - kept:,}-more-characters]...{text[-end:]}"
