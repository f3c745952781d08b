# Waits for orders, one login each: "ENTRY PROGRAM", where PROGRAM is "session", or "none" if nothing
# is to be run in the session. It is started before a template is frozen.
source /usr/lib/pamlab/entries/common.tcl
set orders [open /run/pamlab/driver.go r+]
set reports [open /run/pamlab/driver.done r+]
fconfigure $reports -buffering line
while {[gets $orders order] >= 0} {
	lassign $order name program
	if {[catch {source /usr/lib/pamlab/entries/$name.exp} why]} {
		puts "driver $name: $why"
	}
	cd /
	puts $reports done
}
