"""The pages' styles and scripts are built when something changed; what fails says so plainly."""

import json
import re
import sys
from pathlib import Path

import pytest

from deploy.pages.built import SOURCES, STATIC, CannotBuildError, build, digest
from tests.support.paths import ROOT


def small(folder: Path) -> Path:
    sources = folder / "assets"
    (sources / "js").mkdir(parents=True)
    (sources / "package.json").write_text('{"name": "small"}')
    (sources / "package-lock.json").write_text('{"name": "small", "lockfileVersion": 3}')
    (sources / "build.mjs").write_text(
        'import { mkdirSync, appendFileSync } from "node:fs";\n'
        "mkdirSync(process.argv[2], { recursive: true });\n"
        'appendFileSync(process.argv[2] + "/runs", "1");\n'
    )
    return sources


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A small project whose packages are there already."""
    sources = small(tmp_path)
    (sources / "node_modules").mkdir()
    lock = (sources / "package-lock.json").read_text()
    (sources / "node_modules" / ".installed-from").write_text(lock)
    return sources


def test_nothing_is_built_twice_for_the_same_sources(tmp_path: Path, installed: Path) -> None:
    static = tmp_path / "static"
    assert "were built" in build(installed, static)
    assert "are ready" in build(installed, static)
    (installed / "js" / "new.js").write_text("1;")
    assert "were built" in build(installed, static)
    assert (static / "runs").read_text() == "11"


def test_packages_and_the_lock_file_of_a_build_are_no_sources(installed: Path) -> None:
    before = digest(installed)
    (installed / "node_modules" / "more").write_text("")
    (installed / ".lock").write_text("")
    assert digest(installed) == before
    (installed / "build.mjs").write_text("// other")
    assert digest(installed) != before


def test_a_build_that_fails_says_so_in_one_sentence(tmp_path: Path, installed: Path) -> None:
    (installed / "build.mjs").write_text("throw new Error('no')")
    with pytest.raises(CannotBuildError, match="styles and scripts could not be built") as failure:
        build(installed, tmp_path / "static")
    assert "\n" not in str(failure.value)


def test_a_registry_that_is_not_reached_is_told_in_one_plain_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = small(tmp_path)
    lock = {
        "name": "small",
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": {"any": "1.0.0"}},
            "node_modules/any": {"version": "1.0.0", "integrity": "sha512-" + "A" * 86 + "=="},
        },
    }
    (sources / "package.json").write_text('{"name": "small", "dependencies": {"any": "1.0.0"}}')
    (sources / "package-lock.json").write_text(json.dumps(lock))
    for name, value in {
        "npm_config_registry": "http://127.0.0.1:9/",
        "npm_config_fetch_retries": "0",
        "npm_config_cache": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CannotBuildError, match="is its registry reached from here") as failure:
        build(sources, tmp_path / "static")
    assert "\n" not in str(failure.value)


def test_what_was_built_is_small_names_its_content_and_brings_its_licences() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    for name in ("css/main.css", "js/main.js", "js/htmx.js", "icons.svg"):
        assert (STATIC / manifest[name]).exists()
        assert manifest[name] != name
    first_load = sum(
        (STATIC / f"{manifest[name]}{ending}").stat().st_size
        for name, ending in (
            *((f"files/be-vietnam-pro-{one}-normal.woff2", "") for one in (
                "latin-400", "vietnamese-400", "latin-700", "vietnamese-700")),
            *((one, ".gz") for one in ("css/main.css", "js/main.js", "js/htmx.js", "icons.svg")),
        )
    )  # fmt: skip
    assert first_load < 96_000, "a page itself, and its own script, must find place in 100 kB"
    licences = (STATIC / "licences.txt").read_text()
    for words in ("htmx.org 2", "SIL OPEN FONT LICENSE", "ISC License"):
        assert words in licences, words


def test_the_scripts_evaluate_no_text_and_inject_no_style() -> None:
    scripts = [path.read_text() for path in (STATIC / "js").glob("*.js")]
    for script in scripts:
        assert "eval(" not in script.replace("evaluationIsForbidden(", "")
    # shared by several pages, it is a part of its own
    [htmx] = [
        script for script in scripts if "allowEval:" in script and "selfRequestsOnly:" in script
    ]
    assert "includeIndicatorStyles:!1" in htmx
    assert "allowEval:!1" in htmx


def test_the_lock_holds_no_address() -> None:
    text = (SOURCES / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert "registry." not in text


def test_every_icon_that_a_template_asks_for_is_in_the_sprite() -> None:
    sprite = (STATIC / json.loads((STATIC / "manifest.json").read_text())["icons.svg"]).read_text()
    asked = {
        name
        for file in (ROOT / "web").rglob("*.html")
        if "node_modules" not in file.parts
        for name in re.findall(r'icon(?:_name=|\()"(\w+)"', file.read_text())
    }
    assert {name for name in asked if f'id="{name}"' not in sprite} == set()


def test_without_node_the_step_that_brings_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(CannotBuildError, match=r"make \.venv/build"):
        build(small(tmp_path), tmp_path / "static")
