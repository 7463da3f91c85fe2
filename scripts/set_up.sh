# shellcheck shell=bash
# Sourced by start.sh and test.sh: system libraries, the environment in .venv, and what is installed in it.
#
# A stamp in .venv remembers what was installed, so that the next start installs nothing and needs no network. Everything that
# is said here goes to standard error: standard output belongs to the program.

set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
PATH=$PATH:/usr/sbin:/sbin # ldconfig, where a plain user's PATH lacks it

trap 'say "Stopped: line $LINENO of ${BASH_SOURCE[0]##*/} failed (exit code $?); the lines above say why."' ERR

# library that must be loadable, Debian package that has it. The first group is for any use of Qt, the second for a real window.
qt_libraries="
libGL.so.1 libgl1
libEGL.so.1 libegl1
libglib-2.0.so.0 libglib2.0-0
libxkbcommon.so.0 libxkbcommon0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libxcb-cursor.so.0 libxcb-cursor0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0
"

say() { printf '%s\n' "$*" >&2; }

stop() {
    trap - ERR
    say "Stopped: $*"
    exit 1
}

# The Debian packages whose library this machine lacks, on one line.
missing_qt_packages() {
    local known library package missing=""
    [ "$(uname -s)" = Linux ] && command -v ldconfig >/dev/null || return 0
    known=$(ldconfig -p)
    while read -r library package; do
        case $library in "") continue ;; esac
        case $known in *"	$library "*) ;; *) missing="$missing $package" ;; esac
    done <<<"$qt_libraries"
    printf '%s' "${missing# }"
}

# install_system_packages PACKAGE...: 0 when they are installed now; otherwise says which are missing and returns 1.
install_system_packages() {
    if ! command -v apt-get >/dev/null; then
        say "Missing system packages; this system has no apt, install what Debian calls: $*"
        return 1
    elif [ "$(id -u)" -ne 0 ]; then
        say "Missing system packages; as root, run: apt-get install -y $*"
        return 1
    fi
    say "Installing system packages: $*"
    if ! { apt-get -qq -o DPkg::Lock::Timeout=300 update && DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"; } </dev/null >/dev/null; then
        say "apt-get could not install: $*"
        return 1
    fi
}

# runs_python COMMAND: whether it is a Python that this project can use.
runs_python() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11; do
        if runs_python "$candidate"; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    return 1
}

have_uv() { uv --version >/dev/null 2>&1; }

make_environment() {
    local python package
    if runs_python "$venv/bin/python" && { have_uv || "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
        return 0
    fi
    if ! python=$(find_python); then
        install_system_packages python3 python3-venv || stop "Python 3.11 or newer is needed."
        python=$(find_python) || stop "Python 3.11 or newer is needed; this system's python3 is older."
    fi
    say "Making the environment $venv"
    rm -rf -- "$venv"
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 && have_uv; then
        uv venv --quiet --python "$python" "$venv" || stop "uv could not make $venv."
        return 0
    fi
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        package=python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
        install_system_packages "$package" || stop "Python's venv module is needed to make $venv."
    fi
    "$python" -m venv "$venv" || stop "Python could not make $venv."
}

# install_project EXTRAS SIZE: the program, editable, with the extras of pyproject.toml; SIZE says what is downloaded.
install_project() {
    local target=.${1:+[$1]} quiet=""
    [ -t 2 ] || quiet=--quiet # progress bars for people, not for logs
    say "Installing the program ($target) into $venv; the first time this downloads $2"
    if have_uv; then
        # shellcheck disable=SC2086
        (cd "$root" && uv pip install $quiet --python "$venv/bin/python" --editable "$target") >&2 && return 0
        # uv does not read pip's configuration: behind a mirror that only pip knows, pip still works.
        say "uv could not install it; trying pip."
        "$venv/bin/python" -m ensurepip >/dev/null 2>&1 || true
    fi
    # shellcheck disable=SC2086
    (cd "$root" && "$venv/bin/python" -m pip install $quiet --editable "$target") >&2 ||
        stop "Installing failed: see above (is there a network, and room on the disk?), then run the command again."
}

# What an installation depends on: where the checkout is, and what pyproject.toml asks for.
stamp_text() {
    printf '%s\n' "$root"
    cat "$root/pyproject.toml"
}

# set_up NAME EXTRAS SIZE: system libraries, environment and program. NAME tells the stamps apart; the installation named
# "test" holds all that any other one needs.
set_up() {
    local name=$1 extras=$2 size=$3 stamp missing
    missing=$(missing_qt_packages)
    if [ -n "$missing" ]; then
        # Captions need no Qt, so this is no reason to stop.
        # shellcheck disable=SC2086
        install_system_packages $missing || say "Going on without them: the window will not open."
    fi
    for stamp in "$venv/set-up-$name.stamp" "$venv/set-up-test.stamp"; do
        if [ -x "$venv/bin/roi-assistant" ] && runs_python "$venv/bin/python" && stamp_text | cmp -s - "$stamp"; then
            return 0
        fi
    done
    make_environment
    install_project "$extras" "$size"
    stamp_text >"$venv/set-up-$name.stamp"
}
