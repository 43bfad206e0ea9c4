# Quoting for the shell of a host. Sourced by everywhere and host.sh.
# shellcheck shell=sh

# SPDX-License-Identifier: BSD-2-Clause

# quoted ARGUMENT...: quoted for a shell, each followed by a space
quoted() {
    for argument in "$@"; do
        printf "'%s' " "$(printf '%s' "$argument" | sed "s/'/'\\\\''/g")"
    done
}
