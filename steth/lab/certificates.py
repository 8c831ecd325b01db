# SPDX-License-Identifier: Apache-2.0
"""A certificate authority for one lab, and what it signs."""

import datetime
import ipaddress
import typing

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import oid
import msgspec

from steth.lab import layout

_LIFETIME = datetime.timedelta(days=365)
#: Clocks of hosts may differ, though not in a lab on one machine.
_LEEWAY = datetime.timedelta(hours=1)


class KeyPair(msgspec.Struct, frozen=True):
    """A certificate and its private key, both in PEM form."""

    certificate: str
    key: str


def make_authority() -> KeyPair:
    """Return a new certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Steth lab")
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(_usage(signs=True), True)
        .add_extension(identifier, False)
        .sign(key, hashes.SHA256())
    )
    return _key_pair(certificate, key)


def issue(authority: KeyPair, host: layout.Host) -> KeyPair:
    """Return a certificate for a host, as a server and as a client.

    It holds the host's name and all of its addresses.
    """
    signer = x509.load_pem_x509_certificate(authority.certificate.encode())
    signing_key = typing.cast(
        ec.EllipticCurvePrivateKey,
        serialization.load_pem_private_key(
            authority.key.encode(), password=None
        ),
    )
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName(host.name)]
    names += [
        x509.IPAddress(ipaddress.ip_address(one)) for one in host.addresses
    ]
    uses = [
        oid.ExtendedKeyUsageOID.SERVER_AUTH,
        oid.ExtendedKeyUsageOID.CLIENT_AUTH,
    ]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(
        signing_key.public_key()
    )
    certificate = (
        _builder(_name(host.name), signer.subject, key.public_key())
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(_usage(signs=False), True)
        .add_extension(x509.ExtendedKeyUsage(uses), False)
        .add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(issuer, False)
        .sign(signing_key, hashes.SHA256())
    )
    return _key_pair(certificate, key)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(oid.NameOID.COMMON_NAME, common_name)]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LEEWAY)
        .not_valid_after(now + _LIFETIME)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pair(
    certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> KeyPair:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return KeyPair(public.decode(), private.decode())
