#!/usr/bin/env bash
# Sets up all that development needs and runs every check: ruff, mypy, pytest. Arguments go to pytest.
#
#   ./scripts/test.sh
#   ./scripts/test.sh tests/unit/core -x
#
# Needs no display and no GPU. Without Java the tests of the metrics that need it are skipped and say so.

# shellcheck source=scripts/set_up.sh
. "$(dirname "${BASH_SOURCE[0]}")/set_up.sh"

if ! java -version >/dev/null 2>&1; then
    install_system_packages default-jre-headless || say "Going on without Java: the tests that need it are skipped."
fi
set_up test "torch,evaluation,dev" "about 3 GB (6 GB on disk)."

cd "$root"
failed=""

check() { # check NAME COMMAND...: runs it, remembers a failure, goes on
    local name=$1
    shift
    say "== $name"
    "$@" || failed="$failed, $name"
}

check "ruff check" "$venv/bin/python" -m ruff check .
check "ruff format" "$venv/bin/python" -m ruff format --check .
check "mypy" "$venv/bin/python" -m mypy
# Files run side by side, each whole in one process; more than four processes would need too much memory.
check "pytest" "$venv/bin/python" -m pytest -n auto --maxprocesses 4 --dist loadfile "$@"

if [ -n "$failed" ]; then
    stop "failed: ${failed#, }."
fi
