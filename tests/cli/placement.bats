#!/usr/bin/env bats
# placement: which CPUs the server and the client get.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    unset HWLOC_SYNTHETIC HWLOC_XMLFILE HWLOC_THISSYSTEM
}

# on MACHINE OPTIONS...: placement on a simulated machine
on() {
    local machine=$1
    shift
    HWLOC_SYNTHETIC=$machine run "$build/bin/placement" "$@"
}

# gives COUNT SERVER CLIENT: the expected output
gives() {
    [ "$status" -eq 0 ] && [ "$output" = "$1"$'\t'"$2"$'\t'"$3" ] || { echo "status $status: $output"; return 1; }
}

far='node:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)'

# ---- this machine ----

@test "placement: without options, both get all CPUs of this process" {
    run "$build/bin/placement"
    [ "$status" -eq 0 ]
    IFS=$'\t' read -r count server client rest <<<"$output"
    [ "$count" -eq "$(allowed_cpus | wc -l)" ]
    [ "$server" = "$client" ]
    [ -z "$rest" ]
    [ "$server" = "$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)" ]
}

@test "placement: the affinity of this process is kept" {
    command -v taskset >/dev/null || skip "needs taskset(1)"
    first=$(allowed_cpus | head -n 1)
    run taskset -c "$first" "$build/bin/placement"
    gives 1 "$first" "$first"
    run taskset -c "$first" "$build/bin/placement" --describe
    [[ "$output" == "server and client: CPU $first (1 core, node "*")" ]]
    run taskset -c "$first" "$build/bin/placement" --cpus 2
    failed_in_one_line 2
    [[ "$output" == *"only 1 are available" ]]
    run taskset -c "$first" "$build/bin/placement" --split "$first:$((first + 1))"
    failed_in_one_line 2
    [[ "$output" == *"CPU $((first + 1)), but only $first are available" ]]
}

@test "placement: affinity is ignored on a simulated machine" {
    command -v taskset >/dev/null || skip "needs taskset(1)"
    HWLOC_SYNTHETIC='core:4 pu:2' run taskset -c "$(allowed_cpus | head -n 1)" "$build/bin/placement"
    gives 8 0-7 0-7
}

# ---- order ----

@test "placement: cores come before SMT siblings, and one node before the next" {
    on 'node:2 core:4 pu:2' --cpus 3
    gives 3 0,2,4 0,2,4
    on 'node:2 core:4 pu:2' --cpus 4
    gives 4 0,2,4,6 0,2,4,6
    on 'node:2 core:4 pu:2' --cpus 6
    gives 6 0-4,6 0-4,6
    on 'node:2 core:4 pu:2' --cpus 10
    gives 10 0-8,10 0-8,10
    on "$far" --cpus 5
    gives 5 0-4 0-4
    on 'node:1 core:32 pu:2' --cpus=33 --split=shared
    gives 33 0-2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62 \
        0-2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62
}

# ---- half ----

@test "placement: half of the whole cores each, one more for the server" {
    on 'core:4 pu:1' --split half
    gives 4 0-1 2-3
    on 'core:5 pu:1' --split half
    gives 5 0-2 3-4
    on "$far" --split half
    gives 8 0-1,4-5 2-3,6-7
    on "$far" --split half --cpus 6
    gives 6 0,2,4 1,3,5
    on 'node:2 core:4 pu:2' --split half
    gives 16 0-7 8-15
    on 'node:1 core:32 pu:2' --split half
    gives 64 0-31 32-63
}

@test "placement: a core is split only if there is no other way, and that is reported" {
    on 'core:1 pu:2' --split half
    gives 2 0 1
    on 'core:1 pu:2' --split half --describe
    [ "${lines[0]}" = 'server: CPU 0 (1 core, node 0)' ]
    [ "${lines[1]}" = 'client: CPU 1 (1 core, node 0)' ]
    [ "${lines[2]}" = 'server and client use SMT siblings of the same cores: CPUs 0-1' ]
    [ "${#lines[@]}" -eq 3 ]
}

@test "placement: cores with and without SMT, from a file" {
    cat >"$BATS_TEST_TMPDIR/machine.xml" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0">
  <object type="Machine" os_index="0" cpuset="0x7" complete_cpuset="0x7" allowed_cpuset="0x7" nodeset="0x10" complete_nodeset="0x10" allowed_nodeset="0x10">
    <object type="NUMANode" os_index="4" cpuset="0x7" complete_cpuset="0x7" nodeset="0x10" complete_nodeset="0x10" local_memory="1"/>
    <object type="Core" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x10" complete_nodeset="0x10">
      <object type="PU" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x10" complete_nodeset="0x10"/>
    </object>
    <object type="Core" os_index="1" cpuset="0x6" complete_cpuset="0x6" nodeset="0x10" complete_nodeset="0x10">
      <object type="PU" os_index="1" cpuset="0x2" complete_cpuset="0x2" nodeset="0x10" complete_nodeset="0x10"/>
      <object type="PU" os_index="2" cpuset="0x4" complete_cpuset="0x4" nodeset="0x10" complete_nodeset="0x10"/>
    </object>
  </object>
</topology>
END
    export HWLOC_XMLFILE=$BATS_TEST_TMPDIR/machine.xml
    run "$build/bin/placement" --split half
    gives 3 1-2 0
    run "$build/bin/placement" --split half --cpus 2 --describe
    [ "$output" = $'server: CPU 0 (1 core, node 4)\nclient: CPU 1 (1 core, node 4)' ]
}

# ---- lists ----

@test "placement: lists are used unchanged, and printed ascending and folded" {
    on "$far" --split 0-3:4-7
    gives 8 0-3 4-7
    on "$far" --split 3,1,2:0-2 --cpus 4
    gives 4 1-3 0-2
    on "$far" --split 7:7
    gives 1 7 7
}

# ---- --describe ----

@test "placement: --describe names cores and nodes, and what the two share" {
    on 'node:1 core:8 pu:1' --split half --describe
    [ "$output" = $'server: CPUs 0-3 (4 cores, node 0)\nclient: CPUs 4-7 (4 cores, node 0)' ]
    on 'node:1 core:4 pu:2' --describe
    [ "$output" = 'server and client: CPUs 0-7 (4 cores, node 0)' ]
    on "$far" --split 0-3:4-7 --describe
    [ "${lines[2]}" = 'server and client use SMT siblings of the same cores: CPUs 0-7' ]
    [ "${#lines[@]}" -eq 3 ]
    on 'node:1 core:4 pu:1' --split 0-2:2-3 --describe
    [ "${lines[2]}" = 'server and client have 1 CPU in common' ]
    [ "${#lines[@]}" -eq 3 ]
}

@test "placement: --describe reports if packets cross between nodes" {
    on 'node:2 core:2 pu:1' --split half --describe
    [ "${lines[1]}" = 'client: CPUs 2-3 (2 cores, node 1)' ]
    [ "${lines[2]}" = 'server and client are on different NUMA nodes: packets cross between them' ]
    on 'node:2 core:2 pu:1' --describe
    [ "${lines[0]}" = 'server and client: CPUs 0-3 (4 cores, nodes 0-1)' ]
    [ "${lines[1]}" = 'server and client are on several NUMA nodes: some packets cross between them' ]
    on 'node:2 core:2 pu:1' --cpus 3 --split half --describe
    [ "$output" = $'server: CPUs 0-1 (2 cores, node 0)\nclient: CPU 2 (1 core, node 1)\n'"${lines[2]}" ]
    [[ "${lines[2]}" == *"different NUMA nodes"* ]]
}

# ---- errors ----

# All usage errors: tests/unit/test_arguments_placement.c
@test "placement: a usage error is one line and status 2" {
    on "$far" --split 0-3:2-5 --cpus 8
    failed_in_one_line 2
    [[ "$output" == "placement: --cpus is 8"* ]]
}

@test "placement: more CPUs than there are: the message has their number" {
    on 'node:2 core:4 pu:2' --cpus 17
    failed_in_one_line 2
    [ "$output" = 'placement: --cpus is 17, but only 16 are available' ]
    on 'core:1 pu:1' --split half
    failed_in_one_line 2
    [[ "$output" == *"--split shared"* ]]
}

@test "placement: a machine that hwloc cannot read is one line and status 1" {
    for machine in rubbish 'core:4' 'pu:1025'; do
        on "$machine"
        failed_in_one_line 1
    done
    for file in "$BATS_TEST_TMPDIR/nosuch" "$build/bin/placement" /dev/null; do
        HWLOC_XMLFILE=$file run "$build/bin/placement"
        failed_in_one_line 1
    done
}

@test "placement: output that cannot be written is one line and status 1" {
    run bash -c "'$build/bin/placement' >/dev/full"
    failed_in_one_line 1
}

@test "placement: --help has its options and an example that works" {
    run "$build/bin/placement" --help
    [ "$status" -eq 0 ]
    for word in --cpus --split --describe; do
        grep -q -- "$word" <<<"$output"
    done
    example=$(sed -n 's/^example: //p' <<<"$output")
    HWLOC_SYNTHETIC='core:8 pu:1' PATH=$build/bin:$PATH run $example
    [ "$status" -eq 0 ]
}
