"""Collects the texts that people see, for translation, without gettext's programs installed.

Python is read as a syntax tree, templates by Django's own `templatize`, JavaScript by its calls of gettext.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation.template import templatize

FOLDERS = ("apps", "contactcenter", "templates", "static")
# function -> (position of the context, of the text, of the plural); None: has none
SHAPES: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
}
TEXT = r"""[uU]?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"(?<![\w.])(?P<name>{'|'.join(SHAPES)})\(\s*(?P<texts>{TEXT}(?:\s*,\s*{TEXT})*)")


class Message(NamedTuple):
    """`place` is file:line. `context` and `plural` are empty where there are none."""

    text: str
    context: str
    plural: str
    place: str


def _message(name: str, texts: list[str], place: str) -> Message | None:
    context, text, plural = SHAPES[name]
    if len(texts) <= max(context or 0, text, plural or 0):
        return None
    return Message(texts[text], "" if context is None else texts[context], "" if plural is None else texts[plural], place)


def _leading_texts(call: ast.Call) -> list[str]:
    texts = []
    for argument in call.args:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            break
        texts.append(argument.value)
    return texts


def in_python(source: str, file: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in SHAPES and (found := _message(name, _leading_texts(node), f"{file}:{node.lineno}")):
                yield found


def in_calls(source: str, file: str) -> Iterator[Message]:
    """Calls with literal texts, in JavaScript or in what `templatize` makes of a template."""
    for call in CALL.finditer(source):
        texts = [ast.literal_eval(text) for text in re.findall(TEXT, call["texts"])]
        line = source.count("\n", 0, call.start()) + 1
        if found := _message(call["name"], texts, f"{file}:{line}"):
            yield found


def in_template(source: str, file: str) -> Iterator[Message]:
    return in_calls(templatize(source, origin=file), file)


READERS = {".py": in_python, ".html": in_template, ".txt": in_template, ".js": in_calls}


def collect(base: Path) -> dict[str, list[Message]]:
    """Domain ("django", or "djangojs" for what browsers translate) -> messages, sorted by file."""
    found: dict[str, list[Message]] = {"django": [], "djangojs": []}
    for folder in FOLDERS:
        for path in sorted((base / folder).rglob("*")):
            reader = READERS.get(path.suffix)
            if reader and "migrations" not in path.parts:
                domain = "djangojs" if path.suffix == ".js" else "django"
                found[domain] += reader(path.read_text(encoding="utf-8"), path.relative_to(base).as_posix())
    return found
