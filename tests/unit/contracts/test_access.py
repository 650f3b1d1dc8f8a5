import pytest

from contracts.access import Role, reach_of

DALAT = "6867224769"


@pytest.mark.parametrize(
    ("role", "claims", "sees_own", "sees_resident", "sees_other"),
    [
        (Role.FACILITY, {"facility": "68001"}, True, False, False),
        (Role.STATION, {"areas": [DALAT]}, False, True, False),
        (Role.POLICE, {"areas": ["68672"]}, False, True, False),
        (Role.PROVINCE, {"areas": ["68"]}, True, True, False),
        (Role.MINISTRY, {}, True, True, True),
        (Role.SERVICE, {}, True, True, True),
        (Role.CITIZEN, {"personal_id": "068180000001"}, False, False, False),
    ],
)
def test_each_role_reaches_what_is_its_own(
    role: Role, claims: dict[str, object], sees_own: bool, sees_resident: bool, sees_other: bool
) -> None:
    reach = reach_of(frozenset({role.value}), claims)
    assert reach.covers("68001", "0100100001") is sees_own
    assert reach.covers("40020", DALAT) is sees_resident
    assert reach.covers("40020", "0100100001") is sees_other


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"facility": ""},
        {"facility": None},
        {"areas": []},
        {"areas": [""]},
        {"areas": "68"},
        {"areas": 5},
        {"areas": [68]},
        {"areas": ["6"]},
        {"areas": ["686"]},
        {"areas": ["6867"]},
        {"areas": ["686722"]},
        {"areas": ["68672247"]},
        {"areas": ["68672247690"]},
        {"areas": ["٦٨"]},
        {"areas": [" 68"]},
    ],
)
def test_a_role_without_its_claim_reaches_nothing(claims: dict[str, object]) -> None:
    for role in (Role.FACILITY, Role.STATION, Role.POLICE, Role.PROVINCE, Role.CITIZEN):
        reach = reach_of(frozenset({role.value}), claims)
        assert not reach.covers("68001", DALAT)
        assert not reach.may_record_for("68001")


@pytest.mark.parametrize("area", ["68672", DALAT])
def test_a_part_of_a_province_reaches_its_people_and_no_facility(area: str) -> None:
    reach = reach_of(frozenset({Role.PROVINCE.value}), {"areas": [area, "79"]})
    assert reach.residences == (area, "79")
    assert reach.facilities == ("79",)
    assert reach.covers("40020", DALAT)
    assert not reach.covers("68001", "0100100001")
    assert not reach.may_record_for("68001")
