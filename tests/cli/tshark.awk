# Converts fields of tshark to the connections of a port in the format of `wire --connections` (harness/wire/flows.h describes
# each interval). From
#   tshark -r FILE -T fields -e tcp.stream -e frame.time_epoch -e ip.src -e ipv6.src -e tcp.srcport \
#       -e tcp.flags -e tcp.len -e tcp.analysis.initial_rtt -e tcp.analysis.retransmission
# to one line per connection: begin_s,client,client_port,exchanges and the six intervals in ns; nothing if an
# interval was not captured. Exit status 1 if tshark's initial round trip is not synack plus handshake.
#
# Variable: port, the server's.
#
# Nanoseconds since 1970 exceed the precision of awk's numbers: times stay text, "seconds.nanoseconds".

# SPDX-License-Identifier: BSD-2-Clause

BEGIN { FS = "\t" }

function end_exchange() {
    if (answers[s] && exchanges[s] == 1) response[s] = between(first[s], last[s])
    asks[s] = answers[s] = 0
}

function request(now) {
    if (answers[s]) end_exchange()
    asks[s] = 1
    asked[s] = now
}

function answer(now) {
    if (!asks[s]) return
    if (!answers[s] && ++exchanges[s] == 1) {
        first[s] = now
        wait[s] = between(asked[s], now)
    }
    answers[s] = 1
    if (exchanges[s] == 1) last[s] = now
}

NR == 1 { start = $2 }

{
    s = $1
    by_client = $5 != port
    digits = length($6)
    fin = bit(substr($6, digits, 1), 1)
    syn = bit(substr($6, digits, 1), 2)
    rst = bit(substr($6, digits, 1), 4)
    ack = bit(substr($6, digits - 1, 1), 1)
    if (by_client && !(s in client)) client[s] = ($3 != "" ? $3 : $4) "," $5
    if ($8 != "") initial_rtt[s] = $8
    if (s >= streams) streams = s + 1
}

syn && !ack && begin[s] == "" { begin[s] = $2 }
syn && ack && synack[s] == "" { synack[s] = $2 }
ack && by_client && !rst && synack[s] != "" && acked[s] == "" { acked[s] = $2 }

$7 > 0 && $9 == "" {
    if (by_client) request($2)
    else answer($2)
}

fin && !((s, by_client) in closed) {
    closed[s, by_client] = $2
    if (!by_client) end_exchange()
    if ((s, !by_client) in closed) close_ns[s] = between(closed[s, !by_client], $2)
}

rst { end_exchange() }

END {
    for (s = 0; s < streams; s++) {
        from_start = between(start, begin[s])
        synack_ns = between(begin[s], synack[s])
        handshake_ns = between(synack[s], acked[s])
        printf "%d.%09d,%s,%d,%s,%s,%s,%s,%s,%s\n", int(from_start / 1000000000), from_start % 1000000000, client[s],
            exchanges[s], synack_ns, handshake_ns, wait[s], between(begin[s], first[s]), response[s], close_ns[s]
        if (acked[s] == "" || between("0.0", initial_rtt[s]) + 0 == synack_ns + handshake_ns) continue
        print "stream " s ": initial_rtt " initial_rtt[s] ", not " synack_ns " + " handshake_ns > "/dev/stderr"
        wrong = 1
    }
    exit wrong
}

# between(FROM, TO): in ns; nothing if an end was not captured, or time decreased
function between(from, to,    a, b, ns) {
    if (from == "" || to == "") return ""
    split(from, a, ".")
    split(to, b, ".")
    ns = (b[1] - a[1]) * 1000000000 + (b[2] - a[2])
    return ns < 0 ? "" : sprintf("%.0f", ns)
}

# bit(DIGIT, VALUE): whether a hexadecimal digit has the bit of that value
function bit(digit, value) {
    return int((index("0123456789abcdef", digit) - 1) / value) % 2
}
