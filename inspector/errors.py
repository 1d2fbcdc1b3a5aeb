"""What makes it impossible to go on, as exceptions. Damage is no exception: it is a finding (`findings.py`).

Every error says in one plain sentence what is wrong, and in `hint` what to do next.
"""

from __future__ import annotations

from .location import Location


class KinspectError(Exception):
    """Base of all errors of this library. `incomplete` tells that (part of) the input could not be read."""

    incomplete = True

    def __init__(self, message: str, *, location: Location | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.hint = hint


class PathNotFoundError(KinspectError):
    """The path given does not exist."""


class VanishedError(PathNotFoundError):
    """A file was deleted, or replaced by another, after a part of it was read."""


class AccessDeniedError(KinspectError):
    """The operating system refuses to let us read."""


class InputError(KinspectError):
    """Reading failed half-way (an I/O error, a device that went away)."""


class NotALogError(KinspectError):
    """The path given is no Kafka log directory, partition directory or segment."""


class NoPartitionsError(KinspectError):
    """The directory holds no topic-partition."""


class UnsupportedError(KinspectError):
    """Recognised, but not read yet."""


class EngineMissingError(UnsupportedError):
    """The native engine was not built here."""


class EngineBrokenError(UnsupportedError):
    """The native engine was built, and cannot be loaded."""


class NothingThereError(KinspectError):
    """A file has nothing at the place that was asked for. The answer is complete: there is none."""

    incomplete = False


class UnknownTopicError(KinspectError):
    """A topic pattern or partition that nothing on the disk matches. The answer is complete: there is none."""

    incomplete = False


class BrokerUnavailableError(KinspectError):
    """A lab could not reach its broker, or lost it."""


class LabRefusedError(KinspectError):
    """A lab refuses to run, for instance because its topic has another partition count."""


class OutputError(KinspectError):
    """A file that was to be made could not be written: no space left, a device that went away."""


class OutputRefusedError(KinspectError):
    """Nothing is written where something exists already, or below a directory that is read."""
