"""What the signer's audit knows: looks of the staff at certificates, codes that they give out, and
the header by which they say why.
"""

from typing import Annotated

from fastapi import Header

from contracts.purposes import DESCRIBED, HEADER, Purpose
from services.chassis.audit import Act

Why = Annotated[Purpose | None, Header(alias=HEADER, description=DESCRIBED)]

CERTIFICATE = Act("certificate", "dose", Purpose.ASSISTANCE)
"""By the dose that it certifies; its identifier is the scope."""
LOOKUP_CODE = Act("lookup_code", "person", Purpose.ASSISTANCE)
"""By the person whose passport may be looked up with the code that was given out."""
