"""`python -m deploy.contracts [--check | --freeze]`: writes the contracts from the code, or tells
which differ, or freezes the baseline.
"""

import argparse
import sys
from pathlib import Path

from deploy.contracts.documents import as_json, files, openapis, schemas

FOLDER = Path(__file__).resolve().parents[2] / "contracts"


def main() -> None:
    """Writes, checks or freezes."""
    parser = argparse.ArgumentParser(prog="python -m deploy.contracts", description=__doc__)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail if a committed file differs from the code",
    )
    choice.add_argument(
        "--freeze", action="store_true", help="after a release: what v1 promises from now on"
    )
    chosen = parser.parse_args()
    if chosen.freeze:
        promised = schemas() | openapis()
        _write({f"baseline/{path}": as_json(document) for path, document in promised.items()})
        return
    texts = files()
    stale = [path for path, text in texts.items() if not _is_written(path, text)]
    if not chosen.check:
        _write({path: texts[path] for path in stale})
    elif stale:
        sys.exit(f"contracts differ from the code: {', '.join(stale)}; run `make contracts`")
    else:
        print("contracts agree with the code")


def _is_written(path: str, text: str) -> bool:
    file = FOLDER / path
    return file.exists() and file.read_text(encoding="utf-8") == text


def _write(texts: dict[str, str]) -> None:
    for path, text in texts.items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, encoding="utf-8")
    print(f"{len(texts)} contract files written")


if __name__ == "__main__":
    main()
