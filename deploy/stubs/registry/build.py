"""Fills a folder with a source's people, on all cores, once: a folder that is whole is taken as it
is.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from deploy.stubs.registry import archive
from deploy.stubs.registry.archive import Archive, Part
from deploy.stubs.registry.fragments import fragment, id_keys
from deploy.stubs.registry.keys import key_numbers
from deploy.stubs.registry.person_keys import FINGERPRINT, person_keys
from deploy.stubs.registry.sources import Portion, Source


class AbandonedError(Exception):
    """The people are no longer wanted: the program is ending."""


def folder_of(cache: Path, source: Source) -> Path:
    """The source's own folder below `cache`; other people, or other rules for search keys, have
    another.
    """
    return cache / f"{source.name}-{FINGERPRINT}"


def open_archive(folder: Path, source: Source, wanted: Callable[[], bool]) -> Archive:
    """The people of `source`; PeopleFileError where its file is wrong, AbandonedError once they are
    not wanted.
    """
    if not archive.is_whole(folder):
        archive.write(folder, _while_wanted(_parts(source), wanted))
    return Archive(folder)


def _while_wanted(parts: Generator[Part], wanted: Callable[[], bool]) -> Iterator[Part]:
    with closing(parts):
        for part in parts:
            if not wanted():
                raise AbandonedError
            yield part


def _parts(source: Source) -> Generator[Part]:
    """Parts in the order of the source; a small source is not worth other processes."""
    portions = source.portions()
    few = list(islice(portions, 2))
    if len(few) < 2:
        yield from map(pack, few)
        return
    cores = os.cpu_count() or 1
    # spawned, because this may run beside an event loop: forking a process with threads can hang
    # the child
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[Part]] = deque()
        for portion in chain(few, portions):
            waiting.append(pool.submit(pack, portion))
            if len(waiting) > cores + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def pack(portion: Portion) -> Part:
    """Encodes some people and collects what they are found by."""
    blob: list[bytes] = []
    numbers: list[str] = []
    number_rows: list[int] = []
    keys: list[str | int] = []
    key_rows: list[int] = []
    for row, person in enumerate(portion.people()):
        blob.append(fragment(person))
        numbers += (person.personal_id, *person.old_ids)
        number_rows += [row] * (1 + len(person.old_ids))
        own = list(person_keys(person))
        keys += own
        key_rows += [row] * len(own)
    return Part(
        b"".join(blob),
        np.array(list(map(len, blob)), np.uint32),
        id_keys(numbers),
        np.array(number_rows, np.uint32),
        key_numbers(keys),
        np.array(key_rows, np.uint32),
    )
