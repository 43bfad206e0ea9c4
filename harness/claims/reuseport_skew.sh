# reuseport_skew: why SO_REUSEPORT was merged.
# Varied: one listener for all (blocking: a simple loop of accept, serve), or a listener each (reuseport).
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="workers that share accept get uneven shares, with reuseport even ones"
setting="Google, n threads in accept at one socket, high connection load"
figure="up to 3:1 between the most and the fewest; uniform with reuseport"
source="Linux commit da5e36308d9f, 2013"
here="8 workers, 16 connections, one request each, windows of 1 s; connections of the busiest worker / of the idlest"
servers="blocking reuseport racing"
rounds=12
parts="claim|most / fewest connections of a worker, blocking to reuseport|more|3|1.73|9|1
blocking|beside it: most / fewest, accept(2) at one socket|-|3|-|-|-
reuseport|beside it: most / fewest, a listener each|-|1|-|-|-
epoll|beside it: most / fewest, an epoll each at one socket (racing)|-|-|-|-|-"

measure() {
    run_bench bench --strategies blocking,reuseport,racing --workers 8 --window 1s && write_skew
}

# skew.csv: of each trial, from the workers' accepts. A worker that had none counts as one that had half a one.
write_skew() {
    awk -F, -v OFS=, '
        FNR == 1 { for (i = 1; i <= NF; i++) at[FILENAME, $i] = i; next }
        NR == FNR { if ($at[FILENAME, "verdict"] == "ok") { round[$1] = $at[FILENAME, "round"]; trial[++n] = $1 }; next }
        $1 in round && $at[FILENAME, "role"] == "worker" {
            accepts = $at[FILENAME, "accepts"]; name[$1] = $2
            if (!($1 in most) || accepts > most[$1]) most[$1] = accepts
            if (!($1 in least) || accepts < least[$1]) least[$1] = accepts
        }
        END {
            print "round,strategy,most_per_fewest"
            for (i = 1; i <= n; i++) { t = trial[i]; if (t in most) print round[t], name[t], (most[t] + 0.5) / (least[t] + 0.5) }
        }' "$dir/bench/trials.csv" "$dir/bench/workers.csv" >"$dir/skew.csv"
}

samples() {
    [ ! -s "$dir/bench/workers.csv" ] || write_skew || return 1 # runs of before have no skew.csv
    values skew.csv most_per_fewest >"$work/values"
    pairs claim blocking reuseport <"$work/values"
    against blocking blocking 1 <"$work/values"
    against reuseport reuseport 1 <"$work/values"
    against epoll racing 1 <"$work/values"
}
