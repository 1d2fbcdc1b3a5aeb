"""Arrow's C stream interface by ctypes: as a consumer without any library calls it, to the letter."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator


class ArrowSchema(ctypes.Structure):
    """As the interface lays it out."""


class ArrowArray(ctypes.Structure):
    """As the interface lays it out."""


class ArrowArrayStream(ctypes.Structure):
    """As the interface lays it out."""


Pointer, Int64, Function = ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p

ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", Pointer),
    ("flags", Int64),
    ("n_children", Int64),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowSchema))),
    ("dictionary", Pointer),
    ("release", Function),
    ("private_data", Pointer),
]
ArrowArray._fields_ = [
    ("length", Int64),
    ("null_count", Int64),
    ("offset", Int64),
    ("n_buffers", Int64),
    ("n_children", Int64),
    ("buffers", ctypes.POINTER(Pointer)),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowArray))),
    ("dictionary", Pointer),
    ("release", Function),
    ("private_data", Pointer),
]
ArrowArrayStream._fields_ = [
    ("get_schema", Function),
    ("get_next", Function),
    ("get_last_error", Function),
    ("release", Function),
    ("private_data", Pointer),
]

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)


def struct_in(capsule: object, name: bytes, kind: type[ctypes.Structure]) -> ctypes.Structure:
    """The struct in a capsule, where it is: the capsule has to outlive it."""
    return kind.from_address(_pointer_of(capsule, name))


def schema_in(capsule: object) -> ArrowSchema:
    """The schema in a capsule."""
    return struct_in(capsule, b"arrow_schema", ArrowSchema)


def release(struct: ctypes.Structure) -> None:
    """Calls the struct's own `release`, and sees that it is marked as released."""
    ctypes.CFUNCTYPE(None, Pointer)(struct.release)(ctypes.addressof(struct))
    assert struct.release is None


class Stream:
    """The stream in a capsule. with_lock: whether functions are called with the interpreter lock held."""

    def __init__(self, capsule: object, with_lock: bool = False) -> None:
        self._capsule = capsule
        self._call = ctypes.PYFUNCTYPE if with_lock else ctypes.CFUNCTYPE
        self.struct = struct_in(capsule, b"arrow_array_stream", ArrowArrayStream)

    def schema(self) -> ArrowSchema:
        """A schema, to be released."""
        schema = ArrowSchema()
        assert self._ask(self.struct.get_schema, schema) == 0
        return schema

    def next(self) -> tuple[int, ArrowArray]:
        """The error number, and an array that is to be released."""
        array = ArrowArray()
        return self._ask(self.struct.get_next, array), array

    def arrays(self) -> Iterator[ArrowArray]:
        """The arrays up to the end, each to be released."""
        while True:
            code, array = self.next()
            assert code == 0, self.last_error()
            if array.release is None:
                return
            yield array

    def last_error(self) -> str | None:
        """The words of the last error."""
        message = self._call(ctypes.c_char_p, Pointer)(self.struct.get_last_error)(ctypes.addressof(self.struct))
        return None if message is None else message.decode()

    def release(self) -> None:
        """Lets go of the stream."""
        release(self.struct)

    def _ask(self, function: int, out: ctypes.Structure) -> int:
        call = self._call(ctypes.c_int, Pointer, Pointer)(function)
        return call(ctypes.addressof(self.struct), ctypes.addressof(out))
