# per_cpu(ASKED, CPUS): how many workers or connections "4/cpu", "1/2cpu" (one for each two CPUs, and at least one) or "4" are
function per_cpu(asked, cpus,    part, n) {
    if (split(asked, part, "/") < 2) return asked + 0
    n = int(part[1] * cpus / (part[2] + 0 ? part[2] : 1))
    return n > 0 ? n : 1
}
