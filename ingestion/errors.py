"""What can go wrong between a provider and the accepted table, each with its own code.

Every error carries a stable ``code``, a message that names the place, and a hint that says what
to do next. ``state`` is the word readers see for the source afterwards.
"""

from typing import ClassVar


class SourceError(Exception):
    """A source could not deliver an acceptable release; other sources are not affected."""

    state: ClassVar[str] = "failed"

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.rows_refused = 0

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NotConfiguredError(SourceError):
    """A key or address that only the operator can supply is missing."""

    state: ClassVar[str] = "not_configured"


class ProviderError(SourceError):
    """The provider could not be reached, or refused the request; its own words are kept."""


class BudgetSpentError(ProviderError):
    """The provider has been asked as often as it may be today."""


class NotAskedError(ProviderError):
    """The provider was not asked, because it has not answered lately."""


class AnswerError(SourceError):
    """The provider answered, but the answer cannot be trusted; it is kept in quarantine."""

    state: ClassVar[str] = "quarantined"


class HeldReleaseError(AnswerError):
    """The answer can be read, but it has changed in a way that a person must look at first."""

    state: ClassVar[str] = "held"


class DeclarationError(ValueError):
    """A source declaration is wrong; the message names the file and the field to edit."""
