# From the list of captures ("COLLECTION FILE") and the lines of wire_captures.awk to a table in Markdown, and the list of what
# differs, by reason.

FNR == 1 { input++ }

input == 1 {
    collection[$2] = $1
    if (!captures[$1]++) names[++count] = $1
    next
}

$1 == "crash" { crashes[collection[$2]]++ }

$1 == "connection" {
    c = collection[$2]
    if (!(($2) in has_any)) with_any[c]++
    has_any[$2] = 1
    why = $4
    sub(/ \(tshark.*/, "", why)
    sub(/: try .*/, "", why)
    sub(/ which libpcap.*| of which libpcap.*/, "", why)
    if (why ~ /^equal/) {
        equal[c]++
        if (why == "equal byte") bytes[c]++
    } else {
        differ[c]++
        reasons[why]++
        if (!((why, c) in seen)) where[why] = where[why] (where[why] ? ", " : "") c
        seen[why, c] = 1
    }
}

function row(name, all, any, same, byte, other, crash) {
    printf "| %s | %d | %d | %d | %d | %d | %d | %d |\n", name, all, any, same + other, same, byte, other, crash
}

END {
    print "| collection | captures | with connections | connections | equal | of them with a first byte | different | crashes |"
    print "|---|---|---|---|---|---|---|---|"
    for (i = 1; i <= count; i++) {
        c = names[i]
        row(c, captures[c], with_any[c], equal[c], bytes[c], differ[c], crashes[c])
        all += captures[c]; any += with_any[c]; same += equal[c]; byte += bytes[c]; other += differ[c]; crash += crashes[c]
    }
    row("all", all, any, same, byte, other, crash)
    print "\n| reason | connections | collections |"
    print "|---|---|---|"
    for (why in reasons) printf "| %s | %d | %s |\n", why, reasons[why], where[why] | "sort"
}
