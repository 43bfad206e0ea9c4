# wakeup_any: that it pays to wake whoever is found first, not who has slept longest.
# Varied: the kernel: FreeBSD before and after r349220, which no option of one kernel is.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="unfair wakeups are faster"
setting="FreeBSD, 72 cores"
figure="+10 % throughput"
source="FreeBSD r349220, 2019"
here="blocking under both kernels: ./run.sh bench --strategies blocking --workers 1/cpu on each, and ./run.sh compare"
system=FreeBSD
system_why="two of its kernels, r349219 and r349220, on 72 CPUs; then: ./run.sh compare"
servers="blocking"
rounds=40
parts="claim|with / without, requests per second|more|1.1|1.049|1.21|1"

measure() {
    say "$program: one kernel has one way of waking: run ./run.sh bench --strategies blocking under each, and ./run.sh compare"
    return 1
}

samples() {
    values compare.csv throughput_rps | pairs claim r349220 r349219
}
