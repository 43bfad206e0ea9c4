# Breakdown of the time of all CPUs, server and client together, by CPUs: one panel per strategy, one bar per number of CPUs.
# From below: the work itself (greys), the cost of sharing a listener (colours), idle (lightest). Above a bar: the CPU time per
# request, without idle.
# columns: the ends of the nine parts in percent, in the order of WORDS; CPU time per request; one block
# per strategy, with one line per number of CPUs (harness/runs/figure_where.c)

# SPDX-License-Identifier: BSD-2-Clause

array WORDS[9] = ["user space", "network stack", "other kernel", "epoll", "wait-queue walk", "wakeups", \
    "context switches", "lock contention", "idle"]
PARTS = 9
COLOURS = "#4D4D4D #7A7A7A #A0A0A0 #C6C6C6 #CC7A00 #004C99 #2B97C4 #A50F15 #EBEBEB"
IN_LEGEND = "5 6 7 8 0 1 2 3 4 9" # two rows of five, the costs of sharing first; 0 = an empty place
LABELS_MOST = 8 # most bars with room for a number each
own_rows = 2
panel_count = series
panel_of(k) = name(k)
eval panels
step = (words(ticks) - 1) / LABELS_MOST + 1
set xrange [0.4:words(ticks) + 0.6]
set xtics scale 0 ("" 1)
set for [t = 1:words(ticks):step] xtics add (word(ticks, t) t)
set xlabel "CPUs" offset 0,0.6
set yrange [0:112]
set ytics ("0" 0, "50 %%" 50, "100 %%" 100)
set style fill solid noborder
begin(c) = c == 1 ? 0 : column(c - 1)
do for [k = 1:panel_count] {
    if (k == 1) {
        do for [place = 1:words(IN_LEGEND)] {
            c = word(IN_LEGEND, place) + 0
            if (c > 0) {
                set label (100 + c) WORDS[c] left offset 1.2,0 font SMALL textcolor rgb INK \
                    at screen 0.03 + 0.195 * ((place - 1) % 5),from_top(OWN_ROW + 20 * ((place - 1) / 5)) \
                    point pointtype 5 pointsize 1.2 linecolor rgb word(COLOURS, c)
            }
        }
    }
    eval panel
    plot for [c = 1:PARTS] data index k - 1 using ($0 + 1):(begin(c)):($0 + 0.6):($0 + 1.4):(begin(c)):(column(c)) \
             with boxxyerror linecolor rgb word(COLOURS, c) linewidth 0.5, \
         data index k - 1 every step using ($0 * step + 1):(column(PARTS)):(strcol(PARTS + 1)) \
             with labels offset 0,0.6 font SMALL textcolor rgb GREY
}
unset multiplot
