# Do instructions tell wall time?
dir = ARG1; format = ARG2; name = "instructions"; width = 820; height = 560
load ARG0[1:strlen(ARG0) - strlen(name . ".gp")] . "common.gp"
set title "Instructions and wall time of the same logins, " . accel . "\n" . correlation
set logscale xy
set xlabel "million instructions of a login with its driver (median)"
set ylabel "wall time, ms (median, 95 % interval)"
set key left top Left reverse
set grid xtics ytics lc rgb "#dddddd" lt 1
plot for [m = 1:|modules|] dir . "/wall.tsv" skip 1 \
	using (module_at(strcol(1)) == m ? column(3) / 1e6 : NaN):(column(5) / 1e6):(column(6) / 1e6):(column(7) / 1e6) \
	with yerrorbars pt 7 ps 0.9 lw 1.5 lc rgb colour(m) title modules[m]
