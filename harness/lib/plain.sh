# What comes from a run may hold anything: characters that move the cursor or turn the writing round are '?', and bytes
# that are no UTF-8 its sign for that. Sourced by whoever prints, draws or reports of runs.
# shellcheck shell=sh disable=SC2034 # read by whoever sources this
PLAIN='def plain: explode | map(if . < 32 or (. > 126 and . < 160) or . == 8206 or . == 8207 or (. >= 8232 and . <= 8238) or
    (. >= 8294 and . <= 8297) or . == 65279 or . >= 65534 and . <= 65535 then 63 else . end) | implode;'

# plain_fields: lines of fields with tabs between
plain_fields() {
    jq -R -r "$PLAIN"' split("\t") | map(plain) | join("\t")'
}

# printable [LENGTH]: standard input as one line, of that many characters at most
printable() {
    jq -R -s -r --argjson most "${1:-10000}" "$PLAIN"' rtrimstr("\n") | plain | if length > $most then .[0:$most - 3] + "..." else . end'
}
