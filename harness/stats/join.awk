# The four files of summarise.sh -> the rows of summary.csv: expected, medians, ratios, counts.
# datamash has words of its own for what nothing is known of
function number(value) { return value ~ /^(nan|NA|-?inf)$/ ? "" : value }
function known(value) { return value == "NA" || value == "-" ? "" : value }
FILENAME ~ /expected$/ { expected[$1] = $2; next }
FILENAME ~ /medians$/ {
    ok[$1] = $2
    line = ""
    for (i = 3; i <= NF; i++) line = line "," number($i)
    values[$1] = line
    next
}
FILENAME ~ /ratios$/ {
    sentence = $NF
    gsub(/,/, ";", sentence)
    outliers = $9 == "" ? 0 : split($9, outlier, "+")
    ratio[$1] = $2 "," $3 "," $4 "," $5 "," $6 "," outliers "," $10 "," $(NF - 1) "," sentence
    next
}
{
    split($1, key, "|")
    printf "%s,%s,%s,%s,%s,%s,%s,%d,%d%s,%s\n", key[1], key[2], key[3], known(key[4]), known(key[5]), \
        known(key[6]), known(expected[key[1] "|" key[2]]), $2, ok[$1], \
        ($1 in values) ? values[$1] : ",,,,,,,,,,,", ($1 in ratio) ? ratio[$1] : ",,,,,,,,"
}
