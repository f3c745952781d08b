# Wall time: medians with their confidence intervals, tails, and ratios to no module.
dir = ARG1; format = ARG2; name = "wall"; width = 1100; height = 760
load ARG0[1:strlen(ARG0) - strlen(name . ".gp")] . "common.gp"
set xrange [0.4:|entries| + 0.6]
set xtics ()
do for [i = 1:|entries|] { set xtics add (entries[i] i) }
set xtics scale 0
at(m) = module_at(strcol(1)) == m ? entry_at(strcol(2)) + beside(m) : NaN
set multiplot title "Wall time of a login with its driver, " . accel . ": median and its 95 % interval" \
	layout 2, 1 margins 0.08, 0.98, 0.12, 0.92 spacing 0.05, 0.1
set logscale y
set ylabel "ms (dash: p95)" offset 1
unset key
plot for [m = 1:|modules|] dir . "/wall.tsv" skip 1 \
	using (at(m)):(column(5) / 1e6):(column(6) / 1e6):(column(7) / 1e6) \
	with yerrorbars pt 7 ps 0.7 lw 2 lc rgb colour(m) title modules[m], \
	for [m = 1:|modules|] dir . "/wall.tsv" skip 1 \
	using (at(m)):(column(8) / 1e6):(bar * 0.4) with xerrorbars pt 0 lw 1 lc rgb colour(m) notitle
unset logscale y
set ylabel "times the median without a module"
set key at screen 0.5, 0.02 center bottom horizontal Left reverse maxrows 1
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#555555"
plot for [m = 1:|modules|] dir . "/wall.tsv" skip 1 \
	using (at(m)):14:15:16 with yerrorbars pt 7 ps 0.7 lw 2 lc rgb colour(m) title modules[m]
unset multiplot
