"""Partitioners from outside: users' own functions and classes, and those that other packages bring.

Four forms are taken, which is what those who partition in Python have at hand: a function of (key, all partitions,
available partitions), as kafka-python 2 takes it; a class with kafka-python 3's `partition(topic, key, serialized_key,
value, serialized_value, cluster)`; a function of (key, partition count); and a class with `partition(key, count)`. Keys
and values are handed over as they lie on the disk, and all partitions are available.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

GROUP = "kinspect.partitioners"
"""Entry points of this group are partitioners, by the names that they have there."""

Rule = Callable[[str, bytes | None, bytes | None, int], Any]
"""Topic, key, value and partition count → partition."""


class OwnPartitioner:
    """Somebody else's rule. failures: how often it raised, or gave what is no partition; why: the first of them."""

    def __init__(self, name: str, rule: Rule) -> None:
        self.name = name
        self.title = f"{name}, a partitioner of your own"
        self.failures = 0
        self.why = ""
        self._rule = rule

    def partition(self, key: bytes | None, partition_count: int) -> int | None:
        """See `Partitioner.partition`."""
        return self.place("", key, None, partition_count)

    def place(self, topic: str, key: bytes | None, value: bytes | None, partition_count: int) -> int | None:
        """The partition of a record, by its value too. None where the rule does not say, or failed."""
        if partition_count < 1:
            raise ValueError(f"a topic has at least one partition, not {partition_count}")
        try:
            placed = self._rule(topic, key, value, partition_count)
        except Exception as error:  # it is somebody else's code
            self._note(f"{type(error).__name__}: {error}")
            return None
        if placed is None or (isinstance(placed, int) and 0 <= placed < partition_count):
            return placed
        self._note(f"it gave {placed!r} of {partition_count} partitions")
        return None

    def explain(self, key: bytes, shown_as: str, partition_count: int) -> str:
        """What the rule gives, for instance `my_rules:by_country("de-1", 3) = 2`."""
        return f'{self.name}("{shown_as}", {partition_count}) = {self.partition(key, partition_count)}'

    def _note(self, why: str) -> None:
        self.failures += 1
        self.why = self.why or why


def load(name: str) -> OwnPartitioner:
    """What `module:function` names, the module sought in the current folder too.

    Raises ValueError with a sentence where it cannot be loaded, or is no partitioner.
    """
    module, _, attribute = name.partition(":")
    with _current_folder_on_path():
        return _loaded(name, lambda: _attribute(importlib.import_module(module), attribute))


def entry_points() -> dict[str, EntryPoint]:
    """The partitioners of other packages, by name, not loaded yet."""
    from importlib import metadata

    return {point.name: point for point in metadata.entry_points(group=GROUP)}


def from_entry_point(point: EntryPoint) -> OwnPartitioner:
    """Raises as `load`."""
    return _loaded(point.name, point.load)


def _loaded(name: str, load_it: Callable[[], object]) -> OwnPartitioner:
    try:
        return OwnPartitioner(name, rule_of(load_it()))
    except Exception as error:  # it is somebody else's code
        raise ValueError(f"the partitioner '{name}' cannot be loaded: {type(error).__name__}: {error}") from error


def rule_of(found: Any) -> Rule:
    """A function, class or instance of one of the forms above as one form. Raises TypeError where it is none."""
    made = found() if inspect.isclass(found) else found
    call = getattr(made, "partition", made)
    if not callable(call):
        raise TypeError("it is neither a function nor a class with a method partition")
    form = _FORMS.get(_required(call))
    if form is None:
        raise TypeError(f"it takes {_required(call)} arguments; {', '.join(map(str, _FORMS))} are understood")
    return form(call)


def _by_count(call: Callable[..., Any]) -> Rule:
    return lambda _topic, key, _value, count: call(key, count)


def _by_lists(call: Callable[..., Any]) -> Rule:
    return lambda _topic, key, _value, count: call(key, list(range(count)), list(range(count)))


def _by_cluster(call: Callable[..., Any]) -> Rule:
    return lambda topic, key, value, count: call(topic, key, key, value, value, Cluster(topic, count))


_FORMS: dict[int, Callable[[Callable[..., Any]], Rule]] = {2: _by_count, 3: _by_lists, 6: _by_cluster}
"""By how many arguments are wanted."""


class Cluster:
    """What kafka-python's partitioners ask of its metadata."""

    def __init__(self, topic: str, count: int) -> None:
        self._topic = topic
        self._partitions = set(range(count))

    def topics(self) -> set[str]:
        """The one topic that there is."""
        return {self._topic}

    def partitions_for_topic(self, topic: str) -> set[int]:
        """All partitions."""
        del topic
        return self._partitions

    def available_partitions_for_topic(self, topic: str) -> set[int]:
        """All of them."""
        del topic
        return self._partitions


def _required(call: Callable[..., Any]) -> int:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(call).parameters.values()
    return sum(one.kind in kinds and one.default is inspect.Parameter.empty for one in parameters)


def _attribute(module: object, path: str) -> object:
    found = module
    for name in path.split("."):
        found = getattr(found, name)
    return found


@contextmanager
def _current_folder_on_path() -> Iterator[None]:
    """Behind all others, so that a file here hides no module that is installed."""
    folder = str(Path.cwd())
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
