# Wakeups per accepted connection by workers: medians with their intervals; dashed: the expected number with idle workers;
# shaded: the thundering herd, more than one.
# columns: workers median low high expected

# SPDX-License-Identifier: BSD-2-Clause

height = 460
direct = 1
eval page
eval direct_names
eval y_axis
eval workers_axis
set logscale y
eval one_two_five
set ylabel "wakeups per accepted connection" offset 1,0
set object 2 rectangle from low,1 to high,graph 1 behind fillcolor rgb "#FBF1E9" fillstyle solid noborder
set label 97 "thundering herd: more than one" at graph 0.01,graph 0.96 left font SMALL textcolor rgb GREY
plot for [i = 1:series] data index i using 1:5 \
         with lines linecolor rgb colour(i) dashtype (6, 4), \
     for [i = 1:series] data index i using (dodge($1, i)):2 with lines linecolor rgb colour(i), \
     for [i = 1:series] data index i using (dodge($1, i)):2:3:4 \
         with yerrorbars linecolor rgb colour(i) pointtype point(i) pointsize 0.8
