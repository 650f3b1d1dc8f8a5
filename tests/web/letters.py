"""People of the made-up province who look up their passport, and the letters that reach them."""

import asyncio
import csv
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default

from playwright.async_api import Page

from tests.support.bus import PATIENCE_S
from tests.support.files import csv_file, typed
from tests.support.site import Site

LAST = "20/04/2022"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks; the birth date as dd/mm/yyyy."""

    name: str
    born: str
    sex: str
    number: str
    card: str
    place: tuple[str, str, str]

    @property
    def facility(self) -> str:
        """Some facility of the province."""
        return f"{self.place[0]}001"


def askers(site: Site) -> Iterator[Asker]:
    """Adults who had an old card, each with a whole birth date."""
    with (site.province / "people.csv").open() as file:
        for row in csv.DictReader(file):
            cards = [old for old in row["old_ids"].split() if len(old) == 9]
            year, *rest = row["date_of_birth"].split("-")
            if not cards or len(rest) != 2 or int(year) > 1995 or row["status"] != "alive":
                continue
            yield Asker(
                row["full_name"],
                f"{rest[1]}/{rest[0]}/{year}",
                row["sex"],
                row["personal_id"],
                cards[0],
                (row["province_code"], row["district_code"], row["commune_code"]),
            )


async def give_dose(site: Site, who: Asker, **changes: str) -> None:
    """Records one more dose of theirs, the last, and waits until it is worked off."""
    province, district, commune = who.place
    row = typed(
        1,
        **{
            "source_id": f"WEB-{who.number}-{len(changes)}",
            "full_name": who.name,
            "date_of_birth": who.born,
            "sex": "Nam" if who.sex == "male" else "Nữ",
            "personal_id": who.number,
            "province_code": province,
            "district_code": district,
            "commune_code": commune,
            "dose_number": "4",
            "dose_kind": "Nhắc lại",
            "product": "Pfizer",
            "date_given": LAST,
            "facility_code": who.facility,
            **changes,
        },
    )
    await site.system.push(csv_file([row]))


async def fill(page: Page, **fields: str) -> None:
    """Types into the look-up; dates as dd/mm/yyyy, or a year."""
    for name, value in fields.items():
        if name in ("birth", "last"):
            parts = value.split("/")
            if len(parts) == 1:
                await page.check(f"input[name={name}_year_only]")
            for part, text in zip(("year", "month", "day"), reversed(parts), strict=False):
                await page.fill(f"input[name={name}_{part}]", text)
        elif name == "sex":
            await page.check(f"input[name=sex][value={value}]")
        else:
            await page.fill(f"[name={name}]", value)


async def letter_to(site: Site, address: str) -> str:
    """The text of the letter that reaches this address."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            for path in sorted(site.system.stack.home.mail.glob("*.eml"), reverse=True):
                message = email.message_from_bytes(path.read_bytes(), policy=default)
                assert isinstance(message, EmailMessage)
                body = message.get_body(("plain",))
                if message["To"] == address and body is not None:
                    return str(body.get_content())
            await asyncio.sleep(0.2)


def link_in(letter: str) -> str:
    """The path of the link that opens the passport."""
    found = re.search(r"https?://[^/\s]+(/p/[\w-]+)", letter)
    assert found, letter
    return found[1]
