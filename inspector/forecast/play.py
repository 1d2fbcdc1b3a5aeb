"""What all steps of a partition's loading share: the picture of its folder, its segments, and what has been done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ..text_files import EpochEntry
from .actions import Action
from .epochs import Epochs
from .folder import LOG, SNAPSHOT, Folder, stem
from .losses import Losses
from .producers import Producers, Written
from .segments import SimSegment
from .settings import Settings
from .versions import Rules


class Checkpoints(NamedTuple):
    """What the log directory's files say of a partition."""

    recovery_point: int = 0
    log_start_offset: int = 0


@dataclass(slots=True)
class Loaded:
    """The log after a start. epochs: of its leader-epoch-checkpoint. folder: its files. topic_id: None without one.

    scanned_bytes: how much is read to its end. entries: of the indexes that were built anew, by file.
    """

    folder: Folder
    log_start_offset: int = 0
    log_end_offset: int = 0
    epochs: tuple[EpochEntry, ...] = ()
    actions: list[Action] = field(default_factory=list)
    scanned_bytes: int = 0
    entries: dict[str, int] = field(default_factory=dict)
    topic_id: str | None = None


@dataclass
class Play:
    """One partition. was_clean: the marker of a clean stop was there. now: when the start is, epoch milliseconds."""

    folder: Folder
    checkpoints: Checkpoints
    was_clean: bool
    settings: Settings
    rules: Rules
    now: int
    losses: Losses
    segments: dict[int, SimSegment] = field(default_factory=dict)
    epochs: Epochs = field(default_factory=Epochs)
    written: Written = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.done = Loaded(self.folder)
        self.producers: Producers | None = None

    # -- what is told

    def act(self, kind: str, file: str = "", **more: object) -> None:
        """Notes one action."""
        self.done.actions.append(Action(kind, file, **more))  # type: ignore[arg-type]

    def refuse(self, words: str, file: str = "", position: int | None = None) -> None:
        """Notes that the broker goes no further than this."""
        self.act("refuse", file, position=position, words=words)

    def report(self, producers: Producers) -> None:
        """Notes what became of the snapshots since it was last asked."""
        for name, why in producers.deleted:
            kind = "delete-bad-snapshot" if why == "corrupt" else "delete-snapshot"
            self.act(kind, name, words=why)
        for offset in producers.written:
            self.act("write-snapshot", stem(offset) + SNAPSHOT, first_offset=offset)
        producers.deleted, producers.written = [], []

    # -- what is done to files

    def delete(self, name: str, kind: str, words: str) -> None:
        """Deletes a file that is no segment's."""
        self.act(kind, self.folder.shown(name), position=0, end=self.folder.size(name), words=words)
        self.folder.delete(name)

    def drop_snapshot(self, offset: int) -> None:
        """Deletes the snapshot of a segment that goes."""
        if self.producers is not None and self.producers.snapshots.pop(offset, None) is not None:
            self.folder.delete(stem(offset) + SNAPSHOT)

    # -- segments

    def segment(self, base_offset: int, suffix: str = "") -> SimSegment:
        """A segment by its base offset, not yet among the others."""
        return SimSegment(self.folder, base_offset, self.settings, self.rules, suffix)

    def shown(self, segment: SimSegment) -> str:
        """The name of its log on the disk."""
        return self.folder.shown(segment.name(LOG))

    @property
    def last(self) -> SimSegment:
        """The one that is appended to."""
        return self.segments[max(self.segments)]

    def segments_from(self, offset: int, before: int | None = None) -> list[SimSegment]:
        """From the one that may hold an offset on, those that begin before another."""
        floor = max((base for base in self.segments if base <= offset), default=None)
        return [
            self.segments[base]
            for base in sorted(self.segments)
            if (floor is None or base >= floor) and (before is None or base < before)
        ]

    # -- producers

    def new_producers(self) -> Producers:
        """Knows nobody yet, but the snapshots there are."""
        return Producers(self.folder, self.now, self.settings.expires_after, self.written)
