# What a run is made of: the options of bench, their defaults and checks, and settings.tsv, which keeps them
# for those who go on with the run or repeat it. Sourced after common.sh and strategies.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with the other files of the engine
: "${top:?must be set by the caller}"

# An option's variable is its name with '_' for '-'.
strategies=racing,wakeone,fdpass,mutex
peers=
also=
reference=
workers=2,8,32,64
cpus=
split=
connections=
rate=
arrivals=
requests_per_connection=1
threads=auto
load=
rounds=100
precision=
max_time=
window=50ms
warmup=50ms
instrument=ctxsw
wire_rounds=0
seed=1

SETTINGS="strategies peers also reference workers cpus split connections rate arrivals requests_per_connection threads \
load rounds precision max_time window warmup instrument wire_rounds seed"
VALUE_OPTIONS=" --strategies --peers --reference --workers --cpus --split --connections --rate --arrivals \
--requests-per-connection --threads --load --rounds --precision --max-time --window --warmup --instrument \
--seed --out --resume "

out=
resume=
dry_run=
wire=
no_figures=
given=
TAB=$(printf '\t')
LINE='
'

DAY_MS=86400000
PRECISION_MAX_TIME=30m # without --max-time

read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
        --help | -h) print_help "$0" && exit 0 ;;
        --dry-run) dry_run=1 && shift && continue ;;
        --no-figures) no_figures=1 && shift && continue ;;
        --wire) wire=1 && given=$1 && shift && continue ;;
        --also) needs_value "$1" $# && also=$also${also:+,}$2 && given=$1 && shift 2 && continue ;;
        esac
        case $VALUE_OPTIONS in
        *" $1 "*) needs_value "$1" $# ;;
        *) fail_usage "there is no option '$1': see --help" ;;
        esac
        case $1 in
        --resume | --max-time) ;;
        *) given=$1 ;;
        esac
        # Without a value an option would be as if it had not been given.
        [ -n "$2" ] || fail_usage "$1 takes an argument that is not empty: see --help"
        eval "$(option_variable "$1")=\$2"
        shift 2
    done
}

# ---- checks ----

check_options() {
    contradictions
    check_load
    check_shape
    check_time
}

contradictions() {
    [ -z "$rate" ] || [ -z "$connections" ] ||
        fail_usage "--rate is an open loop, --connections a closed one: give one of them"
    [ -z "$arrivals" ] || [ -n "$rate" ] || fail_usage "--arrivals takes --rate as well: how many a second"
    [ -z "$cpus" ] || case $split in
    *:*) fail_usage "--split $split names the CPUs: leave out --cpus" ;;
    esac
}

check_load() {
    expand_or_die --workers "$workers" 1 4096 per-cpu && workers=$numbers
    expand_or_die --requests-per-connection "$requests_per_connection" 0 1000000000 && requests_per_connection=$numbers
    if [ -n "$rate" ]; then
        expand_or_die --rate "$rate" 1 10000000 && rate=$numbers
    else
        expand_or_die --connections "${connections:-16}" 1 1000000 per-cpu && connections=$numbers
        check_descriptors
    fi
    case $arrivals in
    '' | constant | poisson) ;;
    *) fail_usage "--arrivals takes constant or poisson, not '$arrivals'" ;;
    esac
    [ "$threads" = auto ] || check_number --threads "$threads" 1 64
    case $load in
    *["$TAB$LINE"]*) fail_usage "--load takes options of the load with blanks between them" ;;
    esac
}

check_shape() {
    case $split in
    '' | half | shared | *:*) ;;
    *) fail_usage "--split takes half, shared or SERVER:CLIENT, not '$split'" ;;
    esac
    [ -z "$cpus" ] || { expand_or_die --cpus "$cpus" 1 4096 && cpus=$numbers; }
    check_number --rounds "$rounds" 1 1000000
    check_number --seed "$seed" 0 999999999
    case $instrument in
    auto | ctxsw) ;;
    *) fail_usage "--instrument takes auto or ctxsw, not '$instrument'" ;;
    esac
    [ -z "$wire" ] || wire_rounds=$rounds
}

check_time() {
    check_duration --window "$window" 10 $DAY_MS
    check_duration --warmup "$warmup" 1 3600000
    [ -z "$max_time" ] || check_duration --max-time "$max_time" 1000 $((365 * DAY_MS))
    [ -n "$precision" ] || return 0
    percent_as_share "$precision" ||
        fail_usage "--precision takes a share such as 2%, from 0.1% to 50%, not '$precision'"
    [ "$rounds" -ge 2 ] || fail_usage "--precision takes at least 2 --rounds to begin with: one has no interval"
}

# percent_as_share PERCENT: sets share, 0.02 of 2%; fails on what is no percentage from 0.1% to 50%
percent_as_share() {
    part=
    whole=${1%\%}
    case $1 in
    *.*%) part=${whole#*.} whole=${whole%%.*} && [ "$part" ] || return 1 ;;
    *%) ;;
    *) return 1 ;;
    esac
    case $part in
    *[!0-9]*) return 1 ;;
    esac
    is_number "$whole" || return 1
    decimal "$whole"
    case $number.$part in
    0. | 0.0*) return 1 ;;
    [0-9].*) share=0.0$number$part ;;
    50.*[1-9]*) return 1 ;;
    [1-4][0-9].* | 50.*) share=0.$number$part ;;
    *) return 1 ;;
    esac
}

# Told now rather than by the first trial that does not get them.
check_descriptors() {
    # shellcheck disable=SC3045 # dash and busybox have -H
    limit=$(ulimit -H -n)
    [ "$limit" != unlimited ] || return 0
    for number in $connections; do
        [ $((${number%%/*} + 64)) -le "$limit" ] || fail_usage \
            "--connections $number takes more descriptors than the $limit there are: raise 'ulimit -Hn'"
    done
}

# ---- settings.tsv ----

# Lists with commas again, as they are given on the command line
save_settings() {
    for name in $SETTINGS; do
        eval "printf '%s\t%s\n' $name \"\$$name\""
    done | awk -F '\t' -v OFS='\t' '
        $1 != "also" && $1 != "load" { gsub(/ +/, ",", $2); gsub(/^,|,$/, "", $2) }
        { print $1, ($2 == "" ? "-" : $2) }'
}

# load_settings FILE: may be somebody else's; only what is a setting is taken over, and as text
load_settings() {
    while IFS=$TAB read -r name value; do
        case " $SETTINGS " in
        *" $name "*) ;;
        *) fail_usage "$1: there is no setting '$name'" ;;
        esac
        [ "$value" != - ] || value=
        eval "$name=\$value"
    done <"$1"
}
