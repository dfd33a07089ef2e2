"""How figures and dates stand in texts for Danish readers."""

from datetime import date


def danish_number(value: float, decimals: int = 2) -> str:
    """``1234.5`` → ``1.234,5``; decimals that are nought are left out."""
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.translate(str.maketrans(",.", ".,"))


def danish_date(value: date) -> str:
    """``2026-11-24`` → ``24-11-2026``."""
    return value.strftime("%d-%m-%Y")
