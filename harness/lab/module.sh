# The module of kernel/kqueue, built for the kernel that is booted, with the headers that Debian has for it. Sourced by
# commands/kernels.sh, after apt.sh and kernels.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of kernels.sh
: "${top:?is set by whoever sources this}"

# packages_under PACKAGE: what a package of headers depends on of its kind
packages_under() {
    apt-cache show --no-all-versions "$1" | sed -n 's/^Depends: //p' | sed 's/[,|]/\n/g' | sed 's/^ *//;s/[ (].*//' |
        grep -E '^linux-(headers|kbuild)-'
}

# fetch_headers RELEASE ROOT: the packages, one over the other, since each looks for the others in its place
fetch_headers() {
    package=linux-headers-$1
    is_package "$package" || fail_kernel "there are no headers for it: no package $package"
    for part in $package $(packages_under "$package"); do
        unpack "$part"
        mkdir -p "$2.new" && cp -al "$unpacked/." "$2.new/" || fail "cannot write to $lab: is the disk full?"
    done
    # The only file in them with paths that are not relative
    makefile=$2.new/usr/src/linux-headers-$1/Makefile
    sed "s|/usr/src/|$2/usr/src/|g" "$makefile" >"$work/makefile" && rm "$makefile" && mv "$work/makefile" "$makefile" &&
        mv "$2.new" "$2" || fail_kernel "the package $package is not as it was: it has no Makefile to mend"
}

# headers_of WORD IMAGE RELEASE: prints the directory to build in: a kernel's own tree, or Debian's headers
headers_of() {
    case $1 in
    */*)
        tree=$(cd "${2%/arch/*}" 2>/dev/null && pwd) && [ -e "$tree/Module.symvers" ] ||
            fail_kernel "--module takes a kernel in the tree that it was built in, with its Module.symvers"
        echo "$tree" && return
        ;;
    *:*) use_suite "${1%%:*}" ;;
    *) use_suite - ;;
    esac
    [ -d "$lab/headers/$3" ] || { mkdir -p "$lab/headers" && fetch_headers "$3" "$lab/headers/$3"; }
    echo "$lab/headers/$3/usr/src/linux-headers-$3"
}

# build_module WORD IMAGE RELEASE: $work/module/kqueue.ko, or a line and status 1. The compiler is the one that is there: which one
# the kernel was built with is said in a warning.
build_module() (
    asked=$1
    headers=$(headers_of "$1" "$2" "$3") || exit 1
    rm -rf "$work/module" && cp -R "$top/kernel/kqueue" "$work/module" || fail "cannot write to $work: is the disk full?"
    make -C "$headers" M="$work/module" CC=gcc CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$work/module.log" 2>&1 ||
        fail_kernel "the module does not build for $3: $(grep -m 1 -E 'error|[*][*][*]' "$work/module.log" | printable 160)"
)
