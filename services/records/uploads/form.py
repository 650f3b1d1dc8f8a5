"""`multipart/form-data`: takes the one file out of a form while it streams by."""

from contextlib import suppress

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.chassis.errors import ServiceError
from services.records.uploads.formats import file_errors
from services.records.uploads.formats.detect import UNKNOWN, declared_type

_MAX_PARTS = 64


class FormFile:
    """Takes the bytes of a form and gives those of its file.

    A file is a part that has a file name, or is named `file`; other fields are passed over.
    ServiceError 422 where there is no file, or more than one. `declared`: the type that the browser
    says, once the file has begun.
    """

    def __init__(self, content_type: str) -> None:
        self.declared = UNKNOWN
        self._name, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._taken: list[bytes] = []
        self._parts = self._files = 0
        self._in_file = self._ended = False
        boundary = parse_options_header(content_type.encode("latin-1", "replace"))[1].get(
            b"boundary", b""
        )
        if not boundary:
            raise file_errors.form_broken()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._data,
                    "on_part_end": self._end,
                    "on_end": self._end_of_form,
                },
            )
        except FormParserError as error:
            raise file_errors.form_broken() from error

    def feed(self, data: bytes) -> bytes:
        """The bytes of the file within these."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise file_errors.form_broken() from error
        content, self._taken = b"".join(self._taken), []
        return content

    def finish(self) -> None:
        """Ends the form; ServiceError 422 where it, or its file, is not complete."""
        if not self._ended:
            raise file_errors.form_broken()
        if not self._files:
            raise file_errors.form_without_file()

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise file_errors.form_of_files()
        self._headers, self._name, self._value = {}, b"", b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def _headers_end(self) -> None:
        options = parse_options_header(self._headers.get(b"content-disposition", b""))[1]
        filename = options.get(b"filename", options.get(b"filename*"))
        # a browser sends a part without a name for a file that nobody chose
        self._in_file = filename != b"" if filename is not None else options.get(b"name") == b"file"
        if not self._in_file:
            return
        self._files += 1
        if self._files > 1:
            raise file_errors.form_of_files()
        with suppress(ServiceError):
            self.declared = declared_type(self._headers.get(b"content-type", b"").decode("latin-1"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._taken.append(data[start:end])

    def _end(self) -> None:
        self._in_file = False

    def _end_of_form(self) -> None:
        self._ended = True
