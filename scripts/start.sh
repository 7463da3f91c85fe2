#!/usr/bin/env bash
# Sets the program up and runs it.
#
#   ./scripts/start.sh                 opens the window on a copy of the sample photos; without a display it captions them
#   ./scripts/start.sh open photos/    opens the window on a folder of yours
#   ./scripts/start.sh caption ...     any command of roi-assistant; see ./scripts/start.sh --help
#
# As root on Debian it installs the system libraries that are missing; otherwise it says which they are. Everything else goes
# into .venv in the checkout. After the first start it needs no network.

# shellcheck source=scripts/set_up.sh
. "$(dirname "${BASH_SOURCE[0]}")/set_up.sh"

set_up base "" "about 0.5 GB."

if [ "$#" -eq 0 ]; then
    if [ "$(uname -s)" = Darwin ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
        set -- open --samples
    else
        set -- demo
    fi
fi
exec "$venv/bin/roi-assistant" "$@"
