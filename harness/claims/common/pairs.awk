# Lines of values (values.awk) -> "key TAB a TAB b" of each round that has both sides, or of each row of side a and a number.
# How many invalid rows each side has, if any, is appended to a file: "key TAB a TAB invalid TAB rows TAB b TAB invalid TAB
# rows TAB verdicts"
# variables: key, a, b (names of the sides; b is empty where there is a number), number, left_out (the file)

BEGIN { FS = OFS = "\t" }

$1 != a && (b == "" || $1 != b) { next }
{ rows[$1]++ }
$2 ~ /!/ {
    sub(/.*!/, "", $2)
    invalid[$1]++
    if (!seen[$2]++) verdicts = verdicts (verdicts == "" ? "" : ", ") $2
    next
}
b == "" { print key, $3, number; next }
$1 == a { of_a[$2] = $3; round[++n] = $2 }
$1 == b { of_b[$2] = $3 }

END {
    for (i = 1; i <= n; i++) if (round[i] in of_b) print key, of_a[round[i]], of_b[round[i]]
    if (verdicts != "") print key, a, invalid[a] + 0, rows[a] + 0, b, invalid[b] + 0, rows[b] + 0, verdicts >>left_out
}
