"""What the page of a found person is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts.products import PRODUCTS
from contracts.standing import HOLDERS, PAPERS, DoseStanding, Words, standing_of
from web.clients.records.models import CaseOfDose, FoundDose, FoundPeople, FoundPerson
from web.sessions.session import Session

PURPOSES: Final = (
    ("assistance", "Người dân đang ở đây", "The person is here"),
    ("correction", "Sửa dữ liệu", "To correct data"),
    ("complaint", "Giải quyết phản ánh", "To work on a complaint"),
)
UNLIKE: Final[Mapping[str, Words]] = {
    "accents": Words("ghi không dấu hoặc khác dấu", "written with other accents"),
    "order": Words("ghi theo thứ tự khác", "written in another order"),
    "name": Words("lúc tiêm ghi tên khác", "another name was typed"),
    "day_month_swapped": Words("ngày và tháng sinh bị đảo", "day and month of birth swapped"),
    "birth_date": Words("lúc tiêm ghi ngày sinh khác", "another birth date was typed"),
    "year_alone": Words("một bên chỉ có năm sinh", "one of the two is a year alone"),
}
FOUND_BY: Final[Mapping[str, Words]] = {
    "number": Words("Tìm thấy theo số định danh", "Found by the personal number"),
    "old_number": Words("Tìm thấy theo số giấy tờ cũ", "Found by an earlier number"),
    "typed_number": Words(
        "Số này được ghi cho các mũi dưới đây, nhưng chưa xác thực là của ai",
        "This number was typed for these doses; whose they are is not confirmed",
    ),
    "passport": Words("Tìm thấy theo hộ chiếu", "Found by passport"),
    "name": Words("Tìm thấy theo họ tên và ngày sinh", "Found by name and birth date"),
}


@dataclass(frozen=True, slots=True)
class DoseCard:
    """One dose: what it is, where it stands in words, and what can be printed."""

    dose: FoundDose
    product: str
    stands: DoseStanding
    holder: Words
    bring: tuple[Words, ...]
    print_token: str | None


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One person: who it is, how they were found, and their doses."""

    found: FoundPerson
    by: Words
    unlike: tuple[Words, ...]
    doses: tuple[DoseCard, ...]
    supplement_token: str


def cards(session: Session, people: FoundPeople) -> list[PersonCard]:
    """The found people as they are shown to this session."""
    return [_card(session, one) for one in people.items]


def _card(session: Session, one: FoundPerson) -> PersonCard:
    return PersonCard(
        found=one,
        by=FOUND_BY[str(one.found_by)],
        unlike=tuple(UNLIKE[str(code)] for code in one.unlike or ()),
        doses=tuple(_dose(session, dose) for dose in one.doses),
        supplement_token=session.remember(str(one.doses[0].dose_id)),
    )


def _dose(session: Session, dose: FoundDose) -> DoseCard:
    codes = [error.code for error in dose.errors]
    refusal = dose.not_due or None
    stands = standing_of(
        str(dose.state),
        codes,
        refusal,
        commune_known=bool(dose.person.commune_code),
        act=str(dose.case.act) if isinstance(dose.case, CaseOfDose) else None,
    )
    product = PRODUCTS.get(dose.product)
    uvci = dose.uvci if isinstance(dose.uvci, str) else None
    return DoseCard(
        dose=dose,
        product=product.name if product else dose.product,
        stands=stands,
        holder=HOLDERS[stands.holder],
        bring=tuple(PAPERS[paper] for paper in stands.bring),
        print_token=session.remember(uvci) if uvci and str(dose.state) == "issued" else None,
    )


def blank(values: Mapping[str, Any]) -> bool:
    """Whether nothing was typed into a form."""
    return not any(str(value).strip() for value in values.values())
