"""Does the product certificate cover this product, of this maker, on the day it was made? L25."""

from collections.abc import Iterator

from labs.dossier import Dossier
from labs.reports.register import Paper
from labs.rules.concern import presented
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule
from trace.production.register import Certificate, Lot

# The families of the pack that must not be sold without a certificate (CNCA catalogue of compulsory certification).
# For others a certificate is judged only if somebody presents one.
CERTIFIED_FAMILIES = frozenset({"cable"})


@rule("L25", Severity.CRITICAL)
def certificate_of_another_product(dossier: Dossier) -> Judgement:
    """A certificate that does not cover the type, was not in force, is another's, or that its body never issued.

    Of the maker's certificates on record one has to fit: the others are for its other goods. Of the presented ones
    each has to, since each was shown for this lot.
    """
    lot = dossier.history.lot
    if lot is None:
        return
    papers = presented(dossier, "certificate")
    for paper in papers:
        yield from _judge_paper(dossier, lot, paper)
    if papers or lot.family not in CERTIFIED_FAMILIES:
        return
    faults = [(certificate, _fault(certificate, lot)) for certificate in dossier.history.certificates]
    if not faults:
        yield Unchecked("L25", "no_certificate", {"type": lot.type, "maker": lot.maker})
    elif all(case for _, case in faults):
        # The one that comes nearest: of the right type if there is one, and the newest of those.
        certificate, case = max(faults, key=lambda fault: (fault[1] != "type", fault[0].entry))
        yield _finding(certificate, lot, case, {}, ())


def _judge_paper(dossier: Dossier, lot: Lot, paper: Paper) -> Iterator[Finding]:
    shown: dict[str, Fact] = {"presenter": paper.presenter, "body": paper.claimed_body}
    known = [
        certificate
        for certificate in (*dossier.cited_certificates, *dossier.history.certificates)
        if (certificate.body, certificate.number) == (paper.claimed_body, paper.number)
    ]
    # A number may have been issued again: the one that covers the lot counts, if there is one.
    known.sort(key=lambda certificate: (not _fault(certificate, lot), certificate.entry))
    if not known:
        facts = shown | {"number": paper.number, "type": lot.type}
        yield Finding("L25", Severity.CRITICAL, facts, (paper.entry,), "unknown")
    elif case := _fault(known[-1], lot):
        yield _finding(known[-1], lot, case, shown, (paper.entry,))
    elif case := _printed_fault(paper, known[-1]):
        facts = shown | {"number": paper.number, "holder": paper.holder or "", "maker": paper.maker or ""}
        yield Finding("L25", Severity.CRITICAL, facts | {"type": lot.type}, (paper.entry, known[-1].entry), case)


def _fault(certificate: Certificate, lot: Lot) -> str:
    """What keeps the certificate from covering the lot, as one of the rule's cases; "" where nothing does."""
    made_on = civil_day(lot.made_at)
    if lot.type not in certificate.types:
        return "type"
    if certificate.maker != lot.maker:
        return "maker"
    if certificate.holder != lot.maker:
        return "holder"
    if certificate.withdrawn_on is not None and certificate.withdrawn_on <= made_on:
        return "withdrawn"
    return "" if certificate.valid_from <= made_on <= certificate.valid_to else "not_valid"


def _printed_fault(paper: Paper, certificate: Certificate) -> str:
    """A paper about a good certificate that prints another holder or maker, or more types, than its body has said."""
    is_same = (paper.holder or certificate.holder, paper.maker or certificate.maker) == (
        certificate.holder,
        certificate.maker,
    )
    return "" if is_same and set(paper.types) <= set(certificate.types) else "altered"


def _finding(
    certificate: Certificate, lot: Lot, case: str, shown: dict[str, Fact], entries: tuple[int, ...]
) -> Finding:
    facts = shown | {
        "number": certificate.number,
        "body": certificate.body,
        "holder": certificate.holder,
        "certified_maker": certificate.maker,
        "maker": lot.maker,
        "type": lot.type,
        "made_on": civil_day(lot.made_at),
        "valid_from": certificate.valid_from,
        "valid_to": certificate.valid_to,
    }
    proof = (*entries, certificate.entry, lot.entry)
    if case == "withdrawn" and certificate.withdrawn_on is not None:
        facts["withdrawn_on"] = certificate.withdrawn_on
        proof = proof if certificate.withdrawal_entry is None else (*proof, certificate.withdrawal_entry)
    return Finding("L25", Severity.CRITICAL, facts, proof, case)
