"""What is in a release is listed as the standard has it, under licences that may ship, and known
faults are never taken for unknown ones.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.supply import advisories, licences, packages, sbom
from deploy.supply.__main__ import NOT_CHECKED, check, write_lists

Answers = Callable[[str], dict[str, Any]]
"""What a server of advisories says of a query, written as JSON."""
STATUS = """Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.17-1~deb12u2
Description: Secure Sockets Layer toolkit
 more: than one line

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: libgcc-s1
Status: install ok installed
Architecture: amd64
Source: gcc-12 (12.2.0-14)
Version: 12.2.0-14+deb12u1
"""
LOCKED = packages.locked()
OF_PAGES = packages.locked_for_pages()
IMAGE = sbom.text(sbom.of_image("hochieu:1", packages.installed_in(STATUS), "12"))


@pytest.fixture(scope="module")
def listed() -> str:
    return sbom.text(sbom.of_lock(LOCKED))


def assert_valid(document: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None


def test_the_lock_s_list_is_valid_and_has_every_package_with_its_hashes(listed: str) -> None:
    assert_valid(listed)
    components = {(one["name"], one["version"]): one for one in json.loads(listed)["components"]}
    assert set(components) == {(one.name, one.version) for one in LOCKED}
    for one in LOCKED:
        digests = {digest["content"] for digest in components[one.name, one.version]["hashes"]}
        assert digests == set(one.digests), one.name
    assert len(LOCKED) > 50


def test_the_list_says_who_needs_whom(listed: str) -> None:
    needs = {one["ref"]: one.get("dependsOn", []) for one in json.loads(listed)["dependencies"]}
    starlette = [ref for ref in needs if ref.startswith("starlette==")]
    fastapi = next(ref for ref in needs if ref.startswith("fastapi=="))
    assert fastapi in needs["root"]
    assert set(starlette) <= set(needs[fastapi])


@pytest.mark.parametrize("name", [one.name for one in LOCKED if one.applies])
def test_every_package_that_ships_may(name: str) -> None:
    assert licences.may_ship(name, licences.licence_of(name))


def test_a_licence_that_asks_for_more_does_not_ship() -> None:
    for refused in ("GPL-3.0-only", "LGPL-2.1-or-later", "MIT AND AGPL-3.0-only", "MPL-2.0"):
        assert not licences.may_ship("any", refused), refused
    for allowed in ("MIT", "GPL-2.0-only OR MIT", "(MIT OR LGPL-3.0-only) AND BSD-2-Clause"):
        assert licences.may_ship("any", allowed), allowed
    assert licences.may_ship("certifi", "MPL-2.0")
    assert not licences.may_ship("certifi", "GPL-3.0-only")


@pytest.mark.parametrize("name", [one.name for one in LOCKED if one.applies])
def test_every_library_that_a_wheel_brings_with_it_is_named_and_may_ship(name: str) -> None:
    named = licences.BUNDLED.get(name, {})
    assert licences.bundled_libraries(name) <= set(named)
    for library, expression in named.items():
        assert licences.may_ship(library, expression), library


def test_exceptions_are_of_what_ships() -> None:
    shipped = {one.name for one in LOCKED} | {one.name for one in OF_PAGES}
    inside = {library for libraries in licences.BUNDLED.values() for library in libraries}
    assert set(licences.BUNDLED) <= shipped
    assert set(licences.EXCEPTIONS) <= shipped | inside
    assert licences.bundled_libraries("numpy"), "the names of libraries are seen"


@pytest.mark.parametrize("package", OF_PAGES, ids=[one.name for one in OF_PAGES])
def test_every_package_in_the_pages_styles_and_scripts_may_ship(
    package: packages.PagePackage,
) -> None:
    assert licences.may_ship(package.name, package.licence)
    for library, expression in licences.BUNDLED.get(package.name, {}).items():
        assert licences.may_ship(library, expression), library


def test_the_list_has_what_the_pages_are_built_of_and_not_what_builds_them() -> None:
    document = sbom.text(sbom.of_lock(LOCKED, OF_PAGES))
    assert_valid(document)
    components = {one["purl"]: one for one in json.loads(document)["components"]}
    of_npm = {purl.rpartition("@")[0] for purl in components if purl.startswith("pkg:npm/")}
    assert {"pkg:npm/htmx.org", "pkg:npm/%40fontsource/be-vietnam-pro"} <= of_npm
    assert not of_npm & {"pkg:npm/esbuild", "pkg:npm/axe-core"}
    font = next(one for purl, one in components.items() if "be-vietnam-pro" in purl)
    assert font["licenses"] == [{"license": {"id": "OFL-1.1"}}]
    assert len(font["hashes"][0]["content"]) == 128
    assert advisories.query_of(font)["package"]["purl"] == font["purl"]


def test_an_image_s_list_is_valid_and_names_the_sources_of_its_packages() -> None:
    assert_valid(IMAGE)
    components = {one["name"]: one for one in json.loads(IMAGE)["components"]}
    assert set(components) == {"libssl3", "libgcc-s1"}
    assert advisories.query_of(components["libssl3"]) == {
        "package": {"name": "openssl", "ecosystem": "Debian:12"},
        "version": "3.0.17-1~deb12u2",
    }
    assert advisories.query_of(components["libgcc-s1"])["package"]["name"] == "gcc-12"


def test_the_packages_of_an_image_are_read_from_a_container_that_never_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "status").write_text(STATUS)
    (tmp_path / "os-release").write_text('NAME="Debian"\nVERSION_ID="12"\n')
    engine = tmp_path / "docker"
    engine.write_text(
        "#!/bin/sh\n"
        f'echo "$1" >> {tmp_path}/said\n'
        "case $1 in\n"
        '  create) test "$2" = hochieu:1 && echo made ;;\n'
        f'  cp) cp "{tmp_path}/$(basename "$2")" "$3" ;;\n'
        "esac\n"
    )
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    _, of_image = write_lists(tmp_path / "build", "hochieu:1")
    names = {one["name"] for one in json.loads(of_image.read_text())["components"]}
    assert names == {"libssl3", "libgcc-s1"}
    assert (tmp_path / "said").read_text().split() == ["create", "cp", "cp", "rm"]
    with pytest.raises(SystemExit):
        write_lists(tmp_path / "build", "another:1")


@contextmanager
def osv(answer: Answers) -> Iterator[str]:
    """A small server of advisories."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            results = [answer(json.dumps(query)) for query in queries]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": results}).encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def of_h11(query: str) -> dict[str, Any]:
    """Two pages of faults of one package, none of the others."""
    if "pkg:pypi/h11@" not in query:
        return {}
    if "page_token" in query:
        return {"vulns": [{"id": "PYSEC-2"}]}
    return {"vulns": [{"id": "GHSA-1"}], "next_page_token": "next"}


def test_known_faults_are_told_and_end_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lists(tmp_path, None)
    with osv(of_h11) as server:
        assert check(tmp_path, server) == 1
    h11 = next(one for one in LOCKED if one.name == "h11")
    assert f"h11 {h11.version}: GHSA-1, PYSEC-2" in capsys.readouterr().out


def test_no_known_fault_is_told_as_checked_and_ends_with_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lists(tmp_path, None)
    (tmp_path / "sbom-image.json").write_text(IMAGE)
    asked: list[str] = []

    def nothing(query: str) -> dict[str, Any]:
        asked.append(query)
        return {}

    with osv(nothing) as server:
        assert check(tmp_path, server) == 0
    assert len(asked) == len(LOCKED) + len(OF_PAGES) + 2
    assert capsys.readouterr().out.startswith("Checked sbom.json and sbom-image.json: 0 packages")


def broken(_: str) -> dict[str, Any]:
    return {"vulns": "none"}


def test_where_nobody_answers_one_line_says_that_nothing_was_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lists(tmp_path, None)
    assert check(tmp_path, "http://127.0.0.1:9") == NOT_CHECKED
    with osv(broken) as server:
        assert check(tmp_path, server) == NOT_CHECKED
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("NOT CHECKED for known faults: no advisories could be reached")


def test_an_accepted_fault_is_left_out(listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisories, "ACCEPTED", {"GHSA-1": "why", "PYSEC-2": "why"})
    with osv(of_h11) as server:
        assert advisories.known_faults([listed], server) == {}
