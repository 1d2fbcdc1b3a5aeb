"""The loading of one partition, played through on paper: `LogLoader.load` and what `UnifiedLog` does behind it.

What a start would do is collected as actions; the folder afterwards is what the disk would look like. Files that Kafka
renames to `.deleted` and removes a minute later are gone here at once.
"""

from __future__ import annotations

from ..words import counted
from .checkpoints import read_epochs, read_topic_id
from .epochs import Epochs
from .folder import INDEX, INDEXES, LOG, TIME_INDEX, offset_of, stem
from .leftovers import finish_leftovers
from .play import Loaded, Play
from .replay import look_up_unstable, rebuild, remove_stray_snapshots
from .scanning import end_offset, recover_segment, recover_unflushed
from .splitting import retried
from .walk import RefusedError

MOST_FILE_SIZE = 2**31 - 1
METADATA_FILE = "partition.metadata"
EPOCH_FILE = "leader-epoch-checkpoint"


def load(play: Play) -> Loaded:
    """All of it. Raises RefusedError or Offline where the broker would go no further; `play.done` has what came before.

    CorruptError and InvalidRecordError are refusals too: damage where Kafka expects none.
    """
    play.epochs = Epochs(read_epochs(play.folder.path / EPOCH_FILE))
    if EPOCH_FILE not in play.folder:
        play.folder.write(EPOCH_FILE, 0)
    producers = play.producers = play.new_producers()
    finish_leftovers(play)
    retried(play, _load_segment_files)
    end = _end_of_deleted(play) if play.folder.path.name.endswith("-delete") else _recover(play)
    play.epochs.truncate_from_end(end)
    start = max(play.checkpoints.log_start_offset, min(play.segments))
    play.epochs.truncate_from_start(play.checkpoints.log_start_offset)
    remove_stray_snapshots(play, producers)
    rebuild(play, producers, start, end, is_last=True)
    look_up_unstable(play, producers, start, end)
    play.done.topic_id = read_topic_id(play.folder.path / METADATA_FILE, play.rules.reads_newer_metadata)
    play.report(producers)
    return _finished(play, start, end)


def _finished(play: Play, start: int, end: int) -> Loaded:
    if play.epochs.changed:
        words = counted(len(play.epochs.entries), "leader epoch", "leader epochs")
        play.act("rewrite-epochs", EPOCH_FILE, becomes=len(play.epochs.entries), words=words)
    play.done.log_start_offset, play.done.log_end_offset = start, end
    play.done.epochs = tuple(play.epochs.entries)
    play.done.entries = {
        segment.name(kind): count
        for segment in play.segments.values()
        if (scanned := segment.scanned) is not None and not scanned.emptied
        for kind, count in ((INDEX, scanned.offsets), (TIME_INDEX, scanned.times))
    }
    return play.done


def _load_segment_files(play: Play) -> None:
    play.segments = {}
    for name in play.folder.names():
        if name not in play.folder:
            continue
        if name.endswith(INDEXES):
            if stem(offset_of(name)) + LOG not in play.folder:
                play.delete(name, "delete-orphan", "an index without its log")
        elif name.endswith(LOG):
            _load_segment(play, name)


def _load_segment(play: Play, name: str) -> None:
    segment = play.segment(offset_of(name))
    if segment.name(LOG) not in play.folder:
        play.folder.write(segment.name(LOG), 0)
    if segment.size > MOST_FILE_SIZE:
        raise RefusedError("a log of more than 2^31-1 bytes", name)
    why = _why_to_scan(play, name)
    if why:
        recover_segment(play, segment, "scan-missing-index", why)
    play.segments[segment.base_offset] = segment


def _why_to_scan(play: Play, name: str) -> str | None:
    """Why a segment is scanned however the broker was stopped; None where it is not."""
    segment = play.segment(offset_of(name))
    if segment.name(INDEX) not in play.folder:
        return "its .index is missing"
    if segment.name(TIME_INDEX) not in play.folder:
        play.folder.write(segment.name(TIME_INDEX), 0)
        play.act("create-index", segment.name(TIME_INDEX), becomes=0, words="an empty time index")
    return segment.check_txn_index()


def _recover(play: Play) -> int:
    """What `recoverLog` does; the log end offset."""
    if not play.was_clean:
        retried(play, recover_unflushed)
    end = end_offset(play)
    if end is None:
        end = _create(play)
    play.last.resize_indexes()
    return end


def _create(play: Play) -> int:
    start = play.checkpoints.log_start_offset
    segment = play.segment(start)
    size = play.settings.segment_bytes if play.settings.preallocate else 0
    play.folder.write(segment.name(LOG), size)
    play.segments = {start: segment}
    play.act("create-segment", segment.name(LOG), first_offset=start, becomes=size, words="there is none")
    return start


def _end_of_deleted(play: Play) -> int:
    """A directory that is to be removed is loaded too, and nothing in it scanned."""
    if not play.segments:
        play.segments = {0: play.segment(0)}
        play.folder.write(stem(0) + LOG, 0)
    return 0
