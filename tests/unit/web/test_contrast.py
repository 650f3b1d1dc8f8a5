"""The design's colours can be read by everybody, in light and in dark."""

import re
from collections.abc import Mapping
from itertools import product

import pytest

from tests.support.paths import ROOT

TOKENS_OF = ROOT / "web" / "assets" / "css" / "parts"
TOKENS = (TOKENS_OF / "tokens.css").read_text()
_BLOCK = re.compile(r"(:root[^{]*)\{([^}]*)\}")
_VALUE = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
BLOCKS: dict[str, dict[str, str]] = {}
for _selector, _body in _BLOCK.findall(TOKENS):
    BLOCKS.setdefault(_selector.strip(), {}).update(_VALUE.findall(_body))
LIGHT = BLOCKS[":root"]
DARK = BLOCKS[':root[data-theme="dark"]']
THEMES = {"light": LIGHT, "dark": DARK}
GROUNDS = ("paper", "paper-soft")
SOFT = ("right", "wait", "wrong")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(values: Mapping[str, str], front: str, ground: str) -> float:
    lighter, darker = sorted((luminance(values[front]), luminance(values[ground])), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


MUST_BE_READ = [
    *product(("ink", "ink-soft"), GROUNDS),
    *((f"{kind}-ink", f"{kind}-soft") for kind in SOFT),
    *product(("ink",), ("action-soft", *(f"{kind}-soft" for kind in SOFT))),
    ("on-action", "action"),
    ("on-action", "action-strong"),
    ("on-mark", "mark"),
]
MAY_BE_READ = [
    *product(("action", "right-ink", "wait-ink", "wrong-ink"), GROUNDS),
    *((kind, ground) for kind in SOFT for ground in ("paper",)),
    ("ink-soft", "action-soft"),
    ("action", "action-soft"),
]
SHAPES = [*product(("control", "focus", "brand"), GROUNDS), ("right", "right-soft")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("pairs", "least"), [(MUST_BE_READ, 7.0), (MAY_BE_READ, 4.5), (SHAPES, 3.0)]
)
def test_text_and_shapes_stand_out_from_what_is_behind_them(
    theme: str, pairs: list[tuple[str, str]], least: float
) -> None:
    found = {pair: round(contrast(THEMES[theme], *pair), 2) for pair in pairs}
    assert {pair: value for pair, value in found.items() if value < least} == {}


def test_dark_is_the_same_whether_it_was_chosen_or_is_the_system_s() -> None:
    assert BLOCKS[":root:not([data-theme])"] == DARK
    assert set(DARK) == set(LIGHT)


def test_the_numbers_on_the_map_can_be_read_on_each_of_its_steps() -> None:
    css = (TOKENS_OF / "map_tokens.css").read_text()
    blocks = [dict(_VALUE.findall(body)) for body in re.findall(r"\.map \{([^}]*)\}", css)]
    light, dark, by_itself = blocks
    assert dark == by_itself
    for values in (light, dark):
        for step in range(5):
            front = "on-strong" if step > 2 else "on-light"
            assert contrast(values, front, f"step-{step}") >= 4.5, step


def test_no_part_of_the_styles_has_a_colour_of_its_own() -> None:
    own = {}
    for file in sorted((ROOT / "web" / "assets" / "css").rglob("*.css")):
        if file.name not in ("tokens.css", "map_tokens.css", "verify.css"):
            found = re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\([^)]*\)", file.read_text())
            own.update({file.name: found} if found else {})
    assert own == {}
