"""What happens in the registry reaches doses by itself: what waited is issued, what is wrong is
reissued or revoked.
"""

from typing import Any

from tests.integration.verifier.work import (
    MY,
    NGA,
    OANH,
    PHUC,
    QUYEN,
    VAN,
    XUAN,
    YEN,
    Pipeline,
    typed,
)


async def test_a_corrected_name_reissues_the_certificate(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(MY, full_name="DO TRA MY"))
    before = await pipeline.dose(dose)
    assert (before["state"], before["grade"]) == ("issued", "repaired")
    await pipeline.registry_changes("corrected", MY, full_name="Đỗ Trà Mỹ")
    after = await pipeline.becomes(
        dose, lambda now: now["version"] > 1 and now["state"] == "issued"
    )
    assert after["uvci"] != before["uvci"]
    await pipeline.status_becomes(before["uvci"], "revoked")
    assert await pipeline.name_on_passport(MY.personal_id) == "Đỗ Trà Mỹ"


async def test_a_death_withdraws_what_was_issued(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(NGA))
    issued = await pipeline.dose(dose)
    assert issued["state"] == "issued"
    await pipeline.registry_changes("died", NGA)
    now = await pipeline.becomes(dose, lambda now: now["state"] not in ("issued", "pending"))
    assert now["state"] == "in_review"
    await pipeline.status_becomes(issued["uvci"], "revoked")


async def test_a_dose_that_waited_for_a_number_is_verified_once_the_registry_has_it(
    pipeline: Pipeline,
) -> None:
    new = "068190000099"
    [dose] = await pipeline.push(typed(OANH, personal_id=new))
    assert (await pipeline.dose(dose))["grade"] == "not_found"
    await pipeline.registry_changes("renumbered", OANH, new_personal_id=new)
    issued = await pipeline.becomes(dose, lambda now: now["state"] == "issued")
    assert issued["grade"] == "exact"
    assert (await pipeline.case(dose))["state"] == "closed"


async def test_a_dose_without_a_number_is_judged_anew_when_a_suggested_person_changes(
    pipeline: Pipeline,
) -> None:
    [dose] = await pipeline.push(typed(PHUC, personal_id=""))
    assert (await pipeline.case(dose))["candidates"][0]["confidence"] >= 0.5
    await pipeline.registry_changes("died", PHUC)
    now = await pipeline.becomes(dose, lambda now: now["version"] > 1 and now["state"] != "pending")
    assert now["state"] == "needs_correction"


async def test_a_move_to_another_commune_leaves_the_certificate_as_it_is(
    pipeline: Pipeline,
) -> None:
    [moved] = await pipeline.push(typed(QUYEN))
    before = await pipeline.dose(moved)
    await pipeline.registry_changes("corrected", QUYEN, commune_code="24775")
    # a later change of the same person that does concern the dose has been followed, so the move
    # has been too
    await pipeline.registry_changes("corrected", QUYEN, full_name="Mai Lệ Quyền")
    after = await pipeline.becomes(
        moved, lambda now: now["version"] > 1 and now["state"] not in ("pending", "eligible")
    )
    assert after["version"] == 2
    assert before["version"] == 1


async def suggested(pipeline: Pipeline, dose: int) -> list[dict[str, Any]]:
    """Who is suggested on the worklist for a dose."""
    item = await pipeline.worklist_item(dose)
    return list((item["suggestions"] or {"people": []})["people"])


async def test_a_suggested_person_who_moves_is_suggested_with_other_evidence(
    pipeline: Pipeline,
) -> None:
    # the typed number is nobody's, so nothing but the suggestion says whom the dose waits for
    [dose] = await pipeline.push(typed(VAN, personal_id="068194000077"))
    [person] = await suggested(pipeline, dose)
    assert "SAME_COMMUNE" in person["evidence"]
    await pipeline.registry_changes("corrected", VAN, commune_code="24775")
    await pipeline.becomes(dose, lambda now: now["version"] > 1 and now["state"] != "pending")
    [person] = await suggested(pipeline, dose)
    assert "SAME_COMMUNE" not in person["evidence"]


async def test_a_suggested_person_who_dies_is_suggested_no_more(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(XUAN, personal_id="068095000077"))
    assert await suggested(pipeline, dose)
    await pipeline.registry_changes("died", XUAN)
    await pipeline.becomes(dose, lambda now: now["version"] > 1 and now["state"] != "pending")
    assert await suggested(pipeline, dose) == []


async def test_who_appears_under_the_typed_name_later_is_suggested_then(
    pipeline: Pipeline,
) -> None:
    [dose] = await pipeline.push(typed(YEN, full_name="Cao Hải Yến", personal_id=""))
    assert await suggested(pipeline, dose) == []
    await pipeline.registry_changes("corrected", YEN, full_name="Cao Hải Yến")
    await pipeline.becomes(dose, lambda now: now["version"] > 1 and now["state"] != "pending")
    [person] = await suggested(pipeline, dose)
    assert person["full_name"] == "Cao Hải Yến"
