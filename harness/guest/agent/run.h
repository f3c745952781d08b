/* Starting programs from the agent: without its ports, its descriptors or its scheduling class. */
#ifndef PAMLAB_AGENT_RUN_H
#define PAMLAB_AGENT_RUN_H

#include <stdint.h>
#include <sys/types.h>

/* In a fresh child: gives up ports, signal mask, real-time class and OOM protection. */
void become_ordinary(void);

/* Runs a shell command with its output on the console; returns its exit status (128 + signal). */
int run_quietly(const char *command);

/* Starts a program in a session of its own, output to `log` (appended), and returns its pid or -1.
 * uid/gid other than 0 are taken on before the exec. */
pid_t start_program(char *const argv[], const char *log, uid_t uid);

/* Waits for a child; exit status, or 128 + signal. */
int wait_for(pid_t pid);

/* Sleeps. */
void pause_ns(long long ns);

/* Between two looks for something to be gone that is waited for since then: a tenth of the wait,
 * from 10 to 100 ms. A look at all processes costs the emulator as long as a second that is slept.
 */
void pause_before_look(int64_t since);

#endif
