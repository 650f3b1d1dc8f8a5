"""One word a thing, one thing a word; sentences that are understood at first sight."""

import ast
import re
from collections import defaultdict

import pytest

from tests.support.paths import ROOT
from tests.unit.house.sources import docstrings, files, name_of, parsed

LONGEST_SENTENCE = 25
_IN_EVERY_ROOM = frozenset(
    {
        "__init__", "__main__", "app", "audit_acts", "consumer", "context", "dependencies",
        "errors", "models", "port", "retention", "routes", "rules", "schema", "serializers",
        "service", "settings", "store", "views",
    }
)  # fmt: skip
"""Names of files that mean the same in every room that has one."""
_ONE_A_SERVICE = frozenset({"Context", "Settings"})
_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n\s*(?=[-*•(]|\d+\.)")
_WORD = re.compile(r"[\w’'-]+")
_CODE = re.compile(r"`[^`]*`")


def test_no_class_name_stands_for_two_things() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef) and node.name not in _ONE_A_SERVICE:
                places[node.name.lstrip("_")].append(name_of(path))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_module_name_means_two_things() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in files():
        if path.stem not in _IN_EVERY_ROOM:
            # what a store keeps has the name of what it is about
            name = f"store of {path.stem}" if path.parent.name == "store" else path.stem
            places[name].append(name_of(path))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


@pytest.mark.parametrize("room", ["contracts", "vietnamese", "services", "web"])
def test_sentences_of_docstrings_are_short(room: str) -> None:
    sentences = [
        (f"{name_of(path)}:{line}", sentence)
        for path in files(ROOT / room)
        for line, text in docstrings(path)
        for sentence in _END.split(_CODE.sub("code", text))
    ]
    long = {
        place: " ".join(sentence.split())
        for place, sentence in sentences
        if len(_WORD.findall(sentence)) > LONGEST_SENTENCE
    }
    assert long == {}


def test_no_file_is_longer_than_it_can_be_read() -> None:
    # a schema is a list of tables, which is looked up and not read
    sizes = {
        name_of(path): len(path.read_text().splitlines())
        for path in files()
        if path.stem != "schema"
    }
    assert {name: size for name, size in sizes.items() if size > 400} == {}
