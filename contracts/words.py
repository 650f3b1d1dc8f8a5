"""The closed vocabularies that services exchange: states, grades, results and reasons."""

from enum import StrEnum


class State(StrEnum):
    """Where a dose stands; owned by records."""

    PENDING = "pending"
    ELIGIBLE = "eligible"
    ISSUED = "issued"
    NEEDS_CORRECTION = "needs_correction"
    IN_REVIEW = "in_review"
    WITHDRAWN = "withdrawn"


class Grade(StrEnum):
    """What a verification concluded; owned by the verifier."""

    EXACT = "exact"
    EQUIVALENT = "equivalent"
    REPAIRED = "repaired"
    EXEMPT = "exempt"
    REVIEW = "review"
    MISMATCH = "mismatch"
    NOT_FOUND = "not_found"
    ILL_FORMED_ID = "ill_formed_id"
    MISSING_ID = "missing_id"


class Result(StrEnum):
    """How one attribute as typed compares with the registry."""

    MATCH = "match"
    EQUIVALENT = "equivalent"
    PARTIAL = "partial"
    MISMATCH = "mismatch"
    ABSENT_IN_REQUEST = "absent_in_request"
    ABSENT_IN_REGISTRY = "absent_in_registry"


class Reason(StrEnum):
    """Why an attribute is not a plain match, in the words a worklist is filtered by."""

    # the name
    NAME_SPELLING = (
        "NAME_SPELLING"  # same name in other bytes, case, spacing or tone placement: equal
    )
    NAME_ENCODING = "NAME_ENCODING"  # TCVN3, VNI, VIQR or UTF-8 read as cp1252: equal once decoded
    DIACRITICS_MISSING = "DIACRITICS_MISSING"
    TONE_DIFFERS = "TONE_DIFFERS"
    NAME_ORDER = "NAME_ORDER"
    MIDDLE_NAME_MISSING = "MIDDLE_NAME_MISSING"
    NAME_ABBREVIATED = "NAME_ABBREVIATED"
    SPELLING_VARIANT = "SPELLING_VARIANT"  # i/y, s/x, tr/ch, l/n, d/gi
    NAME_TYPO = "NAME_TYPO"
    NAME_DIFFERS = "NAME_DIFFERS"
    NAME_MISSING = "NAME_MISSING"
    # the birth date
    DAY_MONTH_SWAPPED = "DAY_MONTH_SWAPPED"
    YEAR_ONLY = "YEAR_ONLY"
    DATE_DIGIT = "DATE_DIGIT"
    DATE_DIFFERS = "DATE_DIFFERS"
    DATE_IMPOSSIBLE = "DATE_IMPOSSIBLE"
    DATE_MISSING = "DATE_MISSING"
    # the sex
    SEX_DIFFERS = "SEX_DIFFERS"
    SEX_MISSING = "SEX_MISSING"
    # the number
    ID_MISSING = "ID_MISSING"
    ID_LEADING_ZERO_LOST = "ID_LEADING_ZERO_LOST"
    ID_SCIENTIFIC = "ID_SCIENTIFIC"
    ID_PUNCTUATED = "ID_PUNCTUATED"
    ID_IS_PHONE_NUMBER = "ID_IS_PHONE_NUMBER"
    ID_IS_INSURANCE_NUMBER = "ID_IS_INSURANCE_NUMBER"
    ID_IS_FILLER = "ID_IS_FILLER"
    ID_IS_TEXT = "ID_IS_TEXT"
    ID_LENGTH = "ID_LENGTH"
    ID_PREFIX = "ID_PREFIX"
    ID_CONTRADICTS_PERSON = (
        "ID_CONTRADICTS_PERSON"  # its sex digit or birth year is not the typed person's
    )
    ID_NOT_FOUND = "ID_NOT_FOUND"
    ID_DIGIT = "ID_DIGIT"
    ID_TRANSPOSED = "ID_TRANSPOSED"
    ID_AMBIGUOUS = "ID_AMBIGUOUS"  # one number, several registered people
    ID_OF_ANOTHER = "ID_OF_ANOTHER"  # the evidence points to somebody else than the number does
    OLD_ID = "OLD_ID"
    SUPERSEDED_ID = "SUPERSEDED_ID"
    PERSON_DECEASED = "PERSON_DECEASED"


class Doubt(StrEnum):
    """Why a dose waits for people although its person may be verified.

    More codes may come, so events and answers carry them as plain text.
    """

    SECOND_HAND = (
        "SECOND_HAND"  # only told of: not recorded where it was given (FHIR: primarySource false)
    )
    PATIENT_DECEASED = "PATIENT_DECEASED"  # its sender says that the person has died
    PATIENT_REPLACED = (
        "PATIENT_REPLACED"  # its sender says that another patient record took this one's place
    )
    YEAR_IN_DATE_CELL = "YEAR_IN_DATE_CELL"  # a year typed into a date cell became a day of 1905
    PERSON_CHANGED = "PERSON_CHANGED"  # a correction would give a certified dose to somebody else
    OTHER_THAN_RECORDED = (
        "OTHER_THAN_RECORDED"  # a correction names somebody else than the first version did
    )


class Mark(StrEnum):
    """What a dose is, beside the doubts on it: nobody has to decide on its person for that."""

    SUPPLEMENTED = "SUPPLEMENTED"  # recorded by another office from the slip of who gave it
    SUPPLEMENT_OPEN = "SUPPLEMENT_OPEN"  # so, and who gave it may still say no, or has said no


MARKS = frozenset(Mark)
"""Codes that travel with the doubts."""

ELIGIBLE_GRADES = frozenset({Grade.EXACT, Grade.EQUIVALENT, Grade.REPAIRED, Grade.EXEMPT})
"""Grades whose dose goes on to the signer."""

STATE_OF_GRADE = {
    **dict.fromkeys(ELIGIBLE_GRADES, State.ELIGIBLE),
    Grade.REVIEW: State.IN_REVIEW,
    Grade.MISMATCH: State.NEEDS_CORRECTION,
    Grade.NOT_FOUND: State.NEEDS_CORRECTION,
    Grade.ILL_FORMED_ID: State.NEEDS_CORRECTION,
    Grade.MISSING_ID: State.NEEDS_CORRECTION,
}
"""The state that a verification of each grade leads its dose to."""
