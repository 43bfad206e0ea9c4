# The four files of summarise.sh -> the rows of summary.csv: expected, medians, ratios, counts.
function known(value) { return value == "NA" ? "" : value }
FILENAME ~ /expected$/ { expected[$1] = $2; next }
FILENAME ~ /medians$/ {
    ok[$1] = $2
    line = ""
    for (i = 3; i <= NF; i++) line = line "," ($i == "nan" || $i == "NA" ? "" : $i)
    values[$1] = line
    next
}
FILENAME ~ /ratios$/ {
    sentence = $7
    gsub(/,/, ";", sentence)
    ratio[$1] = $2 "," $3 "," $4 "," $5 "," sentence
    next
}
{
    split($1, key, "|")
    printf "%s,%s,%s,%s,%s,%d,%d%s,%s\n", key[1], key[2], key[3], key[4],
        known(expected[key[1] "|" key[2]]), $2, ok[$1],
        ($1 in values) ? values[$1] : ",,,,,,,,,,,", ($1 in ratio) ? ratio[$1] : ",,,,"
}
