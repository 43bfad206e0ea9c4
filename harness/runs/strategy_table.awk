# servers/*.c -> the table of harness/runs/strategies.c: a line for each strategy and variant, in the order of the files.
# variables: kqueue, the strategies that are built on kqueue, too (space-separated)

function flush_file(    i) {
    for (i = 1; i <= count; i++)
        printf "{\"%s\", %d, %s, %s},\n", names[i], most, only_kqueue[i] ? "false" : "true", (file in on_kqueue) ? "true" : "false"
    count = most = 0
}

BEGIN {
    n = split(kqueue, part, " ")
    for (i = 1; i <= n; i++) on_kqueue[part[i]] = 1
    print "/* name, workers at most (0 = any number), built on epoll, built on kqueue; generated from servers */"
}

FNR == 1 {
    flush_file()
    file = FILENAME
    sub(/.*\//, "", file)
    sub(/\.c$/, "", file)
}

/^ *VARIANT(_KQUEUE)?\("/ {
    split($0, part, "\"")
    names[++count] = part[2]
    only_kqueue[count] = /VARIANT_KQUEUE/
}

/^ *\.workers_max = [0-9]+,/ {
    split($0, part, "[=,]")
    most = part[2] + 0
}

END { flush_file() }
