# What the comparisons come to.
# input: directions.tsv, floors (key, share), unpaired (lines of stats), common (letter, cell)
# variables: metrics, base (the first run's letter)
# output: number of the metric, metric, run, strategy, workers, cpus, connections, rate, requests per connection,
#   values of the base and of the run, their medians, difference, low, high, ratio, low, high, p, floor, outcome,
#   judgement (better, worse, different or undecided), sentence, 1 where a difference could have been called one

BEGIN {
    FS = OFS = "\t"
    count = split(metrics, metric, " ")
}

FNR == 1 { file++ }

file == 1 {
    if (!/^#/) for (i = 1; i <= count; i++)
        if (!(i in direction) && metric[i] ~ ("^(" $1 ")$")) direction[i] = $2
    next
}
FILENAME ~ /floors$/ { floor[$1] = $2; next }
FILENAME ~ /unpaired$/ { result[$1] = $0; next }

function judge(outcome, direction) {
    if (outcome != "more" && outcome != "less") return "undecided"
    if (direction != "more" && direction != "less") return "different"
    return outcome == direction ? "better" : "worse"
}

function is_tested(outcome, sentence) {
    return outcome != "nothing" && outcome != "single" && sentence !~ /^too few/
}

function where_none(of_base, of_run) {
    return "nothing to compare: no ok value in " (of_base ? "" : base) (of_base + of_run ? "" : " and ") (of_run ? "" : $1)
}

{
    for (i = 1; i <= count; i++) {
        key = metric[i] "|" $1 "|" $2
        n = split(key in result ? result[key] : key "\t0\t0\t\t\t\t\t\t\t\t\t\tnothing\t", s, "\t")
        sentence = s[n - 1] == "nothing" ? where_none(s[3], s[2]) : s[n]
        split($2, part, "|")
        print i, metric[i], $1, part[1], part[2], part[3], part[4], part[5], part[6], s[3], s[2], s[5], s[4], \
            s[6], s[7], s[8], s[9], s[10], s[11], s[12], (key in floor ? floor[key] : ""), s[n - 1], \
            judge(s[n - 1], direction[i]), sentence, is_tested(s[n - 1], sentence)
    }
}
