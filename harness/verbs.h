/* The verbs of the program, one cmd_VERB.c each. argv[0] is the verb; the result is the exit
 * status. */
#ifndef PAMLAB_VERBS_H
#define PAMLAB_VERBS_H

#define PAMLAB_VERSION "0.1.0"

int cmd_run(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_mutants(int argc, char **argv);
int cmd_lint(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_baseline(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_repro(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_shell(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_image(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_bench_lab(int argc, char **argv);

#endif
