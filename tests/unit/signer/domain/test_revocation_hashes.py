from hashlib import sha256

from services.signer.domain.revocation_hashes import hash_of

UVCI = "URN:UVCI:01:VN:A#B"


def test_an_identifier_is_hashed_alone_or_behind_its_country_and_cut_to_16_bytes() -> None:
    assert hash_of("UCI", UVCI, b"", "VN") == sha256(UVCI.encode()).digest()[:16]
    assert hash_of("COUNTRYCODEUCI", UVCI, b"", "VN") == sha256(b"VN" + UVCI.encode()).digest()[:16]


def test_of_an_elliptic_curve_signature_the_first_half_is_hashed_and_of_an_rsa_one_all() -> None:
    curve, rsa = bytes(range(64)), bytes(256)
    assert hash_of("SIGNATURE", UVCI, curve, "VN") == sha256(curve[:32]).digest()[:16]
    assert hash_of("SIGNATURE", UVCI, curve[:32] + bytes(32), "VN") == hash_of(
        "SIGNATURE", UVCI, curve, "VN"
    )
    assert hash_of("SIGNATURE", UVCI, rsa, "VN") == sha256(rsa).digest()[:16]
