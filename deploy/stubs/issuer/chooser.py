"""The page on which somebody says who they are."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from itertools import groupby
from typing import Final

from starlette.responses import HTMLResponse, Response

from deploy.stubs.issuer.accounts import Account
from services.chassis.browser_headers import ALWAYS

_PASSED_ON: Final = (
    *("client_id", "redirect_uri", "response_type", "scope", "state", "nonce"),
    *("code_challenge", "code_challenge_method"),
)
_STYLE: Final = (
    "*{box-sizing:border-box}body{margin:0;background:#f6f7f9;color:#1b2540;font:18px/1.5 'Be"
    " Vietnam Pro',system-ui,sans-serif}main{max-width:40rem;margin:0 auto;padding:24px"
    " 16px}h1{font-size:26px;margin:0 0 4px}h2{font-size:16px;margin:24px 0"
    " 8px;color:#5b6475}p{margin:0 0 16px;color:#5b6475;max-width:60ch}button{display:block;"
    "width:100%;text-align:left;font:inherit;color:inherit;background:#fff;border:1px solid"
    " #d9dde5;border-radius:8px;padding:12px 16px;margin:0 0 8px;cursor:pointer}button:hover,"
    "button:focus-visible{border-color:#0b57a4;outline:2px solid #0b57a4}button"
    " span{display:block;font-size:15px;color:#5b6475}@media(prefers-color-scheme:dark){body"
    "{background:#10151f;color:#e8ecf4}button{background:#1a2130;border-color:#38415a}h2,p,button"
    " span{color:#aab3c5}}"
)
_DIGEST: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()


def chooser(accounts: Sequence[Account], asked: Mapping[str, str], back_to: str) -> Response:
    """All accounts, each a button; `asked`: what the client sent, which the choice brings back."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked.get(name, ""))}">'
        for name in _PASSED_ON
    )
    groups = "".join(
        f"<h2>{escape(vi)} / {escape(en)}</h2>" + "".join(map(_button, members))
        for (vi, en), members in groupby(accounts, lambda one: (one.group_vi, one.group_en))
    )
    return _page(
        "Bạn là ai? / Who are you?",
        "<p>Đây là trang đăng nhập thử trên máy này: không cần mật khẩu, và không có ở bản chính"
        " thức. <span lang=en>A sign-in for trying out on this machine; no password, and never in"
        ' production.</span></p><form method="post" action="/issuer/authorize">'
        f"{hidden}{groups}</form>",
        200,
        back_to,
    )


def refusal(status: int) -> Response:
    """What who comes here with something wrong is told."""
    return _page(
        "Chưa đăng nhập được / Not signed in",
        "<p>Hãy bắt đầu lại từ trang của hệ thống. <span lang=en>Begin again from the system's own"
        ' page.</span></p><p><a href="/">Trang đầu / Front page</a></p>',
        status,
    )


def _button(account: Account) -> str:
    return (
        f'<button name="account" value="{escape(account.id)}">{escape(account.vi)}'
        f'<span lang="en">{escape(account.en)}</span></button>'
    )


def _page(title: str, body: str, status: int, form_target: str = "") -> Response:
    content = (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none';"
        f" frame-ancestors 'none'; form-action 'self' {form_target}"
    )
    headers = {name.decode(): value.decode() for name, value in ALWAYS}
    headers |= {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
    }
    return HTMLResponse(content, status, headers=headers)
