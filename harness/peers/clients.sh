# Measures servers with third-party clients: ab and wrk. Sourced by measure_more.sh and commands/claims.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of those

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

CLIENTS="ab wrk"
CLIENT_COLUMNS=round,client,keepalive,strategy,workers,throughput_rps,failed
CLIENT_CONNECTIONS=16
AB_REQUESTS=3000
WRK_SECONDS=1 # wrk accepts only whole seconds

# client_ab PORT KEPT, client_wrk PORT KEPT: requests per second and failed requests; nothing if the client failed.
# Without keep-alive, ab uses HTTP/1.0, and wrk sends "Connection: close".
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

# start_one NAME KEPT: on a free port; status 1 and a message if it does not start
start_one() {
    kept=
    [ "$2" = 0 ] || kept=--keepalive
    try_server "$1" "$(server_of "$1")" --workers "$workers" $kept
}

# skip NAME CLIENT: the server has died, or does not work with the client; the others continue
skip() {
    message "$program: $1 is skipped from here on: $2 failed: $(tail -n 1 "$work/$1.log")"
    up=$(printf "%s\n" "$up" | tr " " "\n" | grep -vxF -- "$1" | tr "\n" " ")
}

# measure_clients KEPT: measures each server with each client, interleaved; one line of clients.csv each
measure_clients() {
    up=
    for name in $strategies $peers; do
        start_one "$name" "$1" && up="$up $name" || message "$program: $name is skipped with these clients"
    done
    for round in $(seq "$client_rounds"); do
        for name in $(shuffled "$round" "$up"); do
            for client in $CLIENTS; do
                figures=$("client_$client" "$(cat "$work/$name.port")" "$1")
                [ -n "$figures" ] || { skip "$name" "$client" && break; }
                echo "$round,$client,$1,$name,$workers,$figures"
            done
        done
    done
    stop_servers
}

# measure_with_clients: measures all servers, with one number of workers; writes $out/clients.csv and prints a table
measure_with_clients() {
    [ "$client_rounds" -gt 0 ] || return 0
    for client in $CLIENTS; do
        command -v "$client" >/dev/null || { message "$program: $client is not installed: harness/lib/install.sh run test installs it" && return; }
    done
    at_exit "stop_servers; rm -rf \"\$work\""
    trap 'exit 1' INT TERM HUP
    all_workers=$workers
    workers=$(echo "$workers" | awk '{ print $1 }') # only the first number: a cross-check, not a matrix
    {
        echo "$CLIENT_COLUMNS"
        measure_clients 0
        measure_clients 1
    } >"$out/clients.csv" || fail "cannot write $out/clients.csv"
    workers=$all_workers
    print_clients
}

# print_clients: medians, and the paired ratio to the baseline, by client
print_clients() {
    awk -F, -v OFS='\t' -v baseline="$baseline" '
        NR == 1 { next }
        { key = $2 "|" $3 "|" $1; value[key, $4] = $6; if (!($4 in seen)) { seen[$4] = 1; name[++n] = $4 }; keys[++k] = key }
        END {
            for (i = 1; i <= k; i++) if (!done[keys[i]]++)
                for (s = 1; s <= n; s++)
                    if (name[s] != baseline && (keys[i], name[s]) in value && (keys[i], baseline) in value) {
                        split(keys[i], part, "|")
                        print part[1] "|" part[2] "|" name[s], value[keys[i], name[s]], value[keys[i], baseline]
                    }
        }' "$out/clients.csv" | "$top/${BUILD:-build}/bin/stats" >"$work/client_ratios" || return 1
    awk -F, -v OFS='\t' 'NR > 1 { print $2 "|" $3 "|" $4, $6 }' "$out/clients.csv" |
        "$top/${BUILD:-build}/bin/stats" --median >"$work/client_medians" || return 1
    echo
    awk -F '\t' -v baseline="$baseline" '
        FILENAME ~ /ratios$/ { ratio[$1] = $4 == "" ? sprintf("%.2f (one pair)", $3) : sprintf("%.2f [%.2f, %.2f]", $3, $4, $5); next }
        FNR == 1 { printf "%-6s %-10s %-18s %12s  %s\n", "client", "", "server", "requests/s", "to " baseline ", paired, 95 % interval" }
        {
            split($1, key, "|")
            printf "%-6s %-10s %-18s %12.0f  %s\n", key[1], key[2] ? "keep-alive" : "", key[3], $3, ($1 in ratio) ? ratio[$1] : "1 (baseline)"
        }' "$work/client_ratios" "$work/client_medians"
    awk -F, 'NR > 1 { failed += $7 } END { exit failed > 0 }' "$out/clients.csv" || message "$program: some requests of ab or wrk failed: see $out/clients.csv"
}
