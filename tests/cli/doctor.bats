#!/usr/bin/env bats
# doctor: facts of a simulated machine, warnings, and changes that can be undone.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    export top
    # no systemctl and no id of the real machine: a y in a test changes only the simulated machine, as its root
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    printf '#!/bin/sh\necho "systemctl $*" >>"%s/systemctl"\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/bin/systemctl"
    echo 0 >"$BATS_TEST_TMPDIR/uid"
    printf '#!/bin/sh\ncat "%s/uid"\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/bin/id"
    # what happens on the machine while doctor runs
    cat >"$BATS_TEST_TMPDIR/bin/sleep" <<'END'
#!/bin/sh
[ ! -e "$ROOT_FILES/stat.after" ] || cp "$ROOT_FILES/stat.after" "$ROOT_FILES/proc/stat"
END
    chmod +x "$BATS_TEST_TMPDIR"/bin/*
    make_machine
}

# put FILE TEXT...: one line each
put() {
    local directory=$ROOT_FILES/$1
    directory=${directory%/*}
    [ -d "$directory" ] || mkdir -p "$directory"
    printf '%s\n' "${@:2}" >"$ROOT_FILES/$1"
}

# make_machine: a simulated machine without warnings
make_machine() {
    export ROOT_FILES=$BATS_TEST_TMPDIR/machine
    rm -rf "$ROOT_FILES"
    cp -r "$BATS_FILE_TMPDIR/machine" "$ROOT_FILES"
}

setup_file() {
    ROOT_FILES=$BATS_FILE_TMPDIR/machine
    local cpu=sys/devices/system/cpu i state
    for i in 0 1 2 3; do
        put $cpu/cpu$i/topology/thread_siblings_list $i
        put $cpu/cpu$i/cpufreq/scaling_governor performance
        put $cpu/cpu$i/power/pm_qos_resume_latency_us 0
        for state in "0 POLL 0 0" "1 C1 2 0" "2 C6 133 1"; do
            set -- $state
            put $cpu/cpu$i/cpuidle/state$1/name $2
            put $cpu/cpu$i/cpuidle/state$1/latency $3
            put $cpu/cpu$i/cpuidle/state$1/disable $4
        done
    done
    put $cpu/online 0-3
    put $cpu/smt/active 0
    put $cpu/smt/control off
    put $cpu/intel_pstate/no_turbo 1
    put $cpu/vulnerabilities/meltdown 'Mitigation: PTI'
    put $cpu/vulnerabilities/srbds Vulnerable
    put sys/devices/system/clocksource/clocksource0/current_clocksource tsc
    put sys/kernel/btf/vmlinux BTF
    put sys/kernel/mm/transparent_hugepage/enabled 'always [madvise] never'
    put sys/fs/cgroup/cgroup.procs 1
    put sys/fs/cgroup/bench/cgroup.procs 2
    put sys/fs/cgroup/bench/cpu.max 'max 100000'
    put sys/fs/cgroup/bench/pids.max max
    put sys/fs/cgroup/bench/cpuset.cpus.effective 0-3
    put proc/cmdline 'quiet isolcpus=3 -- --mitigations=off'
    put proc/cpuinfo 'model name	: made up' 'flags		: fpu tsc'
    put proc/loadavg '0.40 0.30 0.20 1/99 4711'
    put proc/meminfo 'MemTotal:  8388608 kB' 'MemAvailable:  4194304 kB' 'SwapTotal:  1024 kB' 'SwapFree:  1024 kB'
    put proc/self/cgroup 0::/bench
    put proc/self/status 'NSpid:	4711' 'Seccomp:	0' 'Seccomp_filters:	0' 'Cpus_allowed_list:	0-127'
    mkdir -p "$ROOT_FILES/proc/self/ns"
    ln -s 'pid:[4026531836]' "$ROOT_FILES/proc/self/ns/pid"
    put proc/self/limits 'Limit                     Soft Limit           Hard Limit           Units     ' \
        'Max open files            1024                 65536                files     '
    put proc/4711/comm init
    put proc/sys/kernel/sched_autogroup_enabled 0
    put proc/sys/kernel/numa_balancing 0
    put proc/sys/kernel/nmi_watchdog 0
    put proc/sys/net/core/somaxconn 4096
    put proc/sys/net/ipv4/tcp_max_syn_backlog 2048
    put proc/sys/net/ipv4/ip_local_port_range '32768	60999'
    put proc/sys/net/ipv4/tcp_tw_reuse 2
    put proc/sys/net/ipv4/tcp_timestamps 1
    put "boot/config-$(uname -r)" CONFIG_SMP=y '# CONFIG_KASAN is not set'
    #                 user nice system idle iowait irq softirq steal
    put proc/stat 'cpu  1000 0 1000 98000 0 0 0 0 0 0' 'procs_running 1'
    put stat.after 'cpu  1002 0 1001 98397 0 0 0 0 0 0' 'procs_running 2'
}

# doctor OPTIONS...
doctor() {
    run ./run.sh doctor "$@"
}

# in_state STATUS: the names, in one line
in_state() {
    awk -v status="$1" '$1 == status { print $2 }' <<<"$output" | paste -sd ' '
}

# value NAME: as printed
value() {
    awk -v name="$1" '$2 == name' <<<"$output" | cut -c32-
}

@test "a machine without warnings: all ok, status 0, one line each" {
    doctor
    [ "$status" -eq 0 ]
    [ -z "$(in_state warning)$(in_state unknown)" ]
    [ "${lines[-1]}" = "$((${#lines[@]} - 1)) ok, 0 warnings, 0 unknown" ]
    [ "$((${#lines[@]} - 1))" -eq "$(grep -c '^[^#]' harness/doctor/checks.tsv)" ]
    [ "$(value cores)" = 4 ]
    [ "$(value cpus)" = 4 ]
    [ "$(value isolated_cpus)" = isolcpus=3 ]
    [ "$(value busy)" = "0.8 %" ]
    [ "$(value steal)" = "0.0 %" ]
    [ "$(value running_tasks)" = 1 ]
    [ "$(value load)" = "0.10 per CPU" ]
    [ "$(value vulnerabilities)" = "1 mitigated, 1 vulnerable, 0 not affected" ]
    [ "$(value idle_states)" = "2 us (C1)" ]
    # arguments of init are not kernel parameters
    [ "$(value mitigations)" = default ]
    [ "$(value connections_per_s)" = "28232 (28232 ports, each free again after 1 s)" ]
}

# machine | names | file | its lines, separated by ; | value of each name, separated by ;
flaws() {
    cat <<'TABLE'
1|smt|sys/devices/system/cpu/smt/active|1|on
1|cpus cpus_shut_out|proc/self/status|Seccomp:	0;Cpus_allowed_list:	2|1;0,1,3
2|cpus_shut_out pid_namespace|proc/self/status|NSpid:	4711	5;Seccomp:	0;Cpus_allowed_list:	0,2-3,9|1;not that of /proc
1|governor|sys/devices/system/cpu/cpu3/cpufreq/scaling_governor|powersave|mixed: performance powersave
2|turbo|sys/devices/system/cpu/intel_pstate/no_turbo|0|on
3|idle_states|sys/devices/system/cpu/cpu2/cpuidle/state2/disable|0|133 us (C6)
1|clock_source|sys/devices/system/clocksource/clocksource0/current_clocksource|hpet|hpet
1|machine|proc/cpuinfo|flags		: fpu hypervisor tsc|vm
2|machine|sys/hypervisor/type|xen|vm
1|container|run/systemd/container|lxc|lxc
2|container|.dockerenv||docker
3|container|run/.containerenv||podman
3|seccomp|proc/self/status|Seccomp:	2;Seccomp_filters:	1;Cpus_allowed_list:	0-3|on
1|steal|stat.after|cpu  1002 0 1001 98388 0 0 0 9 0 0|2.2 %
2|steal_since_boot|proc/stat|cpu  1000 0 1000 98000 0 0 0 2000 0 0|2.0 %
3|busy|stat.after|cpu  1060 0 1020 98320 0 0 0 0 0 0;procs_running 9|20.0 %
3|load|proc/loadavg|2.40 0 0 1/99 4711|0.60 per CPU
1|memory_available|proc/meminfo|MemAvailable: 102400 kB;SwapTotal: 0 kB;SwapFree: 0 kB|100 MiB
2|swap_used|proc/meminfo|MemAvailable: 4194304 kB;SwapTotal: 1048576 kB;SwapFree: 524288 kB|512 MiB
1|cpu_quota|sys/fs/cgroup/bench/cpu.max|150000 100000|1.5 CPUs
2|cpu_quota|sys/fs/cgroup/cpu.max|200000 100000|2 CPUs
3|pids_limit|sys/fs/cgroup/bench/pids.max|100|100
3|mitigations|proc/cmdline|quiet nopti mitigations=off|nopti mitigations=off
1|kernel_debug|proc/lockdep|all lock classes:|LOCKDEP
2|sched_autogroup|proc/sys/kernel/sched_autogroup_enabled|1|1
3|numa_balancing|proc/sys/kernel/numa_balancing|2|2
1|transparent_hugepages|sys/kernel/mm/transparent_hugepage/enabled|[always] madvise never|always
2|nmi_watchdog|proc/sys/kernel/nmi_watchdog|1|1
3|irqbalance|proc/4712/comm|irqbalance|running
1|somaxconn|proc/sys/net/core/somaxconn|128|128
2|syn_backlog|proc/sys/net/ipv4/tcp_max_syn_backlog|128|128
3|local_ports|proc/sys/net/ipv4/ip_local_port_range|50000	59999|10000 (50000-59999)
1|time_wait_reuse|proc/sys/net/ipv4/tcp_tw_reuse|0|0
2|timestamps|proc/sys/net/ipv4/tcp_timestamps|0|0
3|open_files|proc/self/limits|Max open files            1024                 1000                files     |1000
TABLE
}

# with_flaws: a machine with the flaws of the lines that it reads has these warnings, each with its value and two lines below it, and
# no others
with_flaws() {
    local names file text value expected=
    make_machine
    while IFS='|' read -r _ names file text value; do
        mapfile -d ';' -t text <<<"$text"
        text[-1]=${text[-1]%$'\n'}
        put "$file" "${text[@]}"
        [ "$file" != proc/stat ] || put stat.after "cpu  1000 0 1000 98400 0 0 0 2000 0 0"
        for name in $names; do
            expected+="$name|${value%%;*}"$'\n'
            value=${value#*;}
        done
    done
    doctor
    [ "$status" -eq 3 ] && diff <(printf %s "$expected" | sort) <(sed -n 's/^warning  \([^ ]*\) */\1|/p' <<<"$output" | sort) || {
        echo "$output"
        return 1
    }
    awk '/^warning/ { n++ } /^           [^ ]/ { m++ } END { exit !(n && m == 2 * n) }' <<<"$output"
}

@test "each flaw is one warning, with its value, its effect and its fix; status 3" {
    for machine in 1 2 3; do
        flaws | grep "^$machine|" >"$BATS_TEST_TMPDIR/flaws"
        with_flaws <"$BATS_TEST_TMPDIR/flaws"
    done
    # every existing warning
    { flaws | cut -d'|' -f2 | tr ' ' '\n'; echo btf; echo root; } | sort -u |
        diff - <(awk -F '\t' '!/^#/ && $3 != "never" { print $1 }' harness/doctor/checks.tsv | sort)
}

# bats test_tags=slow
@test "each flaw alone is one warning" {
    while IFS= read -r line <&8; do
        with_flaws <<<"$line"
    done 8< <(flaws)
}

@test "PID namespaces: the initial one, one with its own /proc, and one that /proc does not show" {
    doctor
    [ "$(value pid_namespace)" = initial ]
    ln -sfn 'pid:[4026532999]' "$ROOT_FILES/proc/self/ns/pid"
    doctor
    [ "$status" -eq 0 ]
    [ "$(value pid_namespace)" = nested ]
    rm -r "$ROOT_FILES/proc/self"
    put proc/1/comm init
    doctor
    [ "$status" -eq 3 ]
    [ "$(in_state warning)" = pid_namespace ]
    [ "$(value pid_namespace)" = "not that of /proc" ]
}

@test "values from other files: control groups of version 1, limits on idle states, ports and TIME_WAIT, a compressed configuration" {
    # a limit of version 1, and one whose group is not visible in a container
    rm -r "$ROOT_FILES/sys/fs/cgroup"
    put proc/self/cgroup '4:cpu,cpuacct:/outside/box' '3:pids:/' '1:cpuset:/' '0::/'
    put sys/fs/cgroup/cpu,cpuacct/cgroup.procs 1
    put sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us 50000
    put sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us 100000
    put sys/fs/cgroup/pids/cgroup.procs 1
    put sys/fs/cgroup/cpuset/cpuset.cpus 0-1
    # all CPUs except one have a limit
    for i in 0 1 2 3; do put sys/devices/system/cpu/cpu$i/cpuidle/state2/disable 0; done
    for i in 0 1 2; do put sys/devices/system/cpu/cpu$i/power/pm_qos_resume_latency_us 3; done
    put proc/sys/net/ipv4/tcp_tw_reuse 0
    printf 'CONFIG_SMP=y\nCONFIG_KASAN=y\nCONFIG_PROVE_LOCKING=y\n' | gzip >"$ROOT_FILES/proc/config.gz"
    rm "$ROOT_FILES/stat.after" # two looks at a clock that stands still are no share
    doctor
    [ "$(value cpu_quota)" = "0.5 CPUs" ]
    [ "$(value pids_limit)" = none ]
    [ "$(value cpuset)" = 0-1 ]
    [ "$(value idle_states)" = "133 us (C6)" ]
    [ "$(value connections_per_s)" = "470 (28232 ports, each free again after 60 s)" ]
    [ "$(value kernel_debug)" = "KASAN PROVE_LOCKING" ]
    [[ " $(in_state unknown) " == *" steal busy "* ]]
    put sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us -1
    put sys/devices/system/cpu/cpu3/power/pm_qos_resume_latency_us n/a
    put proc/sys/net/ipv4/tcp_tw_reuse 1
    put proc/sys/net/ipv4/tcp_tw_reuse_delay 2000
    doctor
    [ "$(value cpu_quota)" = none ]
    [ "$(value idle_states)" = "2 us (C1)" ]
    [ "$(value connections_per_s)" = "14116 (28232 ports, each free again after 2 s)" ]
    # a limit that another process holds
    put sys/devices/system/cpu/cpu3/power/pm_qos_resume_latency_us 0
    mkdir "$ROOT_FILES/dev"
    printf '\012\000\000\000' >"$ROOT_FILES/dev/cpu_dma_latency"
    doctor
    [ "$(value idle_states)" = "2 us (C1)" ]
}

@test "few open files, not being root and no BTF are warnings" {
    echo 1000 >"$BATS_TEST_TMPDIR/uid"
    rm -r "$ROOT_FILES/sys/kernel/btf"
    put proc/self/limits 'Max open files            1024                 4095                 files     '
    doctor
    [ "$status" -eq 3 ]
    [ "$(in_state warning)" = "open_files btf root" ]
    [ "$(value open_files)" = 4095 ]
    put proc/self/limits 'Max open files            1024                 unlimited            files     '
    doctor
    [ "$(in_state warning)" = "btf root" ]
    [ "$(value open_files)" = unlimited ]
}

# of this machine's own files, as the user who runs the tests, with few open files
@test "the real machine is read, and warnings for an ordinary user and few open files appear" {
    unset ROOT_FILES
    PATH=${PATH#*:} run bash -c 'ulimit -n 1000; ./run.sh doctor'
    [ "$status" -eq 3 ]
    [[ " $(in_state warning) " == *" open_files "* ]]
    [ "$(value open_files)" = 1000 ]
    [ "$(id -u)" -eq 0 ] || [[ " $(in_state warning) " == *" root "* ]]
}

# as_nobody COMMAND...
as_nobody() {
    local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    [ "$(PATH=${PATH#*:} id -u)" -eq 0 ] || skip "takes root, to be another user"
    "${nobody[@]}" test -r "$top/run.sh" || skip "nobody else may read the checkout, or no setpriv(1)"
    unset ROOT_FILES # a test's directory is readable only by its owner
    PATH=${PATH#*:} run "${nobody[@]}" "$@"
}

# bats test_tags=root
@test "an ordinary user: a warning, and one line and status 2 for --fix" {
    as_nobody ./run.sh doctor
    [ "$status" -eq 3 ]
    [[ " $(in_state warning) " == *" root "* ]]
    as_nobody ./run.sh doctor --fix
    failed_in_one_line 2
    [ "$output" = "doctor: --fix requires root" ]
}

# without FILES... : a machine without these files has those facts unknown, without a warning
without() {
    local names="" file
    make_machine
    while read -r file facts; do
        rm -r "${ROOT_FILES:?}/$file"
        [ "$file" != proc/stat ] || rm "$ROOT_FILES/stat.after"
        names+="$facts "
    done
    doctor
    [ "$status" -eq 0 ] && diff <(tr ' ' '\n' <<<"$names" | grep . | sort -u) <(in_state unknown | tr ' ' '\n' | sort) || {
        echo "$output"
        return 1
    }
}

# file | facts
unknown_without() {
    cat <<'TABLE'
sys/devices/system/cpu/smt smt
sys/devices/system/cpu/intel_pstate turbo
sys/devices/system/clocksource clock_source
sys/fs/cgroup cpu_quota pids_limit cpuset
proc/cpuinfo machine hypervisor
proc/loadavg load
proc/4711 irqbalance
proc/self/ns pid_namespace
proc/sys/net/core somaxconn
sys/devices/system/cpu/online cpus cpus_shut_out load
sys/kernel/mm transparent_hugepages
proc/cmdline isolated_cpus mitigations
proc/stat steal steal_since_boot busy running_tasks
proc/meminfo memory_available swap_used
proc/sys/kernel sched_autogroup numa_balancing nmi_watchdog
proc/self/limits open_files
boot kernel_debug
TABLE
}

@test "a missing file gives unknown, without a warning" {
    unknown_without | head -n 8 >"$BATS_TEST_TMPDIR/some"
    unknown_without | tail -n +9 >"$BATS_TEST_TMPDIR/others"
    without <"$BATS_TEST_TMPDIR/some"
    without <"$BATS_TEST_TMPDIR/others"
}

# bats test_tags=slow
@test "each single missing file gives unknown" {
    while IFS= read -r line <&8; do
        without <<<"$line"
    done 8< <(unknown_without)
}

@test "a machine without any readable file" {
    rm -r "$ROOT_FILES"
    doctor
    [ "$status" -eq 0 ]
    [ "$(in_state ok)" = root ]
    [ "$(value governor)" = "cannot be read" ]
    doctor --json
    jq -e 'map(select(.status == "unknown") | .value) | unique == [null]' <<<"$output"
}

@test "--json is valid JSON for any values" {
    local odd=$'a"b\\c\td\'e$(id)\033[1m\001\303\244'
    put sys/devices/system/clocksource/clocksource0/current_clocksource "$odd"
    put sys/devices/system/cpu/cpu0/cpufreq/scaling_governor $'per"for\nmance'
    printf 'ends without a line end' >"$ROOT_FILES/proc/sys/kernel/nmi_watchdog"
    put proc/cmdline $'quiet mitigations="auto\tx"'
    doctor --json
    [ "$status" -eq 3 ]
    jq -e 'map(keys) | unique == [["effect", "fix", "name", "status", "value"]]' <<<"$output"
    jq -e 'map(.name) == [inputs]' <(echo "$output") <(grep '^[^#]' harness/doctor/checks.tsv | cut -f1 | jq -R .)
    [ "$(jq -r '.[] | select(.name == "clock_source").value' <<<"$output")" = $'a"b\\c d\'e$(id) [1m \303\244' ]
    jq -e '.[] | select(.name == "governor") | .value == "mixed: mance per\"for performance"
        and .status == "warning" and (.effect | length > 0) and (.fix | startswith("for file in "))' <<<"$output"
    jq -e '.[] | select(.name == "smt") | .effect == null and .fix == null' <<<"$output"
    sh harness/lib/environment.sh | jq -e '.facts.clock_source == .clock_source and (.warnings | index("governor"))'
}

@test "env.json has the facts, and its earlier fields" {
    sh harness/lib/environment.sh >"$BATS_TEST_TMPDIR/env.json"
    jq -e '.facts | keys == ([inputs] | sort)' "$BATS_TEST_TMPDIR/env.json" \
        <(grep '^[^#]' harness/doctor/checks.tsv | cut -f1 | jq -R .)
    jq -e --arg commit "$(git rev-parse HEAD 2>/dev/null || true)" --arg version "$(./run.sh --version | cut -d" " -f2)" '.machine == "metal" and .facts.smt == "off" and (.warnings | type) == "array" and .clock_source == "tsc"
        and .cpu.model == "made up" and .cpu.online == "0-3" and .cpu.allowed == "0-127"
        and .cpu.governor == "performance" and .memory_kib == 8388608 and .mitigations.srbds == "Vulnerable"
        and .load_average_before == "0.40 0.30 0.20" and .boot_line == "quiet isolcpus=3"
        and .sysctls["net.ipv4.ip_local_port_range"] == "32768 60999" and .kernel and (.commit // "") == $commit
        and .wakeone.version == $version' "$BATS_TEST_TMPDIR/env.json"
    rm -r "$ROOT_FILES"
    sh harness/lib/environment.sh | jq -e '.facts.smt == null and .machine == null and .memory_kib == null'
}

# ---- --address ----

# make_nic [DRIVER]: a card without a flaw, eth7, that has 192.0.2.7: four queues, interrupts 50 to 53, each to its own CPU
make_nic() {
    local nic=sys/class/net/eth7 i
    mkdir -p "$ROOT_FILES/$nic/device/msi_irqs"
    ln -sfn "../../../../bus/pci/drivers/${1:-ixgbe}" "$ROOT_FILES/$nic/device/driver"
    for i in 0 1 2 3; do
        put $nic/queues/rx-$i/rps_cpus 00000000,00000000
        put $nic/device/msi_irqs/5$i msix
        put proc/irq/5$i/smp_affinity_list 0-3
        put proc/irq/5$i/effective_affinity_list $i
    done
    put $nic/device/msi_irqs/54 msix # has never come
    put proc/irq/54/smp_affinity_list 0
    put proc/interrupts '            CPU0       CPU1       CPU2       CPU3' \
        ' 49:       9          0          0          0  IO-APIC   5-edge      ttyS0' \
        ' 50:       9          0          0          0  PCI-MSIX-0000:03:00.0   0-edge      eth7-TxRx-0' \
        ' 51:       0          7          0          0  PCI-MSIX-0000:03:00.0   1-edge      eth7-TxRx-1' \
        ' 52:       0          0          8          0  PCI-MSIX-0000:03:00.0   2-edge      eth7-TxRx-2' \
        ' 53:       1          0          0          9  PCI-MSIX-0000:03:00.0   3-edge      eth7-TxRx-3' \
        ' 54:       0          0          0          0  PCI-MSIX-0000:03:00.0   4-edge      eth7' \
        'LOC:       1          1          1          1  Local timer interrupts'
    put $nic/speed 10000
    put $nic/duplex full
    put $nic/mtu 1500
    put proc/sys/net/ipv4/tcp_syncookies 1
    put proc/net/netstat 'TcpExt: SyncookiesFailed SyncookiesSent SyncookiesRecv' 'TcpExt: 3 0 4' 'IpExt: InNoRoutes' 'IpExt: 0'
    has_address eth7
    put ethtool.x 'RX flow hash indirection table for eth7 with 4 RX ring(s):' '    0:      0     1     2     3' '    8:      3     2     1     0' \
        'RSS hash key:' '6d:5a:56:da'
    put ethtool.k 'Features for eth7:' 'tcp-segmentation-offload: on' '	tx-tcp-segmentation: on' \
        'generic-segmentation-offload: on' 'generic-receive-offload: on' 'large-receive-offload: off [fixed]'
    printf '#!/bin/sh\ncat "$ROOT_FILES/ethtool.${1#-}" 2>/dev/null\n' >"$BATS_TEST_TMPDIR/bin/ethtool"
    chmod +x "$BATS_TEST_TMPDIR/bin/ethtool"
}

# has_address INTERFACE: 192.0.2.7, and no other has one
has_address() {
    cat >"$BATS_TEST_TMPDIR/bin/ip" <<END
#!/bin/sh
[ "\$*" != "-o address show to 192.0.2.7" ] || echo "4: $1    inet 192.0.2.7/24 scope global $1"
END
    chmod +x "$BATS_TEST_TMPDIR/bin/ip"
}

@test "--address: a card without a flaw is all ok, behind the other checks" {
    make_nic
    doctor --address 192.0.2.7
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "$((${#lines[@]} - 1)) ok, 0 warnings, 0 unknown" ]
    diff <(awk '$1 == "ok" { print $2 }' <<<"$output") <(grep -h '^[^#]' harness/doctor/checks.tsv harness/doctor/nic.tsv | cut -f1)
    [ "$(value nic)" = "eth7, driver ixgbe" ]
    [ "$(value nic_queues)" = "4 for 4 CPUs" ]
    [ "$(value nic_rss)" = "over 4 of 4 queues" ]
    [ "$(value nic_rps)" = off ]
    [ "$(value nic_interrupts)" = "4 interrupts to CPUs 0,1,2,3" ]
    [ "$(value nic_speed)" = "10000 Mbit/s" ]
    [ "$(value nic_offloads)" = "tso on, gso on, gro on, lro off" ]
}

# name | file | its lines, with ; between them | value
nic_flaws() {
    cat <<'TABLE'
nic_rss|ethtool.x|ring(s):;    0:      0     1     0     1|over 2 of 4 queues: fewer
nic_speed|sys/class/net/eth7/speed|100|100 Mbit/s
nic_duplex|sys/class/net/eth7/duplex|half|half
nic_mtu|sys/class/net/eth7/mtu|1400|1400
syn_cookies|proc/sys/net/ipv4/tcp_syncookies|2|2
syn_cookies_sent|proc/net/netstat|TcpExt: SyncookiesSent SyncookiesRecv;TcpExt: 12 0|12
TABLE
}

@test "--address: each flaw of a card is one warning, with its value, what it does and what changes it" {
    make_nic
    while IFS='|' read -r _ file text _; do
        mapfile -d ';' -t text <<<"$text"
        text[-1]=${text[-1]%$'\n'}
        put "$file" "${text[@]}"
    done < <(nic_flaws)
    for i in 0 1 2 3; do put proc/irq/5$i/effective_affinity_list 2; done
    put sys/devices/system/cpu/online 0-7
    doctor --address 192.0.2.7
    [ "$status" -eq 3 ]
    { nic_flaws | cut -d'|' -f1,4; echo "nic_interrupts|4 interrupts, all to CPU 2"; echo "nic_queues|4 for 8 CPUs, and no RPS"; } |
        sort | diff - <(sed -n 's/^warning  \([^ ]*\) */\1|/p' <<<"$output" | sort)
    awk '/^warning/ { n++ } /^           [^ ]/ { m++ } END { exit !(n && m == 2 * n) }' <<<"$output"
    # every warning that there is
    in_state warning | tr ' ' '\n' | sort | diff - <(awk -F '\t' '!/^#/ && $3 != "never" { print $1 }' harness/doctor/nic.tsv | sort)
    doctor --json --address 192.0.2.7
    jq -e '.[] | select(.name == "nic_queues") | .status == "warning" and (.effect | length > 0) and (.fix | startswith("by hand: ethtool -L"))' <<<"$output"
}

@test "--address: RPS replaces queues, and smp_affinity_list the effective one" {
    make_nic
    put sys/devices/system/cpu/online 0-7
    put sys/class/net/eth7/queues/rx-1/rps_cpus 00000000,000000f0
    rm "$ROOT_FILES"/proc/irq/5?/effective_affinity_list
    doctor --address 192.0.2.7
    [ "$status" -eq 0 ]
    [ "$(value nic_queues)" = "4 for 8 CPUs" ]
    [ "$(value nic_rps)" = "on for 1 of 4 queues" ]
    [ "$(value nic_interrupts)" = "4 interrupts to CPUs 0-3" ]
}

@test "--address: veth, bridges and virtio with one queue: not applicable" {
    for interface in veth1 br0; do
        make_machine
        make_nic
        mkdir -p "$ROOT_FILES/sys/class/net/veth1/queues/rx-0" "$ROOT_FILES/sys/class/net/br0/lower_veth1"
        put sys/class/net/veth1/mtu 1400
        has_address $interface
        doctor --address 192.0.2.7
        [ "$status" -eq 0 ]
        [ -z "$(in_state unknown)" ]
        [ "$(grep -c "not applicable: $interface is no network card" <<<"$output")" -eq 8 ]
        [ "$(value nic)" = "$interface, no network card (loopback, veth, bridge or tunnel)" ]
    done
    make_machine
    make_nic virtio_net
    rm -r "$ROOT_FILES"/sys/class/net/eth7/queues/rx-[123] "$ROOT_FILES"/sys/class/net/eth7/device/msi_irqs
    put sys/class/net/eth7/speed -1
    put sys/class/net/eth7/duplex unknown
    doctor --address 192.0.2.7
    [ "$status" -eq 0 ]
    [ "$(in_state unknown)" = "nic_speed nic_duplex" ]
    [ "$(grep -c 'not applicable: eth7 is virtio with one queue' <<<"$output")" -eq 4 ]
}

@test "--address: interrupts of virtio with queues are those of the device above it; of a bond the first card is checked" {
    make_nic virtio_net
    mv "$ROOT_FILES"/sys/class/net/eth7/device/msi_irqs "$ROOT_FILES"/sys/class/net/eth7/msi_irqs
    mkdir -p "$ROOT_FILES"/sys/class/net/bond0/lower_eth7 "$ROOT_FILES"/sys/class/net/bond0/lower_eth8 "$ROOT_FILES"/sys/class/net/eth8/device
    put sys/class/net/bond0/mtu 9000
    has_address bond0
    doctor --address 192.0.2.7
    [ "$status" -eq 0 ]
    [ "$(value nic)" = "eth7, driver virtio_net, below bond0, the first of 2" ]
    [ "$(value nic_interrupts)" = "4 interrupts to CPUs 0,1,2,3" ]
    [ "$(value nic_mtu)" = 9000 ]
}

@test "--address: what cannot be read is unknown, and an address that no interface has is a usage error" {
    make_nic
    rm -r "$ROOT_FILES"/sys/class/net/eth7/{speed,duplex,mtu,queues} "$ROOT_FILES"/proc/{interrupts,irq,net} "$ROOT_FILES"/ethtool.*
    rm "$ROOT_FILES"/proc/sys/net/ipv4/tcp_syncookies
    doctor --address 192.0.2.7
    [ "$status" -eq 0 ]
    [ "$(in_state unknown)" = "nic_queues nic_rss nic_rps nic_interrupts nic_speed nic_duplex nic_mtu nic_offloads syn_cookies syn_cookies_sent" ]
    for words in 192.0.2.8 example.net eth7 192.0.2.0/24; do
        doctor --address $words
        failed_in_one_line 2
    done
    doctor --address ""
    failed_in_one_line 2
}

# ---- --fix ----

# Warnings that can be changed, in the order of the questions: governor, clock_source, nmi_watchdog,
# local_ports. And one that cannot be changed.
make_flawed() {
    put sys/devices/system/cpu/cpu0/cpufreq/scaling_governor powersave
    put sys/devices/system/cpu/cpu1/cpufreq/scaling_governor "it's odd \\n \$(id)"
    printf hpet >"$ROOT_FILES/sys/devices/system/clocksource/clocksource0/current_clocksource"
    put proc/sys/kernel/nmi_watchdog 1
    put proc/sys/net/ipv4/ip_local_port_range '50000	59999'
    put sys/hypervisor/type xen
    cp -r "$ROOT_FILES" "$BATS_TEST_TMPDIR/before"
    undo=$BATS_TEST_TMPDIR/undo.sh
}

# Only proc/stat changes by itself.
changed_files() {
    (cd "$BATS_TEST_TMPDIR" && diff -rq -x stat before machine | sed 's/.*machine\/\(.*\) differ/\1/')
}

# fix ANSWERS OPTIONS...
fix() {
    run bash -c 'printf "$1" | ./run.sh doctor --fix --undo "$2"' - "$1" "$undo"
}

@test "--fix makes the changes answered with y, and the undo script restores every byte" {
    make_flawed
    fix 'y\ny\ny\ny\n'
    [ "$status" -eq 3 ] # the warning that it is a guest cannot be fixed
    [ "$(grep -c 'run it' <<<"$output")" -eq 4 ]
    grep -q "put the old values back: $undo" <<<"$output"
    for i in 0 1 2 3; do [ "$(cat "$ROOT_FILES/sys/devices/system/cpu/cpu$i/cpufreq/scaling_governor")" = performance ]; done
    [ "$(cat "$ROOT_FILES/proc/sys/kernel/nmi_watchdog")" = 0 ]
    [ "$(cat "$ROOT_FILES/proc/sys/net/ipv4/ip_local_port_range")" = "10000 65535" ]
    cp "$BATS_TEST_TMPDIR/before/proc/stat" "$ROOT_FILES/proc/stat"
    doctor
    [ "$(in_state warning)" = machine ]
    [ -x "$undo" ]
    shellcheck --shell=sh --exclude=SC2016 "$undo" || [ $? -eq 127 ]
    "$undo"
    [ -z "$(changed_files)" ]
}

@test "--fix makes no change without a y" {
    make_flawed
    fix 'n\n\nY\nno\n'
    [ "$status" -eq 3 ]
    [ "$(changed_files)" = proc/sys/kernel/nmi_watchdog ]
    [ "$(grep -c '^printf' "$undo")" -eq 1 ]
}

@test "end of file means no, and no undo script is written" {
    make_flawed
    fix ''
    [ "$status" -eq 3 ]
    [ "$(grep -c 'run it' <<<"$output")" -eq 4 ]
    [ -z "$(changed_files)" ]
    [ ! -e "$undo" ]
    refute grep -q 'old values' <<<"$output"
}

@test "--fix of all warnings that can be fixed: status 0" {
    put proc/sys/kernel/nmi_watchdog 1
    undo=$BATS_TEST_TMPDIR/undo.sh
    fix 'y\n'
    [ "$status" -eq 0 ]
}

@test "idle states, turbo and huge pages are changed if this kernel has them" {
    local cpu=sys/devices/system/cpu
    rm -r "$ROOT_FILES/$cpu/intel_pstate"
    put $cpu/cpufreq/boost 1
    for i in 0 1 2 3; do put $cpu/cpu$i/cpuidle/state2/disable 0; done
    put sys/kernel/mm/transparent_hugepage/enabled '[always] madvise never'
    undo=$BATS_TEST_TMPDIR/undo.sh
    fix 'y\ny\ny\n'
    [ "$status" -eq 0 ]
    grep -qF "echo 0 >$ROOT_FILES/$cpu/cpufreq/boost" <<<"$output"
    [ "$(cat "$ROOT_FILES/$cpu/cpufreq/boost")" = 0 ]
    [ "$(cat "$ROOT_FILES"/$cpu/cpu*/power/pm_qos_resume_latency_us | sort -u)" = 3 ]
    [ "$(cat "$ROOT_FILES/sys/kernel/mm/transparent_hugepage/enabled")" = madvise ]
    doctor
    [ "$(value idle_states)" = "2 us (C1)" ]
    # the kernel shows all values, and accepts one
    "$undo"
    [ "$(cat "$ROOT_FILES/sys/kernel/mm/transparent_hugepage/enabled")" = always ]
    [ "$(cat "$ROOT_FILES/$cpu/cpufreq/boost")" = 1 ]
}

@test "the undo command is on disk before the change is made" {
    put proc/4712/comm irqbalance
    undo=$BATS_TEST_TMPDIR/undo.sh
    # the machine crashes during the change
    cat >"$BATS_TEST_TMPDIR/bin/systemctl" <<END
#!/bin/sh
echo "systemctl \$*" >>"$BATS_TEST_TMPDIR/systemctl"
[ "\$1" = start ] || kill -KILL \$PPID
END
    fix 'y\n'
    [ "$status" -ne 0 ]
    [ "$(cat "$BATS_TEST_TMPDIR/systemctl")" = "systemctl stop irqbalance" ]
    "$undo"
    [ "$(tail -n 1 "$BATS_TEST_TMPDIR/systemctl")" = "systemctl start irqbalance" ]
}

@test "a value that the kernel rejects, and a service that does not stop: status 1; the other changes are made" {
    ln -sf /proc/sys/kernel/ostype "$ROOT_FILES/sys/devices/system/clocksource/clocksource0/current_clocksource"
    put proc/sys/kernel/nmi_watchdog 1
    put proc/4712/comm irqbalance
    printf '#!/bin/sh\nexit 5\n' >"$BATS_TEST_TMPDIR/bin/systemctl"
    undo=$BATS_TEST_TMPDIR/undo.sh
    fix 'y\ny\ny\n'
    [ "$status" -eq 1 ]
    grep -q '^doctor: .*current_clocksource does not accept tsc$' <<<"$output"
    grep -q '^doctor: systemctl stop irqbalance failed$' <<<"$output"
    [ "$(cat "$ROOT_FILES/proc/sys/kernel/nmi_watchdog")" = 0 ]
}

@test "an undo script that cannot be written: no change is made" {
    put proc/sys/kernel/nmi_watchdog 1
    undo=$BATS_TEST_TMPDIR/undo.sh
    ln -s /nowhere/undo.sh "$undo"
    fix 'y\n'
    [ "$status" -eq 1 ]
    grep -q "^doctor: cannot write $undo: nmi_watchdog is unchanged\$" <<<"$output"
    [ "$(cat "$ROOT_FILES/proc/sys/kernel/nmi_watchdog")" = 1 ]
}

@test "Ctrl-C at a question: only the changes answered with y are made, and they can be undone" {
    make_flawed
    mkfifo "$BATS_TEST_TMPDIR/answers"
    env --default-signal=INT setsid ./run.sh doctor --fix --undo "$undo" <"$BATS_TEST_TMPDIR/answers" \
        >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    doctor=$!
    exec 7>"$BATS_TEST_TMPDIR/answers"
    echo y >&7
    wait_until eval '[ "$(grep -c "run it" "$BATS_TEST_TMPDIR/stderr")" -eq 2 ]'
    kill -INT -- -$doctor
    status=0
    wait $doctor || status=$?
    exec 7>&-
    [ "$status" -eq 1 ]
    [ "$(changed_files | grep -vc scaling_governor)" -eq 0 ]
    grep -q "put the old values back: $undo" "$BATS_TEST_TMPDIR/stderr"
    "$undo"
    [ -z "$(changed_files)" ]
}

@test "--fix without root is one line and status 2" {
    echo 1000 >"$BATS_TEST_TMPDIR/uid"
    doctor --fix
    failed_in_one_line 2
    [ "$output" = "doctor: --fix requires root" ]
}

@test "usage errors are one line and status 2" {
    for words in "--nonsense" "word" "--undo" "--undo x" "--json --fix" "--fix --undo" --address; do
        run ./run.sh doctor $words
        failed_in_one_line 2
    done
    touch "$BATS_TEST_TMPDIR/there"
    for undo in "$BATS_TEST_TMPDIR/there" /nowhere/undo.sh; do
        run ./run.sh doctor --fix --undo "$undo"
        failed_in_one_line 2
    done
}

@test "--help has an example" {
    doctor --help
    [ "$status" -eq 0 ]
    grep -q '^example: ' <<<"$output"
    grep -q '^  doctor  *check whether' <<<"$(./run.sh --help)"
}

# holds_together TABLE FACTS: the file with its functions
holds_together() {
    [ -z "$(awk -F '\t' '!/^#/ && (NF != 5 || $0 ~ /\t\t/)' "$1")" ]
    while IFS=$'\t' read -r name from condition effect change <&8; do
        [ "$from" != - ] || grep -q "^fact_$name() {" "$2"
        [[ "$condition" =~ ^(never|(is|not|above|below|has)\ .+)$ ]]
        [ "$condition" = never ] || [[ "$effect" != - && "$change" != - ]]
    done 8< <(grep '^[^#]' "$1")
    [ "$(grep -c '^fact_' "$2")" -eq "$(grep -cP '^[^#]\w*\t-\t' "$1")" ]
}

@test "the tables: five columns, a function for each fact without a file, conditions that are known" {
    holds_together harness/doctor/checks.tsv harness/doctor/facts.sh
    holds_together harness/doctor/nic.tsv harness/doctor/nic.sh
}

# bats test_tags=root
@test "real kernel files accept the values that are written, and the values that are restored" {
    unshare --net true || skip "no network namespace here"
    rm -r "$ROOT_FILES/proc/sys/net"
    ln -s /proc/sys/net "$ROOT_FILES/proc/sys/net"
    export settings='/proc/sys/net/core/somaxconn /proc/sys/net/ipv4/tcp_max_syn_backlog
        /proc/sys/net/ipv4/ip_local_port_range /proc/sys/net/ipv4/tcp_tw_reuse /proc/sys/net/ipv4/tcp_timestamps'
    run unshare --net bash -c '
        set -e
        echo 128 | tee /proc/sys/net/core/somaxconn >/proc/sys/net/ipv4/tcp_max_syn_backlog
        echo 40000 41000 >/proc/sys/net/ipv4/ip_local_port_range
        echo 0 | tee /proc/sys/net/ipv4/tcp_tw_reuse >/proc/sys/net/ipv4/tcp_timestamps
        before=$(grep "" $settings)
        yes | ./run.sh doctor --fix --undo "$1"
        ./run.sh doctor
        [ "$(grep "" $settings)" != "$before" ]
        "$1"
        [ "$(grep "" $settings)" = "$before" ]' - "$BATS_TEST_TMPDIR/undo.sh"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'run it' <<<"$output")" -eq 5 ]
}

# comparable: without values that depend on the shell's own programs: its sleep, during which time does not advance here, and its id
comparable() {
    awk '/^[a-z0-9]/ { drop = $2 ~ /^(steal|steal_since_boot|busy|running_tasks|root)$/ || / unknown$/ } !drop'
}

@test "busybox's shell prints the same" {
    command -v busybox >/dev/null || skip "there is no busybox"
    put sys/devices/system/cpu/cpu0/cpufreq/scaling_governor powersave
    doctor
    comparable <<<"$output" >"$BATS_TEST_TMPDIR/expected"
    grep -q '^warning  governor' "$BATS_TEST_TMPDIR/expected"
    busybox sh harness/commands/doctor.sh | comparable | diff "$BATS_TEST_TMPDIR/expected" -
}
