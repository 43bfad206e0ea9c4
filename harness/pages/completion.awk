# Descriptions (comment.awk, or a program's --options) -> completion. -v shell=bash|zsh|fish
#
# The first description is the program's. Those that follow are of its commands. What follows an option is completed with the
# choices of its argument, with files where this is FILE, and with directories where it is DIR.

BEGIN { FS = "\t" }

$1 == "name" {
    count++
    name[count] = $2
    number[$2] = count
    synopsis[count] = $3
}
$1 == "also" { also[count] = $2 }
$1 == "option" {
    n = ++options[count]
    option[count, n] = $2
    letter[count, n] = $3
    argument[count, n] = $4
    choices[count, n] = $5
    help[count, n] = $6
}

# quoted(text): within single quotes
function quoted(text) {
    gsub(/'/, "'\\''", text)
    return text
}

# What follows option n of description c: "words LIST", "files", "directories", "any", "maybe" (files, after "="), or "none"
function kind(c, n) {
    return choices[c, n] != "" ? "words" : argument[c, n] == "" ? "none" : argument[c, n] ~ /^\[=/ ? "maybe" : \
        argument[c, n] == " FILE" ? "files" : argument[c, n] ~ /^ (DIR|RUN)$/ ? "directories" : "any"
}

# merge(c): adds the options of the command whose options description c takes, too
function merge(c,    other, n, m) {
    if (!(c in also))
        return
    other = number[also[c]]
    for (n = 1; n <= options[other]; n++) {
        for (m = 1; m <= options[c] && option[c, m] != option[other, n]; m++)
            ;
        if (m <= options[c])
            continue
        m = ++options[c]
        option[c, m] = option[other, n]
        letter[c, m] = letter[other, n]
        argument[c, m] = argument[other, n]
        choices[c, m] = choices[other, n]
        help[c, m] = help[other, n]
    }
}

# ---- bash ----

function bash_names(c,    n, list) {
    for (n = 1; n <= options[c]; n++)
        list = list " " option[c, n] (letter[c, n] == "" ? "" : " " letter[c, n])
    return substr(list, 2)
}

function bash(    c, n, what, label) {
    print "_wakeone_" name[1] "()\n{"
    print "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= i"
    print "    if [ \"$current\" = = ]; then\n        current=\n    elif [ \"$previous\" = = ]; then"
    print "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n    fi\n    COMPREPLY=()"
    if (count > 1) {
        print "    for ((i = 1; i < COMP_CWORD; i++)); do\n        case ${COMP_WORDS[i]} in\n        -*) ;;"
        print "        *) command=${COMP_WORDS[i]} && break ;;\n        esac\n    done"
    }
    print "    case $command:$previous in"
    for (c = 1; c <= count; c++)
        for (n = 1; n <= options[c]; n++) {
            what = kind(c, n)
            label = (c == 1 ? "" : name[c]) ":" option[c, n]
            if (letter[c, n] != "")
                label = label " | " (c == 1 ? "" : name[c]) ":" letter[c, n]
            if (what == "words")
                print "    " label ") COMPREPLY=($(compgen -W '" choices[c, n] "' -- \"$current\")) && return ;;"
            else if (what == "files" || what == "maybe")
                print "    " label ") [[ $current == -* ]] || { COMPREPLY=($(compgen -f -- \"$current\")) && return; } ;;"
            else if (what == "directories")
                print "    " label ") COMPREPLY=($(compgen -d -- \"$current\")) && return ;;"
            else if (what == "any")
                print "    " label ") return ;;"
        }
    print "    esac\n    case $command:$current in"
    for (c = 1; c <= count; c++)
        print "    " (c == 1 ? "" : name[c]) ":-*) COMPREPLY=($(compgen -W '" bash_names(c) "' -- \"$current\")) ;;"
    if (count > 1) {
        printf "    :*) COMPREPLY=($(compgen -W '"
        for (c = 2; c <= count; c++)
            printf "%s%s", name[c], c < count ? " " : ""
        print "' -- \"$current\")) ;;"
    }
    print "    *) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n    esac\n}"
    print "complete -o filenames -F _wakeone_" name[1], name[1]
}

# ---- zsh ----

function zsh_options(c, indent,    n, what, action, text, list, form) {
    for (n = 1; n <= options[c]; n++) {
        what = kind(c, n)
        text = help[c, n]
        gsub(/[][\\:]/, "\\\\&", text)
        action = what == "words" ? "(" choices[c, n] ")" : what ~ /files|maybe/ ? "_files" : \
            what == "directories" ? "_directories" : " "
        form = "'" quoted("[" text "]" (what == "none" ? "" : (what == "maybe" ? "::" : ":") "value:" action)) "'"
        if (letter[c, n] != "")
            list = list " \\\n" indent letter[c, n] form
        list = list " \\\n" indent option[c, n] (what == "maybe" ? "=-" : what == "none" ? "" : "=") form
    }
    return list
}

function zsh(    c) {
    print "#compdef " name[1] "\n"
    if (count == 1) {
        print "_arguments -s" zsh_options(1, "    ") " \\\n    '*:argument:_files'"
        return
    }
    print "local -a commands=("
    for (c = 2; c <= count; c++)
        print "    '" quoted(name[c] ":" synopsis[c]) "'"
    print ")\nlocal state line context\ntypeset -A opt_args\n_arguments -C" zsh_options(1, "    ") " \\"
    print "    '1:command:->command' '*::argument:->argument' && return"
    print "case $state in\ncommand) _describe command commands ;;\nargument)\n    case $words[1] in"
    for (c = 2; c <= count; c++)
        print "    " name[c] ") _arguments" zsh_options(c, "        ") " \\\n        '*:argument:_files' ;;"
    print "    esac ;;\nesac"
}

# ---- fish ----

function fish_options(c, condition,    n, what) {
    for (n = 1; n <= options[c]; n++) {
        what = kind(c, n)
        print "complete -c " name[1] condition " -l " substr(option[c, n], 3) (letter[c, n] == "" ? "" : " -s " substr(letter[c, n], 2)) \
            fish_value(c, n, what) " -d '" quoted_fish(help[c, n]) "'"
    }
}

function fish_value(c, n, what) {
    if (what == "words")
        return " -x -a '" choices[c, n] "'"
    if (what == "directories")
        return " -x -a '(__fish_complete_directories)'"
    return what == "files" ? " -r -F" : what == "any" ? " -x" : ""
}

function quoted_fish(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/'/, "\\'", text)
    return text
}

function fish(    c) {
    if (count > 1)
        print "complete -c " name[1] " -n __fish_use_subcommand -f"
    fish_options(1, count > 1 ? " -n __fish_use_subcommand" : "")
    for (c = 2; c <= count; c++) {
        print "complete -c " name[1] " -n __fish_use_subcommand -f -a " name[c] " -d '" quoted_fish(synopsis[c]) "'"
        fish_options(c, " -n '__fish_seen_subcommand_from " name[c] "'")
    }
}

END {
    for (c = 1; c <= count; c++)
        merge(c)
    if (shell == "bash")
        bash()
    else if (shell == "zsh")
        zsh()
    else
        fish()
}
