# What tables and figures say in the same words, and the noise floor. Functions only: `awk -f words.awk -f ...`.

# A load; what it has not is empty or '-'
function load_words(connections, rate, requests) {
    return (rate != "" && rate != "-" ? rate " requests a second" : connections " connections") ", " \
        (requests == 1 ? "one request each" : requests == "" || requests == "-" ? "a mix" : \
         requests == 0 ? "kept alive" : requests " requests each")
}

# How far a ratio is from 1, as a share; the same for 2 and for 1/2
function off(ratio) { return (ratio > 1 ? ratio : 1 / ratio) - 1 }

# What the reference differs from itself by: its ratio's distance from 1 or, where the interval leaves 1 out, that
# of the interval's far end. An end that is unknown, or 0 as it was rounded, is none.
function floor_share(ratio, low, high) {
    if (!(low > 0 && (low > 1 || high < 1))) return off(ratio)
    return off(low) > off(high) ? off(low) : off(high)
}
