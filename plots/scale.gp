# Throughput by CPUs: medians, bars from the slowest to the fastest round; dashed the ideal, as many times the
# throughput of the fewest CPUs as there are more of them.
# columns: cpus median lowest highest ideal

height = 440
eval page
set logscale x 2
set logscale y 2
low = word(workers, 1) / 1.25
high = word(workers, words(workers)) * 1.25
set xrange [low:high]
set xlabel "CPUs, of server and client together"
set xtics ("" low)
do for [c in workers] { set xtics add (c c + 0) }
set ylabel "requests a second"
plot for [i = 1:series] data index i - 1 using 1:5 \
         with lines linecolor rgb colour(i) dashtype (6, 4), \
     for [i = 1:series] data index i - 1 using (dodge($1, i)):2:3:4 \
         with yerrorbars linecolor rgb colour(i) pointtype point(i) pointsize 0.8
