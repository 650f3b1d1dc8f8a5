"""Made-up names, those of minorities in their own forms.

A name is three pieces written one after the other; each piece carries its own space: `Nguyễn ` `Thị
` `Hòa `, `H'` `Hen ` `Niê `.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from deploy.sample import name_words as words

Indexes = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Form:
    """How the names of one people are made, for women and men of three eras: the pieces, with their
    weights where they are not even.

    `family` says which piece a child has from its parent; None: no family name.
    """

    pieces: dict[str, tuple[tuple[str, str, str], ...]]
    family: int | None


def _kinh(surnames: str) -> Form:
    return Form(
        {
            sex: tuple(
                (surnames, middle[sex], given[sex])
                for middle, given in (
                    (words.MIDDLE_BEFORE_1975, words.GIVEN_BEFORE_1975),
                    (words.MIDDLE_BEFORE_1998, words.GIVEN_BEFORE_1998),
                    (words.MIDDLE_SINCE_1998, words.GIVEN_SINCE_1998),
                )
            )
            for sex in ("female", "male")
        },
        family=0,
    )


def _same_in_every_era(
    female: tuple[str, str, str], male: tuple[str, str, str], family: int | None
) -> Form:
    return Form({"female": (female,) * 3, "male": (male,) * 3}, family)


FORMS = {
    "kinh_north": _kinh(words.SURNAMES_NORTH),
    "kinh_south": _kinh(words.SURNAMES_SOUTH),
    # the prefix tells the sex, the given name comes first, the clan's name is the mother's
    "ede": _same_in_every_era(
        ("H'_", "Hen Lim Wê Nhiên Djuê Ngôn Mơ Blă Dim Rơi Bing Thuyên Jê Phương Linh Mi~Sa",
        words.EDE_CLANS),
        ("Y", "Phôn Moan Thông Bhiu Wơn Blơm Djăm Krông Suăn Tuấn Lia Khiêm Ngen Plô Hăng Bình",
        words.EDE_CLANS),
        family=2,
    ),
    # no family name at all
    "kho": _same_in_every_era(
        ("Ka", "-", "Thơm Nhiên Hiền Brơi Juyên Thuỷ Lis Rim Dung Linh"),
        ("K'_", "-", "Brối Brèo Tuấn Long Sơn Dũng Wăn Điệp Mẫn Chung"),
        family=None,
    ),
    "hmong": _same_in_every_era(
        ("Giàng Vàng Sùng Thào Lầu Hạng Cứ Mùa Má Tráng", "Thị",
        "Mỷ Dợ Sua Máy Chứ Pà Dí Mo Chía Xua Dở Ca Si Giống Say"),
        ("Giàng Vàng Sùng Thào Lầu Hạng Cứ Mùa Má Tráng", "A Seo Mí",
        "Páo Chua Tủa Sính Dế Phừ Lử Sình Vàng Chớ Dinh Pó Nủ Sùng Chinh"),
        family=0,
    ),
    "thai": _same_in_every_era(
        ("Lò Cầm Quàng Lường Hà Vi Tòng Cà Bạc Điêu Hoàng", "Thị",
        "Ún Piếng Hoa Inh Pản Dọn Chiêm Thơm Xôm Khoa Phóng Hặc Yêu Phương"),
        ("Lò Cầm Quàng Lường Hà Vi Tòng Cà Bạc Điêu Hoàng", "Văn",
        "Ún Inh Pâng Thoong Dọn Phong Panh Ích Tiên Xôm Khụt Đôi Biên Thiết"),
        family=0,
    ),
    "khmer": _same_in_every_era(
        ("Thạch Kim Sơn Danh Châu Lâm Thị Néang", "Thị -",
        "Sa~Rây Sô~Phia Đa Na Pha Rạ Rết Ni Hên Srây Thi Sa~Quanh"),
        ("Thạch Kim Sơn Danh Châu Lâm Tăng Chau", "Sa Đa Văn -",
        "Rây Rone Thia Vuông Khêl Sết Rinh Mươl Phol Thol Soi Hoàng Tha"),
        family=0,
    ),
}  # fmt: skip
"""By people. Their order is that of the codes in `Names.draw`."""


def _words(text: str) -> tuple[list[str], NDArray[np.float64]]:
    """`Thị 80; - 4` or `Lan Hoa` as pieces with their spaces, and their shares."""
    if ";" in text:
        pairs = [entry.split() for entry in text.split(";") if entry.strip()]
        listed, weights = (
            [word for word, _ in pairs],
            np.array([float(weight) for _, weight in pairs]),
        )
    else:
        listed = text.split()
        weights = np.ones(len(listed))
    pieces = [
        "" if word == "-" else word[:-1] if word.endswith("_") else word.replace("~", " ") + " "
        for word in listed
    ]
    return pieces, weights / weights.sum()


class Names:
    """The tables of pieces, and names drawn from them as three indexes each."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._index: dict[str, int] = {}
        self._tables = {
            (people, sex, era): tuple(self._table(text) for text in texts)
            for people, form in FORMS.items()
            for sex, eras in form.pieces.items()
            for era, texts in enumerate(eras)
        }
        self.twins = {
            sex: np.array(
                [
                    [self._piece(f"{one.replace('~', ' ')} ") for one in pair.split()]
                    for pair in text.split(";")
                ]
            )
            for sex, text in words.TWINS.items()
        }

    def _piece(self, piece: str) -> int:
        if piece not in self._index:
            self._index[piece] = len(self.pieces)
            self.pieces.append(piece)
        return self._index[piece]

    def _table(self, text: str) -> tuple[Indexes, NDArray[np.float64]]:
        pieces, shares = _words(text)
        return np.array([self._piece(piece) for piece in pieces], np.uint16), np.cumsum(shares)

    def draw(
        self,
        rng: np.random.Generator,
        people: NDArray[np.uint8],
        female: NDArray[np.bool_],
        year: NDArray[np.int64],
    ) -> Indexes:
        """Names for everyone: array of (n, 3) indexes of pieces."""
        era = (year >= 1975).astype(np.uint8) + (year >= 1998)
        drawn = np.zeros((len(people), 3), np.uint16)
        for code, name in enumerate(FORMS):
            for sex, is_female in (("female", True), ("male", False)):
                for number in range(3):
                    chosen = np.flatnonzero(
                        (people == code) & (female == is_female) & (era == number)
                    )
                    for slot, (indexes, shares) in enumerate(self._tables[name, sex, number]):
                        drawn[chosen, slot] = indexes[
                            np.minimum(
                                np.searchsorted(shares, rng.random(len(chosen))), len(indexes) - 1
                            )
                        ]
        return drawn

    def text(self, one: int, two: int, three: int) -> str:
        """A name as it is written."""
        return (self.pieces[one] + self.pieces[two] + self.pieces[three]).rstrip()


@cache
def names() -> Names:
    """The tables, made once."""
    return Names()
