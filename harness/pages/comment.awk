# The opening comment of a command -> its description, the lines that a program's --options prints, and some more:
#
#   name     NAME  SYNOPSIS
#   usage    LINE
#   text     LINE                of a paragraph; empty between two
#   heading  LINE                of the options or items that follow
#   option   --NAME  -L  ARGUMENT  CHOICES  HELP   ARGUMENT as it follows the name: " N", "[=FILE]", or nothing; CHOICES are
#                                space-separated; -L and CHOICES may be empty
#   item     TERM  HELP          of a list of other things than options
#   also     COMMAND             whose options it takes, too
#   example  LINE
#
# Fields are separated by tabs. The command is called wakeone in it, as in an installed copy.

BEGIN { OFS = "\t" }

function finish(    i) {
    for (i = 1; i <= held; i++)
        print kept[i], help_text
    held = 0
}

# choices("half|shared|S:C"): those of them that are words
function choices(argument,    n, i, part, list) {
    if (argument !~ /\|/)
        return ""
    n = split(argument, part, "|")
    for (i = 1; i <= n; i++)
        if (part[i] ~ /^ ?[a-z-]+$/) {
            sub(/^ /, "", part[i])
            list = list (list == "" ? "" : " ") part[i]
        }
    return list
}

# "--cpus LIST", or several that have one help text: "--rate, --rounds". They are kept, since it may go on.
function options(term,    n, i, name, argument, part) {
    if (!more)
        finish()
    more = sub(/,$/, "", term) # the list goes on
    n = split(term, part, /, /)
    for (i = 1; i <= n; i++) {
        name = argument = part[i]
        sub(/[ \[].*/, "", name)
        argument = substr(part[i], length(name) + 1)
        gsub(/"/, "", argument)
        said[name] = 1
        kept[++held] = "option" OFS name OFS "" OFS argument OFS choices(argument)
    }
}

function begin(term, help) {
    if (term ~ /^--/)
        options(term)
    else {
        finish()
        kept[held = 1] = "item" OFS term
    }
    help_text = help
}

NR == 1 { next }
!/^#/ { exit }
{
    gsub(/\.\/run\.sh/, "wakeone")
    gsub(/build\/bin\//, "")
    sub(/^# ?/, "")
}
NR == 2 { print "name", substr($0, 1, index($0, ":") - 1), substr($0, index($0, ":") + 2); next }
/^usage: / || (in_usage && /^  +wakeone/) {
    in_usage = 1
    if (match($0, /OPTIONS OF [a-z]+/))
        other = substr($0, RSTART + 11, RLENGTH - 11)
    sub(/^(usage:)? +/, "")
    print "usage", $0
    next
}
{ in_usage = 0 }
/^example: / { finish(); print "example", substr($0, 10); next }
/^  ? ?[^ ]/ && match($0, /[^ ]  +[^ ]/) { # a term and its help
    term = substr($0, 1, RSTART)
    help = substr($0, RSTART + RLENGTH - 1)
    sub(/^ +/, "", term)
    if (heading != "" && sub(/:$/, "", heading)) {
        finish()
        print "heading", heading
    } else if (heading != "")
        print "text", heading
    heading = ""
    begin(term, help)
    next
}
/^  ? ?[^ ]/ { # a term whose help is on the next line
    term = $0
    sub(/^ +/, "", term)
    begin(term, "")
    next
}
/^    / && held { # the help goes on
    sub(/^ +/, "")
    help_text = help_text (help_text == "" ? "" : " ") $0
    next
}
{
    finish()
    if (heading != "")
        print "text", heading
    heading = ""
    if (/:$/)
        heading = $0
    else
        print "text", $0
}
END {
    finish()
    if (!said["--help"])
        print "option", "--help", "", "", "", "this text"
    if (!said["--version"])
        print "option", "--version", "", "", "", "the version"
    if (other != "")
        print "also", other
}
