"""People at the desk, each at a browser of their own, who see pages and click: nothing here knows an address but the
first, or reaches past what is on the screen.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Person:
    """Somebody at a browser. What goes wrong in it, on the console or in a script, is kept in `complaints`."""

    def __init__(self, page: "Page", address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        # That a form is refused is an answer, which Chromium writes to the console all the same.
        if kind in ("error", "warning") and "status of 4" not in text:
            self.complaints.append(text)

    def open(self, path: str = "/") -> None:
        """Type an address."""
        self.page.goto(self.address + path)

    def follow(self, *names: str) -> None:
        """Click links, one after the other, each by its words."""
        for name in names:
            self.page.get_by_role("link", name=name).first.click()

    def press(self, name: str) -> None:
        """Click a button."""
        self.page.get_by_role("button", name=name).first.click()

    def write(self, **fields: str) -> None:
        """Fill in fields by what their labels begin with (an underscore stands for a blank)."""
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " ")).locator("visible=true").first.fill(value)

    def choose(self, *names: str) -> None:
        """Tick boxes and take choices by their words."""
        for name in names:
            self.page.get_by_text(name, exact=True).first.click()

    def agree(self) -> str:
        """Go on to what is to be signed, sign it, and wait until it is recorded; what was shown before."""
        self.press("Continue")
        self.page.locator("#agree:visible, #errors:visible").first.wait_for()
        refused = self.page.locator("#errors")
        assert not refused.is_visible(), refused.inner_text()
        # Thumbprints of keys are computed, which takes a moment.
        self.page.wait_for_function("() => document.querySelector('#agree strong.code:empty') === null")
        shown = self.page.locator("#agree").inner_text()
        self.press("Sign and send")
        self.page.get_by_role("heading", name="It stands in the ledger").wait_for()
        return shown

    def see(self) -> str:
        """All that is on the page."""
        return self.page.locator("main").inner_text()

    def find(self, text: str) -> None:
        """Wait until this is on the page: what a script writes comes when it comes."""
        self.page.locator("main").get_by_text(text).locator("visible=true").first.wait_for()

    def make_key(self, name: str) -> str:
        """Make a key, and take the request for its enrolment from the page."""
        self.open("/desk")
        self.follow("Sign in with a key")
        self.write(What_you_call_it=name)
        self.press("Make a key")
        request = self.page.get_by_label("Request for enrolment")
        request.wait_for()
        return request.input_value()

    def open_key(self, path: Path, passphrase: str = "") -> None:
        """Open a key file, and sign in with it."""
        self.open("/desk/keys")
        self.page.get_by_label("Private key").set_input_files(path)
        self.write(Passphrase=passphrase)
        self.press("Open it")
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in with the one key that is on record."""
        self.press("Sign in")
        self.page.wait_for_url("**/desk")


@contextmanager
def at_desks(browser: "Browser", address: str, *, viewport: dict[str, int] = DESK) -> Iterator[Callable[[], Person]]:
    """Seats people; afterwards nobody may have had anything to complain of."""
    people: list[Person] = []

    def seat() -> Person:
        context = browser.new_context(locale="en-GB", viewport=viewport, accept_downloads=True)  # type: ignore[arg-type]
        person = Person(context.new_page(), address)
        people.append(person)
        return person

    yield seat
    complaints = [complaint for person in people for complaint in person.complaints]
    for person in people:
        person.page.context.close()
    assert complaints == []
