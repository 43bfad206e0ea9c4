# A run in a few words: its name, machine, kernel, day. With document.awk.
# input, by the file's name: name (a line), facts (name, value)
# variables: form

BEGIN { FS = "\t" }

FILENAME ~ /name$/ { name = $0; next }
{ fact[$1] = $2 }

function known(name, otherwise) { return fact[name] == "" ? otherwise : fact[name] }

END {
    split(known("kernel", "not known"), kernel, " ")
    print escape(plain(name ": " known("machine", "machine not known") ", Linux " kernel[1] ", " \
        substr(known("date (UTC)", "day not known"), 1, fact["date (UTC)"] == "" ? 99 : 10)))
}
