# First byte of the answer by workers, from median to 99th percentile (medians over the rounds): as the
# network saw it (filled, solid) and as the load generator did (hollow, dotted), which also has the connect's
# way to the SYN in it and the client's own delay until it looked.
# columns: workers, load p50, load p99, wire p50, wire p99, all microseconds

height = 440
hollow(i) = point(i) % 2 ? point(i) - 1 : point(i) # gnuplot's svg points come in pairs
eval page
eval workers_axis
set logscale y
set ylabel "us"
plot for [i = 1:series] data index i - 1 using (dodge($1, i)):4:4:5 \
         with yerrorbars linecolor rgb colour(i) pointtype point(i) pointsize 0.8, \
     for [i = 1:series] data index i - 1 using (dodge($1, i) * 1.06):2:2:3 \
         with yerrorbars linecolor rgb colour(i) pointtype hollow(i) pointsize 0.8 dashtype (1, 3)
