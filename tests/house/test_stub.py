"""`inspector/_native.pyi` tells the truth: the names and parameters there are those of the module that was built."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import inspector
from tests.conftest import CHECKOUT, require

STUB = CHECKOUT / "inspector" / "_native.pyi"
SPECIAL = ("__new__", "__len__")  # `__buffer__` can be seen from Python 3.12 on


def is_told(name: str) -> bool:
    """Whether a stub has to tell of a name."""
    return not name.startswith("_") or name in SPECIAL


def told(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, list[str] | None]]:
    """Every public name of the stub with its parameters (None: it takes none, as a class or a property)."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, None
            yield from told(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef) and is_told(node.name):
            yield prefix + node.name, None if node.decorator_list else parameters(node)


def parameters(node: ast.FunctionDef) -> list[str]:
    """Without `self` and `cls`."""
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls")]


def there(holder: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every public name that the built module, or a class in it, has of its own."""
    for name, value in vars(holder).items():
        if is_told(name):
            yield prefix + name, value
            if isinstance(value, type):
                yield from there(value, f"{name}.")


@pytest.fixture
def native() -> object:
    """The built module."""
    try:
        from inspector import _native
    except ImportError:
        require("native", "the native engine is not built")
    assert Path(inspector.__file__).parent == STUB.parent
    return _native


def test_the_stub_tells_of_every_name_and_of_no_other(native: object) -> None:
    names = {name for name, _ in told(ast.parse(STUB.read_text(encoding="utf-8")).body)}
    assert names == {name for name, _ in there(native)}


def test_functions_take_the_parameters_that_the_stub_tells(native: object) -> None:
    built = dict(there(native))
    for name, expected in told(ast.parse(STUB.read_text(encoding="utf-8")).body):
        if expected is not None and not name.endswith("__"):
            taken = [one for one in inspect.signature(built[name]).parameters if one != "self"]  # type: ignore[arg-type]
            assert taken == expected, name
