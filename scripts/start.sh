#!/usr/bin/env bash
# Sets the program up and runs it.
#
#   ./scripts/start.sh                 captions the sample photos; says where the pictures and the JSON are
#   ./scripts/start.sh caption ...     any command of roi-assistant; see ./scripts/start.sh --help
#
# As root on Debian it installs the system libraries that are missing; otherwise it says which they are. Everything else goes
# into .venv in the checkout. After the first start it needs no network.

# shellcheck source=scripts/set_up.sh
. "$(dirname "${BASH_SOURCE[0]}")/set_up.sh"

set_up base "" "about 0.5 GB."

if [ "$#" -eq 0 ]; then
    set -- demo
fi
exec "$venv/bin/roi-assistant" "$@"
