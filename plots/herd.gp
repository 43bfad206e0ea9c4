# The effect of one connection on sleeping processes: one panel per strategy, one row per process, time since the connection
# arrived to the right. Grey line: asleep; light bar: runnable, waiting for a CPU; solid bar: running, coloured by the class of
# the wakeup.
# columns: from to row, in microseconds; blocks of harness/herd/blocks.awk. TICKS: three numbers per strategy, of
# harness/herd/counts.awk.

# SPDX-License-Identifier: BSD-2-Clause

SHADES = "#3B7A57 #E3B505 #9E9E9E #9E9E9E" # as in classes.gp; the last: not started by a wakeup
shade(c) = word(SHADES, c)
WAITING = "#DCE6F2"
BLOCKS = 8
RUNS = 4 # useful, spurious, absorbed, other
block(k, b) = 1 + (k - 1) * BLOCKS + b - 1
fact(k, i) = word(ticks, 3 * (k - 1) + i)
accepted(k) = fact(k, 3) eq "-1" ? "not accepted" : sprintf("accepted after %s us", fact(k, 3))
panel_count = series
panel_of(k) = sprintf("%s: %s of %s woken, %s", name(k), fact(k, 2), fact(k, 1), accepted(k))
own_rows = 1
stats data index 0 using 1:2 nooutput
last = STATS_max_x
rows = int(STATS_max_y)
PANEL = 92 + (rows <= 12 ? 17 : 204 / rows + 4) * rows
PANEL_LEFT = 0.055
eval panels
set xrange [-0.04 * last:1.03 * last]
set xtics step_of(last, 5)
set xlabel "us since the connection arrived" offset 0,0.6
set ytics scale 0 ("" 0)
set grid noytics xtics
set arrow 1 from 0,graph 0 to 0,graph 1 nohead back linecolor rgb INK linewidth 1.2
LEGEND = "runnable;useful;spurious;absorbed;woken by the connection;accept"
IN_LEGEND = 6
legend(c) = LEGEND[place_of(c) + 1:place_of(c + 1) - 1]
place_of(c) = c == 1 ? 0 : c > IN_LEGEND ? strlen(LEGEND) + 1 : place_of(c - 1) + strstrt(LEGEND[place_of(c - 1) + 1:], ";")
LEGEND_POINTS = "5 5 5 5 9 11"
LEGEND_COLOURS = WAITING . " #3B7A57 #E3B505 #9E9E9E #222222 #222222"
LEGEND_AT = "0.03 0.18 0.31 0.45 0.59 0.87"
set style fill solid noborder
do for [k = 1:panel_count] {
    if (k == 1) {
        do for [c = 1:IN_LEGEND] {
            set label (100 + c) legend(c) left offset 1.2,0 font SMALL textcolor rgb INK \
                at screen word(LEGEND_AT, c) + 0,from_top(OWN_ROW) \
                point pointtype (word(LEGEND_POINTS, c) + 0) pointsize (c > 4 ? 0.8 : 1.2) linecolor rgb word(LEGEND_COLOURS, c)
        }
    }
    eval panel
    processes = fact(k, 1) + 0
    set yrange [processes + 0.6:0.4]
    set ytics ("1" 1, fact(k, 1) processes)
    plot data index block(k, 1) using 1:3:($2 - $1):(0) with vectors nohead linecolor rgb "#AAAAAA", \
         data index block(k, 2) using (($1 + $2) / 2):3:1:2:($3 - 0.22):($3 + 0.22) with boxxyerror linecolor rgb WAITING, \
         for [c = 1:RUNS] data index block(k, 2 + c) using (($1 + $2) / 2):3:1:2:($3 - 0.38):($3 + 0.38) \
             with boxxyerror linecolor rgb shade(c), \
         data index block(k, 7) using 1:3 with points pointtype 9 pointsize 0.55 linecolor rgb colour(k), \
         data index block(k, 8) using 1:3 with points pointtype 11 pointsize 0.65 linecolor rgb INK
}
unset multiplot
