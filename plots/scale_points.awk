# scale.csv and lines that begin with a key's six fields (points of harness/plot/read.sh, or trials) -> those lines that belong
# to one line of the figure: workers and load go with the CPUs as they were asked for.
# input: scale.csv (its name ends so), then the lines
# variables: group (workers,load,requests as in scale.csv); with harness/lib/per_cpu.awk

BEGIN { FS = ","; OFS = "\t" }

FILENAME ~ /csv$/ {
    if (FNR > 1 && $2 "," $3 "," $4 == group) {
        load = per_cpu($3, $5)
        wanted[$1, $6 + 0, $5 + 0, load + 0, $4] = 1
    }
    next
}

FNR == 1 { FS = "\t"; $0 = $0 }

($1, $2 + 0, $3 + 0, ($4 == "-" ? $5 : $4) + 0, $6) in wanted
