"""What bin/run and bin/test look at before any long work: one process, only the standard library.

Arguments: the command's name, the .venv that runs this (or nothing), and for a server HOST PORT VAR_DIR.
Exit status: 0 all is well; 1 refused, with one line on stderr; 3 the .venv is unusable, the rest unchecked.
"""

import errno
import os
import socket
import sys
import tempfile


def is_whole(venv: str) -> bool:
    """Whether this interpreter finds its pip there: false after a broken creation or a new minor version."""
    library = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return os.path.isfile(os.path.join(venv, "lib", library, "site-packages", "pip", "__main__.py"))


def objection_to_address(host: str, port_text: str) -> str | None:
    """Why a server cannot listen there, or None. Binds and lets go: the server may still lose a race."""
    # str.isdecimal admits other scripts' digits, which int() reads but a URL does not.
    if not (port_text.isascii() and port_text.isdecimal() and 1 <= int(port_text[:6]) <= 65535):
        return f"expected PORT between 1 and 65535, got {port_text!r}"
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, int(port_text), type=socket.SOCK_STREAM)[0]
    except OSError:
        return f"expected HOST to be an address of this machine, got {host!r}"
    with socket.socket(family, kind) as probe:
        # As the server does: a port is not taken because its last connections are still being forgotten.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"port {port_text} on {host} is taken: stop what listens there, or set PORT to another"
            if error.errno == errno.EACCES:
                return f"port {port_text} needs more rights than yours: set PORT to one above 1023"
            return f"cannot listen on HOST={host} PORT={port_text}: {error.strerror}"
    return None


def objection_to_folder(path: str) -> str | None:
    """Why nothing can be written there, or None. Makes the folder; marks an empty one as ours."""
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        if not os.listdir(path):
            with open(os.path.join(path, ".suzheng"), "x", encoding="utf-8") as mark:
                mark.write("This folder is Suzheng's: bin/run --reset removes the data in it.\n")
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        return f"cannot write to VAR_DIR={path}: {error.strerror}"
    return None


def main() -> None:
    command, venv, *server = sys.argv[1:]
    if venv and not is_whole(venv):
        sys.exit(3)
    if server:
        host, port, var_dir = server
        objection = objection_to_address(host, port) or objection_to_folder(var_dir)
        if objection:
            sys.exit(f"{command}: {objection}")


main()
