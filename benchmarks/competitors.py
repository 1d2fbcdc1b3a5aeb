"""Those that run against each other: `kinspect` and its engine, Kafka's tool and reader, dd, bare decompressors.

Each is a method that prepares a `Competitor` for one data set. What a competitor answers is checked against what the
maker of the set says, in every run where that costs nothing: a program that skips half of its work is no yardstick.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import jvm, processes
from benchmarks.data import CHECKOUT, MIB, Made
from benchmarks.pairs import Competitor
from benchmarks.processes import CommandError, Run, Words

KINSPECT = Path(sysconfig.get_path("scripts")) / "kinspect"
AS_DUMPED = "offset,timestamp,timestamp_type,sequence,key,value,headers"
"""What `--print-data-log` prints of each record."""

DD_EACH = 'for file do dd if="$file" of=/dev/null bs=1M || exit; done'
AWAY_FROM_THE_END = 5
"""Records between the end of the segment (its beginning, too) and the one that is sought."""

PASSES = 5

RAW: Words = (
    *("cargo", "run", "--quiet", "--release", "--manifest-path", CHECKOUT / "native" / "Cargo.toml"),
    *("--package", "kinspect-core", "--example", "raw_decompress", "--"),
)


@dataclass(frozen=True, slots=True)
class Competitors:
    """All that can run, on the sets that were made. engine: which one of kinspect's is measured."""

    made: Mapping[str, Made]
    engine: str
    quick: bool
    output: Path
    output_sizes: dict[str, int] = field(default_factory=dict)

    def warm(self, name: str) -> None:
        """Brings a set into the page cache."""
        self.dd_read(name).seconds()

    # -- the command line, against the dump and against dd

    def show(self, name: str) -> Competitor:
        """All records as JSON lines."""
        self._output_size(name)
        return self._through_pipe("show", name, self.show_words(name))

    def columns(self, name: str) -> Competitor:
        """Of all records what the dump prints of them."""
        return self._through_pipe("columns", name, [*self.show_words(name), "--columns", AS_DUMPED])

    def dump(self, name: str) -> Competitor:
        """Kafka's dump tool."""
        return self._through_pipe("dump", name, jvm.dump(self.made[name].files))

    def file(self, name: str) -> Competitor:
        """All records as JSON lines, kept."""
        words = self.show_words(name)
        return Competitor("file", lambda: processes.into_file(words, self.output).seconds)

    def dd_file(self, name: str) -> Competitor:
        """As many bytes as those lines have, and nothing to think about."""
        count = -(-self._output_size(name) // MIB)
        words = ["dd", "if=/dev/zero", "bs=1M", f"count={count}"]
        return Competitor("dd into a file", lambda: processes.into_file(words, self.output).seconds)

    def show_words(self, name: str) -> Words:
        """`kinspect show` on the whole log directory, as a user would ask for one of its topics."""
        made = self.made[name]
        return [KINSPECT, "show", made.logs, "-t", made.set.topic, "-J", "--engine", self.engine]

    def verify_words(self, name: str) -> Words:
        """`kinspect verify` on that topic's partition."""
        return [KINSPECT, "verify", self.made[name].partition, "--engine", self.engine]

    def placement_words(self, name: str) -> Words:
        """`kinspect placement` on that topic."""
        made = self.made[name]
        return [KINSPECT, "placement", made.logs, "-t", made.set.topic, "-J", "--engine", self.engine]

    def _output_size(self, name: str) -> int:
        """The bytes of `show`, from a first run in which its lines are counted; later runs are then warm."""
        if name not in self.output_sizes:
            run, lines = processes.lines_counted(self.show_words(name))
            self._expect(name, "lines of kinspect", lines, self.made[name].records)
            self.output_sizes[name] = run.output_bytes
        return self.output_sizes[name]

    def _through_pipe(self, who: str, name: str, words: Words) -> Competitor:
        made = self.made[name]

        def seconds() -> float:
            run = processes.thrown_away(words)
            if run.output_bytes < made.key_bytes + made.value_bytes:
                raise CommandError(f"{who} printed only {run.output_bytes:,} bytes for {name}")
            return run.seconds

        return Competitor(who, seconds)

    # -- the engine, against Kafka's own reader

    def process(self, name: str) -> Competitor:
        """The engine on two threads, as a whole process."""
        return self._swept("process", name, "--threads=2", whole=True)

    def placement(self, name: str) -> Competitor:
        """The keys of all records judged."""

        def seconds() -> float:
            run = processes.answer(self.placement_words(name))
            self._expect(name, "records of placement", run["records"], self.made[name].records)
            return float(run["process"])

        return Competitor("placement", seconds)

    def verify(self, name: str) -> Competitor:
        """Every rule of `verify` on a log in which nothing is wrong."""
        made = self.made[name]
        words: Words = [KINSPECT, "verify", made.logs, "-t", made.set.topic, "-J", "--engine", self.engine]

        def seconds() -> float:
            run = processes.thrown_away(words)
            if not run.said.startswith("no damage") or f"{made.batches:,} batches" not in run.said:
                raise CommandError(f"verify says of {name}: {run.said}")
            return run.seconds

        return Competitor("verify", seconds)

    def java_cold(self, name: str) -> Competitor:
        """Kafka's reader, as a whole process."""
        words = jvm.read_once(self.made[name].files)
        return self._answering("Java, cold", name, words, whole=True)

    def two_threads(self, name: str) -> Competitor:
        """The engine on two threads, from within."""
        return self._swept("two threads", name, "--threads=2")

    def java_two_threads(self, name: str) -> Competitor:
        """Kafka's reader on two threads, warm, from within."""
        return self._answering("Java, two threads", name, jvm.read_warm(self.made[name].files, 2, quick=self.quick))

    def one_thread(self, name: str) -> Competitor:
        """The engine on one thread, from within."""
        return self._swept("one thread", name, "--threads=1")

    def java_one_thread(self, name: str) -> Competitor:
        """Kafka's reader on one thread, warm, from within."""
        return self._answering("Java, one thread", name, jvm.read_warm(self.made[name].files, 1, quick=self.quick))

    def raw(self, name: str) -> Competitor:
        """The fastest library on the compressed bytes of the batches, and nothing but that."""
        words: Words = [*RAW, self.made[name].set.codec, str(1 if self.quick else PASSES), *self.made[name].files]
        return Competitor("raw", lambda: float(processes.answer(words)["best"]))

    def crc(self, name: str) -> Competitor:
        """The engine computing checksums only, as a whole process."""
        return self._swept("crc", name, "--crc", whole=True)

    def dd_read(self, name: str) -> Competitor:
        """The same files into the null device."""
        words: Words = ["sh", "-c", DD_EACH, "sh", *self.made[name].files]
        return Competitor("dd", lambda: processes.thrown_away(words).seconds)

    def _swept(self, who: str, name: str, *options: str, whole: bool = False) -> Competitor:
        passes = () if whole else ("--warm-up=1", f"--passes={1 if self.quick else PASSES}")
        words = [sys.executable, "-m", "benchmarks.sweep", f"--engine={self.engine}", *options, *passes]
        return self._answering(who, name, [*words, *self.made[name].files], whole=whole, records="--crc" not in options)

    def _answering(self, who: str, name: str, words: Words, *, whole: bool = False, records: bool = True) -> Competitor:
        def seconds() -> float:
            told = processes.answer(words)
            self._expect(name, f"batches of {who}", told["batches"], self.made[name].batches)
            self._expect(name, f"records of {who}", told["records"], self.made[name].records if records else 0)
            return float(told["process"] if whole else median(told["seconds"]))

        return Competitor(who, seconds)

    def _expect(self, name: str, what: str, found: Any, expected: int) -> None:
        if found != expected:
            raise CommandError(f"{what} in {name}: {found:,}, and {expected:,} were made")

    # -- one record

    def near_the_end(self, name: str) -> Competitor:
        """The first record from an offset on that lies near the end of the segment."""
        return Competitor("near the end", lambda: self.seek(name, at_the_end=True).seconds)

    def at_the_beginning(self, name: str) -> Competitor:
        """Likewise, near the beginning."""
        return Competitor("at the beginning", lambda: self.seek(name, at_the_end=False).seconds)

    def seek(self, name: str, *options: str, at_the_end: bool) -> Run:
        """One run of that command."""
        offset = self.made[name].records - AWAY_FROM_THE_END if at_the_end else AWAY_FROM_THE_END
        return processes.thrown_away([*self.show_words(name), "-o", f"{offset}:", "-n", "1", *options])
