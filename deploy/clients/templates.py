"""The generator's templates with what a client of ours needs besides: bodies of any media type, and
values that came after it was made.
"""

import shutil
from importlib.resources import files
from pathlib import Path

_OWN = Path(__file__).parent / "own_templates"
_MENDED = {
    "endpoint_module.py.jinja": {
        # what is sent says its own media type
        'headers["Content-Type"] = "{{ body.content_type': (
            'headers["Content-Type"] = '
            """{{ 'body.mime_type or ' if body.body_type == 'content' }}"{{ body.content_type"""
        ),
        # it is forgotten where one of several bodies may be sent
        "from ...types import Response, UNSET": "from ...types import Response, UNSET, Unset",
    },
    "endpoint_macros.py.jinja": {
        # an async client takes bytes or what is read piece by piece, but no file
        '_kwargs["content"] = body.payload': (
            '_kwargs["content"] = body.payload'
            ' if hasattr(body.payload, "__aiter__") else body.payload.read()'
        ),
    },
}


class OtherTemplateError(RuntimeError):
    """A new release of the generator writes this otherwise: see what there is to mend in it."""


def write_templates(folder: Path) -> None:
    """Puts into `folder` the templates that differ from the generator's own; OtherTemplateError."""
    shutil.copytree(_OWN, folder)
    for name, passages in _MENDED.items():
        text = (files("openapi_python_client") / "templates" / name).read_text(encoding="utf-8")
        for theirs, ours in passages.items():
            if theirs not in text:
                raise OtherTemplateError(f"{name}: {theirs}")
            text = text.replace(theirs, ours)
        (folder / name).write_text(text, encoding="utf-8")
