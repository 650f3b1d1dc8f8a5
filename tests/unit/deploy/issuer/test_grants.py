"""Codes and refresh tokens of the local provider are good once, for whom they were given."""

import pytest

from deploy.stubs.issuer import __main__ as program
from deploy.stubs.issuer.accounts import Places, accounts
from deploy.stubs.issuer.grants import Asked, GrantError, Grants, challenge_of

ACCOUNT = accounts(Places("79", "79792", "7979224784", "79002"))[0]
BACK = "http://127.0.0.1:8000/signed-in"


class Clock:
    """Time that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def asked(verifier: str = "v" * 43) -> Asked:
    return Asked("hochieu-web", BACK, "state", "nonce", challenge_of(verifier))


def test_a_code_is_good_once() -> None:
    grants = Grants()
    code = grants.code(ACCOUNT, asked())
    assert grants.redeem(code, "hochieu-web", BACK, "v" * 43)[0] == ACCOUNT
    with pytest.raises(GrantError):
        grants.redeem(code, "hochieu-web", BACK, "v" * 43)


@pytest.mark.parametrize(
    ("client", "back", "verifier"),
    [
        ("hochieu-web", BACK, "w" * 43),
        ("hochieu-web", BACK, ""),
        ("another", BACK, "v" * 43),
        ("hochieu-web", "http://evil.example/signed-in", "v" * 43),
    ],
)
def test_a_code_is_worth_nothing_without_its_verifier_or_to_another(
    client: str, back: str, verifier: str
) -> None:
    grants = Grants()
    with pytest.raises(GrantError):
        grants.redeem(grants.code(ACCOUNT, asked()), client, back, verifier)


def test_a_code_and_a_refresh_token_end() -> None:
    clock = Clock()
    grants = Grants(clock)
    code, token = grants.code(ACCOUNT, asked()), grants.refresh_token(ACCOUNT, "hochieu-web")
    clock.now = 61
    with pytest.raises(GrantError):
        grants.redeem(code, "hochieu-web", BACK, "v" * 43)
    clock.now = 12 * 3600 + 1
    with pytest.raises(GrantError):
        grants.refresh(token, "hochieu-web")


def test_a_refresh_token_is_good_once_and_not_after_sign_out() -> None:
    grants = Grants()
    token = grants.refresh_token(ACCOUNT, "hochieu-web")
    assert grants.refresh(token, "hochieu-web") == ACCOUNT
    with pytest.raises(GrantError):
        grants.refresh(token, "hochieu-web")
    token = grants.refresh_token(ACCOUNT, "hochieu-web")
    grants.end(ACCOUNT.id)
    with pytest.raises(GrantError):
        grants.refresh(token, "hochieu-web")


def test_production_has_no_provider_where_whoever_comes_may_be_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(SystemExit, match="OIDC_ISSUER"):
        program.main(["--uds", "x", "--home", "x", "--origin", "x", "--client-secret-file", "x"])
