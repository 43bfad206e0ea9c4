# summary.csv -> lines as harness/compare/judge.awk writes them, of which harness/compare/forest.awk makes the data of
# forest.gp: the ratio of each cell to the reference of its block, and the noise floor, which is what the reference
# differs from itself by. In the order of the plot: by load, by workers, the highest ratio first. With stats/words.awk.
# variables: reference

function field(name) { return $(at[name]) }
function or_none(value) { return value == "" ? "-" : value }

BEGIN { FS = ","; OFS = "\t" }

NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }

field("strategy") == reference || field("ratio") == "" { next }

{
    block = field("cpus") OFS or_none(field("connections")) OFS or_none(field("rate_offered")) OFS or_none(field("requests_per_connection"))
    key = block OFS field("workers")
    if (field("strategy") == reference "-again") floor[key] = floor_share(field("ratio"), field("ratio_low"), field("ratio_high"))
    if (!(block in place)) place[block] = ++blocks
    n++
    strategy[n] = field("strategy"); workers[n] = field("workers"); where[n] = key; load[n] = block
    ratio[n] = field("ratio"); low[n] = field("ratio_low"); high[n] = field("ratio_high")
}

function line(i,    floor_of) {
    floor_of = strategy[i] == reference "-again" ? "" : floor[where[i]]
    return 1 OFS "throughput_rps" OFS "B" OFS strategy[i] OFS workers[i] OFS load[i] OFS OFS OFS OFS OFS OFS OFS OFS \
        ratio[i] OFS low[i] OFS high[i] OFS OFS floor_of OFS "-"
}

END { for (i = 1; i <= n; i++) print place[load[i]], workers[i], ratio[i], line(i) }
