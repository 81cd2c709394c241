// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/plain_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Locked whole; the run path needs a few hundred bytes of it, a sanitizer's reports the rest. */
enum { STACK_BYTES = 65536 };

_Noreturn void plain_thread_leave(void)
{
	for (;;)
		syscall(SYS_exit, 0);
}

static int create(const pthread_attr_t *attributes, const char *name, void *(*thread_main)(void *),
		  void *argument)
{
	pthread_t thread;
	sigset_t all;
	sigset_t old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, attributes, thread_main, argument);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	/* A name is for people, and a thread may have done its work and gone by now. */
	if (error == 0)
		pthread_setname_np(thread, name);
	return error;
}

int plain_thread_start(const char *name, void *(*thread_main)(void *argument), void *argument)
{
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return -error;
	error = pthread_attr_setstacksize(&attributes, STACK_BYTES);
	/* Whoever started us may be real-time itself: nothing of that is inherited. */
	if (error == 0)
		error = pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	if (error == 0)
		error = create(&attributes, name, thread_main, argument);
	pthread_attr_destroy(&attributes);
	return -error;
}
