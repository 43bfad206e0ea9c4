# Lines "trial key" -> OUT/KEY.hgrm for each key of configurations (cells.awk, with '_' for '|'): the histograms of its
# trials, DIR/TRIAL.hgrm, added up, in HdrHistogram's percentile format. Counts up to a value are exact. A bucket that is
# less than 1 % above the last one written, in value and in 1/(1-percentile), has no line of its own: that halves the
# file, and no figure could show it. The last bucket has percentile 1.
# A histogram that is missing, or is none, ends it with a line on stderr and status 1.
# variables: dir, out

function refuse(why) {
    print why > "/dev/stderr"
    failed = 1
    exit 1
}

# Histograms are read as awk reads files, which is twice as fast as getline: they take the place of its arguments.
BEGIN {
    list = ARGV[1]
    while ((getline line < list) > 0) {
        split(line, part, " ")
        file = dir "/" part[1] ".hgrm"
        if ((getline line < file) <= 0) refuse("hist/" part[1] ".hgrm is missing: draw without trial " part[1] "'s row, or find it")
        close(file)
        of[file] = part[2]
        if (!trials[part[2]]++) key[++keys] = part[2]
        ARGV[++files] = file
    }
    ARGC = files + 1
    if (!files) exit
}

FNR == 1 { k = of[FILENAME]; before = 0 }

/^#/ || NF == 0 || $1 == "Value" { next }

{
    if ($1 !~ /^[0-9.]+$/ || $3 !~ /^[0-9]+$/ || $3 < before) {
        sub(/.*\//, "", FILENAME)
        refuse("hist/" FILENAME " is no histogram: line " FNR " is not value, percentile and a count that grows")
    }
    if (!((k, $1) in counts)) values[k, ++size[k]] = $1
    counts[k, $1] += $3 - before
    total[k] += $3 - before
    before = $3
}

# Shell sort: several thousand values, nearly in order piece by piece
function sort_values(k,    n, step, i, j, v) {
    n = size[k]
    for (step = 1; step < n / 3; step = step * 3 + 1);
    for (; step >= 1; step = int(step / 3))
        for (i = step + 1; i <= n; i++) {
            v = values[k, i]
            for (j = i; j > step && values[k, j - step] > v; j -= step) values[k, j] = values[k, j - step]
            values[k, j] = v
        }
}

function write(k,    file, i, seen, x, value, last_x, last_value) {
    file = k
    gsub(/[|]/, "_", file)
    file = out "/" file ".hgrm"
    sort_values(k)
    print "       Value     Percentile TotalCount 1/(1-Percentile)\n" > file
    for (i = 1; i <= size[k]; i++) {
        value = values[k, i]
        seen += counts[k, value]
        x = seen < total[k] ? total[k] / (total[k] - seen) : total[k]
        if (i < size[k] && x <= last_x * 1.01 && value <= last_value * 1.01) continue
        printf "%s %.6f %.0f %s\n", value, seen / total[k], seen, seen < total[k] ? sprintf("%.2f", x) : "inf" > file
        last_x = x
        last_value = value
    }
    printf "#[Max = %s, Total count = %.0f]\n#[Trials = %d]\n", (size[k] ? value : 0), total[k], trials[k] > file
    if (close(file)) refuse("cannot write " file)
}

END {
    if (failed) exit 1
    for (i = 1; i <= keys; i++) write(key[i])
}
