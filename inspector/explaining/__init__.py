"""Any file of a log directory, byte by byte: what each byte is, what it says, and how one comes to know."""

from .explain import explain
from .wanted import RECORDS_SHOWN, Wanted

__all__ = ["RECORDS_SHOWN", "Wanted", "explain"]
