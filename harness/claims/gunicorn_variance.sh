# gunicorn_variance: five runs of the same, five results.
# Varied: nothing: the same server and the same burst, five times. Were each request given to any of the five workers by
# chance, the highest index of five runs would be 1.06 times the lowest (geometric mean of 4,000 simulated).
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="the same configuration spreads its work differently each time"
setting="gunicorn with 5 uvicorn workers, 100 requests at the same time, 5 runs"
figure="Jain's index from 0.22 to 1.0"
source="benoitc/gunicorn 2670"
here="racing with 5 workers that accept all there are, 100 connections at the same time; highest / lowest Jain's index of 5 runs"
differs="what a request takes is not known of the original; here as little as it can"
servers="racing"
rounds=12
parts="claim|highest / lowest Jain's index of five runs|more|4.5|2.1|20|1.06"

# One burst lies in each window.
measure() {
    mkdir -p "$dir/hist" || return 1
    rm -f "$dir/trials.csv" "$dir/workers.csv"
    for trial in $(seq $((5 * rounds))); do
        "$top/${BUILD:-build}/bin/trial" --strategy racing --workers 5 --burst 100 --every 500ms --warmup 10ms \
            --window 600ms --instrument ctxsw --trial "$trial" --round $(((trial + 4) / 5)) --out "$dir" \
            -- --accept drain >&2
        [ $? -ne 1 ] || return 1
    done
}

samples() {
    values trials.csv jain | valid | awk -F '\t' -v OFS='\t' '
        !($2 in runs) { order[++n] = $2 }
        { if (!runs[$2]++ || $3 > high[$2]) high[$2] = $3; if (runs[$2] == 1 || $3 < low[$2]) low[$2] = $3 }
        END { for (i = 1; i <= n; i++) if (runs[order[i]] == 5) print "claim", high[order[i]], low[order[i]] }'
}
