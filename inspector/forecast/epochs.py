"""The leader epochs of a partition while its log is loaded, as `LeaderEpochFileCache` keeps them."""

from __future__ import annotations

from collections.abc import Iterable

from ..text_files import EpochEntry


class Epochs:
    """Entries by epoch, ascending. changed: the file will be written anew."""

    def __init__(self, entries: Iterable[EpochEntry] = ()) -> None:
        self.entries: list[EpochEntry] = []
        self.changed = False
        for entry in entries:
            self._take(entry)
        self.changed = False

    @property
    def latest(self) -> int | None:
        """The greatest epoch, None without entries."""
        return self.entries[-1].epoch if self.entries else None

    def assign(self, epoch: int, start_offset: int) -> None:
        """What a batch of a newer epoch adds."""
        if epoch >= 0 and (self.latest is None or epoch > self.latest):
            self._take(EpochEntry(epoch, start_offset))

    def _take(self, new: EpochEntry) -> None:
        last = self.entries[-1] if self.entries else None
        if last is not None and new.epoch == last.epoch and new.start_offset >= last.start_offset:
            return
        while self.entries and self._conflicts(self.entries[-1], new):
            self.entries.pop()
        self.entries.append(new)
        self.changed = True

    @staticmethod
    def _conflicts(old: EpochEntry, new: EpochEntry) -> bool:
        return old.epoch >= new.epoch or old.start_offset >= new.start_offset

    def truncate_from_end(self, end_offset: int) -> None:
        """Entries that begin at or beyond the end of the log go."""
        while end_offset >= 0 and self.entries and self.entries[-1].start_offset >= end_offset:
            self.entries.pop()
            self.changed = True

    def truncate_from_start(self, start_offset: int) -> None:
        """Entries that begin at or before the start go, but the last of them, which is moved there."""
        before = next((n for n, one in enumerate(self.entries) if one.start_offset > start_offset), len(self.entries))
        if before:
            moved = EpochEntry(self.entries[before - 1].epoch, start_offset)
            self.changed |= moved != self.entries[before - 1] or before > 1
            self.entries[:before] = [moved]

    def clear(self) -> None:
        """All go."""
        self.changed |= bool(self.entries)
        self.entries = []
