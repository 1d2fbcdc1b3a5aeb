"""Kafka's dumps are rendered from what each engine reads."""

import pytest


@pytest.fixture(autouse=True)
def _on_each_engine(each_engine: str) -> None:
    """Every test here runs on both engines."""
