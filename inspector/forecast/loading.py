"""The loading of one partition, played through on paper: `LogLoader.load` and what it calls, in its order.

What a start would do is collected as actions; the folder afterwards is what the disk would look like. Files that Kafka
renames to `.deleted` and removes a minute later are gone here at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ..text_files import EpochEntry
from .actions import Action
from .checkpoints import check_partition_metadata, read_epochs
from .epochs import Epochs
from .folder import (
    CLEANED,
    DELETED,
    INDEX,
    INDEXES,
    KRAFT_DELETED,
    LOG,
    SNAPSHOT,
    SWAP,
    TIME_INDEX,
    Folder,
    SimFile,
    offset_of,
    offset_or_none,
    stem,
)
from .indexes import MAX_RELATIVE, InvalidOffsetError
from .losses import Losses
from .producers import Producers, Written
from .segments import OverflowError, SimSegment
from .settings import Settings
from .versions import Rules
from .walk import RefusedError

MOST_FILE_SIZE = 2**31 - 1
METADATA_FILE = "partition.metadata"
EPOCH_FILE = "leader-epoch-checkpoint"


class Checkpoints(NamedTuple):
    """What the log directory's files say of a partition."""

    recovery_point: int = 0
    log_start_offset: int = 0


@dataclass(slots=True)
class Loaded:
    """The log after a start. epochs: of its leader-epoch-checkpoint. folder: its files.

    scanned_bytes: how much is read to its end. entries: of the indexes that were built anew, by file.
    """

    folder: Folder
    log_start_offset: int = 0
    log_end_offset: int = 0
    epochs: tuple[EpochEntry, ...] = ()
    actions: list[Action] = field(default_factory=list)
    scanned_bytes: int = 0
    entries: dict[str, int] = field(default_factory=dict)


class Loader:
    """One partition. was_clean: the marker of a clean stop was there. now: when the start is, epoch milliseconds."""

    def __init__(
        self, folder: Folder, checkpoints: Checkpoints, was_clean: bool, settings: Settings, rules: Rules, now: int,
        losses: Losses,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.checkpoints = checkpoints
        self.was_clean = was_clean
        self.settings = settings
        self.rules = rules
        self.now = now
        self.losses = losses
        self.is_deleted = folder.path.name.endswith("-delete")
        self.segments: dict[int, SimSegment] = {}
        self.done = Loaded(folder)
        self._written: Written = {}

    def load(self) -> Loaded:
        """Everything. Raises RefusedError or Offline where the broker would go no further; `done` has what came before."""
        self.epochs = Epochs(read_epochs(self.folder.path / EPOCH_FILE))
        if EPOCH_FILE not in self.folder:
            self.folder.write(EPOCH_FILE, 0)
        self.producers = self._new_producers()
        self._finish_swaps(self._remove_temporary())
        self._retried(self._load_segment_files)
        end = self._load_deleted() if self.is_deleted else self._recover()
        self.epochs.truncate_from_end(end)
        start = max(self.checkpoints.log_start_offset, min(self.segments))
        self.epochs.truncate_from_start(self.checkpoints.log_start_offset)
        self._remove_stray_snapshots()
        self._rebuild_producers(self.producers, start, end, is_last=True)
        self._look_up_unstable(start, end)
        check_partition_metadata(self.folder.path / METADATA_FILE, self.rules.reads_newer_metadata)
        return self._finished(start, end)

    def refuse(self, words: str, file: str = "", position: int | None = None) -> None:
        """Notes that the broker goes no further than this."""
        self._act("refuse", file, position=position, words=words)

    def _look_up_unstable(self, start: int, end: int) -> None:
        """Where the first unstable offset lies is looked up at once, and damage before it is fatal."""
        unstable = self.producers.first_unstable
        if unstable is None or max(unstable, start) == end:
            return
        offset = max(unstable, start)
        if offset > end or offset < min(self.segments):
            if self.rules.forgives_unstable:
                return
            raise RefusedError(f"an open transaction from offset {offset} on, outside the log")
        for segment in self._segments_from(offset):
            if segment.position_of(offset) is not None:
                return

    def _finished(self, start: int, end: int) -> Loaded:
        self._report_producers(self.producers)
        if self.epochs.changed:
            words = f"{len(self.epochs.entries)} leader epochs"
            self._act("rewrite-epochs", EPOCH_FILE, becomes=len(self.epochs.entries), words=words)
        self.done.log_start_offset, self.done.log_end_offset = start, end
        self.done.entries = {
            segment.name(kind): count
            for segment in self.segments.values()
            if (scanned := segment.scanned) is not None and not scanned.emptied
            for kind, count in ((INDEX, scanned.offsets), (TIME_INDEX, scanned.times))
        }
        self.done.epochs = tuple(self.epochs.entries)
        return self.done

    def _act(self, kind: str, file: str = "", **more: object) -> None:
        self.done.actions.append(Action(kind, file, **more))  # type: ignore[arg-type]

    def _new_producers(self) -> Producers:
        return Producers(self.folder, self.now, self.settings.expires_after, self._written)

    def _report_producers(self, producers: Producers) -> None:
        for name, why in producers.deleted:
            kind = "delete-bad-snapshot" if why == "corrupt" else "delete-snapshot"
            self._act(kind, name, words=why)
        for offset in producers.written:
            self._act("write-snapshot", stem(offset) + SNAPSHOT, first_offset=offset)
        producers.deleted, producers.written = [], []

    # -- what interrupted work left behind

    def _remove_temporary(self) -> list[str]:
        """Deletes what was being deleted or written; the swap files that count."""
        for name in self.folder.names(DELETED):
            if not name.endswith(KRAFT_DELETED):
                self._delete(name, "delete-file", "it was being deleted")
        cleaned = self.folder.names(CLEANED)
        least = min((offset_of(name) for name in cleaned), default=None)
        swaps = self.folder.names(SWAP)
        split = [name for name in swaps if least is not None and offset_of(name) >= least]
        for name in split:
            self._delete(name, "delete-file", "half of a replacement: a .cleaned file of no greater offset is there")
        for name in cleaned:
            self._delete(name, "delete-file", "what the cleaner, or a split, had not finished")
        return [name for name in swaps if name not in split]

    def _delete(self, name: str, kind: str, words: str) -> None:
        self._act(kind, self.folder.shown(name), position=0, end=self.folder.size(name), words=words)
        self.folder.delete(name)

    def _finish_swaps(self, swaps: list[str]) -> None:
        first, behind = None, None
        for name in swaps:
            if name.endswith(LOG + SWAP):
                segment = SimSegment(self.folder, offset_of(name), self.settings, self.rules, SWAP)
                first = segment.base_offset if first is None else min(first, segment.base_offset)
                behind = segment.next_offset if behind is None else max(behind, segment.next_offset)
        if first is not None and behind is not None:
            self._delete_replaced(first, behind)
        for name in self.folder.names(SWAP):
            self._act("finish-swap", self.folder.shown(name), words="put in its place")
            self.folder.rename(name, name.removesuffix(SWAP))

    def _delete_replaced(self, first: int, behind: int) -> None:
        for name in self.folder.names():
            offset = None if name.endswith(SWAP) else offset_or_none(name)
            if offset is not None and first <= offset < behind:
                self._delete(name, "delete-replaced", f"replaced by the swap of offsets {first} to {behind - 1}")

    # -- the segments

    def _retried(self, step: Callable[[], None]) -> None:
        """Runs a step again for each segment that has to be split."""
        while True:
            try:
                step()
            except OverflowError as overflow:
                self._split(overflow)
            else:
                return

    def _load_segment_files(self) -> None:
        self.segments = {}
        for name in self.folder.names():
            if name not in self.folder:
                continue
            if name.endswith(INDEXES):
                if stem(offset_of(name)) + LOG not in self.folder:
                    self._delete(name, "delete-orphan", "an index without its log")
            elif name.endswith(LOG):
                self._load_segment(name)

    def _load_segment(self, name: str) -> None:
        segment = SimSegment(self.folder, offset_of(name), self.settings, self.rules)
        if segment.name(LOG) not in self.folder:
            self.folder.write(segment.name(LOG), 0)
        if segment.size > MOST_FILE_SIZE:
            raise RefusedError("a log of more than 2^31-1 bytes", name)
        if segment.name(INDEX) not in self.folder:
            self._recover_segment(segment, "scan-missing-index", "its .index is missing")
        else:
            if segment.name(TIME_INDEX) not in self.folder:
                self.folder.write(segment.name(TIME_INDEX), 0)
                self._act("create-index", segment.name(TIME_INDEX), becomes=0, words="an empty time index")
            why = segment.check_txn_index()
            if why:
                self._recover_segment(segment, "scan-missing-index", why)
        self.segments[segment.base_offset] = segment

    def _recover_segment(self, segment: SimSegment, kind: str, words: str) -> int:
        """Scans one segment, and cuts it. How many bytes were cut off."""
        size = segment.size
        self._act(kind, self.folder.shown(segment.name(LOG)), position=0, end=size, words=words)
        self.done.scanned_bytes += size
        producers = self._new_producers()
        self._rebuild_producers(producers, self.checkpoints.log_start_offset, segment.base_offset)
        try:
            scanned = segment.recover(producers, self.epochs)
        except RefusedError as refused:
            raise RefusedError(refused.why, self.folder.shown(segment.name(LOG)), refused.position) from refused
        if scanned.truncated:
            self._tell_cut(segment, scanned.valid, size, scanned.next_offset, scanned.why)
        words = f"{scanned.offsets} entries in .index, {scanned.times} in .timeindex"
        self._act("rebuild-indexes", segment.name(INDEX), becomes=scanned.offsets, words=words)
        producers.take_snapshot()
        self._report_producers(producers)
        return scanned.truncated

    def _tell_cut(self, segment: SimSegment, position: int, size: int, offset: int, why: str) -> None:
        lost = self.losses.behind(segment, position, size, offset - 1)
        self._act(
            "truncate", self.folder.shown(segment.name(LOG)), position=position, end=size, first_offset=offset,
            last_offset=lost.last_offset, batches=lost.batches, intact=lost.intact, becomes=position, words=why,
        )  # fmt: skip

    def _recover(self) -> int:
        """What `recoverLog` does; the log end offset."""
        if not self.was_clean:
            self._retried(self._recover_unflushed)
        end = self._end_offset()
        if end is None:
            end = self._create()
        self._last.resize_indexes()
        return end

    def _load_deleted(self) -> int:
        """A directory that is to be removed is loaded too, and nothing in it scanned."""
        if not self.segments:
            self.segments = {0: SimSegment(self.folder, 0, self.settings, self.rules)}
            self.folder.write(stem(0) + LOG, 0)
        return 0

    def _create(self) -> int:
        start = self.checkpoints.log_start_offset
        segment = SimSegment(self.folder, start, self.settings, self.rules)
        size = self.settings.segment_bytes if self.settings.preallocate else 0
        self.folder.write(segment.name(LOG), size)
        self.segments = {start: segment}
        self._act("create-segment", segment.name(LOG), first_offset=start, becomes=size, words="there is none")
        return start

    def _recover_unflushed(self) -> None:
        left = self._segments_from(self.checkpoints.recovery_point)
        while left:
            segment = left.pop(0)
            words = f"from the recovery point {self.checkpoints.recovery_point} on"
            try:
                cut = self._recover_segment(segment, "scan", words)
            except InvalidOffsetError:
                cut = self._empty(segment)
            if cut:
                for behind in left:
                    self._drop(behind, "it lies behind a cut")
                return

    def _empty(self, segment: SimSegment) -> int:
        size = segment.size
        cut = segment.empty()
        lost = self.losses.behind(segment, size - cut, size, segment.base_offset - 1)
        self._act(
            "empty-segment", self.folder.shown(segment.name(LOG)), position=size - cut, end=size,
            first_offset=segment.base_offset, last_offset=lost.last_offset, batches=lost.batches, intact=lost.intact,
            becomes=size - cut, words="offsets that go back while its index is built",
        )  # fmt: skip
        return cut

    def _drop(self, segment: SimSegment, words: str, kind: str = "delete-segment") -> None:
        lost = self.losses.behind(segment, 0, segment.size, segment.base_offset - 1)
        self._act(
            kind, self.folder.shown(segment.name(LOG)), position=0, end=segment.size,
            first_offset=segment.base_offset, last_offset=lost.last_offset, batches=lost.batches, intact=lost.intact,
            words=words,
        )  # fmt: skip
        for suffix in (LOG, *INDEXES):
            self.folder.delete(segment.name(suffix))
        del self.segments[segment.base_offset]
        self._drop_snapshot(segment.base_offset)

    def _drop_snapshot(self, offset: int) -> None:
        if self.producers.snapshots.pop(offset, None) is not None:
            self.folder.delete(stem(offset) + SNAPSHOT)

    def _end_offset(self) -> int | None:
        """Where the log ends; None where it holds no segment, or ends before it begins and is deleted for that."""
        if not self.segments:
            return None
        end = self._last.next_offset
        start = self.checkpoints.log_start_offset
        if end >= start:
            return end
        for segment in list(self.segments.values()):
            self._drop(segment, f"the log ends at {end}, before its log start offset {start}", "delete-all-segments")
        self.epochs.clear()
        self.producers.forget_all(start)
        return None

    @property
    def _last(self) -> SimSegment:
        return self.segments[max(self.segments)]

    def _segments_from(self, offset: int, before: int | None = None) -> list[SimSegment]:
        """From the one that may hold an offset on, those that begin before another."""
        floor = max((base for base in self.segments if base <= offset), default=None)
        return [
            self.segments[base]
            for base in sorted(self.segments)
            if (floor is None or base >= floor) and (before is None or base < before)
        ]

    def _split(self, overflow: OverflowError) -> None:
        """Kafka splits a segment whose last offset its indexes cannot hold; it gives up where another offset is odd."""
        segment = overflow.segment
        file = self.folder.shown(segment.name(LOG))
        end = segment.end_by_walking()
        if end <= segment.base_offset or 0 <= end - 1 - segment.base_offset <= MAX_RELATIVE:
            raise RefusedError("a batch with an offset that does not belong into its segment", file, overflow.position)
        parts = [(self._first_offset(segment, base, start), start, end) for base, start, end in segment.parts()]
        if [(base, stop) for base, _, stop in parts] == [(segment.base_offset, segment.size)]:
            raise RefusedError("a segment that is split for ever, into itself", file, overflow.position)
        words = f"its offsets do not fit into its indexes: {len(parts)} segments instead"
        self._act("split-segment", file, position=0, end=segment.size, becomes=len(parts), words=words)
        self._replace(segment, parts)

    def _first_offset(self, segment: SimSegment, base: int, start: int) -> int:
        file = self.folder.files[segment.name(LOG)]
        told = self.losses.base_offset(self.folder, file.on_disk, file.start + start) if file.on_disk else None
        return base if told is None else told

    def _replace(self, segment: SimSegment, parts: list[tuple[int, int, int]]) -> None:
        whole = self.folder.files[segment.name(LOG)]
        for suffix in (LOG, *INDEXES):
            self.folder.delete(segment.name(suffix))
        self.segments.pop(segment.base_offset, None)
        if segment.base_offset not in (base for base, *_ in parts):
            self._drop_snapshot(segment.base_offset)
        for base, start, end in parts:
            part = SimSegment(self.folder, base, self.settings, self.rules)
            self.folder.files[part.name(LOG)] = SimFile(end - start, whole.on_disk, whole.start + start)
            self.folder.write(part.name(INDEX), 0)
            self.folder.write(part.name(TIME_INDEX), 0)
            self.segments[base] = part

    # -- producers

    def _remove_stray_snapshots(self) -> None:
        """Of the snapshots at no segment's start only the last survives, where it is behind the last segment's start."""
        self.producers.take_stock()
        strays = [offset for offset in sorted(self.producers.snapshots) if offset not in self.segments]
        for offset in strays[:-1]:
            self.producers.forget(offset, "at no segment's start")
        if strays and strays[-1] < max(self.segments):
            self.producers.forget(strays[-1], "at no segment's start")

    def _rebuild_producers(self, producers: Producers, start: int, end: int, is_last: bool = False) -> None:
        """`UnifiedLog.rebuildProducerState`: from the last good snapshot, and the log behind it."""
        kept_at = {*sorted(self.segments)[-2:], end}
        if is_last and self.was_clean and not producers.snapshots:
            for offset in sorted(kept_at):
                producers.map_end = offset
                producers.take_snapshot()
            return
        was_empty = not producers.known and producers.map_end >= end
        producers.truncate_and_reload(start, end)
        if end > producers.map_end and not was_empty:
            self._replay(producers, start, end, kept_at)
        producers.map_end = end
        producers.take_snapshot()

    def _replay(self, producers: Producers, start: int, end: int, kept_at: set[int]) -> None:
        holds_end = max((base for base in self.segments if base <= end), default=None)
        for segment in self._segments_from(producers.map_end, end):
            begin = max(segment.base_offset, producers.map_end, start)
            producers.map_end = begin
            if segment.base_offset in kept_at:
                producers.take_snapshot()
            upto = segment.size
            if segment.base_offset == holds_end:
                position = segment.position_of(end)
                upto = segment.size if position is None else position
            segment.load_producers(producers, begin, upto)
