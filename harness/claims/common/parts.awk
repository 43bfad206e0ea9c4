# What became of a claim: lines of its parts with the figure measured, and the verdict of the whole.
# input: lines of bin/stats (key, pairs, ratio, low, high, ...), by the name `ratios`; what was left out of them (pairs.awk), by the
#   name `left_out`; then the parts, one a line:
#   KEY|WHAT|WAY|PUBLISHED|LEAST|MOST|NOTHING
#   way      more, less: the claim is that the figure is above, below NOTHING (1 for a ratio)
#            none: the claim is that it is NOTHING; LEAST to MOST is what counts as none
#            -: told beside the claim, not judged
#   PUBLISHED, and LEAST to MOST, what counts as the same size: - where only the direction was published
# output: "key TAB what TAB way TAB published TAB least TAB most TAB nothing TAB pairs TAB figure TAB low TAB high TAB
#   floor TAB verdict" of each part, and last "verdict TAB why"
# variables: ceiling (reproduced, or direction only where the setting allows no more)

function shown(way, nothing, low, high) {
    return way == "more" ? low > nothing : high < nothing
}

# Above the noise floor, which is a ratio's
function is_above_floor(figure, nothing, floor) { return floor == "" || off(figure / nothing) > floor }

function within(figure, least, most) {
    return (least == "-" || figure >= least) && (most == "-" || figure <= most)
}

# "verdict" or "verdict: why"
function judge(way, figure, low, high, least, most, nothing, floor, smallest,    stronger) {
    if (way == "-") return "-"
    if (low == "") return "not measured"
    if (way == "none") {
        if (low >= least && high <= most) return "reproduced"
        return low <= nothing && nothing <= high ? "direction only: no difference shown, and none of that size ruled out" : "not reproduced: a difference was shown"
    }
    if (low <= nothing && nothing <= high)
        return "not reproduced: no difference shown" (nothing == 1 && smallest != "" ? sprintf("; the smallest that could have been seen is %.1f %%", 100 * smallest) : "")
    if (!is_above_floor(figure, nothing, floor)) return "not reproduced: no more than the server differs from itself by"
    if (!shown(way, nothing, low, high)) return "not reproduced: the opposite was shown"
    if (within(figure, least, most)) return "reproduced"
    stronger = way == "more" ? most != "-" && figure > most : least != "-" && figure < least
    return "direction only: " (stronger ? "more" : "less") " than was published"
}

# Whether so many rows of a side are invalid that those which are left are a selection
function is_selection(invalid, rows) { return invalid > rows * MOST_LEFT_OUT }

# noted(VERDICT, NOTE): "verdict: why; note"
function noted(verdict, note) { return note == "" ? verdict : verdict (index(verdict, ":") ? "; " : ": ") note }

# verdict_of_part(KEY, WAY, VERDICT, FLOOR): the verdict with what else has to be known of it
function verdict_of_part(key, way, verdict, floor) {
    if (way != "-" && key in selection) verdict = "not to be trusted: more than a fifth of a side was left out"
    if (way != "-" && low[key] != "" && floor == "") verdict = noted(verdict, "no A/A control")
    return noted(verdict, left_out[key])
}

# All parts, or the claim is not reproduced; some of them, and it is in part: its direction. A part that is not to be trusted could
# be either.
function whole() {
    if (!judged || count["not measured"]) return "not measured"
    if (count["not to be trusted"]) return "not to be trusted"
    if (count["reproduced"] == judged) return ceiling == "direction only" ? ceiling : "reproduced"
    return count["not reproduced"] == judged ? "not reproduced" : "direction only"
}

BEGIN { OFS = "\t"; MOST_LEFT_OUT = 1 / 5 }

FILENAME ~ /ratios$/ {
    split($0, f, "\t")
    pairs[f[1]] = f[2]; figure[f[1]] = f[3]; low[f[1]] = f[4]; high[f[1]] = f[5]; smallest[f[1]] = f[6]
    next
}

FILENAME ~ /left_out$/ {
    split($0, f, "\t")
    left_out[f[1]] = "left out: " f[3] " of " f[4] " of " f[2] (f[5] == "" ? "" : ", " f[6] " of " f[7] " of " f[5]) " (" f[8] ")"
    if (is_selection(f[3], f[4]) || is_selection(f[6], f[7])) selection[f[1]] = 1
    next
}

/./ {
    split($0, p, "|")
    key = p[1]
    again = key "-floor"
    floor = again in figure && !(again in selection) ? floor_share(figure[again], low[again], high[again]) : ""
    verdict = judge(p[3], figure[key], low[key], high[key], p[5], p[6], p[7], floor, smallest[key])
    verdict = verdict_of_part(key, p[3], verdict, floor)
    word = verdict
    sub(/:.*/, "", word)
    if (word != "-") { judged++; count[word]++ }
    print key, p[2], p[3], p[4], p[5], p[6], p[7], pairs[key] + 0, figure[key], low[key], high[key], floor, verdict
}

END {
    verdict = whole()
    print verdict, verdict == "not measured" && count[verdict] ? "fewer than two rounds may be believed" : \
        verdict == "not to be trusted" ? "more than a fifth of a side was left out" : "-"
}
