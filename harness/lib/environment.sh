#!/bin/sh
# environment.sh: what the machine is and how it is set, as JSON on standard output. What cannot be
# read is null.

: "${top:?is set by whoever calls this}"

text() {
    cat "$1" 2>/dev/null
}

# first_line COMMAND...: of what it prints, or nothing
first_line() {
    "$@" 2>/dev/null | head -n 1
}

mitigations() {
    for file in /sys/devices/system/cpu/vulnerabilities/*; do
        [ -r "$file" ] && printf '%s\t%s\n' "$(basename "$file")" "$(cat "$file")"
    done
}

sysctls() {
    for name in net.core.somaxconn net.ipv4.ip_local_port_range net.ipv4.tcp_max_syn_backlog \
        net.ipv4.tcp_syncookies net.ipv4.tcp_tw_reuse net.ipv4.tcp_max_tw_buckets \
        net.ipv4.tcp_congestion_control net.ipv4.tcp_migrate_req net.ipv4.tcp_timestamps \
        kernel.sched_autogroup_enabled kernel.numa_balancing; do
        file=/proc/sys/$(printf '%s' "$name" | tr . /)
        [ -r "$file" ] && printf '%s\t%s\n' "$name" "$(tr '\t' ' ' <"$file")"
    done
}

versions() {
    for tool in gcc clang gnuplot hyperfine jq; do
        printf '%s\t%s\n' "$tool" "$(first_line $tool --version)"
    done
    printf 'ab\t%s\n' "$(first_line ab -V)"
}

# Lines of "name TAB value" as an object
as_object='split("\n") | map(select(length > 0) | split("\t") | {(.[0]): (.[1] // null)}) | add // {}'

topology() {
    lscpu 2>/dev/null | awk -F: '/^(Socket|Core|Thread|NUMA node\(s\)|L3|Hypervisor|CPU max MHz)/ {
        sub(/^ +/, "", $2); print $1 "\t" $2 }'
}

# What the kernel was told, without what was meant for init (behind --, and which program that is).
boot_line() {
    sed 's/ -- .*//; s/ \(rd\)\{0,1\}init=[^ ]*//g' /proc/cmdline 2>/dev/null
}

cpu=/sys/devices/system/cpu
jq -n \
    --arg utc "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    --arg commit "$(git -C "$top" rev-parse HEAD 2>/dev/null)" \
    --arg dirty "$(git -C "$top" status --porcelain --untracked-files=no -- . ':!results' 2>/dev/null | head -n 1)" \
    --arg host "$(uname -n)" --arg kernel "$(uname -r)" --arg build "$(uname -v)" \
    --arg arch "$(uname -m)" --arg boot "$(boot_line)" \
    --arg system "$(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME")" \
    --arg model "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
    --arg online "$(text $cpu/online)" --arg allowed "$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)" \
    --arg memory "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)" \
    --arg governor "$(text $cpu/cpu0/cpufreq/scaling_governor)" \
    --arg clock "$(text /sys/devices/system/clocksource/clocksource0/current_clocksource)" \
    --arg load "$(cut -d' ' -f1-3 /proc/loadavg)" \
    --arg topology "$(topology)" --arg mitigations "$(mitigations)" --arg sysctls "$(sysctls)" \
    --arg versions "$(versions)" "
def known: if . == \"\" then null else . end;
def object: $as_object;
{
  utc: \$utc, commit: (\$commit | known), modified: (\$dirty != \"\"),
  host: \$host, system: (\$system | known), kernel: \$kernel, kernel_build: \$build, arch: \$arch,
  boot_line: (\$boot | known),
  cpu: {model: (\$model | known), online: (\$online | known), allowed: (\$allowed | known),
        governor: (\$governor | known), topology: (\$topology | object)},
  memory_kib: (\$memory | tonumber? // null), clock_source: (\$clock | known),
  load_average_before: \$load,
  mitigations: (\$mitigations | object), sysctls: (\$sysctls | object),
  versions: (\$versions | object)
}"
