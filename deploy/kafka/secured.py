"""A broker that knows its users: TLS with a certificate each, and nobody does what no ACL allows.

The settings of a broker are here, as `compose.production.yaml` has them too, and the certificates
of an authority of one's own: a user's name is the common name in its certificate.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.contracts.bus_rights import OPERATOR, SERVICES
from deploy.local.home import write_private

BROKER, ADMIN = "kafka", "admin"
"""The brokers among themselves, and who sets ACLs; both may do everything."""
USERS = (*SERVICES, OPERATOR, ADMIN)
_AUTHORITY_YEARS, _YEARS = 20, 2
_YEAR = timedelta(days=365)


def broker_settings(keystore: str, authority: str) -> dict[str, str]:
    """What a broker's settings hold beside its addresses; both are PEM files.

    The listeners are called SERVICES and CONTROLLER: the official image takes the name SSL for a
    keystore of Java.
    """
    return {
        "listener.security.protocol.map": "SERVICES:SSL,CONTROLLER:SSL",
        "inter.broker.listener.name": "SERVICES",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": keystore,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": authority,
        "ssl.client.auth": "required",
        "ssl.principal.mapping.rules": "RULE:^CN=([a-z]+)$/$1/",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{BROKER};User:{ADMIN}",
        "allow.everyone.if.no.acl.found": "false",
    }


def certificate_files(folder: Path, hosts: Sequence[str]) -> dict[str, Path]:
    """Makes what is missing and answers the files: `kafka.ca`, `kafka.keystore` and `USER.bus`.

    A file but the first holds a key and its certificate. `hosts`: names and addresses of the
    brokers. A certificate that is to be changed is removed first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority_file, authority_key_file = folder / "kafka.ca", folder / "kafka.ca.key"
    if not authority_file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_private(authority_key_file, _pem(key))
        certificate = _certificate("hochieu bus", key, None, ())
        write_private(authority_file, certificate.public_bytes(Encoding.PEM))
    authority = x509.load_pem_x509_certificate(authority_file.read_bytes())
    authority_key = load_pem_private_key(authority_key_file.read_bytes(), None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    files = {"kafka.ca": authority_file}
    for name in (BROKER, *USERS):
        file = folder / ("kafka.keystore" if name == BROKER else f"{name}.bus")
        files[file.name] = file
        if not file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = _certificate(
                name, key, (authority, authority_key), hosts if name == BROKER else ()
            )
            write_private(file, _pem(key) + certificate.public_bytes(Encoding.PEM))
    return files


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    hosts: Sequence[str],
) -> x509.Certificate:
    """Of the authority itself where there is no `issuer`."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + (_YEARS if issuer else _AUTHORITY_YEARS) * _YEAR)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is not None:
        # a broker is a client of the others
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
        usages += [ExtendedKeyUsageOID.SERVER_AUTH] if hosts else []
        built = built.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        built = built.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[1].public_key()),
            critical=False,
        )
    if hosts:
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        built = built.add_extension(names, critical=False)
    return built.sign(issuer[1] if issuer else key, hashes.SHA256())


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
