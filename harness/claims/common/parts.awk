# What became of a claim: lines of its parts with the figure measured, and the verdict of the whole.
# input: lines of bin/stats (key, pairs, ratio, low, high, ...), by the name `ratios`; then the parts, one a line:
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

# All parts, or the claim is not reproduced; some of them, and it is in part: its direction
function whole() {
    if (!judged || count["not measured"]) return "not measured"
    if (count["reproduced"] == judged) return ceiling == "direction only" ? ceiling : "reproduced"
    return count["not reproduced"] == judged ? "not reproduced" : "direction only"
}

BEGIN { OFS = "\t" }

FILENAME ~ /ratios$/ {
    split($0, f, "\t")
    pairs[f[1]] = f[2]; figure[f[1]] = f[3]; low[f[1]] = f[4]; high[f[1]] = f[5]; smallest[f[1]] = f[6]
    next
}

/./ {
    split($0, p, "|")
    key = p[1]
    again = key "-floor"
    floor = again in figure ? floor_share(figure[again], low[again], high[again]) : ""
    verdict = judge(p[3], figure[key], low[key], high[key], p[5], p[6], p[7], floor, smallest[key])
    word = verdict
    sub(/:.*/, "", word)
    if (word != "-") { judged++; count[word]++ }
    print key, p[2], p[3], p[4], p[5], p[6], p[7], pairs[key] + 0, figure[key], low[key], high[key], floor, verdict
}

END { print whole(), count["not measured"] ? "fewer than two rounds may be believed" : "-" }
