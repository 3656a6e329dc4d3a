"""What may be said of papers as files: which authorities' seals count (by the regulator), on which hosts a lab's
reports can be checked (by the lab), and what was found in a PDF (by whoever examined it).
"""

import base64
import binascii
import hashlib
from typing import Any

from cryptography import x509
from marshmallow import ValidationError, fields, validate

from keys.errors import RefusedError
from labs.papers import register
from labs.papers.examine import GRAVITY
from labs.papers.hosts import check_host
from labs.papers.seals import LAB_SEAL, TIMESTAMP
from trace.fields import Body, Day, LotRef, Sha256, Uscc, Words
from trace.kinds import Kind, Role

# A CA certificate has some 1,500 bytes; ours to choose.
_LONGEST_CERTIFICATE = 8_000


class Certificate(fields.Field[str]):
    """An X.509 certificate of an authority (RFC 5280 §4.2.1.9: cA is true) as base64 of its DER."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        if not isinstance(value, str) or len(value) > _LONGEST_CERTIFICATE:
            raise ValidationError(f"expected base64 of at most {_LONGEST_CERTIFICATE} characters")
        try:
            certificate = x509.load_der_x509_certificate(base64.b64decode(value, validate=True))
            constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        except (ValueError, binascii.Error, x509.ExtensionNotFound) as error:
            raise ValidationError("expected the DER of an X.509 certificate with basic constraints") from error
        if not constraints.ca:
            raise ValidationError("expected the certificate of an authority, got one that certifies nobody")
        return value


class Host(fields.Field[str]):
    """A host name in small letters and ASCII (A-labels, RFC 5890)."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        try:
            return check_host(value if isinstance(value, str) else "")
        except RefusedError as error:
            raise ValidationError("expected a host such as report.example.cn") from error


class TrustedBody(Body):
    """An authority whose seals, or timestamps, are believed between two days."""

    certificate = Certificate(required=True)
    purpose = fields.String(required=True, validate=validate.OneOf((LAB_SEAL, TIMESTAMP)))
    name = Words(120, required=True)
    trusted_from = Day(required=True)
    trusted_to = Day(load_default=None)


class WithdrawnBody(Body):
    """An authority that is not believed from a day on."""

    certificate_sha256 = Sha256(required=True)
    withdrawn_from = Day(required=True)
    reason = Words(500, required=True)


class HostsBody(Body):
    """The hosts to which the codes on the signing lab's reports lead."""

    hosts = fields.List(Host(), required=True, validate=validate.Length(1, 10))


class DifferenceBody(Body):
    """A thing of the report that the file's text says otherwise."""

    field = Words(60, required=True)
    registered = Words(100, required=True)
    printed = Words(100, required=True)


class ExaminedBody(Body):
    """A file that was handed over under a lab's name and number: the state of its seals, whom they name, where its
    codes lead, and what its text says otherwise than the lab's report.
    """

    lab = Uscc(required=True)
    number = Words(60, required=True)
    lots = fields.List(LotRef(), required=True, validate=validate.Length(1, 200))
    pdf_sha256 = Sha256(required=True)
    seal_state = fields.String(required=True, validate=validate.OneOf((*GRAVITY, "none")))
    sealed_by = Uscc(load_default=None)
    # As they were found, so not only what could be a host of a lab's.
    hosts = fields.List(Words(253), load_default=list, validate=validate.Length(max=10))
    differences = fields.List(fields.Nested(DifferenceBody), load_default=list, validate=validate.Length(max=200))


def _fingerprint(body: Any) -> str:
    return hashlib.sha256(base64.b64decode(body["certificate"])).hexdigest()


_REGULATOR = frozenset({Role.REGULATOR})

TRUSTED = Kind("anchor.trusted", TrustedBody, _REGULATOR, register.trust_anchor, _fingerprint)
WITHDRAWN = Kind(
    "anchor.withdrawn",
    WithdrawnBody,
    _REGULATOR,
    register.withdraw_anchor,
    lambda body: body["certificate_sha256"],
)
HOSTS_STATED = Kind(
    "hosts.stated", HostsBody, frozenset({Role.LAB}), register.state_hosts, lambda body: body["hosts"][0]
)
EXAMINED = Kind(
    "paper.examined",
    ExaminedBody,
    frozenset(Role),
    register.examine_paper,
    lambda body: body["number"],
    lambda body: body["lots"],
)
KINDS = (TRUSTED, WITHDRAWN, HOSTS_STATED, EXAMINED)
