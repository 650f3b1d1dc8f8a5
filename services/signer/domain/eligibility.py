"""To whom a passport is due: a policy that the ministry has changed before, so it is data."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The rule of April 2022: any number of verified doses, from age 5.

    `min_age`: completed years on the day of issue. `min_doses`: certificates that a person must
    hold before a passport is shown; the first press releases said "fully vaccinated" only.
    """

    min_age: int = 5
    min_doses: int = 1

    def latest_birth(self, on: date) -> str:
        """The latest birth date, as ISO text, of who has reached the age on that day: who was born
        later is too young.

        As texts, a year or month alone comes before its days, so that its first day counts: the
        registers write 01/01 for such people by habit. An impossible birth date is left to the
        lint, which names it.
        """
        return f"{on.year - self.min_age:04}-{on:%m-%d}"

    def passport_due(self, doses: int) -> bool:
        """Whether so many verified doses make a passport."""
        return doses >= self.min_doses


APRIL_2022 = Eligibility()
