# What goes through the shell of a host. Sourced by everywhere and host.sh.
# shellcheck shell=sh

# quoted WORD...: as words for a shell, each with a space behind it
quoted() {
    for word in "$@"; do
        printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
    done
}
