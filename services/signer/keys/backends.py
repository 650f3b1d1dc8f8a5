"""Which key store a process reads: a PKCS#11 token where settings name a module, files of a folder
otherwise.
"""

from collections.abc import Callable
from datetime import datetime

from services.signer.hcert.cose import Algorithm
from services.signer.keys.files import open_key_folder
from services.signer.keys.pkcs11 import open_token
from services.signer.keys.ring import KeyRing
from services.signer.keys.token import Pkcs11Token
from services.signer.settings import KeysSettings


def key_store(
    cfg: KeysSettings, country: str, environment: str, clock: Callable[[], datetime]
) -> Callable[[], KeyRing]:
    """What reads the keys as they are at the time of the call; KeyUnavailableError and
    TransientError come from there.
    """
    algorithm = Algorithm[cfg.algorithm]
    if cfg.module is None:
        return lambda: open_key_folder(cfg.dir, algorithm, country, environment, clock())
    token = Pkcs11Token(cfg.module, cfg.token, cfg.pin_file)
    return lambda: open_token(token, cfg.label, cfg.dir, algorithm, clock())
