"""A message of format v0 or v1; in a compressed one, the wrapper, the messages inside."""

from __future__ import annotations

from .batch import BatchExplainer


class MessageExplainer(BatchExplainer):
    """Explains one entry of these formats."""
