# The connections of one capture, by tshark and by wire: a line "connection FILE KEY RESULT" for each that either has, and
# "refused FILE REASON" if wire does not read the capture. RESULT is "equal", or why it differs.
#
# Inputs: tshark's fields (wire_captures.sh has them), then lines of `wire --connections` without the header.
# Variables: file; ports, space-separated; refused.
#
# By tshark, the first byte of a connection whose SYN is there is the first new byte of the server behind a new byte of the
# client. It is not known where tshark says that a segment in front of it was not captured, unless that comes later.
#
# Times stay text, "seconds.nanoseconds": nanoseconds since 1970 are more than awk's numbers hold exactly.

BEGIN {
    FS = "\t"
    n = split(ports, list, " ")
    for (i = 1; i <= n; i++) is_port[list[i]] = 1
}

# Of the innermost of several headers.
function is_ipv6() { return $16 ~ /:ipv6(:[^:]*)*$/ && $16 !~ /:ipv6:.*:ip:/ }
function source() { return $3 == "" || is_ipv6() ? $4 : $3 }
function target() { return $5 == "" || is_ipv6() ? $6 : $5 }

FILENAME ~ /\/tshark$/ { input = 1 }
FILENAME ~ /\/wire$/ { input = 2 }

# ---- tshark ----

input == 1 && $1 != "" {
    s = $1
    digits = length($9)
    syn = bit(substr($9, digits, 1), 2)
    rst = bit(substr($9, digits, 1), 4)
    ack = bit(substr($9, digits - 1, 1), 1)
    if (!($7 in is_port) && !($8 in is_port)) next # a port of what it is inside of
    # as for wire: who has the port, and who does not send the SYN where both have
    from_server = (s in server_port) ? $7 == server_port[s] && source() == server[s] : \
        ($7 in is_port) != ($8 in is_port) ? $7 in is_port : !syn || ack
    if (!(s in key)) {
        server[s] = from_server ? source() : target()
        server_port[s] = from_server ? $7 : $8
        key[s] = (from_server ? target() "," $8 : source() "," $7) "," server[s] "," server_port[s]
        order[++streams] = s
    }
    if (!rst) more_than_resets[s] = 1
    if (!rst && (s in was_reset)) after_reset[s] = 1
    if (rst) was_reset[s] = 1
    if ($11 != "") retransmitted[s] = 1
    if ($12 != "" || $13 != "") lost[s] = 1
    if ($14 != "") reordered[s] = 1
    if ($15 == "1" || $15 == "True") fragmented[s] = 1
    if (last[s] != "" && between(last[s], $2) == "") backwards[s] = 1
    if (last[s] != "" && between(last[s], $2) > 4000000000 && (s in ended)) late[s] = 1
    last[s] = $2
    if (rst) ended[s] = 1
    if (bit(substr($9, digits, 1), 1) && ++fins[s] > 1) ended[s] = 1
    if (syn && !ack && !from_server && begin[s] == "") begin[s] = $2
    if ($10 > 0 && $11 == "") {
        if (!from_server) asked[s] = 1
        else if (asked[s] && first[s] == "") {
            first[s] = $2
            unknown[s] = $12 != ""
        } else if (first[s] != "" && $14 != "") unknown[s] = 0
    } else if ($10 > 0 && from_server && first[s] != "" && $14 != "") unknown[s] = 0
}

# ---- wire ----

input == 2 {
    split($0, field, ",")
    k = field[2] "," field[3] "," field[4] "," field[5]
    wire_first[k, ++wire_count[k]] = field[11]
}

function reason(s) {
    if (s in after_reset) return "goes on after a reset"
    if (fragmented[s]) return "IP fragments"
    if (backwards[s]) return "time goes backwards"
    if (lost[s]) return "bytes were not captured"
    if (reordered[s]) return "segments changed places"
    if (retransmitted[s]) return "retransmissions"
    return "other"
}

function put(k, result) {
    printf "connection\t%s\t%s\t%s\n", file, k, result
}

END {
    if (refused != "") printf "refused\t%s\t%s\n", file, refused
    for (i = 1; i <= streams; i++) {
        s = order[i]
        k = key[s]
        if (!(s in more_than_resets)) {
            resets++
            continue
        }
        number = ++tshark_count[k]
        first_ns = unknown[s] ? "" : between(begin[s], first[s])
        if (number > wire_count[k]) put(k, refused != "" ? "not read: " refused : "only tshark: " reason(s))
        else if (wire_first[k, number] == first_ns) put(k, "equal" (first_ns == "" ? "" : " byte"))
        else put(k, "differs: " reason(s) " (tshark " first_ns ", wire " wire_first[k, number] ")")
        was_late[k] += late[s]
    }
    for (k in wire_count)
        for (number = tshark_count[k] + 1; number <= wire_count[k]; number++)
            put(k, was_late[k] ? "only wire: packets 4 s and more after the end" : "only wire")
}
