# Time to the first byte of the response by workers, from median to 99th percentile (medians over the rounds): by packet
# capture (filled, solid) and by the load generator (hollow, dotted), which includes the time from connect() to the SYN and the
# client's delay in reading.
# columns: workers; wire p50, low, high; wire p99, low, high; load p50, low, high; load p99, low,
# high; microseconds

# SPDX-License-Identifier: BSD-2-Clause

height = 460
eval page
eval y_axis
eval workers_axis
set logscale y
set ylabel "us" offset 1,0
set format y "%.0s%c" # 10k: five digits push the label out of the picture
plot for [i = 1:series] data index i using (dodge($1, i)):2:2:5 \
         with yerrorbars linecolor rgb colour(i) pointtype filled(i) pointsize 0.8, \
     for [i = 1:series] data index i using (dodge($1, i) * 1.06):8:8:11 \
         with yerrorbars linecolor rgb colour(i) pointtype hollow(i) pointsize 0.8 dashtype (1, 3)
