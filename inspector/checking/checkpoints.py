"""The broker's checkpoints of a partition against its log, each relation only as far as Kafka itself holds it.

A clean stop flushes every log and then writes recovery points and log starts (`LogManager.shutdown`), so the recovery
point is the log's end, and the high watermark lies between log start and end. Otherwise the checkpoints are older than
the log, by seconds or by a segment; they may be ahead of it only where its end was lost, or was copied earlier. A log
start beyond the end is worst: the broker then deletes all segments (`LogLoader`). A cleaner's offset beyond the end it
takes back to the log start (`LogCleanerManager.cleanableOffsets`). And a replica is the broker's own only under the
topic id that the cluster's metadata have (KIP-516; otherwise `LogManager.isStrayKraftReplica`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..broker_files import CLEANER_OFFSETS, RECOVERY_POINTS, REPLICATION_OFFSETS, Shutdown
from ..cluster_metadata import ClusterMetadata
from ..engine.chunk import Chunk
from ..findings import Finding
from ..listing import within
from ..location import Location
from ..partition import CLUSTER_METADATA, State
from ..segment import Role, Segment
from .log_end import LogEnd
from .rule import NOTHING, Around, Rule


class Checkpoints(Rule):
    """Waits for the end of the log, and compares."""

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._end = LogEnd(around)

    def begin(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Nothing of it was seen."""
        self._end.begin()
        return NOTHING

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """Only the last batch matters."""
        self._end.see(number, chunk)
        return NOTHING

    def end(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Only the last segment matters."""
        self._end.end(number, segment)
        return NOTHING

    def finish(self) -> Iterator[Finding]:
        """All of it."""
        if self._end.is_known and self._end.offset is not None:
            early = self._end.ends_early()
            yield from () if early is None else (early,)
            causes = (one for one in (early, self._end.cause) if one is not None)
            cause = next((one.as_cause for one in causes), None)
            for found in self._against_end(self._end.offset, early is not None):
                yield found.because(cause) if cause else found
        yield from self._topic_id()

    def _against_end(self, end: int, ends_early: bool) -> Iterator[Finding]:
        """ends_early: that the log ends too early was said already."""
        told = self.around.log.checkpointed
        is_clean = self.around.log.shutdown is Shutdown.CLEAN
        if told.log_start_offset is not None and told.log_start_offset > end:
            yield self._finding("log-start-beyond-end", told.log_start_offset, end)
        if is_clean and not ends_early:
            yield from self._after_clean_stop(end)
        elif not is_clean:
            yield from self._ahead(RECOVERY_POINTS, told.recovery_point, end)
            yield from self._ahead(REPLICATION_OFFSETS, told.high_watermark, end)
        yield from self._ahead(CLEANER_OFFSETS, self._cleaned(), end)

    def _after_clean_stop(self, end: int) -> Iterator[Finding]:
        told, start = self.around.log.checkpointed, self.around.log.log_start_offset
        if told.recovery_point is not None and told.recovery_point < end:
            yield self._finding("log-goes-on", told.recovery_point, end)
        if told.high_watermark is not None and start is not None and told.high_watermark < min(start, end):
            yield self._finding("high-watermark-below-log-start", start, told.high_watermark)

    def _ahead(self, name: str, offset: int | None, end: int) -> Iterator[Finding]:
        if offset is not None and offset > end:
            yield self._finding("checkpoint-beyond-log-end", f"{name} has offset {offset}", end)

    def _cleaned(self) -> int | None:
        log, rows = self.around.log, self.around.broker.cleaner_offsets
        if rows is None or log.topic is None or log.partition is None or log.state is not State.LIVE:
            return None
        return rows.get((log.topic, log.partition))

    def _finding(self, slug: str, expected: object, found: object) -> Finding:
        return Finding(slug, self._end.at, expected, found)

    # -- whose partition it is

    def _topic_id(self) -> Iterator[Finding]:
        log = self.around.log
        if log.topic in (None, CLUSTER_METADATA) or log.state is not State.LIVE or log.shutdown is Shutdown.RUNNING:
            return  # a running broker is ahead of what was listed
        cluster = self.around.cluster() if log.topic_id is not None else None
        if cluster is not None and cluster.is_whole and log.topic is not None and log.topic_id is not None:
            yield from self._against_metadata(cluster, log.topic, log.topic_id)

    def _against_metadata(self, cluster: ClusterMetadata, topic: str, topic_id: str) -> Iterator[Finding]:
        at = within(self.around.log.location(), Role.PARTITION_METADATA)
        told, node = cluster.topic_id(topic), self.around.broker.identity.node_id
        replicas = None if told is None else cluster.replicas(topic, self.around.log.partition or 0)
        if told is not None and told != topic_id:
            yield Finding("topic-id-unlike-metadata", at, told, topic_id)
        elif self.around.log.shutdown is not Shutdown.CLEAN:
            return  # in a copy, the metadata log may be older than the partition
        elif told is None or replicas is None:
            yield _stray(at, "no such topic" if told is None else "no such partition of it")
        elif node is not None and node not in replicas:
            nodes = ", ".join(map(str, sorted(replicas)))
            yield _stray(at, f"replicas on {nodes} only, and this is node {node}")


def _stray(at: Location, why: str) -> Finding:
    return Finding("not-in-metadata", at, found=why)
