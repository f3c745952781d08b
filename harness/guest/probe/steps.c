/* The steps that a session knows. */
#include "probe/probe.h"

const struct step steps[] = {
    {.name = "list", .run = step_list, .help = "processes and secrets that /proc shows"},
    {.name = "sweep", .run = step_sweep, .help = "every pid, by calls that answer for one"},
    {.name = "proc-self", .run = step_proc_self, .help = "is /proc this PID namespace's own?"},
    {.name = "proc-mounts", .run = step_proc_mounts, .help = "where a procfs is mounted"},
    {.name = "tools", .run = step_tools, .help = "programs that read /proc"},
    {.name = "daemons",
     .arg = "N",
     .min = 1,
     .max = 1000,
     .run = step_daemons,
     .help = "start N daemons that do not want to end"},
    {.name = "orphans",
     .arg = "N",
     .min = 1,
     .max = 1000,
     .run = step_orphans,
     .help = "leave N orphans, which exit"},
    {.name = "readdir", .run = step_readdir, .help = "read the names in /proc once, and time that"},
    {.name = "hold", .run = step_hold, .help = "wait until the agent has looked"},
    {.name = "sleep", .arg = "MS", .max = 3600000, .run = step_sleep, .help = "sleep"},
    {.name = "exit", .arg = "N", .max = 255, .run = step_exit, .help = "end with this status"},
    {.name = "signal",
     .arg = "N",
     .min = 1,
     .max = 64,
     .run = step_signal,
     .help = "end by this signal"},
};
const size_t n_steps = sizeof(steps) / sizeof(steps[0]);
