# Text from runs may contain anything: control characters, including bidirectional ones, become "?", and bytes that are not
# UTF-8 the replacement character, as in harness/runs/text.c. Sourced by scripts that print texts of runs.
# shellcheck shell=sh disable=SC2034 # read by the scripts

# SPDX-License-Identifier: BSD-2-Clause

PLAIN='def plain: explode | map(if . < 32 or (. > 126 and . < 160) or . == 1564 or . == 8206 or . == 8207 or (. >= 8232 and . <= 8238) or
    (. >= 8294 and . <= 8297) or . == 65279 or . >= 65534 and . <= 65535 then 63 else . end) | implode;'

# all_plain TEXT [ALSO]: whether it is ASCII without control characters other than ALSO. Most text is; jq takes 30 ms to start.
all_plain() {
    case $1 in
    *[!\ -~"${2:-}"]*) return 1 ;;
    esac
}

# plain_fields: lines of tab-separated fields
plain_fields() {
    fields=$(tr '\000' '?')
    if all_plain "$fields" '	
'; then
        [ -z "$fields" ] || printf '%s\n' "$fields"
    else
        printf '%s\n' "$fields" | jq -R -r "$PLAIN"' split("\t") | map(plain) | join("\t")'
    fi
}

# printable [LENGTH]: standard input as one line of at most LENGTH characters
printable() {
    line=$(tr '\000' '?')
    if all_plain "$line" && [ "${#line}" -le "${1:-10000}" ]; then
        printf '%s\n' "$line"
    else
        printf '%s\n' "$line" |
            jq -R -s -r --argjson most "${1:-10000}" "$PLAIN"' rtrimstr("\n") | plain | if length > $most then .[0:$most - 3] + "..." else . end'
    fi
}
