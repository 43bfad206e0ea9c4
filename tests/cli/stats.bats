#!/usr/bin/env bats
# stats on the command line: input and output. The statistics are tested in
# tests/unit/test_paired.c and test_unpaired.c.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

stats() {
    "$build/bin/stats" "$@"
}

# same N RATIO: N pairs with about that ratio
same() {
    awk -v n="$1" -v ratio="$2" 'BEGIN { for (i = 0; i < n; i++) print ratio * (100 + i % 3), 101 + i % 2 }'
}

paired_columns=key,pairs,ratio,low,high,smallest,median,mad,outliers,drift,drift_p,outcome,sentence
unpaired_columns=key,n_a,n_b,median_a,median_b,difference,low,high,ratio,ratio_low,ratio_high,p,outcome,sentence

# ---- input ----

@test "stats: tabs, spaces and line ends of DOS are equivalent" {
    tabs=$(stats <<<$'x\t1\t1\nx\t2\t1\nx\t4\t1')
    [ "$(cut -f1-5 <<<"$tabs")" = $'x\t3\t2.0000\t0.3575\t11.1900' ]
    [ "$(stats <<<$'x 1 1\nx 2 1\nx 4 1')" = "$tabs" ]
    [ "$(stats <<<$'  x  1   1 \nx\t2\t1\n x 4 1')" = "$tabs" ]
    [ "$(stats <<<$'x\t 1 \t1 \nx\t2\t1\nx\t4\t1')" = "$tabs" ]
    [ "$(stats <<<$'x\t1\t1\r\nx 2 1\r\nx 4 1\r')" = "$tabs" ]
    [ "$(printf 'x 1 1\nx 2 1\nx 4 1' | stats)" = "$tabs" ]
}

@test "stats: two columns are pairs without a key" {
    [ "$(stats <<<$'1 1\n2 1\n4 1' | cut -f1-5)" = $'-\t3\t2.0000\t0.3575\t11.1900' ]
    [ "$(stats <<<$'1\t1\n2\t1\n4\t1' | cut -f1-5)" = $'-\t3\t2.0000\t0.3575\t11.1900' ]
}

@test "stats: between tabs a key may have spaces, which are kept" {
    [ "$(stats <<<$'GET /a b\t2\t1\n Größe, "x"\t3\t1\nGET /a b\t2\t1' | cut -f1,2)" = $'GET /a b\t2\n Größe, "x"\t1' ]
}

@test "stats: empty lines and comments are skipped, and counted as lines" {
    [ "$(stats <<<$'# a and b\n\n   \n2 1\n\r\n#\n4 2\n' | cut -f1-3)" = $'-\t2\t2.0000' ]
    run stats <<<$'# a and b\n\n2 1\n# x\n2 x'
    failed_in_one_line 1
    [[ "$output" == "stats: line 5, column 2: "* ]]
}

@test "stats: no lines, no output" {
    for input in '' $'\n\n' '# nothing'; do
        for mode in "" --unpaired; do
            run stats $mode <<<"$input"
            [ "$status" -eq 0 ]
            [ -z "$output" ]
            run stats $mode --json <<<"$input"
            [ "$status" -eq 0 ]
            [ "$output" = "[]" ]
        done
    done
    run stats </dev/null
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "stats: huge and tiny numbers" {
    run stats <<<$'1e308 1e-308\n1e308 1e-308'
    [ "$status" -eq 0 ]
    [[ "$output" == $'-\t2\t'*$'\tmore\t'* ]]
    [[ "${output##*$'\t'}" == "inf times as much "* ]]
    run stats <<<$'3e-300 1e-300\n3e300 1e300\n3 1'
    [ "$(cut -f1-7 <<<"$output")" = $'-\t3\t3.0000\t3.0000\t3.0000\t0.0000\t3.0000' ]
    stats --json <<<$'1e308 1e-308\n1e308 1e-308' | jq -e '.[0].ratio == null and .[0].pairs == 2'
    stats --json --unpaired <<<$'b -1e308\nb 1e308\na 1e-308\na 1.7e308' | jq -e '.[0].median_b == 0 and .[0].median_a > 8e307'
    stats --json --unpaired <<<$'b 1e-300\na 3e-300' | jq -e '.[0].difference == 2e-300 and .[0].ratio == 3'
    [ "$(stats --unpaired <<<$'b 0.000001234567\na 0.000002' | cut -f4,5)" = $'0.000002000000\t0.000001234567' ]
}

# refused LINE COLUMN INPUT [OPTIONS...]
refused() {
    local line=$1 column=$2 input=$3
    shift 3
    run stats "$@" <<<"$input"
    failed_in_one_line 1
    [[ "$output" == "stats: line $line, column $column: "* ]] || { echo "$output"; return 1; }
}

@test "stats: bad numbers are refused with line and column" {
    for bad in b 0 -1 nan inf 1e400 1e-400 1,5 1x 0x '' '"1"'; do
        refused 2 2 $'x\t1\t1\nx\t'"$bad"$'\t1'
        refused 2 3 $'x\t1\t1\nx\t1\t'"$bad"
        refused 3 1 $'1\t1\n1\t1\n'"$bad"$'\t1'
    done
    for bad in b nan inf 1e400 1,5 ''; do
        refused 2 3 $'x\tb\t1\nx\tb\t'"$bad" --unpaired
        refused 2 2 $'b\t1\nb\t'"$bad" --unpaired
    done
    refused 1 2 $'key\ta\tb\nx\t1\t1'
    [[ "$output" == *"a number above 0 is expected, not 'a'" ]]
}

@test "stats: all lines have as many columns as the first" {
    refused 1 2 1
    refused 1 4 'x 1 1 1'
    refused 1 4 'x 1 1 1 1 1'
    refused 2 3 $'x 1 1\n1 1'
    refused 2 3 $'x\t1\t1\nx\t1'
    refused 2 3 $'1 1\nx 1 1'
    refused 2 2 $'1 1\n1'
    refused 2 4 $'x\t1\t1\nx\t1\t1\t'
    refused 1 2 b --unpaired
    [[ "$output" == *"2 to 3 columns are expected, not 1" ]]
    refused 2 3 $'b 1\nx b 1' --unpaired
    [[ "$output" == *"2 columns as in the first line are expected, not 3 or more" ]]
}

@test "stats: a key is not empty, and a line is text" {
    refused 2 1 $'x\t1\t1\n\t1\t1'
    refused 2 2 $'b\t1\t1\nx\t\t1' --unpaired
    printf 'x 1 1\nx 1\0 1\n' >"$BATS_TEST_TMPDIR/in"
    run stats <"$BATS_TEST_TMPDIR/in"
    failed_in_one_line 1
    [[ "$output" == "stats: line 2, column 2: "* ]]
    printf '\0' >"$BATS_TEST_TMPDIR/in"
    run stats <"$BATS_TEST_TMPDIR/in"
    failed_in_one_line 1
    [[ "$output" == "stats: line 1, column 1: "* ]]
}

@test "stats: a file that cannot be read or written is one line" {
    run stats <"$BATS_TEST_TMPDIR"
    failed_in_one_line 1
    [[ "$output" == "stats: cannot read standard input: "* ]]
    run bash -c 'echo 2 1 | "$1" >/dev/full' - "$build/bin/stats"
    failed_in_one_line 1
}

# ---- output ----

@test "stats: columns, with their names on request" {
    for mode in "" --unpaired; do
        [ -n "$mode" ] && columns=$unpaired_columns || columns=$paired_columns
        run stats $mode --header <<<'x 1 1'
        [ "${#lines[@]}" -eq 2 ]
        [ "${lines[0]}" = "$(tr , '\t' <<<"$columns")" ]
        [ "$(tr -cd '\t' <<<"${lines[0]}")" = "$(tr -cd '\t' <<<"${lines[1]}")" ]
        [ "$(stats $mode --json <<<'x 1 1' | jq -r '.[0] | keys_unsorted | join(",")')" = "$columns" ]
        run stats $mode --header </dev/null
        [ "$output" = "$(tr , '\t' <<<"$columns")" ]
    done
}

@test "stats: a value that does not exist is empty, and null" {
    run stats <<<'x 3 2'
    [ "$output" = $'x\t1\t1.5000\t\t\t\t1.5000\t\t\t\t\tsingle\t1.500 in one pair: no interval' ]
    stats --json <<<'x 3 2' | jq -e '.[0] | .pairs == 1 and .ratio == 1.5 and .low == null and .outliers == null and .drift_p == null'
    run stats --unpaired <<<'x b 3'
    [ "$output" = $'x\t0\t1\t\t3.000000\t\t\t\t\t\t\t\tnothing\tnothing to compare' ]
    stats --unpaired --json <<<'x b 3' | jq -e '.[0] | .n_a == 0 and .median_b == 3 and .median_a == null and .p == null'
}

@test "stats: --json is valid JSON for any keys" {
    printf '%s\t2\t1\n' 'a"b\c' $'\x01' 'GET /' $'\xc3\xa4' >"$BATS_TEST_TMPDIR/in"
    stats --json <"$BATS_TEST_TMPDIR/in" | jq -r '.[].key' >"$BATS_TEST_TMPDIR/keys"
    cut -f1 "$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/keys"
    stats --json <"$BATS_TEST_TMPDIR/in" | jq -e 'length == 4 and all(.ratio == 2)'
}

@test "stats: keys are in the order of their first line, and the order of lines has no effect" {
    for k in c a b; do
        for i in 1 2 3 4 5 6 7 8 9; do echo "$k $((50 + i * i % 7)) $((48 + i % 3))"; done
    done >"$BATS_TEST_TMPDIR/in"
    [ "$(stats <"$BATS_TEST_TMPDIR/in" | cut -f1)" = $'c\na\nb' ]
    # alternately instead of one after the other
    sort -s -k2,3 "$BATS_TEST_TMPDIR/in" | sort -s -k1,1 >"$BATS_TEST_TMPDIR/grouped"
    awk '{ print ++n[$1], $0 }' "$BATS_TEST_TMPDIR/grouped" | sort -n -k1,1 | cut -d' ' -f2- >"$BATS_TEST_TMPDIR/mixed"
    refute cmp -s "$BATS_TEST_TMPDIR/grouped" "$BATS_TEST_TMPDIR/mixed"
    [ "$(stats <"$BATS_TEST_TMPDIR/mixed" | sort)" = "$(stats <"$BATS_TEST_TMPDIR/grouped" | sort)" ]
}

@test "stats: many keys in any order are all printed" {
    awk 'BEGIN { for (i = 0; i < 60000; i++) print "k" i * 7919 % 3000, 2 + i % 2, 1 }' >"$BATS_TEST_TMPDIR/in"
    run stats <"$BATS_TEST_TMPDIR/in"
    [ "${#lines[@]}" -eq 3000 ]
    [ "$(cut -f2 <<<"$output" | sort -u)" = 20 ]
    [ "$(cut -f1 <<<"$output" | sort -u | wc -l)" -eq 3000 ]
}

@test "stats: outliers are numbered within their key, and counted in the ratio" {
    input=$(for i in 1 2 3 4 5 6 7 8 9 10; do echo "y 1 1"; echo "x $((100 + i)) $((i == 3 || i == 8 ? 1 : 100))"; done)
    run stats <<<"$input"
    [ "$(cut -f1,2,9 <<<"${lines[0]}")" = $'y\t10\t' ]
    [ "$(cut -f1,2,9 <<<"${lines[1]}")" = $'x\t10\t3+8' ]
    [[ "${lines[1]}" == *"; 2 outliers among the pairs" ]]
    awk -F '\t' '$1 == "x" { exit !($3 > 2 && $7 < 1.1) }' <<<"$output"
}

@test "stats: halves that differ are reported" {
    run stats <<<$'1.0 1\n1.1 1\n1.0 1\n1.1 1\n1.5 1\n1.6 1\n1.5 1\n1.6 1'
    awk -F '\t' '{ exit !($10 > 1.4 && $10 < 1.5 && $11 < 0.001) }' <<<"$output"
    [[ "$output" == *"; drift: the second half of the rounds differs from the first by 47.7 %" ]]
}

@test "stats: --confidence" {
    [ "$(stats --confidence 90 <<<$'1 1\n2 1\n4 1' | cut -f4,5)" = $'0.6216\t6.4346' ]
    run stats --confidence 99.9 <<<"$(same 20 2)"
    [[ "$output" == *"(99.9 % interval "* ]]
    for bad in 0 100 95x 0.95 ''; do
        run stats --confidence "$bad" </dev/null
        failed_in_one_line 2
    done
}

# ---- noise thresholds ----

@test "stats: a difference below the threshold is not reported as significant" {
    input=$(same 20 1.02)
    [ "$(stats <<<"$input" | cut -f12)" = more ]
    [ "$(stats --floor 0.001 <<<"$input" | cut -f12)" = more ]
    run stats --floor 0.03 <<<"$input"
    [ "$(cut -f12 <<<"$output")" = floor ]
    [[ "$output" == *" times as much, but within the noise threshold of 3.0 %" ]]
    [ "$(stats --floor 0.03 <<<"$(same 20 1.2)" | cut -f12)" = more ]
    [ "$(stats --floor 0.03 <<<"$(same 20 0.8)" | cut -f12)" = less ]
    [ "$(stats --floor 0.03 <<<"$(same 20 1)" | cut -f12)" != more ]
}

@test "stats: separate thresholds for some keys" {
    for k in a 'b c' d; do same 20 1.05 | awk -v k="$k" '{ print k "\t" $1 "\t" $2 }'; done >"$BATS_TEST_TMPDIR/in"
    printf '# key, share\nb c\t0.5\r\n\nd\t0\nnot there\t1\n' >"$BATS_TEST_TMPDIR/floors"
    stats --floors "$BATS_TEST_TMPDIR/floors" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
    [ "$(cut -f1,12 "$BATS_TEST_TMPDIR/out")" = $'a\tmore\nb c\tfloor\nd\tmore' ]
    stats --floor 0.3 --floors "$BATS_TEST_TMPDIR/floors" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
    [ "$(cut -f1,12 "$BATS_TEST_TMPDIR/out")" = $'a\tfloor\nb c\tfloor\nd\tmore' ]
    [[ "$(cat "$BATS_TEST_TMPDIR/out")" == *"threshold of 30.0 %"*"threshold of 50.0 %"* ]]
    printf -- '-\t0.5\n' >"$BATS_TEST_TMPDIR/floors"
    [ "$(stats --floors "$BATS_TEST_TMPDIR/floors" <<<"$(same 20 1.05)" | cut -f12)" = floor ]
}

@test "stats: invalid thresholds" {
    for bad in -0.1 x 3% inf ''; do
        run stats --floor "$bad" </dev/null
        failed_in_one_line 2
    done
    for bad in $'x\t-1' $'x' $'x\t0.1\t0.1' $'x\tb' $'y\t0.1'; do
        printf 'y\t0.1\n%s\n' "$bad" >"$BATS_TEST_TMPDIR/floors"
        run stats --floors "$BATS_TEST_TMPDIR/floors" <<<'2 1'
        failed_in_one_line 1
        [[ "$output" == "stats: $BATS_TEST_TMPDIR/floors: line 2, column "* ]]
    done
    run stats --floors "$BATS_TEST_TMPDIR/nosuch" <<<'2 1'
    failed_in_one_line 1
}

# ---- unpaired ----

# two_groups A B: 12 values of about A in group new, of about B in group old, alternately, old first
two_groups() {
    awk -v a="$1" -v b="$2" 'BEGIN { for (i = 0; i < 12; i++) { print "old", b + i * 7 % 12 / 100; print "new", a + i * 5 % 12 / 100 } }'
}

@test "stats: --unpaired: the first group is the baseline, --base selects another" {
    run stats --unpaired <<<"$(two_groups 4 2)"
    [ "$(cut -f1-6,13 <<<"$output")" = $'-\t12\t12\t4.055000\t2.055000\t2.000000\tmore' ]
    [[ "$output" == *"1.973 times as much (95 % interval "*"; unpaired: every other difference between the two is included" ]]
    # 2 / C(24, 12) = 7.4e-7
    [ "$(cut -f12 <<<"$output")" = 0.000001 ]
    run stats --unpaired --base new <<<"$(two_groups 4 2)"
    [ "$(cut -f4,5,6,13 <<<"$output")" = $'2.055000\t4.055000\t-2.000000\tless' ]
    [ "$(stats --unpaired <<<"$(two_groups 2 2)" | cut -f13)" = none ]
    [ "$(stats --unpaired --floor 0.5 <<<"$(two_groups 2.4 2)" | cut -f13)" = floor ]
    [ "$(stats --unpaired <<<"$(two_groups -4 -2)" | cut -f9-11,13)" = $'\t\t\tless' ]
}

@test "stats: --unpaired: the baseline is that of the first key for all" {
    input=$(two_groups 4 2 | awk '{ print "x", $0 }'; two_groups 4 2 | tac | awk '{ print "y", $0 }')
    run stats --unpaired <<<"$input"
    [ "$(cut -f1,5,13 <<<"$output")" = $'x\t2.055000\tmore\ny\t2.055000\tmore' ]
    # a key by itself, between others, or after them: the same
    [ "$(stats --unpaired --base old <<<"$(tac <<<"$input")" | sort)" = "$output" ]
    [ "$(stats --unpaired --base old <<<"$(grep y <<<"$input")")" = "${lines[1]}" ]
}

@test "stats: --unpaired: groups that do not match are reported" {
    refused 3 1 $'old 1\nnew 1\nother 1' --unpaired
    [[ "$output" == *"'other'" ]]
    refused 4 2 $'x old 1\nx new 1\ny old 1\nx third 1' --unpaired
    refused 2 1 $'old 1\nnew 1' --unpaired --base third
    run stats --unpaired --base third <<<$'old 1\nold 2'
    failed_in_one_line 1
    [[ "$output" == *"'third'" ]]
    # each key has another second group
    [ "$(stats --unpaired <<<$'x old 1\nx new 1\ny old 1\ny third 1' | cut -f1-3)" = $'x\t1\t1\ny\t1\t1' ]
}

@test "stats: --unpaired: the same for the same input; --seed changes the resamples only" {
    input=$(two_groups 2.03 2)
    one=$(stats --unpaired <<<"$input")
    [ "$(stats --unpaired --seed 1 <<<"$input")" = "$one" ]
    [ "$(stats --unpaired <<<"$(sort -r <<<"$input")" --base old)" = "$one" ]
    for seed in 2 3 4 5 6; do stats --unpaired --seed $seed <<<"$input"; done >"$BATS_TEST_TMPDIR/others"
    [ "$(cut -f1-6,12 "$BATS_TEST_TMPDIR/others" | sort -u)" = "$(cut -f1-6,12 <<<"$one")" ]
}

@test "stats: --unpaired: too few values" {
    run stats --unpaired <<<$'b 1\nb 2\nb 3\na 11\na 12\na 13\na 14'
    [ "$(cut -f13 <<<"$output")" = none ]
    [[ "$output" == *"too few values: 4 and 3, at least 4 of each are needed; unpaired: "* ]]
    [ "$(stats --unpaired <<<$'b 1\nb 2\na 11' | cut -f13)" = single ]
}

@test "stats: usage errors: one line, status 2" {
    for words in word --nosuch "--seed 0" "--seed x" "--base x" "--unpaired --base" --floor; do
        run stats $words </dev/null
        failed_in_one_line 2
    done
}

@test "stats: medians of values under a key, with the values at the ends of their intervals" {
    seq 20 | sed 's/^/x\t/' >"$BATS_TEST_TMPDIR/in"
    printf 'y\t-3\ny\t1\n' >>"$BATS_TEST_TMPDIR/in"
    [ "$(stats --median --header <"$BATS_TEST_TMPDIR/in")" = $'key\tn\tmedian\tlow\thigh\tmin\tmax
x\t20\t10.50000\t6.000000\t15.00000\t1.000000\t20.00000
y\t2\t-1.000000\t\t\t-3.000000\t1.000000' ]
    [ "$(seq 3 | stats --median | cut -f1-3)" = $'-\t3\t2.000000' ]
    stats --median --json <"$BATS_TEST_TMPDIR/in" | jq -e '.[0].low == 6 and .[1].low == null and (.[0] | has("sentence") | not)'
    [ "$(seq 20 | stats --median --confidence 99 | cut -f4,5)" = $'4.000000\t17.00000' ]
    run stats --median --unpaired </dev/null
    failed_in_one_line 2
    run stats --median <<<$'x\tnine'
    failed_in_one_line 1
    [[ "$output" == "stats: line 1, column 2: "* ]]
}

@test "stats: medians, least and greatest of columns under a key" {
    printf 'b c\tx\t1\t0.1\na\tx\t5\t2000000.25\nb c\tx\t4\t1e-5\nb c\tx\t2\t0.3\n' >"$BATS_TEST_TMPDIR/in"
    [ "$(stats --columns median:3,min:4,max:4,max:3 <"$BATS_TEST_TMPDIR/in")" = $'b c\t2\t0.00001\t0.3\t4\na\t5\t2000000.25\t2000000.25\t5' ]
    [ "$(stats --columns min:1,median:2,max:1 --header <<<$'1 8\n3 9\n2 5')" = $'key\tmin:1\tmedian:2\tmax:1\n-\t1\t8\t3' ]
    stats --columns median:3,max:4 --json <"$BATS_TEST_TMPDIR/in" | jq -e '.[0]["median:3"] == 2 and .[1]["max:4"] == 2000000.25'
    [ "$(seq -s " " 16 | stats --columns "$(seq -s , -f max:%g 16)")" = "-$(seq 16 | sed "s,^,\t," | tr -d "\n")" ]
    [ -z "$(stats --columns max:1 </dev/null)" ]
}

@test "stats: --columns: an invalid list of columns, or an invalid number, is refused" {
    for bad in 1 median median: mean:2 median:0 median:17 median:2x "median:2," ",min:2" "min:2 max:2" median:-1; do
        run stats --columns "$bad" </dev/null
        failed_in_one_line 2
    done
    for mode in --median --unpaired; do
        run stats --columns max:1 $mode </dev/null
        failed_in_one_line 2
    done
    refused 1 3 'x y' --columns median:3
    refused 2 2 $'x 1 y\nx z y' --columns median:2
    refused 1 17 "$(seq -s ' ' 17)" --columns max:1
}
