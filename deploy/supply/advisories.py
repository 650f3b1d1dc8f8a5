"""Whether faults are known of what is in a release, asked of an OSV server (https://osv.dev)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from packageurl import PackageURL

from deploy.supply.sbom import SOURCE

OSV = "https://api.osv.dev"
ACCEPTED: Mapping[str, str] = {}
"""Advisories that do not concern us, by their number, and why."""
_AT_ONCE = 500
_TIMEOUT_S = 20.0
Component = Mapping[str, Any]


class UnreachableError(Exception):
    """No server of advisories answered as it should: nothing was checked."""


def known_faults(documents: Sequence[str], server: str = OSV) -> dict[str, list[str]]:
    """The numbers of advisories by package (`name version`) over CycloneDX documents.

    Those that were accepted are left out. UnreachableError where not all could be asked for.
    """
    components = [one for text in documents for one in json.loads(text).get("components", [])]
    found: dict[str, list[str]] = {}
    try:
        with httpx.Client(base_url=server, timeout=_TIMEOUT_S) as client:
            for start in range(0, len(components), _AT_ONCE):
                part = components[start : start + _AT_ONCE]
                for component, numbers in zip(part, _asked(client, part), strict=True):
                    if open_ones := sorted(set(numbers) - set(ACCEPTED)):
                        found[f"{component['name']} {component['version']}"] = open_ones
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise UnreachableError(f"{server}: {type(error).__name__}") from error
    return found


def _asked(client: httpx.Client, components: Sequence[Component]) -> list[list[str]]:
    """The numbers for each component, page by page."""
    numbers: list[list[str]] = [[] for _ in components]
    queries = {at: query_of(component) for at, component in enumerate(components)}
    while queries:
        places = list(queries)
        answer = client.post("/v1/querybatch", json={"queries": [queries[at] for at in places]})
        results = answer.raise_for_status().json()["results"]
        pages = {}
        for at, result in zip(places, results, strict=True):
            numbers[at] += [one["id"] for one in result.get("vulns", [])]
            if token := result.get("next_page_token"):
                pages[at] = {**queries[at], "page_token": token}
        queries = pages
    return numbers


def query_of(component: Component) -> dict[str, Any]:
    """What OSV is asked about one component: Debian's by its source and release."""
    url = PackageURL.from_string(component["purl"])
    if url.type != "deb":
        return {"package": {"purl": component["purl"]}}
    source = next(one["value"] for one in component["properties"] if one["name"] == SOURCE)
    release = dict(url.qualifiers)["distro"].removeprefix("debian-")
    return {
        "package": {"name": source, "ecosystem": f"Debian:{release}"},
        "version": component["version"],
    }
