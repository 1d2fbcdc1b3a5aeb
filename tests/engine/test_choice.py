"""Which engine reads: by name, by what is built here, and what is said where something is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from inspector.engine import AUTO, NATIVE, NATIVE_MODULE, SPEC, choose, taken_by_auto
from inspector.errors import EngineBrokenError, EngineMissingError

BY_NATIVE = "inspector.engine.by_native"


class NativeEngine:
    """Stands for the native engine, which may or may not be built where the tests run."""

    name = NATIVE


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a module in the place of another, or with None takes it away."""

    def replace(name: str, **holds: object) -> None:
        made = ModuleType(name)
        made.__spec__ = ModuleSpec(name, None)
        vars(made).update(holds)
        monkeypatch.setitem(sys.modules, name, made)

    return replace


@pytest.fixture
def built(module: Callable[..., None]) -> None:
    """The native engine can be loaded."""
    module(NATIVE_MODULE)
    module(BY_NATIVE, NativeEngine=NativeEngine)


@pytest.fixture
def not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no native engine."""
    monkeypatch.setitem(sys.modules, NATIVE_MODULE, None)  # as the import system notes that there is none


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A native engine that was built for another machine, or half copied."""

    class Broken(Loader):
        def exec_module(self, _module: ModuleType) -> None:
            raise ImportError("wrong ELF class: ELFCLASS32")

    class Finder:
        def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
            return ModuleSpec(name, Broken()) if name == NATIVE_MODULE else None

    monkeypatch.delitem(sys.modules, NATIVE_MODULE, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])


@pytest.mark.usefixtures("built")
def test_auto_is_native_where_it_is_built() -> None:
    assert (taken_by_auto(), choose().name, choose(AUTO).name, choose(NATIVE).name) == (NATIVE,) * 4
    assert choose(SPEC).name == SPEC


@pytest.mark.usefixtures("not_built")
def test_auto_is_spec_where_native_is_not_built() -> None:
    assert (taken_by_auto(), choose().name, choose(SPEC).name) == (SPEC,) * 3


@pytest.mark.usefixtures("not_built")
def test_native_is_refused_where_it_is_not_built() -> None:
    with pytest.raises(EngineMissingError, match="was not built here") as error:
        choose(NATIVE)
    assert "--engine spec" in error.value.hint
    assert error.value.incomplete


@pytest.mark.usefixtures("broken")
def test_a_broken_native_engine_is_not_passed_over_in_silence() -> None:
    with pytest.warns(RuntimeWarning, match="cannot be loaded: wrong ELF class"):
        assert taken_by_auto() == SPEC
    with pytest.warns(RuntimeWarning, match="the engine on the spec reads instead"):
        assert choose().name == SPEC
    with pytest.raises(EngineBrokenError, match="wrong ELF class"):
        choose(NATIVE)


def test_a_native_module_of_another_version_is_told(module: Callable[..., None]) -> None:
    module(NATIVE_MODULE)
    module(BY_NATIVE)  # whose names are not those that are asked for
    for name in (AUTO, NATIVE):
        with pytest.raises(EngineBrokenError, match="cannot be loaded"):
            choose(name)
