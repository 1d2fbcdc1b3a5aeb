"""Random damage to a partition's directory, by kind: what a crash, a bad disk or a hand can do to it.

Each kind takes a folder that may be spoiled, and chance; it returns nothing: whoever asks compares what comes of it.
"""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

HEAD = struct.Struct(">qi")
SPOILABLE = (".index", ".timeindex")


@dataclass(slots=True)
class Case:
    """A partition, and what the log directory says of it."""

    folder: Path
    chance: random.Random
    clean: bool = False
    recovery_point: int = 0
    log_start: int = 0

    @property
    def words(self) -> str:
        """To find it again."""
        checkpoints = f"recovery_point={self.recovery_point} log_start={self.log_start}"
        return f"{self.folder.parent.name}/{self.folder.name} clean={self.clean} {checkpoints}"

    def files(self, *suffixes: str) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file() and path.name.endswith(suffixes))

    def log(self) -> Path:
        """One that holds something, where one does."""
        logs = [path for path in self.files(".log") if path.stat().st_size]
        return self.chance.choice(logs or self.files(".log"))

    def bytes_of(self, count: int) -> bytes:
        return self.chance.randbytes(count)


def batch_starts(log: Path) -> list[int]:
    data, position, starts = log.read_bytes(), 0, []
    while position + HEAD.size <= len(data):
        length = HEAD.unpack_from(data, position)[1]
        if length < 14 or position + 12 + length > len(data):
            break
        starts.append(position)
        position += 12 + length
    return starts


def overwrite(path: Path, position: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(position)
        file.write(data)


def flip_a_bit(case: Case) -> None:
    log = case.log()
    data = log.read_bytes()
    if data:
        position = case.chance.randrange(len(data))
        overwrite(log, position, bytes([data[position] ^ 1 << case.chance.randrange(8)]))


def flip_in_a_header(case: Case) -> None:
    """Fields that no CRC covers are among them."""
    log = case.log()
    starts = batch_starts(log)
    if starts:
        position = case.chance.choice(starts) + case.chance.randrange(61)
        data = log.read_bytes()
        if position < len(data):
            overwrite(log, position, bytes([data[position] ^ 1 << case.chance.randrange(8)]))


def cut_tail(case: Case) -> None:
    log = case.log()
    size = log.stat().st_size
    with log.open("r+b") as file:
        file.truncate(case.chance.randrange(size + 1))


def zero_tail(case: Case) -> None:
    append(case.log(), bytes(case.chance.choice((1, 5, 16, 17, 18, 61, 4096, 5000))))


def garbage_tail(case: Case) -> None:
    append(case.log(), case.bytes_of(case.chance.choice((1, 13, 17, 18, 40, 300))))


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def lying_length(case: Case) -> None:
    log = case.log()
    starts = batch_starts(log)
    if starts:
        lie = case.chance.choice((0, 1, 13, 14, 20, 48, 49, 60, 100, 5000, 2**31 - 1, -1, -(2**31)))
        overwrite(log, case.chance.choice(starts) + 8, struct.pack(">i", lie))


def zeroed_page(case: Case) -> None:
    log = case.log()
    size = log.stat().st_size
    start = case.chance.randrange(max(size, 1)) // 512 * 512
    overwrite(log, start, bytes(min(case.chance.choice((512, 4096)), size - start)))


def inserted_bytes(case: Case) -> None:
    log = case.log()
    data = log.read_bytes()
    at = case.chance.choice([*batch_starts(log), case.chance.randrange(len(data) + 1)])
    log.write_bytes(data[:at] + case.bytes_of(case.chance.choice((1, 7, 100))) + data[at:])


def spoil_index(case: Case) -> None:
    paths = case.files(*SPOILABLE, ".txnindex")
    if paths:
        spoil(case, case.chance.choice(paths))


def spoil(case: Case, path: Path) -> None:
    size = path.stat().st_size
    how = case.chance.choice(("missing", "cut", "garbage", "longer", "empty"))
    if how == "missing":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[: case.chance.randrange(size + 1)])
    elif how == "garbage":
        path.write_bytes(case.bytes_of(min(size, 600) or 24))
    elif how == "longer":
        append(path, case.bytes_of(case.chance.choice((3, 8, 12, 34, 46))))
    else:
        path.write_bytes(b"")


def spoil_snapshot(case: Case) -> None:
    paths = case.files(".snapshot")
    how = case.chance.choice(("spoil", "spoil", "all", "copy"))
    if how == "copy" or not paths:
        made = case.folder / f"{case.chance.randrange(3000):020}.snapshot"
        made.write_bytes(paths[0].read_bytes() if paths and case.chance.random() < 0.5 else case.bytes_of(56))
    elif how == "all":
        for path in paths:
            path.unlink()
    else:
        spoil(case, case.chance.choice(paths))


def spoil_epochs(case: Case) -> None:
    path = case.folder / "leader-epoch-checkpoint"
    chance = case.chance
    text = chance.choice((
        "", "0\n", "0\n0\n", "0\n1\n0 0\n", f"0\n1\n0 {chance.randrange(300)}\n", f"0\n1\n{chance.randrange(9)} 0\n",
        "0\n2\n0 0\n3 5\n", "0\n2\n3 5\n0 0\n", f"0\n3\n0 0\n1 {chance.randrange(200)}\n7 9000\n", "1\n0\n",
        "0\n2\n0 0\n",
        "x\n", "0\n1\nx 0\n", "0\n1\n0 0 0\n", "0\n1\n-1 0\n", "0\n-1\n", "0\n1\n0\t 0\r\n", "0\n1\n 0 0\n",
    ))  # fmt: skip
    if chance.random() < 0.1:
        path.unlink(missing_ok=True)
    elif chance.random() < 0.1:
        path.write_bytes(case.bytes_of(30))
    else:
        path.write_bytes(text.encode())


def spoil_metadata(case: Case) -> None:
    path = case.folder / "partition.metadata"
    whole = path.read_text() if path.exists() else "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAw"
    id_ = whole.split()[-1]
    text = case.chance.choice((
        "", "version: 0", "version: 0\n", f"version: 1\ntopic_id: {id_}", f"version: -1\ntopic_id: {id_}",
        f"version: x\ntopic_id: {id_}", f"version:0\ntopic_id: {id_}", f"version: 0\ntopic_id: {id_[:-1]}",
        f"version: 0\ntopic_id: {id_}==", f"version: 0\ntopic_id: {id_}xxx", f"version: 0\ntopic_id: {'A' * 22}",
        "version: 0\ntopic_id: ", f"version: 0\n\ntopic_id: {id_}",
        f"version:  0\r\ntopic_id:\t{id_}\n", "\0" * 43,
    ))  # fmt: skip
    if case.chance.random() < 0.2:
        path.unlink(missing_ok=True)
    else:
        path.write_text(text, newline="")


def leave_swap(case: Case) -> None:
    """A finished replacement of one segment, or of several, with or without indexes of its own."""
    log = case.log()
    swap = log.with_name(log.name + ".swap")
    shutil.copyfile(log, swap)
    for kind in (*SPOILABLE, ".txnindex"):
        source = log.with_suffix(kind)
        if source.exists() and case.chance.random() < 0.7:
            shutil.copyfile(source, source.with_name(source.name + ".swap"))
    if case.chance.random() < 0.3:
        log.unlink()
    if case.chance.random() < 0.3:
        leave_cleaned(case)


def leave_cleaned(case: Case) -> None:
    source = case.chance.choice(case.files(".log", *SPOILABLE))
    shutil.copyfile(source, source.with_name(source.name + ".cleaned"))


def leave_deleted(case: Case) -> None:
    source = case.chance.choice(case.files(".log", *SPOILABLE, ".snapshot"))
    target = source.with_name(source.name + ".deleted")
    shutil.copyfile(source, target)
    if case.chance.random() < 0.3:
        source.unlink()


def lose_a_file(case: Case) -> None:
    case.chance.choice(case.files(".log", *SPOILABLE, ".snapshot", ".txnindex")).unlink()


def move_recovery_point(case: Case) -> None:
    case.recovery_point = case.chance.randrange(2000)
    flip_a_bit(case)


def move_log_start(case: Case) -> None:
    case.log_start = case.chance.choice((1, 5, 9, case.chance.randrange(300), 10**6))


def several(case: Case) -> None:
    kinds = [kind for name, kind in KINDS.items() if kind is not several]
    for kind in case.chance.sample(kinds, 3):
        try:
            kind(case)
        except (IndexError, FileNotFoundError):  # another kind took what this one needs
            continue


def nothing(_case: Case) -> None:
    """A whole directory."""


Kind = Callable[[Case], None]

KINDS: Mapping[str, Kind] = {
    "nothing": nothing,
    "bit flip": flip_a_bit,
    "bit flip in a header": flip_in_a_header,
    "cut tail": cut_tail,
    "zero tail": zero_tail,
    "garbage tail": garbage_tail,
    "lying length": lying_length,
    "zeroed page": zeroed_page,
    "inserted bytes": inserted_bytes,
    "index": spoil_index,
    "snapshot": spoil_snapshot,
    "leader epochs": spoil_epochs,
    "partition metadata": spoil_metadata,
    "swap left": leave_swap,
    "cleaned left": leave_cleaned,
    "deleted left": leave_deleted,
    "file lost": lose_a_file,
    "recovery point": move_recovery_point,
    "log start": move_log_start,
    "several": several,
}
