# servers/*.c -> "strategy/variant" for each line that begins with VARIANT("name"; a strategy comes first, under its own
# name. With -v backend=kqueue also those of VARIANT_KQUEUE.

# SPDX-License-Identifier: BSD-2-Clause

/^ *VARIANT\("/ || (backend == "kqueue" && /^ *VARIANT_KQUEUE\("/) {
    file = FILENAME
    sub(/.*\//, "", file)
    sub(/\.c$/, "", file)
    split($0, part, "\"")
    print file "/" part[2]
}
