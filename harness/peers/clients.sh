# The same servers with the clients of others: ab and wrk. Sourced by measure_more.sh and commands/claims.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of those
: "${top:?must be set by the caller}"

CLIENTS="ab wrk"
CLIENT_COLUMNS=round,client,keepalive,strategy,workers,throughput_rps,failed
CLIENT_CONNECTIONS=16
AB_REQUESTS=3000
WRK_SECONDS=1 # it takes whole ones

# client_ab PORT KEPT, client_wrk PORT KEPT: requests a second, and requests that failed; nothing if it could not be run.
# Without keep-alive ab speaks HTTP/1.0, and wrk asks for an end of the connection.
client_ab() {
    kept=
    [ "$2" = 0 ] || kept=-k
    ab -q -n $AB_REQUESTS -c $CLIENT_CONNECTIONS $kept "http://127.0.0.1:$1/" 2>/dev/null | awk '
        /^Requests per second:/ { rate = $4 }
        /^Failed requests:/ { failed += $3 }
        /^Non-2xx responses:/ { failed += $3 }
        END { if (rate != "") print rate "," failed + 0 }'
}

client_wrk() {
    close="Connection: close"
    [ "$2" = 0 ] || close="Accept: */*"
    wrk -t 2 -c $CLIENT_CONNECTIONS -d ${WRK_SECONDS}s -H "$close" "http://127.0.0.1:$1/" 2>/dev/null | awk '
        /^Requests\/sec:/ { rate = $2 }
        /Socket errors:/ { gsub(/[^0-9 ]/, ""); failed += $1 + $2 + $3 + $4 }
        /Non-2xx or 3xx responses:/ { failed += $NF }
        END { if (rate != "") print rate "," failed + 0 }'
}

# start_one NAME KEPT: on a port of its own, as NAME; status 1 and a line if it does not start
start_one() {
    kept=
    [ "$2" = 0 ] || kept=--keepalive
    try_server "$1" "$(server_of "$1")" --workers "$workers" $kept
}

# leave_out NAME CLIENT: it has died, or was never what the client can talk to; the rest goes on
leave_out() {
    say "$program: $1 is left out from here on: $2 could not be run against it: $(tail -n 1 "$work/$1.log")"
    up=$(printf "%s\n" "$up" | tr " " "\n" | grep -vxF -- "$1" | tr "\n" " ")
}

# measure_clients KEPT: each client at each server, interleaved, one line of clients.csv each
measure_clients() {
    up=
    for name in $strategies $peers; do
        start_one "$name" "$1" && up="$up $name" || say "$program: $name is left out with these clients"
    done
    for round in $(seq "$client_rounds"); do
        for name in $(shuffled "$round" "$up"); do
            for client in $CLIENTS; do
                figures=$("client_$client" "$(cat "$work/$name.port")" "$1")
                [ -n "$figures" ] || { leave_out "$name" "$client" && break; }
                echo "$round,$client,$1,$name,$workers,$figures"
            done
        done
    done
    stop_servers
}

# measure_with_clients: all of them, of one number of workers, to $out/clients.csv, and a table
measure_with_clients() {
    [ "$client_rounds" -gt 0 ] || return 0
    for client in $CLIENTS; do
        command -v "$client" >/dev/null || { say "$program: there is no $client: harness/lib/install.sh run test installs it" && return; }
    done
    at_exit "stop_servers; rm -rf \"\$work\""
    trap 'exit 1' INT TERM HUP
    all_workers=$workers
    workers=$(echo "$workers" | awk '{ print $1 }') # of several the first: other clients are witnesses, not a matrix
    {
        echo "$CLIENT_COLUMNS"
        measure_clients 0
        measure_clients 1
    } >"$out/clients.csv" || fail "cannot write $out/clients.csv"
    workers=$all_workers
    tell_clients
}

# Medians, and the paired ratio to the reference, by client
tell_clients() {
    awk -F, -v OFS='\t' -v reference="$reference" '
        NR == 1 { next }
        { key = $2 "|" $3 "|" $1; value[key, $4] = $6; if (!($4 in seen)) { seen[$4] = 1; name[++n] = $4 }; keys[++k] = key }
        END {
            for (i = 1; i <= k; i++) if (!done[keys[i]]++)
                for (s = 1; s <= n; s++)
                    if (name[s] != reference && (keys[i], name[s]) in value && (keys[i], reference) in value) {
                        split(keys[i], part, "|")
                        print part[1] "|" part[2] "|" name[s], value[keys[i], name[s]], value[keys[i], reference]
                    }
        }' "$out/clients.csv" | "$top/${BUILD:-build}/bin/stats" >"$work/client_ratios" || return 1
    awk -F, -v OFS='\t' 'NR > 1 { print $2 "|" $3 "|" $4, $6 }' "$out/clients.csv" |
        "$top/${BUILD:-build}/bin/stats" --median >"$work/client_medians" || return 1
    echo
    awk -F '\t' -v reference="$reference" '
        FILENAME ~ /ratios$/ { ratio[$1] = $4 == "" ? sprintf("%.2f (one pair)", $3) : sprintf("%.2f [%.2f, %.2f]", $3, $4, $5); next }
        FNR == 1 { printf "%-6s %-10s %-18s %12s  %s\n", "client", "", "server", "requests/s", "to " reference ", paired, 95 % interval" }
        {
            split($1, key, "|")
            printf "%-6s %-10s %-18s %12.0f  %s\n", key[1], key[2] ? "keep-alive" : "", key[3], $3, ($1 in ratio) ? ratio[$1] : "1 (reference)"
        }' "$work/client_ratios" "$work/client_medians"
    awk -F, 'NR > 1 { failed += $7 } END { exit failed > 0 }' "$out/clients.csv" || say "$program: some requests of ab or wrk failed: see $out/clients.csv"
}
