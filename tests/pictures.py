"""Takes the README's pictures: `.venv/bin/python -m tests.pictures`, with a Chromium on the machine.

The pages are those of the demonstration, served on loopback for as long as the pictures take.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from threading import Thread

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from api.demonstration.addresses import read_addresses
from api.demonstration.names import read_names
from tests import demonstration

FOLDER = Path(__file__).parent.parent / "api" / "demonstration" / "pictures"
PHONE, DESK = (390, 844), (1280, 860)
# Name, label of the address, language, viewport.
PICTURES = (
    ("scan-use-en", "use", "en", PHONE),
    ("scan-stop-zh", "stop", "zh", PHONE),
    ("trace-zh", "trace", "zh", DESK),
    ("forged-en", "forged", "en", DESK),
)


def take(chromium: str) -> None:
    """Serve the demonstration and take every picture of PICTURES, the first screen of each page."""
    addresses = dict(read_addresses(read_names()))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = demonstration.open_app(Path(folder))
        demonstration.load_once(app)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, label, language, (width, height) in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"http://127.0.0.1:{server.server_port}{addresses[label]}?lang={language}")
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
        browser.close()
        server.shutdown()
        app.extensions["suzheng"].database.close()


if __name__ == "__main__":
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        sys.exit("Chromium is absent: apt-get install chromium fonts-noto-cjk")
    take(found)
