"""What was concluded of a batch: of each of its doses what holds now, whatever was corrected or
verified anew since.
"""

from typing import Any

from contracts.access import Role
from tests.integration.verifier.work import AREA, ELSEWHERE, HANH, KHOI, SON, Pipeline, typed


async def _of_batch(
    pipeline: Pipeline, batch_id: int, area: str = AREA, limit: int = 2
) -> list[dict[str, Any]]:
    """Everything, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    async with pipeline.officer(area=area) as client:
        while True:
            answer = await client.get(
                "/verifier/v1/verifications",
                params={"batch_id": batch_id, "limit": limit, **cursor},
            )
            page = answer.json()
            assert len(page["items"]) <= limit
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}


async def test_a_batch_shows_the_verdict_that_holds_for_each_of_its_doses(
    pipeline: Pipeline,
) -> None:
    doses = await pipeline.push(
        typed(HANH),
        typed(KHOI, full_name="Vo Dang Khoi"),
        typed(SON, personal_id=""),
        typed(HANH),
        typed(SON),
    )
    batch_id = (await pipeline.dose(doses[0]))["batch_id"]
    before = await _of_batch(pipeline, batch_id)
    assert [(one["dose_id"], one["version"], one["grade"]) for one in before] == [
        (dose, 1, grade)
        for dose, grade in zip(
            doses, ("exact", "repaired", "missing_id", "exact", "exact"), strict=True
        )
    ]

    # verified anew by a decision, and corrected by its facility
    await pipeline.decides(doses[1], "reject")
    async with pipeline.running.client() as client:
        right = {"person": {"personal_id": SON.personal_id}, "reason": "seen on the papers"}
        assert (await client.patch(f"/records/v1/doses/{doses[2]}", json=right)).status_code == 200
    for dose in doses[1:3]:
        await pipeline.becomes(
            dose, lambda now: now["version"] == 2 and now["state"] not in ("pending", "eligible")
        )
    for limit in (1, 2, 100):
        after = await _of_batch(pipeline, batch_id, limit=limit)
        assert [(one["dose_id"], one["version"], one["grade"]) for one in after] == [
            (doses[0], 1, "exact"), (doses[1], 2, "mismatch"), (doses[2], 2, "exact"), (doses[3], 1,
            "exact"), (doses[4], 1, "exact")
        ]  # fmt: skip
    assert await _of_batch(pipeline, batch_id, ELSEWHERE) == []
    assert [
        one["version"] for one in await pipeline.verifications(doses[1], Role.POLICE, areas=[AREA])
    ] == [1, 2]
