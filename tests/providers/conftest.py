"""Fixtures for the providers' own tests."""

from .fixtures import providers

__all__ = ["providers"]
