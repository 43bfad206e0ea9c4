# What tshark prints, for awk. Nanoseconds since 1970 are more than awk's numbers hold exactly: times stay text,
# "seconds.nanoseconds".

# between(FROM, TO): in ns; nothing if one end was not seen, or time went backwards
function between(from, to,    a, b, ns) {
    if (from == "" || to == "") return ""
    split(from, a, ".")
    split(to, b, ".")
    ns = (b[1] - a[1]) * 1000000000 + (b[2] - a[2])
    return ns < 0 ? "" : sprintf("%.0f", ns)
}

# bit(DIGIT, VALUE): whether a hexadecimal digit has the bit of that value
function bit(digit, value) {
    return int((index("0123456789abcdef", digit) - 1) / value) % 2
}
