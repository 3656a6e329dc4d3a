"""The application as WSGI servers and the flask command load it: `wsgi:app`.

`trace` is also a module of the standard library, and that one wins where this folder does not stand first.
So the first two lines below have to run before anything of ours is imported.
"""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent)

sys.path[:] = [ROOT, *(entry for entry in sys.path if entry != ROOT)]
# A module of ours has __path__, for it is a package; the standard library's has not.
if "trace" in sys.modules and not hasattr(sys.modules["trace"], "__path__"):
    del sys.modules["trace"]

from api.app import create_app  # noqa: E402

app = create_app()
