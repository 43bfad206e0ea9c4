# The 99th percentile of latency by offered rate, one plot per worker count: medians over the rounds with their
# intervals. The knee, a ring, is the last rate before it is twice that of the lowest one. A cross at the top: most samples
# fell behind the offered rate, and their latency is not drawn.
# columns of a block: rate median low high (ms); then, after an empty line, the knee: rate, median; after another,
# the rates at which most samples fell behind. The first block has the ends of both axes.

# SPDX-License-Identifier: BSD-2-Clause

eval panels
stats data index 0 using 1:2 nooutput
set xrange [STATS_min_x:STATS_max_x]
set yrange [STATS_min_y:STATS_max_y]
top = STATS_max_y
bottom = STATS_min_y
set logscale y
set xlabel "offered requests/s" offset 0,0.6
set format x "%.0s%c"
eval one_two_five
set ylabel "p99, ms" offset 1,0
behind(i) = exp(log(top) - (log(top) - log(bottom)) * (0.02 + 0.05 * (i - 1)))
do for [k = 1:panel_count] {
    eval panel
    plot for [i = 1:series] data index (k - 1) * series + i every :::0::0 using 1:2 \
             with lines linecolor rgb colour(i), \
         for [i = 1:series] data index (k - 1) * series + i every :::0::0 using 1:2:3:4 \
             with yerrorbars linecolor rgb colour(i) pointtype point(i) pointsize 0.6, \
         for [i = 1:series] data index (k - 1) * series + i every :::1::1 using 1:2 \
             with points linecolor rgb INK pointtype 6 pointsize 1.5 linewidth 1.5, \
         for [i = 1:series] data index (k - 1) * series + i every :::2::2 using 1:(behind(i)) \
             with points linecolor rgb colour(i) pointtype 2 pointsize 0.7
}
unset multiplot
