# A trace of one connection (harness/wakeups/trace.h) -> lines of herd.tsv: strategy, process, state, from and to in
# microseconds since the connection arrived, wakeup. Processes are numbered from 1, in the order of their start. $before and
# $after limit the time before and after the arrival.

# SPDX-License-Identifier: BSD-2-Clause

def us: . * 1000 | round / 1000;
def is_thread: .pid < 4194304; # other tracks have numbers above the kernel's largest process ID

[.traceEvents[] | select(.ph == "X" and (.name | startswith("connection ")))][0] as $connection
| if $connection then . else error("no connection in the trace") end
| ([.traceEvents[] | select(is_thread and .ph == "M") | .tid] | unique) as $threads
| [$strategy, "-", "arrived", 0, 0, "-"],
  (.traceEvents[]
    | select(is_thread and .ph != "M")
    | .tid as $tid
    | ([.ts - $connection.ts, -$before] | max | us) as $from
    | ([.ts + (.dur // 0) - $connection.ts, $after] | min | us) as $to
    | select($to > -$before and $from < $after)
    | [$strategy, ($threads | index($tid)) + 1, (if .ph == "f" then "woken" else .name end), $from, $to, .args.wakeup // "-"])
| @tsv
