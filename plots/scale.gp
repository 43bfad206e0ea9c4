# Scaling by CPUs. Left: throughput, medians with their intervals; dotted: ideal (linear) scaling from the fewest CPUs; dashed
# with a band: the fitted Universal Scalability Law, extrapolated beyond the machine. Right: wakeups per connection; filled:
# measured on cores, with throughput; ring with a dot: virtual time; hollow: counted only, in a guest with more CPUs than the
# machine. Below: the parameters of the fits.
# columns: see harness/runs/figure_scale.c

# SPDX-License-Identifier: BSD-2-Clause

FITS = 4 * series + 1
stats data index FITS using 1 nooutput
sayings = int(STATS_max)
PLOT = 330
eval head
height = HEAD + PLOT + FOOT + 62 + 17 * sayings
eval page
set multiplot
stats data index 0 using 1:2 nooutput
r_low = exists("STATS_records") ? STATS_min_x : NaN
r_high = exists("STATS_records") ? STATS_max_y : NaN
stats data index 0 using 3:4 nooutput
w_low = exists("STATS_records") ? STATS_min_x : NaN
w_high = exists("STATS_records") ? STATS_max_y : NaN
virtual = 0
stats data index 0 using (valid(5) ? $5 : 0) nooutput
virtual = exists("STATS_max") ? int(STATS_max) : 0
mark(i) = virtual ? hollow(i) : filled(i)
DOT = virtual ? 0.3 : 0
where = virtual ? " (virtual time)" : ""
stats data index series + 1:2 * series using 1 nooutput
right = exists("STATS_records") && STATS_max * 1.1 > high ? STATS_max * 1.1 : high
eval ticks_axis
set xrange [low:right]
do for [c in "16 32 64 128"] { if (c > word(ticks, words(ticks)) && c + 0 <= right) { set xtics add (c c + 0) } }
set xlabel "CPUs of server and client together"
set logscale y
set ytics ("" 1)
do for [e = 0:8] { do for [m in "1 2 5"] { set ytics add (gprintf("%.0s%c", m * 10 ** e) m * 10 ** e) } }
set tmargin at screen from_top(HEAD + 24)
set bmargin at screen from_top(HEAD + PLOT)
set lmargin at screen 0.09
set rmargin at screen 0.48
set style fill transparent solid 0.15 noborder
set label 98 "requests/s" . where at graph 0,graph 1 offset 0,0.7 textcolor rgb INK
if (r_low == r_low) {
    set yrange [r_low / 1.3:r_high * 1.3]
    plot for [i = 1:series] data index series + i using 1:3:4 with filledcurves linecolor rgb colour(i), \
         for [i = 1:series] data index series + i using 1:2 with lines linecolor rgb colour(i) dashtype (6, 4), \
         for [i = 1:series] data index i using 1:5 with lines linecolor rgb colour(i) dashtype (1, 3), \
         for [i = 1:series] data index i using (dodge($1, i)):2:3:4 \
             with yerrorbars linecolor rgb colour(i) pointtype mark(i) pointsize 0.8, \
         for [i = 1:(virtual ? series : 0)] data index i using (dodge($1, i)):2 with points linecolor rgb colour(i) pointtype 7 pointsize DOT
} else {
    set yrange [1:2]
    set label 97 "counts only: throughput was not measured" at graph 0.5,graph 0.5 center textcolor rgb GREY
    plot NaN
}
unset label
eval one_two_five
set lmargin at screen 0.57
set rmargin at screen 0.97
set xrange [low:high]
set label 98 "wakeups per connection" . (virtual ? where : " (hollow: guest)") at graph 0,graph 1 offset 0,0.7 textcolor rgb INK
if (w_low != w_low) { set label 97 "no wakeups were counted" at graph 0.5,graph 0.5 center textcolor rgb GREY }
set yrange [(w_low == w_low ? w_low : 1) / 1.3:(w_high == w_high ? w_high : 2) * 1.3]
plot NaN, \
     for [i = 1:series] data index 2 * series + i using (dodge($1, i)):2:3:4 \
         with yerrorbars linecolor rgb colour(i) pointtype mark(i) pointsize 0.8, \
     for [i = 1:(virtual ? series : 0)] data index 2 * series + i using (dodge($1, i)):2 with points linecolor rgb colour(i) pointtype 7 pointsize DOT, \
     for [i = 1:series] data index 3 * series + i using (dodge($1, i)):2:3:4 \
         with yerrorbars linecolor rgb colour(i) pointtype hollow(i) pointsize 0.8
unset label
unset border
unset tics
unset xlabel
unset grid
unset logscale
set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen from_bottom(FOOT - 8)
set tmargin at screen from_bottom(FOOT - 8 + 17 * sayings)
set xrange [0:1]
set yrange [sayings:0]
plot data index FITS using (0.02):($1 - 0.5):2 with labels left font ",10" textcolor rgb GREY
unset multiplot
