/* The system calls of this program's own code.
 *
 * In a sweep each call of the module's is answered by a supervisor, which costs two switches of the
 * address space. What the program itself looks up meanwhile, how it is and what a session's first
 * process sees, is a good part of all calls and none of the module's: so it has a system call
 * instruction of its own, which the filter knows (seccomp_data.instruction_pointer, seccomp(2)).
 *
 * The linker puts what is in own_calls.c in the place of the C library's functions of that name
 * (ld(1), --wrap; the names are in the Makefile), in this program's objects and in nobody else's.
 * fork(2) is not among them: that the program cannot start a process is something that can go
 * wrong.
 */
#ifndef PAMLAB_CALLER_OWN_CALLS_H
#define PAMLAB_CALLER_OWN_CALLS_H

/* Where the instruction pointer is while an own call is made. Not a function. */
extern const char own_call_made[];

#endif
