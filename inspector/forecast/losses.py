"""What goes with bytes that a start cuts off: how many batches, and how many of them are intact.

Kafka looks for nothing behind damage; our engine does, so that what a start would throw away is known before.
"""

from __future__ import annotations

from typing import NamedTuple, cast

from ..engine import Engine, ScanRequest
from ..engine.messages import MAGICS
from ..errors import KinspectError
from ..location import Location
from ..source import open_source
from .folder import LOG, Folder
from .segments import SimSegment


class Lost(NamedTuple):
    """batches: all that can be told apart. intact: those whose CRC is right. last_offset: of the last intact one."""

    batches: int = 0
    intact: int = 0
    last_offset: int | None = None


class Losses:
    """Counts batches by the engine that reads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def behind(self, segment: SimSegment, position: int, size: int, follows: int) -> Lost:
        """What lies between two positions of a segment's log."""
        file = segment.folder.files.get(segment.name(LOG))
        if file is None or not file.on_disk or position >= size:
            return Lost()
        request = ScanRequest(position, segment.base_offset, follows, records=False)
        return self._counted(segment.folder, file.on_disk, request)

    def _counted(self, folder: Folder, name: str, request: ScanRequest) -> Lost:
        batches = intact = 0
        last: int | None = None
        try:
            with open_source(folder.path / name, name, meter=self.engine.meter) as source:
                for chunk in self.engine.scan(source, request, Location(name)):
                    count = len(chunk.batches)
                    if not count:
                        continue
                    columns = chunk.batches.columns
                    good = [row for row in range(count) if columns["crc_ok"][row]]
                    batches += count
                    intact += len(good)
                    if good:
                        last = cast(int, columns["last_offset"][good[-1]])
        except KinspectError:
            return Lost(batches, intact, last)
        return Lost(batches, intact, last)

    def base_offset(self, folder: Folder, name: str, position: int) -> int | None:
        """That of the entry at a position of a file on the disk: of a compressed v0 or v1 set its contents tell it."""
        request = ScanRequest(position, records=False, most_batches=1)
        with open_source(folder.path / name, name, meter=self.engine.meter) as source:
            for chunk in self.engine.scan(source, request, Location(name)):
                if len(chunk.batches):
                    columns = chunk.batches.columns
                    is_it = columns["position"][0] == position and columns["magic"][0] in MAGICS
                    return columns["base_offset"][0] if is_it else None  # type: ignore[return-value]
        return None
