"""The people as files in one folder: their JSON in one blob, numbers and search keys in sorted
arrays, all mapped into memory.
"""

import json
import mmap
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LAYOUT = 2
# odd, so that no two numbers become one; spreads them evenly over 64 bits
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_USUAL_LENGTH, _CACHE_LINE = 256, 64  # bytes
_LOOKED_AT = 10_000  # people of one key; a commoner key singles nobody out
_NOBODY: tuple[list[int], bool] = ([], False)


@dataclass(frozen=True, slots=True)
class Part:
    """Some people ready to be stored: rows count from the part's first person."""

    blob: bytes
    lengths: NDArray[np.uint32]
    ids: NDArray[np.uint64]
    id_rows: NDArray[np.uint32]
    keys: NDArray[np.uint64]
    key_rows: NDArray[np.uint32]


def write(folder: Path, parts: Iterable[Part]) -> int:
    """Stores everyone, in order, and returns how many; `about.json` comes last and says that the
    folder is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "about.json").unlink(missing_ok=True)
    ends, ids, id_rows, keys, key_rows = [np.zeros(1, np.uint64)], [], [], [], []
    count = size = 0
    with (folder / "people.json").open("wb") as blob:
        for part in parts:
            blob.write(part.blob)
            ends.append(np.cumsum(part.lengths, dtype=np.uint64) + np.uint64(size))
            ids.append(part.ids)
            id_rows.append(part.id_rows + np.uint32(count))
            keys.append(part.keys)
            key_rows.append(part.key_rows + np.uint32(count))
            count, size = count + len(part.lengths), size + len(part.blob)
    np.save(folder / "ends.npy", np.concatenate(ends))
    spread = [part * _SPREAD for part in ids]
    ids.clear()
    starts = _starts(_save_sorted(folder, "ids", spread, id_rows))
    np.save(folder / "ids-starts.npy", starts)
    _save_sorted(folder, "keys", keys, key_rows)
    (folder / "about.json").write_text(json.dumps({"layout": LAYOUT, "people": count}))
    return count


def _save_sorted(
    folder: Path, name: str, values: list[NDArray[np.uint64]], rows: list[NDArray[np.uint32]]
) -> NDArray[np.uint64]:
    value = np.concatenate([*values, np.zeros(0, np.uint64)])
    values.clear()
    row = np.concatenate([*rows, np.zeros(0, np.uint32)])
    rows.clear()
    order = np.argsort(value)
    value = value[order]
    np.save(folder / f"{name}.npy", value)
    np.save(folder / f"{name}-rows.npy", row[order])
    return value


def _starts(spread: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Where the numbers begin that share their first bits: about one number a place."""
    bits = max(1, len(spread).bit_length())
    return np.searchsorted(
        spread >> np.uint64(64 - bits), np.arange((1 << bits) + 1, dtype=np.uint64)
    ).astype(np.uint32)


def is_whole(folder: Path) -> bool:
    """Whether the folder holds people that this program can read."""
    try:
        return bool(json.loads((folder / "about.json").read_text())["layout"] == LAYOUT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


class Archive:
    """Reads what `write` stored."""

    def __init__(self, folder: Path) -> None:
        def mapped(name: str) -> NDArray[Any]:
            return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))

        self._ends: NDArray[np.uint64] = mapped("ends")
        self._ids: NDArray[np.uint64] = mapped("ids")
        self._id_starts: NDArray[np.uint32] = mapped("ids-starts")
        self._id_rows: NDArray[np.uint32] = mapped("ids-rows")
        self._keys: NDArray[np.uint64] = mapped("keys")
        self._key_rows: NDArray[np.uint32] = mapped("keys-rows")
        with (folder / "people.json").open("rb") as blob:
            size = os.fstat(blob.fileno()).st_size
            self._blob: mmap.mmap | bytes = (
                mmap.mmap(blob.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
            )
        self._bytes = np.frombuffer(self._blob, np.uint8)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def fragments(self, rows: Sequence[int]) -> list[bytes]:
        """The people of these rows."""
        chosen = np.asarray(rows, np.int64)
        starts, ends = self._ends[chosen], self._ends[chosen + 1]
        blob = self._blob
        # one sweep over the lines of all people first: memory answers many at a time, but the loop
        # below would wait for each
        for line in range(0, _USUAL_LENGTH, _CACHE_LINE):
            self._bytes.take(starts + np.uint64(line), mode="clip")
        return [blob[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]

    def rows_of_ids(self, ids: NDArray[np.uint64]) -> list[int]:
        """Who has any of these numbers, in order, each once."""
        spread = ids * _SPREAD
        place = spread >> np.uint64(65 - len(self._id_starts).bit_length())
        at, end = self._id_starts[place], self._id_starts[place + np.uint64(1)]
        found = set()
        # all numbers take one step at a time together; a binary search of each would wait for
        # memory at each of its steps
        while len(live := np.flatnonzero(at < end)):
            spread, at, end = spread[live], at[live], end[live]
            found.update(self._id_rows[at[self._ids[at] == spread]].tolist())
            at = at + np.uint32(1)
        return sorted(found)

    def rows_of_keys(self, keys: NDArray[np.uint64]) -> list[tuple[list[int], bool]]:
        """Key by key who has it, and whether some had to be left out because it is too common."""
        first = np.searchsorted(self._keys, keys, "left")
        last = np.searchsorted(self._keys, keys, "right")
        kept = np.minimum(last, first + _LOOKED_AT)
        spans = zip(first.tolist(), kept.tolist(), (kept < last).tolist(), strict=True)
        return [(self._key_rows[a:b].tolist(), more) if a < b else _NOBODY for a, b, more in spans]
