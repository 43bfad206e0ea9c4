# The network card that has an address. Sourced by facts.sh; read_nic comes before its facts.
# shellcheck shell=sh disable=SC2154,SC2317 # fact_<name> is called for the line of that name in nic.tsv

# SPDX-License-Identifier: BSD-2-Clause

: "${root?is set by facts.sh}"

net=$root/sys/class/net

# read_nic ADDRESS: sets interface, which has the address; nic, the card that it is or is made of; nic_driver; cards, how
# many it is made of: 0 for loopback, veth and tunnels, to which no check of a card applies. Fails if no interface has the
# address.
read_nic() {
    interface=$(ip -o address show to "$1" 2>/dev/null | awk '{ sub(/@.*/, "", $2); print $2; exit }')
    [ -n "$interface" ] || return 1
    nic=$(cards_of "$interface")
    cards=$(printf %s "$nic" | grep -c .)
    nic=$(printf '%s\n' "$nic" | head -n 1)
    nic=${nic:-$interface}
    nic_driver=$(readlink "$net/$nic/device/driver")
    nic_driver=${nic_driver##*/}
    nic_queues=$(rx_queues '')
}

# cards_of INTERFACE: itself if it is a card; else those below it: of a VLAN, a bond, a bridge
cards_of() (
    [ ! -e "$net/$1/device" ] || { echo "$1" && exit; }
    for lower in "$net/$1"/lower_*; do
        [ ! -e "$lower" ] || cards_of "${lower##*/lower_}"
    done
)

# rx_queues FILE: how many queues have it, with something in it that is not 0; '' is any
rx_queues() {
    if [ -n "$1" ]; then
        grep -ls '[1-9a-f]' "$net/$nic"/queues/rx-*/"$1"
    else
        ls -d "$net/$nic"/queues/rx-* 2>/dev/null
    fi | wc -l
}

# has_card: whether checks of a card apply; prints why they do not
has_card() {
    [ "$cards" -gt 0 ] || { echo "not applicable: $interface is no network card" && return 1; }
}

# has_queues: whether checks of several queues apply. How many a virtio card has is decided outside of the guest.
has_queues() {
    has_card || return 1
    [ "$nic_driver" != virtio_net ] || [ "$nic_queues" -gt 1 ] || {
        echo "not applicable: $nic is virtio with one queue"
        return 1
    }
}

fact_nic() {
    case $cards in
    0) echo "$interface, no network card (loopback, veth, bridge or tunnel)" ;;
    *)
        below=
        [ "$nic" = "$interface" ] || below=", below $interface"
        [ "$cards" -eq 1 ] || below="$below, the first of $cards"
        echo "$nic, driver ${nic_driver:-unknown}$below"
        ;;
    esac
}

fact_nic_queues() {
    has_queues || return 0
    [ "$nic_queues" -gt 0 ] && [ -n "$usable_cpus" ] || return
    few=
    [ "$nic_queues" -ge "$usable_cpus" ] || [ "$(rx_queues rps_cpus)" -gt 0 ] || few=', and no RPS'
    echo "$nic_queues for $usable_cpus CPUs$few"
}

# Only ethtool knows, which need not be there.
fact_nic_rss() {
    has_queues || return 0
    ethtool -x "$nic" 2>/dev/null | awk -v queues="$nic_queues" '
        /^ *[0-9]+:[ \t]/ { for (i = 2; i <= NF; i++) if (!seen[$i]++) used++ }
        END { if (used) print "over " used " of " queues " queues" (used < queues ? ": fewer" : "") }'
}

fact_nic_rps() {
    has_queues || return 0
    [ "$nic_queues" -gt 0 ] || return
    on=$(rx_queues rps_cpus)
    [ "$on" -gt 0 ] && echo "on for $on of $nic_queues queues" || echo off
}

# nic_irqs: the numbers of its interrupts that have come since boot: its queues', not those of spare vectors. A virtio card's
# are those of the device above it.
nic_irqs() {
    irqs=$net/$nic/device/msi_irqs
    [ -d "$irqs" ] || [ "$nic_driver" != virtio_net ] || irqs=$net/$nic/device/../msi_irqs
    { ls "$irqs" 2>/dev/null && cat "$root/proc/interrupts"; } 2>/dev/null | awk '
        NF == 1 { of_card[$1 ":"] = 1 }
        NF > 1 && $1 in of_card {
            count = 0
            for (i = 2; $i ~ /^[0-9]+$/; i++) count += $i
            if (count) print $1 + 0
        }'
}

# effective_affinity_list is where an interrupt goes of all CPUs where it may go.
fact_nic_interrupts() {
    has_queues || return 0
    for irq in $(nic_irqs); do
        list=$(line "$root/proc/irq/$irq/effective_affinity_list")
        echo "${list:-$(line "$root/proc/irq/$irq/smp_affinity_list")}"
    done | grep . | sort -n | awk '
        !seen[$1]++ { cpus = cpus (cpus == "" ? "" : ",") $1; lists++ }
        END {
            if (!NR) exit
            one = lists == 1 && cpus ~ /^[0-9]+$/
            print NR, "interrupts" (one && NR > 1 ? ", all to CPU " : " to CPUs ") cpus
        }'
}

fact_nic_speed() {
    has_card || return 0
    line "$net/$nic/speed" | awk '$1 > 0 { print $1 " Mbit/s" }'
}

fact_nic_duplex() {
    has_card || return 0
    line "$net/$nic/duplex" | grep -x -e full -e half
}

fact_nic_mtu() {
    has_card || return 0
    line "$net/$interface/mtu"
}

fact_nic_offloads() {
    has_card || return 0
    ethtool -k "$nic" 2>/dev/null | awk -F '[: ]+' '
        BEGIN {
            short["generic-receive-offload"] = "gro"; short["large-receive-offload"] = "lro"
            short["generic-segmentation-offload"] = "gso"; short["tcp-segmentation-offload"] = "tso"
        }
        $1 in short { all = all (all == "" ? "" : ", ") short[$1] " " $2 }
        END { if (all != "") print all }'
}

fact_syn_cookies_sent() {
    awk '
        $1 == "TcpExt:" && !names { names = split($0, name); next }
        $1 == "TcpExt:" { for (i = 2; i <= names; i++) if (name[i] == "SyncookiesSent") print $i }' "$root/proc/net/netstat" 2>/dev/null
}
