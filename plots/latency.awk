# Lines "key panel trials" -> for each panel, counted from 0, the points of a configuration's percentile spectrum,
# milliseconds and 1/(1-percentile), from its merged histogram (harness/stats/merge.awk). Blocks as gnuplot wants them. The
# last bucket has percentile 1; it is drawn at the number of samples. A histogram that is missing, damaged, or not of so
# many trials ends it with a line on stderr and status 1.
# variables: cells (how many panels there are), dir (where the histograms are)

function refuse(why) {
    print why > "/dev/stderr"
    failed = 1
    exit 1
}

# From the folder of the run on
function short(file) {
    sub(/.*\//, "", file)
    return "latency/" file
}

BEGIN {
    list = ARGV[1]
    while ((getline line < list) > 0) {
        split(line, part, " ")
        file = part[1]
        gsub(/[|]/, "_", file)
        file = dir "/" file ".hgrm"
        if ((getline line < file) <= 0) refuse(short(file) " is missing: it has the latencies of " part[3] " trials")
        close(file)
        of[file] = part[2]
        trials[file] = part[3]
        ARGV[++files] = file
    }
    file = ""
    ARGC = files + 1
    if (!files) exit
}

FNR == 1 { end_file(); file = FILENAME; c = of[file]; before = footers = 0 }

{ last_line = FNR }

/^#.*Total count = / {
    match($0, /Total count = [0-9]+/)
    if (substr($0, RSTART + 14, RLENGTH - 14) + 0 != before)
        refuse(short(file) ": line " FNR ": the counts end at " before ", not at " substr($0, RSTART + 14, RLENGTH - 14))
    footers++
}

/^#.*Trials = / {
    match($0, /Trials = [0-9]+/)
    if (substr($0, RSTART + 9, RLENGTH - 9) + 0 != trials[file])
        refuse(short(file) ": line " FNR ": merged from " substr($0, RSTART + 9, RLENGTH - 9) " trials, but " trials[file] " rows of trials.csv are ok")
    footers++
}

/^#/ || NF == 0 || $1 == "Value" { next }

{
    if ($1 !~ /^[0-9.]+$/ || $3 !~ /^[0-9]+$/ || $3 + 0 < before || size[c] && $1 + 0 <= value[c, size[c]] + 0)
        refuse(short(file) ": line " FNR ": not value, percentile and count, in ascending order")
    value[c, ++size[c]] = $1
    before = count[c, size[c]] = $3 + 0
}

function end_file() {
    if (file != "" && footers != 2) refuse(short(file) ": line " last_line ": the file ends without its number of samples and of trials")
}

function draw_cell(c,    i, total) {
    if (!size[c]) print "NaN NaN"
    total = count[c, size[c]]
    for (i = 1; i <= size[c]; i++) print value[c, i] / 1000, (count[c, i] < total ? total / (total - count[c, i]) : total)
    print "\n"
}

END {
    if (!failed) end_file()
    if (failed) exit 1
    for (c = 0; c < cells; c++) draw_cell(c)
}
