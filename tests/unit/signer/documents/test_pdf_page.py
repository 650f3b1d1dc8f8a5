"""The page to print: every letter shown, everything on one sheet, read back by tools that did not
make it.
"""

import unicodedata
from datetime import date, timedelta
from typing import Literal

import pypdfium2
import pytest
from PIL import Image

from contracts.ids import DoseId
from contracts.products import PRODUCTS
from contracts.uvci import Uvci
from services.signer.documents import pdf_page
from services.signer.documents.view import ShownCertificate
from services.signer.domain.passport import CertificateContent
from services.signer.hcert.cose import Kid
from services.signer.store.certificates import ReplacedEdition, StoredCertificate
from services.signer.store.intents import PersonIndex, StoredIntent
from tests.support.pages import DPI, read_page, read_qr_codes
from tests.unit.signer.conftest import NOW

UVCI = Uvci("URN:UVCI:01:VN:WWWWWWWWWWWWWWWWWWWWWWWWWW#A")
QR = "HC1:" + "6BFOXN%TSMAHN-H9Q" * 34
ORIGIN = "https://hochieu.example.vn"
TONES = "\u0300\u0301\u0303\u0309\u0323"
VOWELS = ("a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y")
LETTERS = [
    unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in ("", *TONES)
] + ["đ"]


def shown(
    family: str,
    rest: str,
    *,
    nationality: str = "VN",
    product: str = "comirnaty",
    days_left: int = 365,
    renewed: bool = False,
) -> ShownCertificate:
    of = PRODUCTS[product]
    dose = {
        "mp": of.eu_mp,
        "ma": of.eu_ma,
        "vp": of.eu_vp,
        "dn": 2,
        "sd": 2,
        "dt": "2021-08-01",
        "ci": UVCI,
    }
    names = {"fn": family, "gn": rest, "fnt": "WWWW" * 20, "gnt": "WWWW<" * 16}
    claims = {-260: {1: {"nam": names, "dob": "1980-05-03", "v": [dose]}}}
    expires = NOW + timedelta(days=days_left)
    intent = StoredIntent(
        DoseId(1),
        1,
        UVCI,
        Kid(b"k" * 8),
        PersonIndex(1),
        date(2021, 8, 1),
        b"",
        expires - timedelta(days=365),
        expires,
    )
    replaced = ReplacedEdition(UVCI, expires - timedelta(days=335)) if renewed else None
    return ShownCertificate(
        StoredCertificate(intent, b"", None, replaced),
        CertificateContent(claims, nationality),
        "female",
        QR,
    )


@pytest.mark.parametrize("in_capitals", [False, True])
def test_every_letter_of_vietnamese_is_printed_and_looks_like_no_other(in_capitals: bool) -> None:
    letters = [letter.upper() if in_capitals else letter for letter in LETTERS]
    seen: dict[str, tuple[tuple[int, int], bytes]] = {}
    for at in range(0, len(letters), 25):  # as many as fit on a line
        some = letters[at : at + 25]
        page = read_page(pdf_page.certificate(shown("Tên", " ".join(some)), ORIGIN, NOW))
        assert "Tên " + " ".join(some) in page.lines
        drawn = {letter: page.image.crop(box) for letter, box in page.boxes if letter in some}
        seen |= {letter: (picture.size, picture.tobytes()) for letter, picture in drawn.items()}
    assert set(seen) == set(letters)
    assert all(min(dots) < 128 for _, dots in seen.values())
    assert len(set(seen.values())) == len(letters)


@pytest.mark.parametrize("form", ["NFD", "NFC"])
def test_a_name_is_printed_the_same_however_it_is_encoded(form: Literal["NFD", "NFC"]) -> None:
    name = unicodedata.normalize(form, "Nguyễn Thị Ngọc Ánh Đức")
    family, _, rest = name.partition(" ")
    assert (
        "Nguyễn Thị Ngọc Ánh Đức"
        in read_page(pdf_page.passport([shown(family, rest)], ORIGIN, NOW)).lines
    )


@pytest.mark.parametrize(
    ("days_left", "mark"), [(-1, "ĐÃ HẾT HẠN · EXPIRED"), (1, "Đã gia hạn; mã cũ đến")]
)
@pytest.mark.parametrize("nationality", ["VN", "BQ", "AE"])
@pytest.mark.parametrize("product", PRODUCTS)
def test_the_longest_names_fit_on_the_one_page_and_leave_the_code_its_size(
    product: str, nationality: str, days_left: int, mark: str
) -> None:
    longest = shown(
        "Nguyễn" * 13,
        "Phương Thùy " * 6 + "Trang",
        nationality=nationality,
        product=product,
        days_left=days_left,
        renewed=True,
    )
    page = read_page(pdf_page.passport([longest], ORIGIN, NOW))
    text, level, diagonal = page.code()
    assert (page.size_mm, text, level) == ((210, 297), QR, "Q")
    assert 58.5 < diagonal < 60
    assert mark in page.lines
    assert UVCI in page.lines


@pytest.mark.parametrize("length", [560, 880, 1_200])
def test_the_code_is_as_large_as_the_specification_says_however_much_is_in_it(length: int) -> None:
    qr = QR[:4] + (QR[4:] * 3)[: length - 4]
    pdf = pdf_page.certificate(shown("Hồ", "Ánh")._replace(qr=qr), ORIGIN, NOW)
    page = read_page(pdf)
    text, level, diagonal = page.code()
    assert (text, level) == (qr, "Q")
    assert 58.5 < diagonal < 60
    left, top, right, bottom = _dark(page.image)
    drawn = [(right - left) / DPI * 25.4, (bottom - top) / DPI * 25.4]
    assert drawn == pytest.approx([42, 42], abs=0.2)
    document = pypdfium2.PdfDocument(pdf)
    coarse = document[0].render(scale=150 / 72, grayscale=True).to_pil()
    assert [code.text for code in read_qr_codes(coarse)] == [qr], (
        "also where it is scanned at 150 dots an inch"
    )


def _dark(page: Image.Image) -> tuple[int, int, int, int]:
    """Where the code is black on the page, in dots."""
    (code,) = read_qr_codes(page)
    near = 40
    corner, end = code.position.top_left, code.position.bottom_right
    box = (corner.x - near, corner.y - near, end.x + near, end.y + near)
    left, top, right, bottom = page.crop(box).point(
        lambda dot: 255 if dot < 128 else 0
    ).getbbox() or (0, 0, 0, 0)
    return left, top, right, bottom


def test_only_a_certificate_that_has_expired_is_marked_as_such() -> None:
    assert (
        "HẾT HẠN"
        not in read_page(pdf_page.passport([shown("Hồ", "Ánh", days_left=1)], ORIGIN, NOW)).words
    )


def test_what_looks_like_markup_is_printed_as_it_is() -> None:
    name = '#read("/etc/hostname") *$x$ [a] \\ "'
    assert "Hồ " + name in read_page(pdf_page.passport([shown("Hồ", name)], ORIGIN, NOW)).lines
