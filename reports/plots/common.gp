# What the plots share. Each is called as: gnuplot -c NAME.gp DIR svg|png, where DIR has the tables, and
# sets `dir`, `format`, `name`, `width` and `height` before it loads this.
if (format eq "png") {
	set terminal pngcairo noenhanced size width, height font "DejaVu Sans,10" background "white"
} else {
	set terminal svg noenhanced size width, height dynamic font "DejaVu Sans,12" background "white"
}
set output dir . "/" . name . "." . format
load dir . "/names.gp"
set datafile separator tab
set key noenhanced
set style fill solid 0.9 noborder
set grid ytics lc rgb "#dddddd" lt 1
set border 3 lc rgb "#555555"
set tics nomirror out

# Colours that the colour-blind can tell (Okabe and Ito).
array palette_of[9] = [ "#8c8c8c", "#56b4e9", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#0072b2", "#f0e442", "#000000" ]
colour(i) = palette_of[(int(i) - 1) % 9 + 1]

# The place of a name in a list; 0 if it is not in it.
module_at(s) = sum [i = 1:|modules|] (modules[i] eq s ? i : 0)
entry_at(s) = sum [i = 1:|entries|] (entries[i] eq s ? i : 0)
# Bars of a group stand beside each other: an offset from the group's middle.
bar = 0.8 / |modules|
beside(i) = (i - (|modules| + 1) / 2.0) * bar
