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
    run_bench bench --strategies blocking,reuseport,racing --workers 8 --window 1s
}

# A worker that had none counts as one that had half a one.
samples() {
    awk -F, -v OFS='\t' '
        FNR == 1 { for (i = 1; i <= NF; i++) at[FILENAME, $i] = i; next }
        NR == FNR { if ($at[FILENAME, "verdict"] == "ok") round[$1] = $at[FILENAME, "round"]; next }
        $1 in round && $at[FILENAME, "role"] == "worker" {
            n = $at[FILENAME, "accepts"]; name[$1] = $2
            if (!($1 in most) || n > most[$1]) most[$1] = n
            if (!($1 in least) || n < least[$1]) least[$1] = n
        }
        END { for (t in most) print name[t], round[t], (most[t] + 0.5) / (least[t] + 0.5) }' \
        "$dir/bench/trials.csv" "$dir/bench/workers.csv" | sort -k2n >"$work/values"
    pairs claim blocking reuseport <"$work/values"
    against blocking blocking 1 <"$work/values"
    against reuseport reuseport 1 <"$work/values"
    against epoll racing 1 <"$work/values"
}
