# servers/*.c -> "strategy/variant" for each line that begins with VARIANT("name"; a strategy comes
# first under its own name.
/^ *VARIANT\("/ {
    file = FILENAME
    sub(/.*\//, "", file)
    sub(/\.c$/, "", file)
    split($0, part, "\"")
    print file "/" part[2]
}
