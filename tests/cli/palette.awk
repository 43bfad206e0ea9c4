# plots/strategies.tsv -> errors in its colours, one a line; nothing if there are none.
#
# Each colour has a contrast of 3:1 to white (WCAG 2.1, 1.4.11), and any two that differ are 10 apart in CIELAB (the
# distance of CIE 1976; about 2 is just noticeable side by side) for normal vision and for each of the three kinds of
# colour blindness, simulated after G. Machado, M. Oliveira, L. Fernandes, "A Physiologically-based Model for Simulation of
# Color Vision Deficiency", 2009, severity 1.

# SPDX-License-Identifier: BSD-2-Clause

BEGIN {
    FS = "\t"
    vision["ordinary"] = "1 0 0 0 1 0 0 0 1"
    vision["protan"] = "0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 -0.003882 -0.048116 1.051998"
    vision["deutan"] = "0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 -0.011820 0.042940 0.968881"
    vision["tritan"] = "1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 0.004733 0.691367 0.303900"
}

function digit(c) { return index("0123456789ABCDEF", c) - 1 }

function channel(colour, i,    v) {
    v = (16 * digit(substr(colour, 2 * i, 1)) + digit(substr(colour, 2 * i + 1, 1))) / 255
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ^ 2.4
}

function luminance(r, g, b) { return 0.2126 * r + 0.7152 * g + 0.0722 * b }
function clip(v) { return v < 0 ? 0 : v > 1 ? 1 : v }
function curve(t) { return t > 0.008856 ? t ^ (1 / 3) : 7.787 * t + 16 / 116 }

function to_lab(colour, kind,    m, r, g, b, i, s, x, y, z) {
    split(vision[kind], m, " ")
    r = channel(colour, 1); g = channel(colour, 2); b = channel(colour, 3)
    for (i = 0; i < 3; i++) s[i] = clip(m[3 * i + 1] * r + m[3 * i + 2] * g + m[3 * i + 3] * b)
    x = curve((0.4124 * s[0] + 0.3576 * s[1] + 0.1805 * s[2]) / 0.95047)
    y = curve(luminance(s[0], s[1], s[2]))
    z = curve((0.0193 * s[0] + 0.1192 * s[1] + 0.9505 * s[2]) / 1.08883)
    lab[1] = 116 * y - 16; lab[2] = 500 * (x - y); lab[3] = 200 * (y - z)
}

/^#/ { next }
!($2 in seen) { seen[$2] = 1; colour[++n] = $2 }

END {
    for (i = 1; i <= n; i++) {
        contrast = 1.05 / (luminance(channel(colour[i], 1), channel(colour[i], 2), channel(colour[i], 3)) + 0.05)
        if (contrast < 3) printf "%s has a contrast of %.2f to white\n", colour[i], contrast
        for (j = 1; j < i; j++)
            for (kind in vision) {
                to_lab(colour[i], kind); a1 = lab[1]; a2 = lab[2]; a3 = lab[3]
                to_lab(colour[j], kind)
                distance = sqrt((a1 - lab[1]) ^ 2 + (a2 - lab[2]) ^ 2 + (a3 - lab[3]) ^ 2)
                if (distance < 10) printf "%s and %s are %.1f apart for %s vision\n", colour[j], colour[i], distance, kind
            }
    }
    if (n < 8) print "there are fewer colours than ways of sharing a listener"
}
