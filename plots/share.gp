# Distribution of connections over workers: one bar per strategy, divided into the shares of its workers, the busiest first;
# one plot per worker count; means over the rounds. Beside a bar: Jain's index, and the number of idle workers.
# columns: from and to in percent; the second part of a block is one line: idle workers, Jain's index

# SPDX-License-Identifier: BSD-2-Clause

eval bars
set xrange [0:145]
set grid noxtics
set xtics ("0" 0, "50 %%" 50, "100 %%" 100)
do for [k = 1:panel_count] {
    eval panel
    plot for [i = 1:series] data index (k - 1) * series + i - 1 every :::0::0 \
             using (($1 + $2) / 2):(i):1:2:(i - 0.35):(i + 0.35) \
             with boxxyerror linecolor rgb colour(i) linewidth 0.5, \
         for [i = 1:series] data index (k - 1) * series + i - 1 every :::1::1 \
             using (102):(i):(sprintf("%.2f", $2) . ($1 > 0 ? sprintf(", %d idle", $1) : "")) \
             with labels left font SMALL textcolor rgb GREY
}
unset multiplot
