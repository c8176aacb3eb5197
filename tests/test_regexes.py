"""Every regular expression of the service is linear: each is found in the code, in whatever way it is written, and run
as the code runs it against what would make it walk back. Twice the text may not take much more than twice the time.
"""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import regex

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "comments"
METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
PATTERNS = (re.Pattern, type(regex.compile("")))
SIZES = (12, 22, 40, 200, 1_000, 4_000)  # what is exponential shows at the first, a square at the last
SOON = 0.004  # seconds: below, a square cannot be at 4,000
Pattern = Any


@dataclass(frozen=True)
class Used:
    """A pattern, where it stands, and how it is run there."""

    where: str
    pattern: Pattern
    methods: tuple[str, ...]

    def run(self, method: str, text: str) -> None:
        given = text.encode() if isinstance(self.pattern.pattern, bytes) else text
        if method in ("sub", "subn"):
            getattr(self.pattern, method)(given[:0], given)
        else:
            found = getattr(self.pattern, method)(given)
            if method == "finditer":
                for _ in found:
                    pass


def modules() -> Iterator[tuple[Path, ModuleType, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"node_modules", "demo"} & set(path.parts):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield path, importlib.import_module(name), ast.parse(path.read_text())


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str]]:
    """(call, module, method) of `re.x(…)` and `regex.x(…)`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re" | "regex" as kind), attr=method)):
                if method == "compile" or method in METHODS:
                    yield node, kind, method


def held(value: Any, depth: int = 0) -> Iterator[Pattern]:
    """The compiled patterns in a module's value: itself, in a container, of a class."""
    if isinstance(value, PATTERNS):
        yield value
    elif isinstance(value, (list, tuple, set, frozenset)) and depth < 3:
        for one in value:
            yield from held(one, depth + 1)
    elif isinstance(value, dict) and depth < 3:
        for one in list(value.values()):
            yield from held(one, depth + 1)
    elif isinstance(value, type) and depth < 2:
        for one in list(vars(value).values()):
            yield from held(one, depth + 2)


def used_in(path: Path, module: ModuleType, tree: ast.Module) -> Iterator[Used]:
    where = path.relative_to(PACKAGE).as_posix()
    source = path.read_text()
    for name, value in list(vars(module).items()):
        ran = tuple(dict.fromkeys(re.findall(rf"\b{re.escape(name)}\.({'|'.join(METHODS)})\(", source)))
        for pattern in held(value):
            yield Used(f"{where} {name}", pattern, ran or METHODS[:3])
    kept = {pattern for value in vars(module).values() for pattern in held(value)}
    for call, kind, method in calls(tree):
        pattern = _evaluated(call, kind, method, module)
        if pattern is None:
            assert method == "compile" and kept, f"{where}:{call.lineno}: a pattern is made of a variable"
        elif pattern not in kept:
            yield Used(f"{where}:{call.lineno}", pattern, METHODS[:3] if method == "compile" else (method,))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "pattern" and isinstance(node.value, ast.Constant | ast.Name):
            text = node.value.value if isinstance(node.value, ast.Constant) else getattr(module, node.value.id)
            yield Used(f"{where}:{node.value.lineno} pattern=", re.compile(text), ("search",))


def _evaluated(call: ast.Call, kind: str, method: str, module: ModuleType) -> Pattern | None:
    """The pattern of a call, None where it is put together of what only a function knows."""
    flags = [word.value for word in call.keywords if word.arg == "flags"]
    flags += call.args[1:2] if method == "compile" else []
    source = f"{kind}.compile({', '.join(map(ast.unparse, [call.args[0], *flags]))})"
    try:
        return eval(source, vars(module) | {"re": re, "regex": regex})
    except NameError:
        return None


EVERY = [used for found in modules() for used in used_in(*found)]


def attacks(pattern: Pattern) -> Iterator[Callable[[int], str]]:
    """Texts of any size, of the letters that the pattern speaks of and of each kind of letter."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    letters = dict.fromkeys([*re.sub(r"\\.", "", source)[:200], *'aA0_ -.,/:<>&"@[](\n\t{}é\u0301\u200d👩א'])
    letters = [one for one in letters if one not in "^$|?*+\\"]
    words = re.findall(r"[a-z:/<]{3,}", source)[:6]
    pieces = [
        *letters,
        *words,
        "a.",
        "a-",
        "a@",
        "0.",
        "<a",
        "> ",
        "a ",
        ". ",
        "-_",
        'a="',
        "&a",
        "\n ",
        "ab ",
        "//",
        "\u0301\u200c",
    ]
    for piece in dict.fromkeys(pieces):
        for before, after in (("", "\0"), ("a", "!\n"), (words[0] if words else "<a ", "\0")):
            yield lambda size, piece=piece, before=before, after=after: before + piece * (size // len(piece)) + after


def spent(used: Used, method: str, text: str) -> float:
    """The least processor time of three runs: others' work makes it longer, never shorter."""
    least = 1e9
    for _ in range(3):
        before = time.thread_time()
        used.run(method, text)
        least = min(least, time.thread_time() - before)
        if least < SOON:
            break
    return least


def slow(used: Used) -> str | None:
    """The attack that takes longer than it may, or None."""
    for method in used.methods:
        for attack in attacks(used.pattern):
            for size in SIZES:
                once = spent(used, method, attack(size))
                if once < SOON:
                    continue
                if size < 1_000 or spent(used, method, attack(2 * size)) > 3.2 * once:
                    return f"{used.where}: {method} of {attack(12)!r}, {size} characters: {once * 1000:.0f} ms"
                break
    return None


def test_all_of_them_are_found() -> None:
    """As many as the code has: a pattern that is written in a new way must not be overlooked."""
    written = sum(len([*calls(tree)]) for _, _, tree in modules())
    assert written > 60
    assert len({used.pattern for used in EVERY}) > 60


@pytest.mark.parametrize("used", EVERY, ids=lambda used: used.where)
def test_it_is_linear(used: Used) -> None:
    assert slow(used) is None


@pytest.mark.parametrize("planted", [r"(a+)+$", r"\s+$", r"a*b", r"<a[^>]*>"])
def test_a_planted_one_that_walks_back_is_seen(planted: str) -> None:
    assert slow(Used("planted", re.compile(planted), ("search",)))
