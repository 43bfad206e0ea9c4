# What tables say of a line of summary.csv, whose columns are at[name]. Functions only: `awk -f remarks.awk -f ...`.

# What is not known is a dash.
function number_or_dash(value, format) { return value == "" ? "-" : sprintf(format, value) }

function ratio_text() {
    return $(at["outcome"]) == "" ? ($(at["ok"]) > 0 && $(at["throughput_rps"]) != "" ? "1 (reference)" : "-") : \
        $(at["ratio_low"]) == "" ? sprintf("%.2f (one pair)", $(at["ratio"])) : \
        sprintf("%.2f [%.2f, %.2f]", $(at["ratio"]), $(at["ratio_low"]), $(at["ratio_high"]))
}

# What keeps a reader from believing the line as it stands
function remarks(    text) {
    if ($(at["outcome"]) == "floor") text = text ", below the noise"
    if ($(at["outcome"]) ~ /more|less/ && $(at["strategy"]) ~ /-again$/) text = text ", differs from itself"
    if ($(at["sentence"]) ~ /second half/) text = text ", drifts"
    if ($(at["ok"]) < $(at["trials"]))
        text = text ", " $(at["trials"]) - $(at["ok"]) " of " $(at["trials"]) " rows not ok"
    return substr(text, 3)
}
