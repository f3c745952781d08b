# Where the virtual time of a login goes, for each entry and module.
dir = ARG1; format = ARG2; name = "phases"; width = 1200; height = 780
load ARG0[1:strlen(ARG0) - strlen(name . ".gp")] . "common.gp"
col(s) = column(s)
array label[7] = [ "start: until the first stack", "authentication, account, credentials", \
	"session stack, other modules", "the module under test", "the entry between the stacks", \
	"fork and exec, user's program", "logout and return" ]
part1(x) = col("start")
part2(x) = col("auth") + col("account") + col("setcred")
part3(x) = col("open_before") + col("open_after") + col("close_before") + col("close_after")
part4(x) = col("open_candidate") + col("close_candidate")
part5(x) = col("application")
part6(x) = col("program") + col("session") + col("readdir")
part7(x) = col("logout") + col("return")
upto(k) = part1(0) + (k > 1 ? part2(0) : 0) + (k > 2 ? part3(0) : 0) + (k > 3 ? part4(0) : 0) \
	+ (k > 4 ? part5(0) : 0) + (k > 5 ? part6(0) : 0) + (k > 6 ? part7(0) : 0)
array shade[7] = [ "#b8b8b8", "#56b4e9", "#0072b2", "#d55e00", "#f0e442", "#009e73", "#cc79a7" ]
columns = |entries| > 4 ? 4 : |entries|
rows = (|entries| + columns - 1) / columns
unset key
set xtics ()
do for [i = 1:|modules|] { set xtics add (modules[i] i) }
set xtics rotate by 40 right scale 0 font ",8"
set xrange [0.4:|modules| + 0.6]
set yrange [0:*]
do for [k = 1:7] {
	left = 0.05 + ((k - 1) % 4) * 0.24
	top = k > 4 ? 0.035 : 0.075
	set object k rectangle from screen left, top - 0.01 to screen left + 0.02, top + 0.01 \
		fillcolor rgb shade[k] fillstyle solid noborder
	set label k label[k] at screen left + 0.025, top left font ",9"
}
set multiplot title "Where the virtual time of a login goes, ms" layout rows, columns \
	margins 0.05, 0.98, 0.22, 0.91 spacing 0.05, 0.17
do for [e = 1:|entries|] {
	if (e == 2) { unset object; unset label }
	set title entries[e] offset 0, -0.5
	plot for [k = 7:1:-1] dir . "/phases.tsv" \
		using (module_at(stringcolumn("module"))):(stringcolumn("entry") eq entries[e] ? upto(k) / 1e6 : NaN):(0.75) \
		with boxes lc rgb shade[k] notitle
}
unset multiplot
