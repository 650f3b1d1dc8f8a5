"""Names that old systems wrote are read back, and a right name is never touched, whatever was typed
wrong in it.
"""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sample import encodings, spelling
from deploy.sample.population import synthesise
from vietnamese.encoded_names import decoded_name

NAMES = sorted({person.full_name for person in synthesise(12_000, 2022).people()})
ENCODERS = (encodings.tcvn3, encodings.vni, encodings.viqr, encodings.utf8_as_cp1252)
SLIPS = (
    spelling.abbreviated, spelling.apostrophe, spelling.decomposed, spelling.eth,
    spelling.middle_dropped, spelling.minority_form,
    spelling.no_accents, spelling.order_swapped, spelling.spelling, spelling.tone_before_modifier,
    spelling.tone_placement,
    spelling.wrong_tone, spelling.zero_width,
)  # fmt: skip
SYLLABLES = sorted({word for name in NAMES for word in name.split()})
CAPITALS = [name.upper() for name in NAMES]
Encode = Callable[[str], str]


def _1252(code: int) -> str:
    return bytes([code]).decode("cp1252", "replace")


def _received(encode: Encode, name: str) -> str:
    """The name as intake has it: its cells are trimmed, and the no-break spaces of a spreadsheet
    are spaces.
    """
    return " ".join(encode(name).split())


def _same(name: str, found: str) -> bool:
    # TCVN3 has few capitals: where all letters of a short name are accented, nothing says that it
    # was in capitals
    return found == name or (name.isupper() and found == name.title())


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("NguyÔn ThÞ Hßa", "Nguyễn Thị Hòa"),
        ("NguyÔn V¨n ¸nh", "Nguyễn Văn Ánh"),
        ("§Æng V¨n §øc", "Đặng Văn Đức"),
        ("§ç ¸nh", "Đỗ Ánh"),
        ("TR¦¥NG V¡N TÊN", "TRƯƠNG VĂN TẤN"),
        ("Nguyeãn Thò Hoøa", "Nguyễn Thị Hòa"),
        ("NGUYEÃN VAÊN AÙNH", "NGUYỄN VĂN ÁNH"),
        ("Nguye^~n Thi. Ho`a", "Nguyễn Thị Hòa"),
        ("DDa(.ng Va(n DDu+'c", "Đặng Văn Đức"),
        ("Nguyá»…n Thá»‹ HÃ²a", "Nguyễn Thị Hòa"),
        ("TrÃ Thá»‹ HoÃ i", "Trà Thị Hoài"),
        ("Cao BÃ\u00adch Oanh", "Cao Bích Oanh"),
        ("H'Hen NiÃª", "H'Hen Niê"),
    ],
)
def test_a_name_in_each_encoding_is_read(typed: str, name: str) -> None:
    assert decoded_name(typed) == name


@pytest.mark.parametrize(
    "name",
    [
        # foreign and minority names with signs of an encoding
        "Nguyen Loïc", "Nguyên Naïm", "Maï Lan", "José Peña", "Jürgen Müller", "Raúl Nguyen",
        "Zoë Tran", "Noël Lê", "Têrêsa Lan",
        "Phêrô Trân", "Ka Bêi", "Y Phôn Mlô", "H'Hen Niê", "Kpă H'Brối", "Rơ Châm Siu",
        "Tran Mª Lan",
        # stray signs, footnotes, abbreviations and lost letters
        "Nguyen Thi Thu¹", "Nguyen Thi. Hoa", "Nguyễn Thi. Hoa", "Le · Anh", "Le A. Tuan",
        "Nguyen A.N", "Y` Phon Nie", "Tran Thi Hoa'",
        "Lª · Anh", "Tr\u00adan Van Hu\u00adng", "Cao Ho?ng", "Ho?ng Tu?n", "Nguyen Thi Hoa(Lan)",
        "Trần Văn A (B)", "Nguyễn Văn A + B",
        # what reads as it stands may be right: Vũ Bích My in TCVN3
        "Vò BÝch My", "Cao Minh Sôn", "HÃ Quang",
        # Tuyết in TCVN3, but a name in VNI too
        "Chu Thu TuyÕt",
        "", "Hòa", "¸nh",
    ],
)  # fmt: skip
def test_what_may_be_a_right_name_is_left_alone(name: str) -> None:
    assert decoded_name(name) is None


def test_no_right_name_of_a_population_changes_nor_one_with_a_slip() -> None:
    rng = Random(5)
    assert [name for name in NAMES if decoded_name(name) or decoded_name(name.lower())] == []
    assert [name for name in CAPITALS if decoded_name(name)] == []
    slipped = [new for slip in SLIPS for name in NAMES if (new := slip(rng, name))]
    assert len(slipped) > 5 * len(NAMES)
    assert [name for name in slipped if decoded_name(name)] == []


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=5).map(" ".join))
def test_no_right_words_in_any_order_change(name: str) -> None:
    assert decoded_name(name) is None


@pytest.mark.parametrize("encode", ENCODERS)
def test_an_encoded_name_is_read_as_itself_or_not_at_all_and_nine_of_ten_are_read(
    encode: Encode,
) -> None:
    for names in (NAMES, CAPITALS):
        encoded = [(name, typed) for name in names if (typed := _received(encode, name)) != name]
        read = [(name, found) for name, typed in encoded if (found := decoded_name(typed))]
        assert [(name, found) for name, found in read if not _same(name, found)] == []
        assert len(read) > 0.9 * len(encoded)


@pytest.mark.parametrize("encode", ENCODERS)
@given(name=st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=4).map(" ".join))
def test_right_words_in_any_order_are_read_as_themselves_or_not_at_all(
    encode: Encode, name: str
) -> None:
    found = decoded_name(_received(encode, name))
    assert found is None or _same(name, found)


@pytest.mark.parametrize("encode", ENCODERS)
def test_what_was_read_reads_as_it_stands(encode: Encode) -> None:
    assert [
        found
        for name in NAMES
        if (found := decoded_name(_received(encode, name))) and decoded_name(found)
    ] == []


SIGNS = bytes(range(32, 256)).decode("latin-1") + "".join(map(_1252, range(128, 160)))


@given(
    st.one_of(
        st.text(),
        st.text(SIGNS, max_size=20),
        st.lists(st.text(SIGNS, max_size=4), max_size=5).map(" ".join),
    )
)
def test_every_text_is_answered_and_no_answer_is_the_text_itself(name: str) -> None:
    assert decoded_name(name) != name
