"""Fixtures that every suite may use."""

from tests.providers.fixtures import providers

__all__ = ["providers"]
