#!/bin/sh
# environment.sh: prints hardware and settings of the machine as JSON. Values that cannot be read are null. The facts are those
# of ./run.sh doctor.

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"
# Set here as well, since this is not always started by run.sh.
export LC_ALL=C
. "$top/harness/doctor/facts.sh"
. "$top/harness/lib/version.sh"

# shellcheck disable=SC2034 # for facts.sh: shorter, since it delays each run
SAMPLE_S=0.2

# first_line COMMAND...: the first line of its output, or nothing
first_line() {
    "$@" 2>/dev/null | head -n 1
}

sysctls() {
    (
        cd "$root/proc/sys" && lines net/core/somaxconn net/ipv4/ip_local_port_range net/ipv4/tcp_max_syn_backlog \
            net/ipv4/tcp_syncookies net/ipv4/tcp_tw_reuse net/ipv4/tcp_max_tw_buckets net/ipv4/tcp_congestion_control \
            net/ipv4/tcp_migrate_req net/ipv4/tcp_timestamps kernel/sched_autogroup_enabled kernel/numa_balancing
    ) | awk -F '\t' -v OFS='\t' '{ gsub("/", ".", $1) } { print }'
}

versions() {
    for tool in gcc clang gnuplot hyperfine jq; do
        printf '%s\t%s\n' "$tool" "$(first_line $tool --version)"
    done
    printf 'ab\t%s\n' "$(first_line ab -V)"
}

topology() {
    lscpu 2>/dev/null | awk -F: '/^(Socket|Core|Thread|NUMA node\(s\)|L3|Hypervisor|CPU max MHz)/ {
        sub(/^ +/, "", $2); print $1 "\t" $2 }'
}

checks=$(checked_facts) || exit 1
jq -n \
    --arg utc "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    --arg version "$(suite_version)" \
    --arg commit "$(git -C "$top" rev-parse HEAD 2>/dev/null)" \
    --arg dirty "$(git -C "$top" status --porcelain --untracked-files=no -- . ':!results' 2>/dev/null | head -n 1)" \
    --arg host "$(uname -n)" --arg kernel "$(uname -r)" --arg build "$(uname -v)" \
    --arg arch "$(uname -m)" --arg boot "$(boot_line)" \
    --arg system "$(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME")" \
    --arg model "$(sed -n 's/^model name[^:]*: //p' "$root/proc/cpuinfo" | head -n 1)" \
    --arg online "$(online_cpus)" --arg allowed "$(allowed_cpus)" \
    --arg memory "$(field MemTotal "$root/proc/meminfo")" \
    --arg load "$(cut -d' ' -f1-3 "$root/proc/loadavg")" \
    --arg topology "$(topology)" --arg mitigations "$(vulnerabilities)" --arg sysctls "$(sysctls)" \
    --arg versions "$(versions)" --arg checks "$checks" '
def known: if . == "" then null else . end;
def lines: split("\n") | map(select(length > 0) | split("\t"));
def object: lines | map({(.[0]): (.[1] | known)}) | add // {};
($checks | lines) as $checks |
($checks | map({(.[1]): (.[4] | known)}) | add) as $facts |
{
    utc: $utc, wakeone: {version: ($version | known)}, commit: ($commit | known), modified: ($dirty != ""),
    host: $host, machine: $facts.machine, system: ($system | known), kernel: $kernel, kernel_build: $build,
    arch: $arch, boot_line: ($boot | known),
    cpu: {model: ($model | known), online: ($online | known), allowed: ($allowed | known),
          governor: $facts.governor, topology: ($topology | object)},
    memory_kib: ($memory | tonumber? // null), clock_source: $facts.clock_source,
    load_average_before: $load,
    mitigations: ($mitigations | object), sysctls: ($sysctls | object),
    versions: ($versions | object),
    facts: $facts, warnings: ($checks | map(select(.[0] == "warning") | .[1]))
}'
