"""What the papers' figures are measured with; `bin/bench labs` calls both and prints what they return.

validate_papers(200)                    ms a PDF, all of it: opened, read, its code decoded, its seal validated
check_files("http://127.0.0.1:8000")    checks a second by SHA-256, from as many connections as are said
"""

import http.client
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from urllib.parse import urlsplit

from api.papers.examiner import Examiner
from labs.papers.seals import LAB_SEAL, Authority
from tests.sealing import AT, LINES, SealOffice, print_paper


def validate_papers(count: int) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds, of sealed one-page reports, none of which was met before."""
    office, examiner = SealOffice(), Examiner()
    authorities = [Authority(LAB_SEAL, office.certificate)]
    code = "https://report.lab.example/q/"
    documents = [office.seal(print_paper((*LINES, f"paper {number}"), code + str(number))) for number in range(count)]
    examiner.examine(print_paper(), authorities, AT)  # the child has to load its libraries once
    took = []
    try:
        for document in documents:
            begun = time.perf_counter()
            if examiner.examine(document, authorities, AT).seal_state != "valid":
                raise ValueError("expected a valid seal")
            took.append(1000 * (time.perf_counter() - begun))
    finally:
        examiner.close()
    return statistics.median(took), statistics.quantiles(took, n=20)[-1]


def check_files(address: str, count: int = 3000, connections: int = 8, known: Sequence[str] = ()) -> float:
    """Answers a second to `GET /api/v1/check?sha256=…`: every other hash is one of `known`, where any are given.

    The server must run without a rate limit (`RATE_LIMIT=`), or all connections count as one address.
    """
    parts = urlsplit(address)
    strange = [sha256(str(number).encode()).hexdigest() for number in range(count)]
    asked = [known[place % len(known)] if known and place % 2 else one for place, one in enumerate(strange)]

    def ask(share: Sequence[str]) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port)
        for one in share:
            connection.request("GET", f"/api/v1/check?sha256={one}")
            response = connection.getresponse()
            response.read()
            if response.status != http.client.OK:
                raise ValueError(f"expected 200, got {response.status}")
        connection.close()

    begun = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(ask, [asked[place::connections] for place in range(connections)]))
    return count / (time.perf_counter() - begun)
