"""Where the ledger's key lies is the environment's to say, and the manual names every setting."""

import re
from pathlib import Path

from api.settings import ROOT, read_settings

URI = "pkcs11:token=Ledger%20HSM;object=ledger?pin-source=file:/run/pin"


def test_the_ledgers_key_lies_in_var_unless_another_place_is_named(tmp_path):
    assert read_settings({"VAR_DIR": str(tmp_path)}).ledger_key_path == tmp_path / "keys" / "ledger.pem"
    named = read_settings({"VAR_DIR": str(tmp_path), "LEDGER_KEY": "/etc/suzheng/ledger.pem"})
    assert (named.ledger_key_path, named.ledger_key_uri) == (Path("/etc/suzheng/ledger.pem"), None)
    assert not named.has_ledger_key


def test_a_token_is_no_file_and_its_uri_stays_unsaid():
    settings = read_settings({"LEDGER_KEY": URI, "PKCS11_MODULE": "/usr/lib/token.so"})
    assert (settings.ledger_key_uri, settings.pkcs11_module) == (URI, "/usr/lib/token.so")
    assert settings.has_ledger_key
    assert settings.ledger_key_name == "LEDGER_KEY"


def test_the_manual_names_every_setting_that_is_read():
    read = set(re.findall(r'environ\.get\("([A-Z0-9_]+)"', (ROOT / "api" / "settings.py").read_text()))
    assert {"LEDGER_KEY", "LEDGER_PASSPHRASE_FILE", "PKCS11_MODULE", "VAR_DIR"} <= read
    manual = (ROOT / "README.md").read_text()
    assert [name for name in sorted(read) if f"`{name}`" not in manual] == []
