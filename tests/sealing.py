"""PDFs of reports for tests: a throw-away seal authority, certificates of labs, and files signed by pyHanko.

office = SealOffice()                     # a CA and a certificate for the lab
pdf = office.seal(print_paper(...))       # PAdES, signed as of office.at
"""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import qrcode
from asn1crypto import crl  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests import facts

AT = datetime(2015, 5, 12, 2, tzinfo=UTC)
"""When papers are sealed, unless a test says otherwise."""
LINES = (
    "TEST REPORT",
    "No. R-2015-001",
    "Conductor resistance 20 °C, GB/T 3048.4-2007: 7.290 ohm/km, limit 7.41, pass",
    "Conclusion: pass",
    "Date of issue: 2015-05-12",
)


def write_pdf(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1, with a plain cross-reference table."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        trailer,
        start,
    )
    return bytes(out)


def print_paper(lines: tuple[str, ...] = LINES, code: str = "", catalogue: bytes = b"", *more: bytes) -> bytes:
    """One page with these lines as text, and a QR code where there is one. `more` are objects from 6 on."""
    content = "\n".join([*_draw_lines(lines), *_draw_code(code)]).encode("latin-1")
    return write_pdf(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        *more,
    )


def _draw_lines(lines: tuple[str, ...]) -> list[str]:
    return [f"BT /F1 11 Tf 60 {780 - 20 * place} Td ({_escape(line)}) Tj ET" for place, line in enumerate(lines)]


def _escape(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _draw_code(text: str) -> list[str]:
    if not text:
        return []
    symbol = qrcode.QRCode(border=0)
    symbol.add_data(text)
    squares = symbol.get_matrix()
    return [
        f"{380 + 3 * column} {500 - 3 * row} 3 3 re f"
        for row, line in enumerate(squares)
        for column, dark in enumerate(line)
        if dark
    ]


@dataclass
class SealOffice:
    """An authority and the seal of one organisation under it."""

    organisation: str = facts.LAB
    valid_from: datetime = datetime(2015, 1, 1, tzinfo=UTC)
    valid_to: datetime = datetime(2017, 12, 31, tzinfo=UTC)
    name: str = "Seal authority"
    _root: Any = field(init=False)
    _root_key: Any = field(init=False)
    _seal: Any = field(init=False)
    _seal_key: Any = field(init=False)

    def __post_init__(self) -> None:
        self._root_key, self._seal_key = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        builder = self._builder(
            name, name, self._root_key, datetime(2010, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self._root = builder.add_extension(_usage(is_authority=True), critical=True).sign(
            self._root_key, hashes.SHA256()
        )
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test centre"),
                x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRCN-{self.organisation}"),
            ]
        )
        builder = self._builder(subject, name, self._seal_key, self.valid_from, self.valid_to)
        self._seal = builder.add_extension(_usage(is_authority=False), critical=True).sign(
            self._root_key, hashes.SHA256()
        )

    @property
    def certificate(self) -> bytes:
        """The authority's own, DER."""
        return bytes(self._root.public_bytes(serialization.Encoding.DER))

    def seal(
        self, document: bytes, *, with_list: bool = False, revoked_at: datetime | None = None, at: datetime = AT
    ) -> bytes:
        """Sign a PDF; with a revocation list in its security store where one is asked for."""
        store = SimpleCertificateStore()
        pem = self._root.public_bytes(serialization.Encoding.PEM)
        store.register_multiple(load_certs_from_pemder_data(pem))
        (certificate,) = load_certs_from_pemder_data(self._seal.public_bytes(serialization.Encoding.PEM))
        private = self._seal_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signer = signers.SimpleSigner(certificate, load_private_key_from_pemder_data(private, None), store)
        out = io.BytesIO()
        metadata = signers.PdfSignatureMetadata("Seal", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES)
        signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(document)), metadata, signer, output=out)
        if with_list or revoked_at is not None:
            writer = IncrementalPdfFileWriter(out)
            crl = self._list(revoked_at)
            DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=(), crls=(crl,))
            writer.write_in_place()
        return out.getvalue()

    def _list(self, revoked_at: datetime | None) -> Any:

        builder = x509.CertificateRevocationListBuilder().issuer_name(self._root.subject)
        builder = builder.last_update(AT + timedelta(days=30)).next_update(AT + timedelta(days=60))
        if revoked_at is not None:
            revoked = x509.RevokedCertificateBuilder().serial_number(self._seal.serial_number)
            builder = builder.add_revoked_certificate(revoked.revocation_date(revoked_at).build())
        signed = builder.sign(self._root_key, hashes.SHA256())
        return crl.CertificateList.load(signed.public_bytes(serialization.Encoding.DER))

    def _builder(self, subject: Any, issuer: Any, key: Any, since: datetime, until: datetime) -> Any:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        return builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root_key.public_key()), critical=False
        )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def alter(document: bytes, old: bytes, new: bytes) -> bytes:
    """The file with some bytes replaced by as many others."""
    assert document.count(old) >= 1
    assert len(old) == len(new)
    return document.replace(old, new, 1)


def append_page_text(document: bytes, lines: tuple[str, ...]) -> bytes:
    """An incremental update (ISO 32000-2 §7.5.6) that puts other content on the page, leaving what was signed."""

    out = io.BytesIO(document)
    writer = IncrementalPdfFileWriter(out)
    drawn = "\n".join(
        f"BT /F1 11 Tf 60 {780 - 20 * place} Td ({_escape(line)}) Tj ET" for place, line in enumerate(lines)
    )
    page = writer.root["/Pages"]["/Kids"][0]
    page[generic.pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=drawn.encode("latin-1")))
    writer.update_container(page)
    writer.write_in_place()
    return out.getvalue()
