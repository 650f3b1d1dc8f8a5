"""An officer sees what stands in a code, also what is made to be unseen."""

from dataclasses import replace

from services.signer.api.verdicts import answer
from services.signer.hcert.verify import verify
from tests.unit.signer.conftest import NOW, PERSON, Issuer


def test_signs_that_turn_or_hide_text_are_marked_in_what_a_code_says(stranger: Issuer) -> None:
    turned = replace(PERSON, full_name="Nguyễn Thị\u202e Hòa\u200b")
    shown = answer(verify(stranger.certify(turned), stranger.trust, NOW)).certificate
    assert shown
    assert shown.name["fn"] + " " + shown.name["gn"] == "Nguyễn Thị⟦U+202E⟧ Hòa⟦U+200B⟧"
    plain = answer(verify(stranger.certify(), stranger.trust, NOW)).certificate
    assert plain
    assert (plain.name["fn"], plain.name["gn"]) == ("Nguyễn", "Thị Hòa")


def test_the_issuer_is_marked_too(stranger: Issuer) -> None:
    verdict = verify(stranger.certify(), stranger.trust, NOW)
    assert verdict.opened
    forged = replace(verdict, opened=replace(verdict.opened, issuer="VN\u2066"))
    shown = answer(forged).certificate
    assert shown
    assert shown.issuer == "VN⟦U+2066⟧"
