"""A certificate is seen within the reach of its dose: nobody reads the country by UVCI."""

from urllib.parse import quote

from contracts.access import Role
from tests.security.certified import FACILITY, RESIDENCE, certified
from tests.support.stack import System


async def test_the_staff_of_another_area_is_told_that_there_is_no_such_certificate(
    target: System,
) -> None:
    _, uvci = await certified(target, 0)
    path = f"/signer/v1/certificates/{quote(uvci, safe='')}"
    answers = {}
    for role, limits in (
        (Role.FACILITY, {"facility": FACILITY}),
        (Role.STATION, {"areas": [RESIDENCE]}),
        (Role.POLICE, {"areas": ["79"]}),
        (Role.FACILITY, {"facility": "79013"}),
        (Role.STATION, {"areas": ["7976026735"]}),
        (Role.POLICE, {"areas": ["01"]}),
        (Role.PROVINCE, {"areas": ["68"]}),
    ):
        async with target.client(role, **limits) as client:
            for suffix in ("", ".png", ".pdf"):
                answer = await client.get(path + suffix)
                answers[role, str(limits), suffix] = answer.status_code
    assert list(answers.values()) == [200] * 9 + [404] * 12, answers
