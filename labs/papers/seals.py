"""The signatures in a PDF (PAdES, ETSI EN 319 142-1; CMS, RFC 5652): intact, by whom, from which authority, when, and
what was changed after them. pyHanko validates; here is what its answers mean for a paper.

1. Authorities are those that the ledger trusts at the time judged for; nothing is fetched. Revocation is known from
   what the file carries in its security store (DSS) and else unknown: that is said, and refuses nothing.
2. A certificate is judged as of a time that the signer can't choose: a timestamp of a trusted authority, else
   `known_at`, when the ledger first named the file. The signer's own clock is shown and believed in nothing.
3. A signature covers the revision that it was made in. What was appended later is named by pyHanko's difference
   analysis: nothing, what archiving adds, filled forms or further signatures, or something else, which is a change.
"""

import asyncio
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import x509  # type: ignore[import-untyped]
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import DocumentSecurityStore, async_validate_pdf_signature
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, RevokedError, ValidationError

from keys.errors import RefusedError
from trace.uscc import check_uscc

LAB_SEAL, TIMESTAMP = "lab_seal", "timestamp"
# Ours to choose: a report has one seal, and a few more where several people sign it.
_MOST_SEALS = 12
_CHANGES = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "archived",
    ModificationLevel.FORM_FILLING: "forms",
    ModificationLevel.ANNOTATIONS: "annotations",
}
# ETSI EN 319 102-1 §5.1.3: why a certificate is not believed.
_TROUBLES: dict[Any, str] = {
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: "expired",
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: "expired",
    AdESIndeterminate.EXPIRED: "expired",
    AdESIndeterminate.NOT_YET_VALID: "expired",
    AdESFailure.NOT_YET_VALID: "expired",
    AdESFailure.REVOKED: "revoked",
    AdESIndeterminate.REVOKED_NO_POE: "revoked",
    AdESIndeterminate.REVOKED_CA_NO_POE: "revoked",
}
# Some authorities set digitalSignature alone, some nonRepudiation: either says that the key signs documents.
_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
_CODE = re.compile(r"[0-9A-Z]{18}")


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA certificate that the ledger trusts, as DER, for `lab_seal` or `timestamp`."""

    purpose: str
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """One signature in a PDF. `state` is the first of these that is true of it:

    unsupported (its algorithm or form can't be judged here) · broken (the signed bytes are others) · changed (something
    was altered after it) · revoked · expired (its certificate was not valid at `judged_at`) · untrusted (no authority
    in the ledger stands behind it) · valid.
    """

    state: str
    name: str
    """Whom the certificate names: organisation, else common name."""
    organisation: str | None
    """The USCC in the certificate's subject, where it has one."""
    signed_at: datetime | None
    """By the signer's own clock."""
    stamped_at: datetime | None
    """By a trusted authority's."""
    judged_at: datetime
    change: str
    """What was appended afterwards: none, archived, forms, annotations, other."""
    revocation: str
    """good, revoked, or unknown: the file has nothing by which it could be told."""
    certificate_sha256: str
    valid_from: datetime | None
    valid_to: datetime | None


def read_seals(reader: PdfFileReader, authorities: Iterable[Authority], known_at: datetime) -> tuple[Seal, ...]:
    """Every signature in the order of signing. `known_at` is UTC, aware. Raises RefusedError `document-unreadable`
    where there are more than a paper can have.
    """
    signatures = reader.embedded_regular_signatures
    if len(signatures) > _MOST_SEALS:
        raise RefusedError(
            "document-unreadable", where="pdf", expected=f"at most {_MOST_SEALS} signatures", got=len(signatures)
        )
    roots = [(one.purpose, x509.Certificate.load(one.certificate)) for one in authorities]
    if not signatures:
        return ()
    return tuple(asyncio.run(_read_all(reader, signatures, roots, known_at)))


async def _read_all(
    reader: PdfFileReader, signatures: list[Any], roots: list[tuple[str, x509.Certificate]], known_at: datetime
) -> list[Seal]:
    return [await _read_one(reader, signature, roots, known_at) for signature in signatures]


async def _read_one(
    reader: PdfFileReader, signature: Any, roots: list[tuple[str, x509.Certificate]], known_at: datetime
) -> Seal:
    certificate: x509.Certificate | None = None
    stamps, moment = _context(reader, roots, TIMESTAMP, known_at), known_at
    try:
        certificate = signature.signer_cert
        status = await _validate(signature, _context(reader, roots, LAB_SEAL, moment), stamps)
        stamp = status.timestamp_validity
        stamped_at = stamp.timestamp if stamp is not None and stamp.valid and stamp.trusted else None
        if stamped_at is not None and stamped_at < known_at:
            moment = stamped_at
            status = await _validate(signature, _context(reader, roots, LAB_SEAL, moment), stamps)
    # What pyHanko does not know (SM2 among it) and what no CMS reader could read alike: nothing is claimed of it.
    except Exception:
        return _unsupported(certificate, known_at)
    revocation = await _read_revocation(reader, signature, roots, moment)
    change = _CHANGES.get(status.modification_level, "other") if status.modification_level is not None else "other"
    if (status.coverage or SignatureCoverageLevel.UNCLEAR) < SignatureCoverageLevel.ENTIRE_REVISION:
        change = "other"
    state = _name_state(status, change, revocation, certificate, moment)
    return Seal(
        state=state,
        organisation=_find_organisation(certificate),
        signed_at=status.signer_reported_dt,
        stamped_at=stamped_at,
        judged_at=moment,
        change=change,
        revocation="revoked" if state == "revoked" else revocation,
        **_describe(certificate),
    )


async def _validate(signature: Any, context: ValidationContext, stamps: ValidationContext) -> PdfSignatureStatus:
    return await async_validate_pdf_signature(signature, context, stamps, key_usage_settings=_USAGE)


def _name_state(
    status: PdfSignatureStatus, change: str, revocation: str, certificate: x509.Certificate, moment: datetime
) -> str:
    if not (status.intact and status.valid):
        return "broken"
    if change in ("other", "annotations"):
        return "changed"
    if status.revoked or revocation == "revoked":
        return "revoked"
    if status.trusted:
        return "valid"
    if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
        return "expired"
    return _TROUBLES.get(status.trust_problem_indic, "untrusted")


async def _read_revocation(
    reader: PdfFileReader, signature: Any, roots: list[tuple[str, x509.Certificate]], moment: datetime
) -> str:
    """Is it known of every certificate of the chain that it was not revoked, or of one that it was?"""
    if "/DSS" not in reader.root:
        return "unknown"
    context = _context(reader, roots, LAB_SEAL, moment, "require")
    validator = CertificateValidator(signature.signer_cert, signature.other_embedded_certs, validation_context=context)
    try:
        await validator.async_validate_usage(set())  # type: ignore[no-untyped-call]
    except RevokedError:
        return "revoked"
    except (PathBuildingError, ValidationError):
        return "unknown"
    return "good"


def _context(
    reader: PdfFileReader,
    roots: list[tuple[str, x509.Certificate]],
    purpose: str,
    moment: datetime,
    mode: str = "soft-fail",
) -> ValidationContext:
    """A new one each time: pyHanko's contexts keep what they have seen."""
    options: dict[str, Any] = {
        "trust_roots": [certificate for for_what, certificate in roots if for_what == purpose],
        "moment": moment,
        "allow_fetching": False,
        "revocation_mode": mode,
        # Lists that the file carries are as a rule newer than the time it is judged for.
        "retroactive_revinfo": True,
    }
    try:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(options)
    except NoDSSFoundError:
        return ValidationContext(crls=(), ocsps=(), **options)


def _unsupported(certificate: x509.Certificate | None, known_at: datetime) -> Seal:
    return Seal(
        state="unsupported",
        organisation=_find_organisation(certificate),
        signed_at=None,
        stamped_at=None,
        judged_at=known_at,
        change="other",
        revocation="unknown",
        **_describe(certificate),
    )


def _describe(certificate: x509.Certificate | None) -> dict[str, Any]:
    if certificate is None:
        return {"name": "", "certificate_sha256": "", "valid_from": None, "valid_to": None}
    named = certificate.subject.native
    name = named.get("organization_name") or named.get("common_name") or ""
    return {
        "name": str(name)[:120],
        "certificate_sha256": hashlib.sha256(certificate.dump()).hexdigest(),
        "valid_from": certificate.not_valid_before,
        "valid_to": certificate.not_valid_after,
    }


def _find_organisation(certificate: x509.Certificate | None) -> str | None:
    """The first valid USCC in organizationIdentifier (X.520 6.4.4, as `NTRCN-…` in ETSI EN 319 412-1 §5.1.4), else in
    serialNumber, else anywhere in the subject.
    """
    if certificate is None:
        return None
    named = certificate.subject.native
    first = [named.get(name) for name in ("organization_identifier", "serial_number")]
    for value in (*first, *named.values()):
        for code in _CODE.findall(str(value or "")):
            try:
                return check_uscc(code)
            except RefusedError:
                continue
    return None
