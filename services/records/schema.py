"""The tables of records.

A dose without a status row, or with one of an older version, is pending: so neither intake nor a
correction writes a status.
"""

from enum import IntEnum

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    false,
    func,
    text,
)

from contracts.words import State
from services.chassis.audit import audit_table
from services.chassis.encryption import BlindIndex, SealedField
from services.chassis.idempotency import idempotency_table
from services.chassis.inbox import inbox_table
from services.chassis.outbox import outbox_table


class RecordsLock(IntEnum):
    """The advisory locks of this database, each held by one transaction at a time."""

    CLUSTER_SEARCH = 4_206_202_205
    HISTORY_SEARCH = 4_206_202_207
    PROGRESS_COUNT = 4_206_202_209


metadata = MetaData()

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
idempotency = idempotency_table(metadata)
audit = audit_table(metadata)

# one draw gives a block of 500 ids: a chunk costs one round trip, not 500
dose_ids = Sequence("dose_id_block", metadata=metadata, start=1, increment=500)

batch = Table(
    "batch",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("submitted_by", String, nullable=False),
    Column("facility_code", String, comment="of a facility's own token"),
    Column("media_type", String, nullable=False),
    Column("received", Integer, nullable=False, server_default="0"),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column(
        "unchanged",
        Integer,
        nullable=False,
        server_default="0",
        comment="accepted rows that said nothing new",
    ),
    Column(
        "corrected",
        Integer,
        nullable=False,
        server_default="0",
        comment="accepted rows that made a new version",
    ),
    Column("warnings", Integer, nullable=False, server_default="0"),
    Column(
        "status",
        String,
        nullable=False,
        server_default="open",
        comment="open | complete | broken (the upload ended early)",
    ),
    Column(
        "sheets",
        ARRAY(String),
        comment="names of the sheets that were read; null: the file has none",
    ),
    Column(
        "sent_reach",
        ARRAY(String),
        comment="what its sender reached then: `f` or `r` and a code, `*` all; null: not known",
    ),
    Column("report", JSON, comment="what was understood of the file, and what was passed over"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
)


def _version_columns() -> tuple[Column[object], ...]:
    return (
        Column("version", SmallInteger, nullable=False),
        Column("batch_id", BigInteger, nullable=False),
        Column("row", Integer, nullable=False),
        Column(
            "digest",
            BigInteger,
            nullable=False,
            comment="64-bit digest of the content, to know the same again",
        ),
        Column("province_code", String, nullable=False),
        Column("district_code", String, nullable=False),
        Column("commune_code", String, nullable=False),
        Column("product", String, nullable=False),
        Column("lot", String, nullable=False),
        Column("dose_number", SmallInteger, nullable=False),
        Column("dose_kind", String, nullable=False),
        Column("date_given", Date, nullable=False),
        Column("person", LargeBinary, nullable=False, comment="sealed JSON of the person as typed"),
        Column("birth_year", SmallInteger),
        Column("identity", BigInteger, comment="blind index of the typed identity"),
        Column(
            "doubts",
            String,
            comment="codes, with spaces between: why people must decide; null: none",
        ),
    )


dose = Table(
    "dose",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("facility_code", String, nullable=False),
    Column("source_id", String, nullable=False),
    *_version_columns(),
    Column(
        "namesake",
        BigInteger,
        comment="blind index of typed name and birth date (`domain.namesakes`); null: not yet made",
    ),
    UniqueConstraint("facility_code", "source_id", name="dose_natural_key"),
    Index("dose_batch", "batch_id", "row"),
    Index("dose_namesake", "namesake", postgresql_where=text("namesake IS NOT NULL")),
    # nearly always empty: doses of a time before there was such an index, which are worked off
    Index("dose_unnamed", "id", postgresql_where=text("namesake IS NULL")),
)

RESIDENCE: ColumnElement[str] = dose.c.province_code + dose.c.district_code + dose.c.commune_code
"""A dose's area: the codes of province, district and commune in one text."""
_RESIDENCE_SQL = "dose.province_code || dose.district_code || dose.commune_code"


def sql(statement: str) -> str:
    """A statement as PostgreSQL takes it, of one that names states and the residence in braces.

    `{issued}` becomes the state's literal, `{residence}` the joined area codes of the table `dose`.
    """
    for state in State:
        statement = statement.replace(f"{{{state}}}", f"'{state}'")
    return statement.replace("{residence}", _RESIDENCE_SQL)


_OF_HISTORY: dict[str, Column[object]] = {
    "version": Column("version", SmallInteger, primary_key=True),
    "person": Column(
        "person", LargeBinary, comment="sealed JSON of the person as typed; null: forgotten"
    ),
}
dose_history = Table(
    "dose_history",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    *(_OF_HISTORY.get(column.name, column) for column in _version_columns()),
    Column("replaced_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("replaced_by", String, nullable=False, comment="subject of the caller"),
    Column("reason", String, nullable=False),
    Index("dose_history_batch", "batch_id", "row"),
    Index("dose_history_person", "replaced_at", postgresql_where=text("person IS NOT NULL")),
)

# append-only; a dose that was withdrawn before this was kept has none
withdrawal = Table(
    "withdrawal",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True),
    Column("withdrawn_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("withdrawn_by", String, nullable=False, comment="subject of the caller"),
    Column("reason", String, nullable=False, comment="a code, or words of the caller's own"),
)

batch_row = Table(
    "batch_row",
    metadata,
    Column("batch_id", BigInteger, primary_key=True, autoincrement=False),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("outcome", String, nullable=False, comment="rejected | unchanged | warned"),
    Column("source_id", String, nullable=False),
    Column("dose_id", BigInteger),
    Column("errors", JSON, nullable=False),
    Column(
        "raw",
        LargeBinary,
        comment="sealed JSON of a rejected row as typed, so that the file can be given back",
    ),
    Column(
        "codes",
        String,
        comment="messages by field and code, with blanks between; `*`: the next of `errors`",
    ),
    Index("batch_row_raw", "batch_id", postgresql_where=text("raw IS NOT NULL")),
)

# fillfactor: an issued dose updates its row in place (HOT), which no index may prevent: the indexed
# columns never change then. Before the first versions are cleared away a page holds both, the
# second longer by its code; fuller pages would send a third of the doses elsewhere, with two more
# index entries each. The person is what impossible histories are found by
dose_status = Table(
    "dose_status",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("grade", String),
    Column("reasons", ARRAY(String), nullable=False, server_default=text("'{}'")),
    Column("uvci", String),
    Column("refusal", String, comment="code of the rule by which no certificate is due"),
    Column(
        "person",
        BigInteger,
        comment=(
            "blind index of the registry's number, or of a foreigner's passport; null: not verified"
        ),
    ),
    Index("dose_status_person", "person", postgresql_where=text("person IS NOT NULL")),
    Index(
        "dose_status_duplicate",
        "dose_id",
        postgresql_where=text("refusal IN ('DUPLICATE_DOSE', 'DUPLICATE_KEPT')"),
    ),
    postgresql_with={"fillfactor": "40"},
)

PERSON_INDEX = BlindIndex()
"""Of `dose_status.person`, `typed_number.number` and `complaint.person`: by an ID number."""
PASSPORT_INDEX = BlindIndex("passport:")
"""Of `dose_status.person`: by a foreigner's nationality and passport, as `FR:12AB`."""
NAMESAKE_INDEX = BlindIndex("namesake:")
"""Of `dose.namesake`: by `domain.namesakes.namesake`."""

problem = Table(
    "problem",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("grade", String, nullable=False),
    Column("reasons", ARRAY(String), nullable=False),
    Column("facility_code", String, nullable=False),
    Column(
        "residence", String, nullable=False, comment="province, district and commune codes joined"
    ),
    Column("in_review", Boolean, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("birth_year", SmallInteger),
    Column("identity", BigInteger, comment="of the dose"),
    Column(
        "case_open",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="the verifier opened a case with this version; what came of it: `told_case`",
    ),
    Index("problem_identity", "identity"),
    Index("problem_residence", "residence", "dose_id"),
    Index("problem_facility", "facility_code", "dose_id"),
)

# what people did with the case of a dose, as the verifier told it; as it was opened it has no row
told_case = Table(
    "told_case",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("step", Integer, nullable=False, comment="grows with each change at one version"),
    Column("state", String, nullable=False),
    Column("act", String, nullable=False, comment="what was done last"),
    Column("waiting_for", String, comment="police | second_officer | station; null: nobody"),
    Column("since", DateTime(timezone=True), nullable=False),
)

# whom the verifier suggests for a dose of `problem`, of the same version; others are out of date
suggestion = Table(
    "suggestion",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("certain", String, comment="by which kind a policy calls the first certain; else null"),
    Column("person", BigInteger, nullable=False, comment="blind index of the first one's number"),
    Column("people", LargeBinary, nullable=False, comment="sealed JSON list, the likeliest first"),
    Column("dismissed_by", String, comment="subject who said that it is not the first"),
    Column("dismissed_at", DateTime(timezone=True)),
)

# who accepted a suggestion for which version of a dose; one that was taken back stays
acceptance = Table(
    "acceptance",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True),
    Column("person", LargeBinary, nullable=False, comment="sealed number of the suggested person"),
    Column("proof", String, nullable=False, comment="card | guardian | sight"),
    Column("role", String, nullable=False),
    Column("next_step", String, nullable=False, comment="verified_again | second_officer"),
    Column("accepted_by", String, nullable=False, comment="subject of the caller"),
    Column("accepted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("undone_by", String),
    Column("undone_at", DateTime(timezone=True)),
    Column("refused", String, comment="code: why it did not hold; null: it was not refused"),
    Column("refused_at", DateTime(timezone=True)),
)

# doses that people had to put right and that passed: how much of the mountain went, and when
mended = Table(
    "mended",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("mended_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("facility_code", String, nullable=False),
    Column("residence", String, nullable=False),
    Index("mended_at", "mended_at"),
)

SUGGESTED_PEOPLE = SealedField(b"suggestion:%d/people")
ACCEPTED_PERSON = SealedField(b"acceptance:%d/%d/person")

# what was typed into the ID column of doses whose person was not confirmed: one number on many
# names
typed_number = Table(
    "typed_number",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("number", BigInteger, nullable=False, comment="blind index of the number as typed"),
    Index("typed_number_number", "number"),
)

# how the registry calls the person of a dose for whom another name or birth date was typed, so that
# who is asked for by their papers is found
registered_namesake = Table(
    "registered_namesake",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("namesake", BigInteger, nullable=False, comment="blind index, as of `dose`"),
    Index("registered_namesake_namesake", "namesake"),
)

# one number may have been several people's
old_number = Table(
    "old_number",
    metadata,
    Column(
        "number",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="blind index of a number that a person had before",
    ),
    Column(
        "person",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="blind index of the registry's number",
    ),
)

# one row a handled chunk: whose histories have news. A queue, not a watermark: transactions commit
# in any order
history_news = Table(
    "history_news",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("persons", ARRAY(BigInteger), nullable=False),
    Column(
        "unconfirmed",
        ARRAY(BigInteger),
        nullable=False,
        comment="ids of doses whose typed number found nobody, or somebody else",
    ),
)

finding = Table(
    "finding",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", String, nullable=False),
    Column("dose_id", BigInteger, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("facility_code", String, nullable=False),
    Column(
        "residence", String, nullable=False, comment="province, district and commune codes joined"
    ),
    Column("other_dose_id", BigInteger, nullable=False),
    Column("other_version", SmallInteger, nullable=False),
    Column("other_facility_code", String, nullable=False),
    Column("other_residence", String, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("outcome", String, comment="how it was closed; null: open"),
    Column("closed_by", String),
    Column("closed_at", DateTime(timezone=True)),
    UniqueConstraint("kind", "dose_id", "other_dose_id", name="finding_of_two_doses"),
    Index("finding_dose", "dose_id"),
    Index("finding_other_dose", "other_dose_id"),
    Index("finding_facility", "facility_code", "id"),
    Index("finding_other_facility", "other_facility_code", "id"),
)

complaint_ids = Sequence("complaint_id", metadata=metadata)

complaint = Table(
    "complaint",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column(
        "office",
        String,
        nullable=False,
        comment="who must answer: a facility's five digits or a province's two",
    ),
    Column(
        "facility_code", String, nullable=False, comment="that the complaint names; empty: none"
    ),
    Column("province_code", String, nullable=False, comment="of residence"),
    Column(
        "person",
        BigInteger,
        comment="blind index of the citizen's own number; null: nobody signed in",
    ),
    Column("dose_id", BigInteger, comment="which dose it is about; null: none, or not known whose"),
    Column(
        "residence",
        String,
        comment="of the person, as of that dose: codes joined; null: not known",
    ),
    Column("text", LargeBinary, comment="sealed; null: forgotten"),
    Column("contact", LargeBinary, comment="sealed JSON: email, phone"),
    Column("picture", LargeBinary, comment="sealed"),
    Column("picture_type", String, comment="media type by its first bytes"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("answer", LargeBinary, comment="sealed"),
    Column("answered_by", String),
    Column("answered_at", DateTime(timezone=True)),
    Column(
        "corrected", String, comment="fields that the answer put right, blanks between; null: none"
    ),
    Index("complaint_office", "office", "id"),
    Index(
        "complaint_residence",
        "residence",
        "id",
        postgresql_where=text("residence IS NOT NULL"),
    ),
    Index("complaint_dose", "dose_id", postgresql_where=text("dose_id IS NOT NULL")),
    Index("complaint_person", "person", "id", postgresql_where=text("person IS NOT NULL")),
    Index(
        "complaint_answered",
        "answered_at",
        postgresql_where=text("text IS NOT NULL OR answer IS NOT NULL"),
    ),
    Index("complaint_unanswered", "due_at", postgresql_where=text("answered_at IS NULL")),
)

# a dose that a station recorded from its slip, and what the facility that gave it says of it
supplement = Table(
    "supplement",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("dose_id", BigInteger, nullable=False),
    Column("state", String, nullable=False, comment="of `supplements.rules`"),
    Column("facility_code", String, nullable=False, comment="who gave the dose"),
    Column("residence", String, nullable=False, comment="of the person, as it was recorded"),
    Column("recorded_by", String, nullable=False, comment="subject of the caller"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("contest_until", DateTime(timezone=True), nullable=False),
    Column("picture", LargeBinary, nullable=False, comment="sealed: the slip"),
    Column("picture_type", String, nullable=False, comment="media type by its first bytes"),
    Column("answered_by", String, comment="subject of who confirmed or contested it"),
    Column("answered_at", DateTime(timezone=True)),
    Column("reason", String, comment="code: why it is contested"),
    Column("words", LargeBinary, comment="sealed: what the facility says besides"),
    Column("ruled_by", String, comment="subject of who ruled on the contest"),
    Column("ruled_at", DateTime(timezone=True)),
    Column("own_dose_id", BigInteger, comment="the facility's own record of the same injection"),
    UniqueConstraint("dose_id", name="supplement_of_one_dose"),
    Index("supplement_facility", "facility_code", "id"),
    Index("supplement_residence", "residence", "id"),
    Index("supplement_due", "contest_until", postgresql_where=text("state = 'waiting'")),
)

SUPPLEMENT_PICTURE = SealedField(b"supplement:%d/picture")
SUPPLEMENT_WORDS = SealedField(b"supplement:%d/words")
"""Both bound to the dose's id."""

COMPLAINT_TEXT = SealedField(b"complaint:%d/text")
COMPLAINT_CONTACT = SealedField(b"complaint:%d/contact")
COMPLAINT_PICTURE = SealedField(b"complaint:%d/picture")
COMPLAINT_ANSWER = SealedField(b"complaint:%d/answer")
MAILBOX_INDEX = BlindIndex("mailbox:")
"""In no table: the name under which e-mails to one address are counted."""

# one a complaint, about how it stands when the letter leaves: so it holds nothing personal; gone
# once it was handed over
complaint_letter = Table(
    "complaint_letter",
    metadata,
    Column(
        "id",
        Uuid,
        primary_key=True,
        server_default=func.gen_random_uuid(),
        comment="the letter's name",
    ),
    Column("complaint_id", BigInteger, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="nobody tries before"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    UniqueConstraint("complaint_id", name="complaint_letter_of_one_complaint"),
    Index("complaint_letter_due", "due_at"),
)

# who asked for a passport that is not ready, or must bring papers; gone once it was handed over
standing_letter = Table(
    "standing_letter",
    metadata,
    Column("id", Uuid, primary_key=True, comment="the letter's name"),
    Column("kind", String, nullable=False, comment="why it is owed"),
    Column("content", LargeBinary, nullable=False, comment="sealed JSON: email, doses, complaint"),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="nobody tries before"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Index("standing_letter_due", "due_at"),
)
STANDING_LETTER = SealedField(b"standing_letter:%d/content")

daily_report = Table(
    "daily_report",
    metadata,
    Column("facility_code", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("administered", Integer, nullable=False),
    Column("reported_by", String, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

PROGRESS_COUNTS = (
    "recorded",
    "withdrawn",
    "pending",
    "not_sendable",
    "confirmed",
    "repaired",
    "exempt",
    "waiting",
    "issued",
    "worked",
)
"""Doses by what became of them; `docs/progress.md` defines each."""

# the doses of one facility given to people of one commune; all that progress shows is summed of it
progress_tally = Table(
    "progress_tally",
    metadata,
    Column(
        "residence", String, primary_key=True, comment="province, district and commune codes joined"
    ),
    Column("facility_code", String, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in PROGRESS_COUNTS),
    Column("oldest", DateTime(timezone=True), comment="since when the first of `waiting` waits"),
    Index("progress_tally_facility", "facility_code"),
)

progress_reason = Table(
    "progress_reason",
    metadata,
    Column("residence", String, primary_key=True),
    Column("facility_code", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("refused", Boolean, primary_key=True, comment="the reason is the signer's code"),
    Column("doses", Integer, nullable=False, comment="waiting; one with two reasons is in both"),
    Index("progress_reason_facility", "facility_code"),
)

# as a day's last count left it; of days before the first count only what could be derived is known
progress_day = Table(
    "progress_day",
    metadata,
    Column("kind", String, primary_key=True, comment="area | facility"),
    Column("code", String, primary_key=True, comment="of area or facility; empty: the country"),
    Column("day", Date, primary_key=True, comment="in Viet Nam"),
    *(Column(name, Integer, nullable=name != "recorded") for name in PROGRESS_COUNTS),
    Column("reported", Integer, comment="of facilities on the ground; null: not counted there"),
    Column("missing", Integer, comment="of reported doses, never uploaded"),
    Column("counted_at", DateTime(timezone=True), nullable=False),
    Index("progress_day_day", "day"),
)

# apart from `problem`: a correction that is still wrong leaves the worklist and comes back, its
# assignee stays
assignment = Table(
    "assignment",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("assignee", String, nullable=False),
    Column("assigned_by", String, nullable=False, comment="subject of the caller"),
    Column("assigned_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("assignment_assignee", "assignee"),
)

cluster = Table(
    "cluster",
    metadata,
    Column("id", String, primary_key=True, comment="kind, key and reason joined"),
    Column("kind", String, nullable=False, comment="facility | batch"),
    Column("key", String, nullable=False, comment="facility code or batch id"),
    Column("reason", String, nullable=False),
    Column(
        "facilities", String, nullable=False, comment="common beginning of the facilities' codes"
    ),
    Column("wrong", Integer, nullable=False, comment="doses with the reason, repaired ones too"),
    Column("waiting", Integer, nullable=False, comment="of these, waiting for people"),
    Column("total", Integer, nullable=False, comment="doses of the facility or batch"),
    Column(
        "elsewhere",
        Float,
        nullable=False,
        comment="share with the reason in the rest of the country",
    ),
    Column("score", Float, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("cluster_wrong", "wrong", "id"),
)

PREVIEW_INDEX = BlindIndex()
"""In no table: stands for what a rule would do to a cluster, as it was previewed."""

rule_run = Table(
    "rule_run",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("cluster_id", String, nullable=False),
    Column("rule", String, nullable=False),
    Column(
        "facilities", String, nullable=False, comment="common beginning of the facilities' codes"
    ),
    Column("applied_by", String, nullable=False, comment="subject of the caller"),
    Column("applied_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("undone_by", String, comment="subject of the caller"),
    Column("undone_at", DateTime(timezone=True)),
    Column("restored", Integer, nullable=False, server_default="0"),
)

rule_change = Table(
    "rule_change",
    metadata,
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False, comment="the version that the run made"),
)
