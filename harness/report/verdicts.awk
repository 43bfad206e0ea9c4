# What may be believed, and what was left out. With document.awk.
# input, by the file's name: verdicts.tsv (verdict, meaning), verdicts (verdict, rows), skipped.tsv (cell, why),
#   index.tsv (plot: figure, file, title, why it is not drawn)
# variables: form

BEGIN { FS = "\t" }

FILENAME ~ /verdicts.tsv$/ { if (!/^#/) { meaning[$1] = $2; order[++known] = $1 }; next }
FILENAME ~ /verdicts$/ { of_verdict[$1] = $2; total += $2; next }
FILENAME ~ /skipped.tsv$/ { skipped[++left] = plain($1) ": " plain($2); next }
$4 != "-" { missing[++not_drawn] = plain($3) ": " plain($4) }

END {
    begin_table("lrrl", "verdict|rows|of all|what it says of a row")
    for (i = 1; i <= known; i++)
        if (order[i] in of_verdict)
            add_row(code(order[i]) SUBSEP of_verdict[order[i]] SUBSEP sprintf("%.1f %%", 100 * of_verdict[order[i]] / total) SUBSEP meaning[order[i]])
    for (verdict in of_verdict)
        if (!(verdict in meaning)) add_row(code(plain(verdict)) SUBSEP of_verdict[verdict] SUBSEP sprintf("%.1f %%", 100 * of_verdict[verdict] / total) SUBSEP "not known to this version")
    end_table()
    if (left) {
        paragraph("Cells that could not be measured:")
        begin_list()
        for (i = 1; i <= left; i++) item(skipped[i])
        end_list()
    }
    if (not_drawn) {
        paragraph("Figures that this run has not:")
        begin_list()
        for (i = 1; i <= not_drawn; i++) if (!seen[missing[i]]++) item(missing[i])
        end_list()
    }
}
