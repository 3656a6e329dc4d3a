# Sourced by bin/run and bin/test: finds an interpreter, checks before long work, keeps .venv.
# Needs $root, the absolute path of this checkout. A refusal is one line on stderr and a status other than 0.

venv="$root/.venv"

refuse() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Prints the first interpreter that can make a .venv: python3 if it will do, else the newest python3.X that does.
find_python() {
    local candidate verdict version module too_old="old none" incomplete=""
    # Runs on any Python, however old: so no f-strings.
    local probe='
import sys
version = "%d.%d" % sys.version_info[:2]
try:
    import ensurepip, sqlite3, ssl, venv
    verdict = "good"
except ImportError as error:
    verdict = "lacks " + version + " " + str(error).split()[-1].strip("\x27")
print("old " + version if sys.version_info < (3, 11) else verdict)'
    while read -r candidate; do
        verdict=$("$candidate" -c "$probe" 2>/dev/null) || continue
        case $verdict in
            good) command -v "$candidate"; return ;;
            lacks*) incomplete=${incomplete:-$verdict} ;;
            old*) [[ $too_old != "old none" ]] || too_old=$verdict ;;
        esac
    done < <(echo python3; compgen -c python3. | grep -E '^python3\.[0-9]+$' | sort -t. -k2,2nr -u)
    if [[ $incomplete ]]; then
        read -r _ version module <<<"$incomplete"
        refuse "Python $version has no module $module, so it cannot make .venv: apt-get install python3-venv"
    fi
    refuse "expected Python 3.11 or newer, got ${too_old#old }: apt-get install python3 python3-venv"
}

# Sets $python, and lets bin/_checks.py refuse what cannot work. Arguments: [HOST PORT VAR_DIR].
choose_python() {
    local status=0
    python="$venv/bin/python"
    if [[ -x $python ]]; then
        "$python" -I -S "$root/bin/_checks.py" "${0##*/}" "$venv" "$@" || status=$?
        case $status in
            0) return ;;
            3) ;; # unfinished, or its interpreter was renewed beneath it: made anew below
            *) exit "$status" ;;
        esac
    fi
    python=$(find_python) || exit 1
    "$python" -I -S "$root/bin/_checks.py" "${0##*/}" "" "$@" || exit 1
    [[ -w $root ]] || refuse "cannot write to $root, where .venv is to be made: change its owner, or copy it elsewhere"
}

is_installed() { [[ -f $venv/$1 && $(<"$venv/$1") == "$(<"$root/$1")" ]]; }

# Installs the named requirements files into .venv, unless the copy kept beside the last installation says the same.
install_requirements() {
    local name
    if [[ $python == "$venv/bin/python" ]]; then
        for name in "$@"; do is_installed "$name" || break; done
        is_installed "$name" && return
    fi
    # Two starts at once would write the same files: the second waits, then finds everything done.
    exec 9<"$root/requirements.txt"
    ! command -v flock >/dev/null || flock 9
    if [[ $python != "$venv/bin/python" ]]; then
        [[ -x $venv/bin/python ]] && "$venv/bin/python" -I -S "$root/bin/_checks.py" "" "$venv" ||
            "$python" -m venv --clear "$venv" >/dev/null || refuse "could not make $venv with $python"
        python="$venv/bin/python"
    fi
    for name in "$@"; do
        is_installed "$name" && continue
        echo "Installing the libraries of $name into .venv (only when that file has changed; a minute or so) ..."
        # Wheels only: a source package would run its own build, whose tools no hash covers.
        "$python" -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore \
            --retries 2 --require-hashes --only-binary :all: -r "$root/$name" >"$venv/install.log" 2>&1 || explain_pip
        # What the development file adds was resolved against these pins: it has to be looked at again.
        [[ $name != requirements.txt ]] || rm -f "$venv/requirements-dev.txt"
        cp "$root/$name" "$venv/$name"
    done
    exec 9<&-
}

explain_pip() {
    if grep -qE 'NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|timed out|Connection (aborted|refused|reset)' "$venv/install.log"; then
        refuse "no network: the package index cannot be reached, and the libraries are not yet in .venv (details in .venv/install.log)"
    fi
    refuse "pip failed: $(grep -m1 ^ERROR "$venv/install.log" || tail -n1 "$venv/install.log") (details in .venv/install.log)"
}
