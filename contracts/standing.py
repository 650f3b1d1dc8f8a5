"""Where a dose stands, in the words of the person whose it is: who holds it, what to bring, what
comes next.

One table for the citizen's pages and letters, the desks and the problem documents.
"""

from collections.abc import Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from contracts.refusals import NOT_DUE, OF_SYSTEM, RefusalCode, advice_on
from contracts.words import Reason, State


class Stage(StrEnum):
    """The stations of a dose's way, in their order, and the ways off it."""

    RECORDED = "recorded"
    IDENTITY = "identity"
    SIGNING = "signing"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    NOT_DUE = "not_due"


class Holder(StrEnum):
    """Who has the dose in hand."""

    SYSTEM = "system"
    STATION = "station"
    FACILITY = "facility"
    POLICE = "police"
    PROVINCE = "province"
    MINISTRY = "ministry"
    NOBODY = "nobody"


class Paper(StrEnum):
    """What a person may be asked to bring."""

    CARD = "card"
    OLD_CARD = "old_card"
    BIRTH_CERTIFICATE = "birth_certificate"
    SLIP = "slip"


class Words(NamedTuple):
    """The same in Vietnamese and English."""

    vi: str
    en: str


class DoseStanding(NamedTuple):
    """Where a dose stands. `explanation`: what that means; `next`: what happens then, and what the
    person can do.
    """

    stage: Stage
    holder: Holder
    title: Words
    explanation: Words
    next: Words
    bring: tuple[Paper, ...] = ()


WAY = (Stage.RECORDED, Stage.IDENTITY, Stage.SIGNING, Stage.ISSUED)
"""The stations that every dose passes."""

STAGES = MappingProxyType(
    {
        Stage.RECORDED: Words("Cơ sở tiêm ghi nhận", "Recorded where it was given"),
        Stage.IDENTITY: Words("Xác thực dân cư", "Identity check"),
        Stage.SIGNING: Words("Ký số", "Signing"),
        Stage.ISSUED: Words("Đã cấp", "Issued"),
        Stage.WITHDRAWN: Words("Đã rút", "Withdrawn"),
        Stage.NOT_DUE: Words("Không phải cấp", "Not due"),
    }
)

HOLDERS = MappingProxyType(
    {
        Holder.SYSTEM: Words("Hệ thống xác thực dân cư", "The identity check"),
        Holder.STATION: Words("Trạm y tế xã nơi cư trú", "The health station of the commune"),
        Holder.FACILITY: Words("Cơ sở tiêm chủng", "The vaccination facility"),
        Holder.POLICE: Words("Công an xã nơi cư trú", "The police of the commune"),
        Holder.PROVINCE: Words("Sở Y tế tỉnh", "The provincial health department"),
        Holder.MINISTRY: Words("Bộ Y tế", "The Ministry of Health"),
        Holder.NOBODY: Words("Không ai còn phải làm gì", "Nobody has to do anything"),
    }
)

PAPERS = MappingProxyType(
    {
        Paper.CARD: Words("Thẻ căn cước (CCCD)", "The identity card (CCCD)"),
        Paper.OLD_CARD: Words("CMND cũ, nếu còn giữ", "The old card (CMND), if still at hand"),
        Paper.BIRTH_CERTIFICATE: Words(
            "Với trẻ em: giấy khai sinh có số định danh",
            "For a child: the birth certificate with the personal number",
        ),
        Paper.SLIP: Words("Giấy xác nhận tiêm", "The vaccination slip"),
    }
)

_IDENTITY = (Paper.CARD, Paper.BIRTH_CERTIFICATE)
_OF_PERSON = ("full_name", "date_of_birth")
_OLD_NUMBERS = frozenset({Reason.OLD_ID, Reason.SUPERSEDED_ID, Reason.ID_NOT_FOUND})

WAITING = DoseStanding(
    Stage.RECORDED,
    Holder.SYSTEM,
    Words("Đã ghi nhận, đang chờ xác thực", "Recorded, waiting for the identity check"),
    Words(
        "Mũi tiêm đã có trong hệ thống và đang được đối chiếu với dữ liệu dân cư.",
        "The dose is in the system and is being compared with the population registry.",
    ),
    Words(
        "Không phải làm gì. Việc đối chiếu thường xong trong ngày.",
        "There is nothing to do. The check usually ends the same day.",
    ),
)
CORRECTION = DoseStanding(
    Stage.IDENTITY,
    Holder.STATION,
    Words("Thông tin chưa khớp với dữ liệu dân cư", "The details do not agree with the registry"),
    Words(
        "Họ tên, ngày sinh, giới tính hoặc số định danh ghi lúc tiêm chưa khớp hoặc còn thiếu.",
        "The name, birth date, sex or number written down at the injection differs or is missing.",
    ),
    Words(
        "Mang giấy tờ đến nơi đang giữ hồ sơ; sau khi sửa, hộ chiếu được cấp tự động.",
        "Bring the papers to the office that holds it; once corrected, the passport is issued by"
        " itself.",
    ),
    _IDENTITY,
)
FACILITY_CORRECTION = CORRECTION._replace(holder=Holder.FACILITY)
"""The same where no commune of residence was written down."""
REVIEW = DoseStanding(
    Stage.IDENTITY,
    Holder.POLICE,
    Words("Công an đang xác minh danh tính", "The police are establishing the identity"),
    Words(
        "Có điểm chưa rõ mũi tiêm này là của ai, nên công an đối chiếu trước khi cấp.",
        "It is not clear enough whose dose this is, so the police compare before it is issued.",
    ),
    Words(
        "Chờ kết quả; nếu cần giấy tờ, công an hoặc trạm y tế sẽ báo. Đến sớm với giấy tờ thì"
        " nhanh hơn.",
        "Wait for the result; police or station ask if papers are needed. Coming with them is"
        " quicker.",
    ),
    _IDENTITY,
)
PAPERS_ASKED = REVIEW._replace(
    title=Words("Công an cần xem giấy tờ", "The police ask for papers"),
    next=Words(
        "Mang giấy tờ đến công an hoặc trạm y tế xã nơi cư trú.",
        "Bring the papers to the police or the health station of the commune.",
    ),
)
"""A case that waits for the person's papers."""
SIGNING = DoseStanding(
    Stage.SIGNING,
    Holder.MINISTRY,
    Words("Đã xác thực, đang chờ ký số", "Identity checked, waiting to be signed"),
    Words(
        "Thông tin đã khớp. Bộ Y tế ký số từng mũi tiêm.",
        "The details agree. The Ministry of Health signs each dose.",
    ),
    Words(
        "Không phải làm gì. Việc ký số thường xong trong ngày.",
        "There is nothing to do. Signing usually ends the same day.",
    ),
)
DOSE_WRONG = DoseStanding(
    Stage.SIGNING,
    Holder.FACILITY,
    Words(
        "Thông tin mũi tiêm cần xem lại trước khi ký",
        "The dose's details must be checked before signing",
    ),
    Words(
        "Người tiêm đã đúng, nhưng ngày tiêm, số mũi hoặc tên vắc xin chưa hợp lệ.",
        "The person is right, but the date, number or vaccine of the dose does not hold.",
    ),
    Words(
        "Mang giấy xác nhận tiêm đến cơ sở tiêm; sau khi sửa, hộ chiếu được cấp tự động.",
        "Bring the vaccination slip to the facility; once corrected, the passport is issued by"
        " itself.",
    ),
    (Paper.SLIP, Paper.CARD),
)
NAME_UNSIGNABLE = DOSE_WRONG._replace(
    holder=Holder.STATION,
    title=Words(
        "Họ tên hoặc ngày sinh cần xem lại trước khi ký",
        "The name or birth date must be checked before signing",
    ),
    explanation=Words(
        "Họ tên hoặc ngày sinh đã đăng ký không ghi được vào chứng nhận.",
        "The registered name or birth date cannot be written into a certificate.",
    ),
    next=CORRECTION.next,
    bring=_IDENTITY,
)
SYSTEM_FAULT = DoseStanding(
    Stage.SIGNING,
    Holder.PROVINCE,
    Words("Chưa ký được do lỗi hệ thống", "Not signed because of a fault of the system"),
    Words(
        "Mũi tiêm không sai; cơ quan cấp phải sửa hệ thống.",
        "Nothing is wrong with the dose; the issuer must mend the system.",
    ),
    Words(
        "Không phải sửa gì. Nếu quá lâu, hãy khiếu nại để tỉnh xử lý.",
        "There is nothing to correct. If it takes too long, complain to the province.",
    ),
)
ISSUED = DoseStanding(
    Stage.ISSUED,
    Holder.NOBODY,
    Words("Đã cấp", "Issued"),
    Words("Mũi tiêm đã có trong hộ chiếu vắc xin.", "The dose is in the vaccine passport."),
    Words(
        "Mở hộ chiếu trong ứng dụng, hoặc nhận qua email ở trang tra cứu.",
        "Open the passport in the app, or have it mailed from the look-up page.",
    ),
)
TOO_YOUNG = DoseStanding(
    Stage.NOT_DUE,
    Holder.NOBODY,
    Words("Chưa đến tuổi được cấp hộ chiếu", "Too young for a passport"),
    Words(
        "Mũi tiêm đã được ghi nhận và xác thực; người tiêm chưa đủ tuổi được cấp.",
        "The dose is recorded and checked; the person is below the age of issue.",
    ),
    Words("Không phải sửa gì.", "There is nothing to correct."),
)
KEPT_DUPLICATE = DoseStanding(
    Stage.NOT_DUE,
    Holder.NOBODY,
    Words("Bản ghi trùng với một mũi đã cấp", "A duplicate of a dose that was issued"),
    Words(
        "Cùng một mũi tiêm được ghi hai lần; mũi kia đã có trong hộ chiếu.",
        "One injection was recorded twice; the other record is in the passport.",
    ),
    Words("Không phải sửa gì.", "There is nothing to correct."),
)
WITHDRAWN = DoseStanding(
    Stage.WITHDRAWN,
    Holder.FACILITY,
    Words("Đã rút", "Withdrawn"),
    Words(
        "Bản ghi này đã được rút vì ghi nhầm hoặc ghi trùng.",
        "This record was withdrawn as entered in error or twice.",
    ),
    Words(
        "Nếu mũi tiêm có thật, hãy khiếu nại kèm ảnh giấy xác nhận tiêm.",
        "If the dose was given, complain and add a picture of the vaccination slip.",
    ),
    (Paper.SLIP,),
)
NOTHING_RECORDED = Words(
    "Chưa có mũi tiêm nào của người này được xác thực. Nếu đã tiêm, hãy xem mũi tiêm đang ở đâu;"
    " nếu không thấy, hãy khiếu nại thiếu mũi tiêm kèm ảnh giấy xác nhận tiêm.",
    "No dose of this person has been verified. If one was given, look where it stands; if it is"
    " missing there, complain of a missing dose with a picture of the vaccination slip.",
)
"""Where nothing stands under a person's number."""

SUPPLEMENT_OPEN = DoseStanding(
    Stage.SIGNING,
    Holder.FACILITY,
    Words("Chờ cơ sở tiêm xác nhận", "Waiting for the facility to confirm"),
    Words(
        "Trạm y tế đã ghi bổ sung mũi tiêm này theo giấy; cơ sở đã tiêm còn thời hạn trả lời.",
        "The station recorded this dose from its slip; the facility that gave it may still answer.",
    ),
    Words(
        "Không phải làm gì. Hết hạn mà cơ sở không phản đối thì mũi tiêm được ký số.",
        "There is nothing to do. It is signed once the time is over without a contest.",
    ),
)
"""A station recorded it from its slip, and the facility that gave it may say no, or has said so."""

FIELDS = MappingProxyType(
    {
        "full_name": Words("họ tên", "name"),
        "date_of_birth": Words("ngày sinh", "birth date"),
        "sex": Words("giới tính", "sex"),
        "personal_id": Words("số định danh", "personal number"),
        "passport_number": Words("số hộ chiếu", "passport number"),
        "nationality": Words("quốc tịch", "nationality"),
        "phone": Words("số điện thoại", "telephone"),
        "province_code": Words("tỉnh cư trú", "province of residence"),
        "district_code": Words("huyện cư trú", "district of residence"),
        "commune_code": Words("xã cư trú", "commune of residence"),
        "product": Words("tên vắc xin", "vaccine"),
        "lot": Words("số lô", "lot"),
        "dose_number": Words("số mũi", "dose number"),
        "dose_kind": Words("loại mũi", "kind of dose"),
        "date_given": Words("ngày tiêm", "date given"),
    }
)
"""What a correction may change, as people call it."""

_OF_REFUSAL = {
    RefusalCode.TOO_YOUNG: TOO_YOUNG,
    RefusalCode.DUPLICATE_KEPT: KEPT_DUPLICATE,
    RefusalCode.SUPPLEMENT_OPEN: SUPPLEMENT_OPEN,
}
_BY_STATE = {
    State.PENDING: WAITING,
    State.NEEDS_CORRECTION: CORRECTION,
    State.IN_REVIEW: REVIEW,
    State.ELIGIBLE: SIGNING,
    State.ISSUED: ISSUED,
    State.WITHDRAWN: WITHDRAWN,
}


_BY_ACT = {
    "papers_asked": PAPERS_ASKED,
    "sent_back": CORRECTION,
    "sent_to_police": REVIEW,
    "answered": REVIEW,
    "first_confirmed": REVIEW,
}
_WITH_PEOPLE = (State.NEEDS_CORRECTION, State.IN_REVIEW)


def standing_of(
    state: str | None,
    reasons: Sequence[str] = (),
    refusal: str | None = None,
    *,
    commune_known: bool = True,
    act: str | None = None,
) -> DoseStanding:
    """Where a dose of this state stands; no state: it waits for its first check.

    `refusal`: the code by which the signer gave no certificate. `commune_known`: a commune of
    residence was written down, whose station holds what must be corrected. `act`: what people did
    last with its case, a `CaseAct`.
    """
    state = State(state or State.PENDING)
    if state is State.ELIGIBLE and refusal is not None:
        return _refused(refusal)
    standing = _BY_STATE[state]
    if state in _WITH_PEOPLE and act is not None:
        standing = _BY_ACT.get(act, standing)
    if standing is CORRECTION:
        standing = CORRECTION if commune_known else FACILITY_CORRECTION
        if _OLD_NUMBERS.intersection(reasons):
            return standing._replace(bring=(Paper.CARD, Paper.OLD_CARD, Paper.BIRTH_CERTIFICATE))
    return standing


def _refused(code: str) -> DoseStanding:
    if code in NOT_DUE:
        return _OF_REFUSAL.get(RefusalCode(code), KEPT_DUPLICATE)
    if code in OF_SYSTEM:
        return SYSTEM_FAULT
    return NAME_UNSIGNABLE if advice_on(code).field in _OF_PERSON else DOSE_WRONG
