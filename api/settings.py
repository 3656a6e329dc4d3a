"""Settings from the environment, each with its default: the one place that reads it (README, "Operations", lists
them).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides for itself."""

    var_dir: Path
    """Folder for everything that is kept: database, blobs, the ledger's key."""
    database_url: str
    public_url: str
    """Where people reach this registry; QR codes carry it."""
    rate_limit: str
    """What one address may ask for, in Flask-Limiter's words; empty for no limit."""
    is_secure: bool
    """Served over HTTPS: cookies are marked Secure and browsers are told to stay on it."""
    ledger_key: str = ""
    """The ledger's own private key: a PEM file, or a `pkcs11:` URI; empty for the file in `var_dir`."""
    ledger_passphrase_file: Path | None = None
    """What that PEM file is encrypted with; None where it is not."""
    pkcs11_module: str = ""
    """The library of PKCS#11 tokens whose URI names none."""
    label_key: str = ""
    """The private key that signs labels: a PEM file, or a `pkcs11:` URI; empty for the file in `var_dir`."""
    policy_path: Path | None = None
    """A trust policy (c2sp.org/tlog-policy) naming the witnesses of this ledger and where they are; None: none."""
    metrics: str = ""
    """Where `/metrics` is served, address:port; empty for nowhere."""
    log_format: str = "text"
    """text or json."""
    log_level: str = "warning"

    @property
    def blob_dir(self) -> Path:
        """Where documents lie, named by their SHA-256."""
        return self.var_dir / "blobs"

    @property
    def mismatch_dir(self) -> Path:
        """Where photos lie that people sent with reports of goods that do not match; for regulators alone."""
        return self.var_dir / "mismatches"

    @property
    def tiles_dir(self) -> Path:
        """Where the log's tiles lie, a folder a ledger, for any file server."""
        return self.var_dir / "tiles"

    @property
    def anchor_path(self) -> Path:
        """The last checkpoint that was committed, beside the database that it must be found in (`api/anchor.py`)."""
        return self.var_dir / "ledger" / "checkpoint"

    @property
    def contradiction_path(self) -> Path:
        """A checkpoint that this ledger has signed, a witness holds, and the database does not contain."""
        return self.var_dir / "ledger" / "contradiction"

    @property
    def witness_dir(self) -> Path:
        """Where a witness that runs here keeps its keys and what it has signed (`api/witness/folder.py`)."""
        return self.var_dir / "witness"

    @property
    def ledger_key_path(self) -> Path:
        """The file of the ledger's own private key; where it lies in a token, there is none."""
        if self.ledger_key and self.ledger_key_uri is None:
            return Path(self.ledger_key)
        return self.var_dir / "keys" / "ledger.pem"

    @property
    def ledger_key_uri(self) -> str | None:
        """The URI of the ledger's own key where it lies in a token."""
        return self.ledger_key if self.ledger_key.startswith("pkcs11:") else None

    @property
    def ledger_key_name(self) -> str:
        """What to call it in a refusal: a URI may name files that are nobody's business."""
        return "LEDGER_KEY" if self.ledger_key_uri is not None else self.ledger_key_path.name

    @property
    def has_ledger_key(self) -> bool:
        """Is there a key to look for? A token is asked when it has to sign."""
        return self.ledger_key_uri is not None or self.ledger_key_path.exists()

    @property
    def label_key_path(self) -> Path:
        """The file of the private key that signs labels (`api/label_keys.py`)."""
        if self.label_key and self.label_key_uri is None:
            return Path(self.label_key)
        return self.var_dir / "keys" / "label.pem"

    @property
    def label_key_uri(self) -> str | None:
        """The URI of that key where it lies in a token."""
        return self.label_key if self.label_key.startswith("pkcs11:") else None

    @property
    def label_keys_dir(self) -> Path:
        """Where the public halves of all label keys lie whose labels are believed."""
        return self.var_dir / "keys" / "labels"

    @property
    def demo_dir(self) -> Path:
        """The private keys of the demonstration's parties, so that a reader can play each of them."""
        return self.var_dir / "demo"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from `VAR_DIR`, `DATABASE_URL`, `PUBLIC_URL`, `HOST`, `PORT`, `RATE_LIMIT`, `LEDGER_KEY`,
    `LEDGER_PASSPHRASE_FILE`, `LABEL_KEY`, `PKCS11_MODULE`, `POLICY_FILE`, `METRICS`, `LOG_FORMAT`, `LOG_LEVEL`.
    """
    var_dir = Path(environ.get("VAR_DIR") or ROOT / "var").resolve()
    local = f"http://{environ.get('HOST') or '127.0.0.1'}:{environ.get('PORT') or '8000'}"
    public_url = (environ.get("PUBLIC_URL") or local).rstrip("/")
    return Settings(
        var_dir=var_dir,
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{var_dir / 'suzheng.sqlite3'}",
        public_url=public_url,
        rate_limit=environ.get("RATE_LIMIT", "600 per minute"),
        is_secure=public_url.startswith("https://"),
        ledger_key=environ.get("LEDGER_KEY", ""),
        ledger_passphrase_file=Path(passphrase) if (passphrase := environ.get("LEDGER_PASSPHRASE_FILE")) else None,
        label_key=environ.get("LABEL_KEY", ""),
        pkcs11_module=environ.get("PKCS11_MODULE", ""),
        policy_path=Path(environ["POLICY_FILE"]).resolve() if environ.get("POLICY_FILE") else None,
        metrics=environ.get("METRICS", ""),
        log_format=environ.get("LOG_FORMAT") or "text",
        log_level=environ.get("LOG_LEVEL") or "warning",
    )
