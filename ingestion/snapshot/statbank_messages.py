"""StatBank's refusals in both languages.

The Danish words are recorded from the provider; the English ones are translations.
"""


class StatBankError(Exception):
    """A refusal: its code, its words in Danish and English, and the status."""

    def __init__(self, code: str, danish: str, english: str, status: int = 400) -> None:
        super().__init__(english)
        self.code = code
        self.danish = danish
        self.english = english
        self.status = status

    def text(self, language: str) -> str:
        """The words in ``da`` or ``en``."""
        return self.danish if language == "da" else self.english


def not_json() -> StatBankError:
    """The body cannot be read; StatBank says so in both languages at once."""
    text = "Medsend gyldigt JSON-objekt når der postes. / Supply valid JSON-object when posting."
    return StatBankError("REQUEST-EMPTY", text, text)


def no_such_page() -> StatBankError:
    """The path does not exist; StatBank says so in both languages at once."""
    text = "Siden kan ikke findes. / Page not found."
    return StatBankError("REQUEST-NOTFOUND", text, text, status=404)


def format_missing() -> StatBankError:
    """No format, or none that is offered."""
    return StatBankError(
        "REQUEST-MISSING",
        "Format ikke angivet, eller ikke gyldigt.",
        "Format not specified, or not valid.",
    )


def table_missing() -> StatBankError:
    """No table is named."""
    return StatBankError(
        "REQUEST-MISSING", "Der er ikke angivet nogen tabel-id.", "No table id specified."
    )


def table_not_found(table: str) -> StatBankError:
    """The table does not exist."""
    return StatBankError(
        "EXTRACT-NOTFOUND", f"Tabel findes ikke: {table}", f"Table does not exist: {table}"
    )


def variable_not_found(variable: str) -> StatBankError:
    """The table has no such variable."""
    return StatBankError(
        "EXTRACT-NOTFOUND",
        f"Kan ikke finde variablen: {variable}",
        f"Cannot find the variable: {variable}",
    )


def value_not_found(value: str, variable: str) -> StatBankError:
    """The variable has no such value."""
    return StatBankError(
        "EXTRACT-NOTFOUND",
        f"Kan ikke finde værdien: {value} ({variable})",
        f"Cannot find the value: {value} ({variable})",
    )


def values_required(variable: str) -> StatBankError:
    """A variable that must be named was left out."""
    return StatBankError(
        "EXTRACT-NOTALLOWED",
        f"Der skal vælges værdier for variabel: {variable}",
        f"Values must be selected for variable: {variable}",
    )


def time_order_refused() -> StatBankError:
    """Streamed formats cannot be sorted by time."""
    return StatBankError(
        "EXTRACT-STREAMINGTIMESORT",
        "Der kan ikke vælges sortering af tid for streamede formater.",
        "Sorting of time cannot be selected for streamed formats.",
    )


def too_many_cells(cells: int, limit: int) -> StatBankError:
    """The answer would be over the limit of its format."""
    danish, danish_limit = (f"{number:,}".replace(",", ".") for number in (cells, limit))
    return StatBankError(
        "REQUEST-LIMIT",
        f"Forespørgslen på op mod {danish} celler er over begrænsningen på {danish_limit} celler"
        " for denne filtype. Anvend BULK eller andet streaming format i stedet.",
        f"The request for up to {cells:,} cells is over the limit of {limit:,} cells"
        " for this file type. Use BULK or another streaming format instead.",
    )
