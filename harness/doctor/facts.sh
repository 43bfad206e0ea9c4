# Hardware and settings of the machine. Sourced with $top set. All files are read below $ROOT_FILES, so that tests can simulate
# a machine; without it, from the real /proc, /sys and /dev.
# shellcheck shell=sh disable=SC2317 # fact_<name> is called for the line of that name in checks.tsv

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

root=${ROOT_FILES:-}
cpus=$root/sys/devices/system/cpu
ipv4=$root/proc/sys/net/ipv4
doctor=$top/harness/doctor
tab=$(printf '\t')

interface= # of --address; set by read_nic
. "$top/harness/doctor/nic.sh"

# Time between the two readings of /proc/stat
SAMPLE_S=0.5

# A fact that is unknown prints nothing.

# checked_facts: each fact as "status TAB name TAB what it does to results TAB change TAB value", in the
# order of checks.tsv and, after read_nic, of nic.tsv; status is ok, warning or unknown
checked_facts() {
    {
        read_shares
        read_cpus
        while IFS=$tab read -r name from when effect change <&3; do
            case $name in
            '#'* | '') continue ;;
            esac
            case $from in
            /*) value=$(line "$root$from") ;;
            *) value=$("fact_$name") ;;
            esac
            case $value in
            *[[:cntrl:]]*) value=$(printf '%s' "$value" | tr '[:cntrl:]' ' ') ;;
            esac
            status=ok
            if [ -z "$value" ]; then
                status=unknown
            elif is_warning "$value" "${when%% *}" "${when#* }"; then
                status=warning
            fi
            printf '%s\t%s\t%s\t%s\t%s\n' "$status" "$name" "$effect" "$change" "$value"
        done 3<<END
$(cat "$doctor/checks.tsv" ${interface:+"$doctor/nic.tsv"})
END
    } </dev/null
}

# is_warning VALUE OPERATOR OPERAND: the condition in checks.tsv
is_warning() {
    case $2 in
    never) return 1 ;;
    is) is_among "$1" "$3" ;;
    not) ! is_among "$1" "$3" ;;
    above) printf '%s\n' "$1" | awk -v limit="$3" '{ exit !($1 + 0 > limit + 0) }' ;;
    below) printf '%s\n' "$1" | awk -v limit="$3" '{ exit !(/^[0-9]/ && $1 + 0 < limit + 0) }' ;;
    has) printf '%s\n' "$1" | grep -Eq -e "$3" ;;
    *) echo "doctor: checks.tsv: unknown condition '$2 $3': use one of those named at its top" >&2 && exit 1 ;;
    esac
}

# is_among VALUE LIST: whether it is one of the values, separated by |
is_among() {
    case "|$2|" in
    *"|$1|"*) return 0 ;;
    esac
    return 1
}

# ---- reading ----

# line FILE: its first line. Not with read(1), which reads single bytes: some files of /proc must be read
# at once.
line() {
    head -n 1 "$1" 2>/dev/null
}

# lines FILE...: "FILE TAB first line" of each that can be read; other tabs are replaced
lines() {
    grep -s -H -m 1 '' "$@" | tr '\t' ' ' | sed 's/:/\t/'
}

# field NAME FILE: the value after "NAME:"
field() {
    sed -n "/^$1[[:space:]]*:/{s/^[^:]*:[[:space:]]*\([^[:space:]]*\).*/\1/p;q;}" "$2" 2>/dev/null
}

# bracketed: of "always [madvise] never" the selected value; anything else unchanged
bracketed() {
    sed 's/.*\[\(.*\)\].*/\1/'
}

# The kernel command line, without the arguments of init (after --) and its path.
boot_line() {
    sed 's/ -- .*//; s/ \(rd\)\{0,1\}init=[^ ]*//g' "$root/proc/cmdline" 2>/dev/null
}

# boot_parameters PATTERN DEFAULT: the parameters of the boot line that match
boot_parameters() {
    [ -r "$root/proc/cmdline" ] || return
    parameters=$(boot_line | tr ' ' '\n' | grep -E "^($1)" | tr '\n' ' ')
    parameters=${parameters% }
    echo "${parameters:-$2}"
}

# ---- CPUs ----

online_cpus() {
    line "$cpus/online"
}

# The kernel's list includes CPUs that are offline.
allowed_cpus() {
    field Cpus_allowed_list "$root/proc/self/status"
}

# read_cpus: sets usable_cpus, how many are online and allowed, and others_online, a list or none; both are empty
# if unknown
read_cpus() {
    usable_cpus='' others_online=''
    [ -r "$cpus/online" ] && [ -r "$root/proc/self/status" ] || return
    usable_cpus=$(printf '%s\n%s\n' "$(allowed_cpus)" "$(online_cpus)" | awk -F, '
        { for (i = 1; i <= NF; i++) {
            ends = split($i, end, "-")
            for (cpu = end[1] + 0; cpu <= end[ends] + 0; cpu++) {
                if (NR == 1) allowed[cpu] = 1
                else if (cpu in allowed) usable++
                else others = others (others == "" ? "" : ",") cpu
            }
        } }
        END { print usable + 0, (others == "" ? "none" : others) }')
    others_online=${usable_cpus#* }
    usable_cpus=${usable_cpus% *}
}

fact_cpus() {
    echo "$usable_cpus"
}

fact_cpus_shut_out() {
    echo "$others_online"
}

fact_cores() {
    count=$(cat "$cpus"/cpu[0-9]*/topology/thread_siblings_list 2>/dev/null | sort -u | wc -l)
    [ "$count" -eq 0 ] || echo "$count"
}

fact_isolated_cpus() {
    boot_parameters '(isolcpus|nohz_full|rcu_nocbs)=' none
}

fact_smt() {
    on_off "$(line "$cpus/smt/active")"
}

# on_off VALUE [OFF ON]
on_off() {
    case $1 in
    "${2:-0}") echo off ;;
    "${3:-1}") echo on ;;
    esac
}

# Of all CPUs, since they may differ.
fact_governor() {
    governors=$(cat "$cpus"/cpu[0-9]*/cpufreq/scaling_governor 2>/dev/null | sort -u | tr '\n' ' ')
    governors=${governors% }
    case $governors in
    *' '*) echo "mixed: $governors" ;;
    ?*) echo "$governors" ;;
    esac
}

fact_turbo() {
    if [ -r "$cpus/intel_pstate/no_turbo" ]; then
        on_off "$(line "$cpus/intel_pstate/no_turbo")" 1 0
    else
        on_off "$(line "$cpus/cpufreq/boost")"
    fi
}

# The deepest idle state that a CPU may enter, by its exit latency. A state can be excluded by
# its own switch, by a limit of each CPU, and by a limit of the machine.
fact_idle_states() {
    grep -s '' /dev/null "$cpus"/cpu[0-9]*/cpuidle/state[0-9]*/name "$cpus"/cpu[0-9]*/cpuidle/state[0-9]*/latency \
        "$cpus"/cpu[0-9]*/cpuidle/state[0-9]*/disable "$cpus"/cpu[0-9]*/power/pm_qos_resume_latency_us |
        awk -v skip="$((${#cpus} + 2))" -v machine="$(dma_latency)" '
        {
            file = value = substr($0, skip) # cpu0/cpuidle/state1/name:C1, cpu0/power/pm_qos_resume_latency_us:0
            sub(/:.*/, "", file)
            sub(/^[^:]*:/, "", value)
            parts = split(file, part, "/")
        }
        parts == 3 && value != "0" { limit[part[1]] = value + 0 }
        parts == 4 { cpu_of[part[1], part[3]] = part[1]; state[part[1], part[3], part[4]] = value }
        END {
            for (one in cpu_of) {
                us = state[one, "latency"] + 0
                if (state[one, "disable"] + 0 || (machine != "" && us > machine + 0) ||
                    (cpu_of[one] in limit && us > limit[cpu_of[one]]))
                    continue
                if (deepest == "" || us > deepest) { deepest = us; name = state[one, "name"] }
            }
            if (deepest != "") print deepest " us (" name ")"
        }'
}

# dma_latency: the limit in microseconds that processes have requested through the device
dma_latency() {
    [ ! -r "$root/dev/cpu_dma_latency" ] ||
        od -An -t d4 -N 4 "$root/dev/cpu_dma_latency" 2>/dev/null | tr -d ' '
}

# ---- the host and other processes ----

# read_shares: reads the CPU times twice, and sets steal, busy, steal_since_boot (percent) and
# running_tasks (without the reader); "-" is unknown
read_shares() {
    # shellcheck disable=SC2046 # words
    set -- $({
        cat "$root/proc/stat"
        sleep "$SAMPLE_S"
        cat "$root/proc/stat"
    } 2>/dev/null | awk '
        function share(part, all) { return all > 0 ? sprintf("%.1f", 100 * part / all) : "-" }
        /^cpu / {
            readings++
            for (i = 2; i <= 9; i++) all[readings] += $i
            steal[readings] = $9
            busy[readings] = all[readings] - $5 - $6 - $9
        }
        /^procs_running / { running = $2 > 0 ? $2 - 1 : 0 }
        END {
            all[0] = all[2] - all[1]
            print share(steal[2] - steal[1], all[0]), share(busy[2] - busy[1], all[0]), \
                share(steal[2], all[2]), (running == "" ? "-" : running)
        }')
    steal=$1 busy=$2 steal_since_boot=$3 running_tasks=$4
}

percent() {
    [ "$1" = - ] || echo "$1 %"
}

fact_steal() {
    percent "$steal"
}

fact_steal_since_boot() {
    percent "$steal_since_boot"
}

fact_busy() {
    percent "$busy"
}

fact_running_tasks() {
    [ "$running_tasks" = - ] || echo "$running_tasks"
}

fact_load() {
    line "$root/proc/loadavg" | awk -v cpus="$usable_cpus" 'NF && cpus > 0 { printf "%.2f per CPU\n", $1 / cpus }'
}

# mebibytes KIBIBYTES
mebibytes() {
    echo "$(($1 / 1024)) MiB"
}

fact_memory_available() {
    available=$(field MemAvailable "$root/proc/meminfo")
    [ -z "$available" ] || mebibytes "$available"
}

fact_swap_used() {
    total=$(field SwapTotal "$root/proc/meminfo")
    free=$(field SwapFree "$root/proc/meminfo")
    [ -z "$total" ] || mebibytes $((total - free))
}

# systemd-detect-virt knows more types than the rest of this file, but only for the real machine.
ask_systemd() {
    [ -n "$root" ] || systemd-detect-virt "$1" 2>/dev/null | grep -v '^none$'
}

fact_hypervisor() {
    [ -r "$root/proc/cpuinfo" ] || return
    name=$(ask_systemd --vm)
    name=${name:-$(line "$root/sys/hypervisor/type")}
    [ -n "$name" ] || ! grep -q '^flags.* hypervisor' "$root/proc/cpuinfo" || name=unnamed
    echo "${name:-none}"
}

fact_machine() {
    case $(fact_hypervisor) in
    none) echo metal ;;
    ?*) echo vm ;;
    esac
}

fact_container() {
    [ -d "$root/proc" ] || return
    name=$(ask_systemd --container)
    name=${name:-$(line "$root/run/systemd/container")}
    [ -n "$name" ] || [ ! -e "$root/.dockerenv" ] || name=docker
    [ -n "$name" ] || [ ! -e "$root/run/.containerenv" ] || name=podman
    echo "${name:-none}"
}

# A process has an ID in its PID namespace and in each ancestor; NSpid begins with that of /proc. 4026531836 is
# PROC_PID_INIT_INO (include/linux/proc_ns.h).
fact_pid_namespace() {
    numbers=$(sed -n 's/^NSpid:[[:space:]]*//p' "$root/proc/self/status" 2>/dev/null | wc -w)
    if [ "$numbers" -gt 1 ] || { [ ! -e "$root/proc/self" ] && [ -e "$root/proc/1" ]; }; then
        echo 'not that of /proc'
        return
    fi
    [ "$numbers" -eq 1 ] || return
    case $(readlink "$root/proc/self/ns/pid") in
    'pid:[4026531836]') echo initial ;;
    ?*) echo nested ;;
    esac
}

fact_seccomp() {
    case $(field Seccomp "$root/proc/self/status") in
    0) echo off ;;
    ?*) echo on ;;
    esac
}

# ---- control groups ----

# groups CONTROLLER: the directories of this process's groups, innermost first. Those of a container may not
# be visible; the outermost is, and in a container it is the container's.
groups() {
    [ -d "$root/sys/fs/cgroup" ] && awk -F: -v controller="$1" -v mounted="$root/sys/fs/cgroup" '
        function print_up(at, path) {
            for (; path != "" && path != "/"; sub(/\/[^\/]*$/, "", path)) print at path
            print at
        }
        { path = substr($0, length($1) + length($2) + 3) }
        $2 == "" { print_up(mounted, path); print_up(mounted "/unified", path) }
        index("," $2 ",", "," controller ",") { print_up(mounted "/" $2, path) }' "$root/proc/self/cgroup" 2>/dev/null
}

# least UNIT: the least of the lines that are numbers; "none" if there is no limit, and nothing if
# no group is visible
least() {
    awk -v unit="$1" '
        /^group$/ { known = 1 }
        /^[0-9]/ { if (least == "" || $1 + 0 < least) least = $1 + 0 }
        END { if (least != "") print least unit; else if (known) print "none" }'
}

# cpu.max is "quota period" or "max period"; without a limit the quota of version 1 is -1.
fact_cpu_quota() {
    groups cpu | while IFS= read -r group; do
        [ ! -e "$group/cgroup.procs" ] || echo group
        if [ -r "$group/cpu.max" ]; then
            line "$group/cpu.max"
        elif [ -r "$group/cpu.cfs_quota_us" ]; then
            echo "$(line "$group/cpu.cfs_quota_us") $(line "$group/cpu.cfs_period_us")"
        fi
    done | awk '/^[0-9]/ && $2 > 0 { print $1 / $2; next } { print }' | least ' CPUs'
}

fact_pids_limit() {
    groups pids | while IFS= read -r group; do
        [ ! -e "$group/cgroup.procs" ] || echo group
        line "$group/pids.max"
    done | least ''
}

fact_cpuset() {
    groups cpuset | while IFS= read -r group; do
        grep -s -h -m 1 . "$group/cpuset.cpus.effective" "$group/cpuset.effective_cpus" "$group/cpuset.cpus"
    done | head -n 1
}

# ---- the kernel ----

fact_mitigations() {
    boot_parameters '(mitigations|pti|spectre_v2|spectre_v2_user|spec_store_bypass_disable|l1tf|mds|tsx_async_abort|mmio_stale_data|retbleed|srbds|gather_data_sampling|spec_rstack_overflow|kvm-intel.vmentry_l1d_flush)=|nopti$|nospectre_v[12]$|nospec_store_bypass_disable$' default
}

# vulnerabilities: "name TAB state" of each
vulnerabilities() {
    lines "$cpus"/vulnerabilities/* | sed 's|.*/\([^/\t]*\t\)|\1|'
}

fact_vulnerabilities() {
    vulnerabilities | awk -F '\t' '
        $2 ~ /^Vulnerable/ { vulnerable++ }
        $2 ~ /^Mitigation/ { mitigated++ }
        $2 ~ /^Not affected/ { unaffected++ }
        END { if (NR) printf "%d mitigated, %d vulnerable, %d not affected\n", mitigated, vulnerable, unaffected }'
}

kernel_config() {
    if [ -r "$root/proc/config.gz" ]; then
        gzip -dc "$root/proc/config.gz" 2>/dev/null
    else
        cat "$root/boot/config-$(uname -r)" 2>/dev/null
    fi
}

fact_kernel_debug() {
    {
        [ ! -e "$root/proc/lockdep" ] || echo LOCKDEP
        kernel_config
    } | awk -F '[_=]' '
        { known = 1 }
        /^LOCKDEP$/ { found = found " " $0 }
        /^CONFIG_(KASAN|KCSAN|KMSAN|PROVE_LOCKING|DEBUG_LOCK_ALLOC|DEBUG_KMEMLEAK|DEBUG_OBJECTS|SLUB_DEBUG_ON|DEBUG_PAGEALLOC_ENABLE_DEFAULT)=y$/ {
            sub(/^CONFIG_/, ""); sub(/=y$/, ""); found = found " " $0
        }
        END { if (known) print (found == "" ? "none" : substr(found, 2)) }'
}

fact_transparent_hugepages() {
    line "$root/sys/kernel/mm/transparent_hugepage/enabled" | bracketed
}

fact_irqbalance() {
    set -- "$root"/proc/[0-9]*/comm
    [ -e "$1" ] || return
    grep -qsx irqbalance "$@" && echo running || echo 'not running'
}

fact_btf() {
    [ -d "$root/sys/kernel" ] || return
    [ -r "$root/sys/kernel/btf/vmlinux" ] && echo there || echo missing
}

# ---- the network ----

fact_local_ports() {
    line "$ipv4/ip_local_port_range" | awk 'NF == 2 { print $2 - $1 + 1 " (" $1 "-" $2 ")" }'
}

# To one address, from one. If a port in TIME_WAIT can be reused (tcp_tw_reuse: 1 everywhere, 2 on
# loopback), that is one second later, by timestamps; otherwise after TIME_WAIT.
fact_connections_per_s() {
    printf '%s\n' "$(line "$ipv4/ip_local_port_range")" "$(line "$ipv4/tcp_tw_reuse")" \
        "$(line "$ipv4/tcp_timestamps")" "$(line "$ipv4/tcp_tw_reuse_delay")" | awk '
        NR == 1 && NF == 2 { ports = $2 - $1 + 1 }
        { setting[NR] = $1 }
        END {
            if (!ports || setting[2] == "" || setting[3] == "") exit
            s = 60
            if (setting[2] > 0 && setting[3] > 0) s = setting[4] > 0 ? setting[4] / 1000 : 1
            printf "%d (%d ports, each free again after %g s)\n", ports / s, ports, s
        }'
}

# ---- this process ----

fact_open_files() {
    awk '/^Max open files/ { print $5 }' "$root/proc/self/limits" 2>/dev/null # as printed by ulimit -H -n
}

fact_root() {
    [ "$(id -u)" -eq 0 ] && echo yes || echo no
}
