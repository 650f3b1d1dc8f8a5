"""QR codes as pictures, made on request.

Alphanumeric mode and error correction Q (eu-dcc-hcert-spec 1.0.8): an ES256 certificate is then
version 19 (93 modules a side).
"""

import io

import segno

PNG_SCALE = 8
"""Dots a module: version 19 with its margin is 808 dots."""
MARGIN = 4
SIDE_MM = 42.0
"""Printed width of a code without its margin: 59 mm from corner to corner, of the 35 to 60 that the
specification recommends.
"""
_MM = 25.4

# the standard lets the maker choose among eight masks; weighing them costs four fifths of the time,
# and dense codes hardly differ
_MASK = 3


def png(text: str, scale: int = PNG_SCALE) -> bytes:
    """The QR code of `text` as PNG, `scale` dots a module; who prints it as it is gets it `SIDE_MM`
    wide.
    """
    out = io.BytesIO()
    code = _code(text)
    code.save(
        out,
        kind="png",
        scale=scale,
        border=MARGIN,
        dpi=round(_modules(code) * scale / (SIDE_MM / _MM)),
    )
    return out.getvalue()


def svg(text: str) -> bytes:
    """The QR code of `text` as SVG that fits where it is put: one unit a module, on white."""
    return to_print(text)[0]


def to_print(text: str) -> tuple[bytes, float]:
    """The same, and how many mm wide it is printed, with its margin, so that the code itself is
    `SIDE_MM` wide.
    """
    out = io.BytesIO()
    code = _code(text)
    code.save(
        out, kind="svg", border=MARGIN, light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    modules = _modules(code)
    return out.getvalue(), SIDE_MM * (modules + 2 * MARGIN) / modules


def _modules(code: segno.QRCode) -> int:
    return int(code.symbol_size(border=0)[0])


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="q", mode="alphanumeric", boost_error=False, mask=_MASK)
