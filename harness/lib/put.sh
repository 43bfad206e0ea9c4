# From temporary files to where results belong. Sourced after common.sh; $work is the directory of temporary files.
# shellcheck shell=sh
: "${top:?must be set by the caller}" "${work=}" "${program=}"

# check_scratch: ends where there is no room for temporary files any more. Files that could not be written there look like
# anything but that: a run without columns, a figure without data.
check_scratch() {
    { printf '%65536s' '' >"$work/room"; } 2>/dev/null && rm "$work/room" && return
    fail "no room is left for temporary files in ${work%/*}: make room, or set TMPDIR to another directory"
}

# put_files DIR FILE...: copies them into it, which may be another file system: all, in the place of those of their names, or
# none
put_files() {
    into=$1
    shift
    check_scratch
    unput=$({ rm -rf "$into/.new" && mkdir "$into/.new" && cp "$@" "$into/.new/" && mv -f "$into/.new"/* "$into/" &&
        rmdir "$into/.new"; } 2>&1) && return
    rm -rf "$into/.new"
    fail "cannot write to $into: $(printf '%s\n' "$unput" | sed -n '1s/.*: //p')"
}
