"""What can go wrong for a user: one class per thing they can act on."""

from collections.abc import Iterable

from leadweights.errors.shown import show


class LeadweightsError(Exception):
    """Say in one line what is wrong, where, and what would do; a URL's secrets are not in it.

    `details` are lines of the same kind, one for each of several things that are wrong: a command
    prints them before the message.
    """

    def __init__(self, message: object = "", details: Iterable[object] = ()) -> None:
        super().__init__(show(message))
        self.details = tuple(map(show, details))

    @property
    def __context__(self) -> BaseException | None:
        """Give no error that is not to be shown: it may repeat what is hidden here."""
        return None if self.__suppress_context__ else super().__context__

    @__context__.setter
    def __context__(self, other: BaseException | None) -> None:
        BaseException.__context__.__set__(self, other)  # type: ignore[union-attr]


class TableError(LeadweightsError):
    """The table of leads cannot be used as it is: mend the data or name other columns."""


class DictionaryError(LeadweightsError):
    """The feature dictionary says something that cannot be true: mend the TOML file."""


class PlanError(LeadweightsError):
    """The plan of decisions says something that cannot be true: mend the TOML file."""


class GatesError(LeadweightsError):
    """The gates of a challenge say something that cannot be true: mend the TOML file."""


class ModelError(LeadweightsError):
    """The model is not one: a damaged, newer or impossible model file."""


class UnsupportedError(LeadweightsError):
    """The request has no correct answer: another dialect, name, column or setting is needed."""


class EngineError(LeadweightsError):
    """An engine refused or broke off a query."""


class StoreError(LeadweightsError):
    """The store cannot be used, or not so: it is locked, read-only, another, or has moved on."""


class TokenError(LeadweightsError):
    """The file of tokens says something that cannot be, or a token's name or role is none."""


class CloudError(LeadweightsError):
    """A file in the cloud cannot be looked at: the store refuses, is busy or breaks off."""


class UnheldError(EngineError):
    """A SQL engine cannot hold a table: it has no such type, or no such values."""


class ParityError(LeadweightsError):
    """SQL and Python disagree: nothing may be written or shipped."""


class OutputError(LeadweightsError):
    """A result cannot be written: choose another place or free this one."""
