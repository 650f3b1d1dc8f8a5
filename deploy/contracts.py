"""Writes the committed contracts from the code: JSON Schemas of the events, OpenAPI of each service and of the registry, AsyncAPI, samples."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from contracts.topics import TOPICS
from deploy.contract_documents import asyncapi, openapi_documents, samples

FOLDER = Path(__file__).resolve().parents[1] / "contracts"


def documents() -> dict[str, str]:
    """Every generated file by its path below `contracts/`."""
    made: dict[str, Any] = {f"events/{topic.name}.json": topic.model.model_json_schema() for topic in TOPICS}
    made.update({f"openapi/{name}.json": document for name, document in openapi_documents().items()})
    made["asyncapi.json"] = asyncapi()
    made.update({f"samples/{name}.json": sample for name, sample in samples().items()})
    return {path: json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n" for path, content in made.items()}


def main() -> None:
    """`python -m deploy.contracts [--check]`: writes them, or tells which differ."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    stale = []
    for path, content in documents().items():
        file = FOLDER / path
        if not file.exists() or file.read_text() != content:
            stale.append(path)
            if not check:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
    if check and stale:
        sys.exit(f"contracts differ from the code: {', '.join(stale)}; run `make contracts`")
    print(f"{len(stale)} contract files written" if not check else "contracts agree with the code")


if __name__ == "__main__":
    main()
