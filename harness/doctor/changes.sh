# The change of a check: shown as a command, made, and undone. Sourced after facts.sh and common.sh.
# shellcheck shell=sh disable=SC2154 # root and tab are set by facts.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${doctor:?is set by facts.sh}"

newline='
'

# settings CHANGE: "PATTERN TAB VALUE" for each FILE=VALUE of CHANGE whose file exists
settings() (
    printf '%s\n' "$1" | tr ';' '\n' | while IFS='=' read -r pattern value; do
        pattern=$root${pattern# }
        IFS= # expand patterns, but do not split names at spaces
        # shellcheck disable=SC2086
        set -- $pattern
        [ ! -e "$1" ] || printf '%s\t%s\n' "$pattern" "$value"
    done
)

# writes CHANGE: "FILE TAB VALUE" of each file
writes() (
    settings "$1" | while IFS=$tab read -r pattern value; do
        IFS=
        for file in $pattern; do
            printf '%s\t%s\n' "$file" "$value"
        done
    done
)

# command_of CHANGE: the command in one line; advice is printed unchanged
command_of() {
    case $1 in
    'stop '*) echo "systemctl $1" ;;
    /*) settings "$1" | awk -F '\t' '
        { one = "echo " $2 " >" $1 }
        $1 ~ /\*/ { one = "for file in " $1 "; do echo " $2 " >\"$file\"; done" }
        { all = all (NR > 1 ? "; " : "") one }
        END { print NR ? all : "nothing can be changed from inside: the kernel has no file for it" }' ;;
    *) printf '%s\n' "$1" ;;
    esac
}

# can_change CHANGE: whether it is a change that can be made, not advice
can_change() {
    case $1 in
    'stop '*) return 0 ;;
    /*) [ -n "$(settings "$1")" ] ;;
    *) return 1 ;;
    esac
}

quoted() {
    printf "'%s'" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"
}

# write_back FILE: prints a command that restores the present content, byte for byte
write_back() {
    old=$(cat "$1" && echo x) || return
    old=${old%x}
    case $old in
    *'['*']'*) old=$(printf '%s' "$old" | bracketed)$newline ;;
    esac
    case $old in
    *"$newline") form='%s\n' old=${old%"$newline"} ;;
    *) form=%s ;;
    esac
    printf "printf '%s' %s >%s || failed=1\n" "$form" "$(quoted "$old")" "$(quoted "$1")"
}

# undo_of CHANGE: prints the commands that restore the present values
undo_of() {
    case $1 in
    'stop '*) echo "systemctl start ${1#stop } || failed=1" ;;
    *) writes "$1" | while IFS=$tab read -r file _; do
        write_back "$file" || exit 1
    done ;;
    esac
}

# make_change CHANGE: reports what failed
make_change() {
    case $1 in
    'stop '*) systemctl stop "${1#stop }" </dev/null || {
        message "$program: systemctl $1 failed"
        return 1
    } ;;
    *) writes "$1" | {
        failed=0
        while IFS=$tab read -r file value; do
            write_value "$file" "$value" || failed=1
        done
        [ $failed -eq 0 ]
    } ;;
    esac
}

# The value is read again, because the kernel accepts and ignores some values.
write_value() {
    { printf '%s\n' "$2" >"$1"; } 2>/dev/null && [ "$(bracketed <"$1" | tr -s '\t ' ' ')" = "$2" ] || {
        message "$program: $1 does not accept $2"
        return 1
    }
}
