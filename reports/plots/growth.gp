# A login on a host that is filled before.
dir = ARG1; format = ARG2; name = "growth"; width = 1200; height = 420
load ARG0[1:strlen(ARG0) - strlen(name . ".gp")] . "common.gp"
array axes[3] = [ "processes", "mounts", "sessions" ]
array about[3] = [ "processes added to the host", "mounts added to the host", "sessions open, this one among them" ]
array least[3] = [ 6, 6, 0.7 ]
array most[3] = [ 1600, 8000, 100 ]
set logscale x
set format y "%g"
set format x "%g"
set ylabel "login, virtual ms"
unset key
set multiplot title "How a login grows with its host (" . entries[1] . ")" layout 1, 3 \
	margins 0.06, 0.98, 0.16, 0.86 spacing 0.06, 0.1
do for [a = 1:3] {
	set xlabel about[a]
	set xrange [least[a]:most[a]]
	if (a == 2) { set logscale y; set yrange [5:*] } else { unset logscale y; set yrange [0:*] }
	if (a == 3) { set key inside bottom left Left reverse }
	plot for [m = 1:|modules|] dir . "/growth.tsv" skip 1 \
		using 4:(module_at(strcol(1)) == m && strcol(3) eq axes[a] ? column(5) / 1e6 : NaN) \
		with linespoints lw 2 pt 7 ps 0.7 lc rgb colour(m) title modules[m]
	unset ylabel
}
unset multiplot
