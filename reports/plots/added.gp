# Instructions that a login takes more than the same login without a module.
dir = ARG1; format = ARG2; name = "added"; width = 1000; height = 460
load ARG0[1:strlen(ARG0) - strlen(name . ".gp")] . "common.gp"
set title "What a module adds to a login: instructions more than without one"
set ylabel "million instructions"
set key outside right top vertical Left reverse
set xrange [0.4:|entries| + 0.6]
set xtics ()
do for [i = 1:|entries|] { set xtics add (entries[i] i) }
set xtics scale 0
set xzeroaxis lc rgb "#555555" lt 1
plot for [m = 2:|modules|] dir . "/phases.tsv" skip 1 \
	using (entry_at(strcol(2)) + beside(m)):(module_at(strcol(1)) == m ? column(4) / 1e6 : NaN):(bar * 0.92) \
	with boxes lc rgb colour(m) title modules[m]
