"""What `--people` and `--doses` were given: a size, or files of one's own."""

import glob
import re
from collections.abc import Iterator
from pathlib import Path

from deploy.cli.client import media_type_of
from deploy.stubs.registry import archive
from deploy.stubs.registry.build import folder_of
from deploy.stubs.registry.sources import PeopleFile, PeopleFileError

_SIZE = re.compile(r"[0-9]{1,3}(?:[,._][0-9]{3})+|[0-9]+")
_BETWEEN = re.compile(r"[\s,;]+")
_WILD = re.compile(r"[*?\[]")
_DIGITS = re.compile(r"([0-9]+)")


class GivenError(ValueError):
    """What was given is no size and no file that can be used; the text says so in both
    languages.
    """


def people_of(text: str, fewest: int = 10) -> int | Path:
    """How many people to make up, or the file of the registry's people; GivenError where it is
    neither.
    """
    size = _size(text, fewest)
    return _file(text) if size is None else size


def doses_of(text: str) -> int | list[Path]:
    """How many doses to make up, or the files to push, in order; GivenError where one is not there.

    Files stand between spaces or commas; a folder stands for the files of doses in it, by name, and
    `*` for what it fits.
    """
    size = _size(text, 1)
    return list(_files(text.strip())) if size is None else size


def check_people(file: Path, cache: Path) -> None:
    """GivenError where the registry could not read the file; one that it has read before (`cache`)
    is not read again.
    """
    source = PeopleFile(file)
    try:
        if archive.is_whole(folder_of(cache, source)):
            return
        for portion in source.portions():
            for _ in portion.people():
                pass
    except PeopleFileError as error:
        raise GivenError(f"{file}: {error}") from error
    except OSError as error:
        raise GivenError(f"{file}: không đọc được / cannot be read ({error.strerror})") from error


def _size(text: str, fewest: int) -> int | None:
    if not _SIZE.fullmatch(text.strip()):
        return None
    size = int(re.sub(r"\D", "", text))
    if size < fewest:
        raise GivenError(f"{text}: ít nhất / at least {fewest}")
    return size


def _files(text: str) -> Iterator[Path]:
    """The files named by `text`; a name may hold spaces and commas, so the longest one that is
    there counts.
    """
    ends = [match.start() for match in _BETWEEN.finditer(text)] + [len(text)]
    at = 0
    while at < len(text):
        name = next(
            (text[at:end] for end in reversed(ends) if end > at and _exists(_path(text[at:end]))),
            None,
        )
        if name is None:
            name = text[at : next(end for end in ends if end > at)]
        path = _path(name)
        if _exists(path) and path.is_dir():
            yield from _in_folder(path)
        elif not _exists(path) and _WILD.search(name):
            yield from _fitting(name)
        else:
            yield _file(name)
        at += len(name)
        if between := _BETWEEN.match(text, at):
            at = between.end()


def _in_folder(folder: Path) -> list[Path]:
    files = [
        file
        for file in folder.iterdir()
        if file.is_file() and media_type_of(file) and not file.name.startswith((".", "~$"))
    ]
    if not files:
        raise GivenError(f"{folder}: không có tệp mũi tiêm nào / no file of doses in it")
    return sorted(files, key=_in_order)


def _fitting(pattern: str) -> list[Path]:
    files = [path for name in glob.glob(str(_path(pattern))) if (path := Path(name)).is_file()]  # noqa: PTH207
    if not files:
        raise GivenError(f"{pattern}: không có tệp nào / no such file")
    return sorted(files, key=_in_order)


def _in_order(file: Path) -> list[tuple[int, str]]:
    """As people number files: day2 before day10."""
    return [
        (int(part), "") if part.isdecimal() else (0, part)
        for part in _DIGITS.split(file.name.casefold())
    ]


def _file(name: str) -> Path:
    path = _path(name.strip())
    if not _exists(path):
        raise GivenError(f"{name[:200]}: không có tệp này / no such file")
    if path.is_dir():
        raise GivenError(f"{path}: là thư mục, cần một tệp / a folder, a file is needed")
    return path


def _path(name: str) -> Path:
    return Path(name).expanduser()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # longer than a name can be, or with a sign that no name has
        return False
