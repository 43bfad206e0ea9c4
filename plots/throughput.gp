# Requests per second by workers: medians with their intervals; dashed: the ideal, the best value measured with at most as many
# workers as CPUs.
# columns: workers median low high; the block of the axis has the ideal after its ends

# SPDX-License-Identifier: BSD-2-Clause

height = 460
direct = 1
eval page
stats data index 0 using 3 nooutput
ideal = exists("STATS_records") ? STATS_min : NaN
eval direct_names
eval y_axis
eval workers_axis
if (ideal == ideal) {
    set arrow 2 from low,ideal to high,ideal nohead back linecolor rgb GREY dashtype (6, 4)
    set label 97 "ideal: no loss with more workers" at graph 0.99,first ideal offset 0,0.6 right font SMALL textcolor rgb GREY
}
set ylabel "requests/s" offset 1,0
set format y "%.0s%c"
plot for [i = 1:series] data index i using (dodge($1, i)):2:3:4 \
         with yerrorbars linecolor rgb colour(i) pointtype point(i) pointsize 0.8, \
     for [i = 1:series] data index i using (dodge($1, i)):2 with lines linecolor rgb colour(i)
