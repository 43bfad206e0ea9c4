# Where it was measured: what is wrong with the machine, then what is known of it. With document.awk.
# input, by the file's name: warnings (fact, value, what it does), facts (name, value)
# variables: form

BEGIN { FS = "\t" }

FILENAME ~ /warnings$/ { warnings++; warning[warnings] = plain($1) SUBSEP plain($2) SUBSEP plain($3); next }
{ facts++; name[facts] = plain($1); fact[facts] = plain($2) }

END {
    if (!facts) { paragraph("Nothing is known of the machine: the run has no env.json that can be read."); exit }
    if (warnings) {
        paragraph(strong(warnings == 1 ? "One warning." : warnings " warnings.") " This is what the machine does to the figures:")
        begin_table("lll", "what|value|what it does to results")
        for (i = 1; i <= warnings; i++) add_row(warning[i])
        end_table()
    } else paragraph("No warning: doctor found nothing that would spoil results.")
    if (form == "html") say_all()
    else say_first()
}

function say_all(    i) {
    print "<details><summary>All that is known of it</summary>"
    begin_table("ll", "what|value")
    for (i = 1; i <= facts; i++) add_row(name[i] SUBSEP fact[i])
    end_table()
    print "</details>"
}

# Lines are as long as they are: the boot line has no room in a table.
function say_first(    i) {
    begin_list()
    for (i = 1; i <= facts && i <= 9; i++) item(name[i] ": " fact[i])
    end_list()
}
