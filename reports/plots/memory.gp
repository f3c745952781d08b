# Memory that each open session takes.
dir = ARG1; format = ARG2; name = "memory"; width = 760; height = 420
load ARG0[1:strlen(ARG0) - strlen(name . ".gp")] . "common.gp"
stats dir . "/memory.tsv" skip 1 using 2 nooutput
most = STATS_max
set title sprintf("Memory of an open session, with %.0f open beside it", most)
set ylabel "kB"
set key outside right top Left reverse invert
set xtics ()
do for [i = 1:|modules|] { set xtics add (modules[i] i) }
set xtics rotate by 25 right scale 0
set xrange [0.4:|modules| + 0.6]
set yrange [0:*]
at(x) = column(2) == most ? module_at(strcol(1)) : NaN
array kinds[4] = [ "anonymous pages", "slab", "page tables", "kernel stacks" ]
array shade[4] = [ "#0072b2", "#e69f00", "#009e73", "#cc79a7" ]
upto(k) = column(4) + (k > 1 ? column(5) : 0) + (k > 2 ? column(6) : 0) + (k > 3 ? column(7) : 0)
plot for [k = 4:1:-1] dir . "/memory.tsv" skip 1 using (at(0)):(upto(k)):(0.6) \
	with boxes lc rgb shade[k] title kinds[k], \
	dir . "/memory.tsv" skip 1 using (at(0)):3 with points pt 6 ps 1.2 lw 2 lc rgb "#000000" \
	title "less MemAvailable"
