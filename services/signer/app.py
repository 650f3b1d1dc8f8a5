"""What a process of the signer is made of, from its settings."""

import os
from datetime import UTC, datetime
from pathlib import Path

from contracts.access import shown_as
from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics
from services.chassis.volume import Volumes
from services.signer.context import Context
from services.signer.domain.claims import Eligibility, Profile
from services.signer.hcert.trust_file import TrustFile
from services.signer.hcert.trust_list import TrustList
from services.signer.keys.ring import Ring
from services.signer.keys.signed_list import SignedList
from services.signer.lookup_queue import LookupCounter
from services.signer.pictures.picture_reader import PictureReader
from services.signer.settings import CertificateSettings, Settings, TrustSettings

MIGRATIONS = Path(__file__).parent / "migrations"


def context_of(
    cfg: Settings, db: Database, outbox: Outbox, ring: Ring, metrics: Metrics
) -> Context:
    """What a process holds, of the parts that it has opened."""
    return Context(
        cfg=cfg,
        db=db,
        outbox=outbox,
        sealer=Sealer.of(cfg.seal),
        ring=ring,
        trust=trust_of(cfg.trust, ring),
        profile=profile_of(cfg.certificate),
        lookups=LookupCounter(cfg.lookup),
        pictures=PictureReader(cfg.verify, cfg.lookup.counters),
        verifier_list=SignedList(),
        metrics=metrics,
        clock=lambda: datetime.now(UTC),
        random=os.urandom,
        volumes=Volumes(cfg.volume, metrics, shown_as),
    )


def profile_of(cfg: CertificateSettings) -> Profile:
    """What every certificate says, from settings."""
    return Profile(
        validity_months=cfg.validity_months,
        eligibility=Eligibility(cfg.min_age, cfg.min_doses),
        renew_days=cfg.renew_days,
    )


def trust_of(cfg: TrustSettings, ring: Ring, trust_file: TrustFile | None = None) -> TrustList:
    """Our own document signers, and those of the trust file.

    `trust_file`: the file as it is followed, so that it is not read from the beginning.
    """
    own = TrustList.of(signer.certificate for signer in ring.signers.values())
    return own + (trust_file or TrustFile(cfg.file)).read()
