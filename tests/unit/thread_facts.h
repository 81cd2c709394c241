// SPDX-License-Identifier: Apache-2.0
/* Threads as /proc shows them, for hosts made by hand. */
#pragma once

/* Flags of /proc/PID/task/TID/stat. */
#define THREAD_OF_USER "4194304"
#define THREAD_OF_KERNEL "2097152"
#define THREAD_OF_ONE_CPU "69206016" /* a kernel thread whose CPUs cannot be changed */
#define THREAD_WORKER "69206048"     /* the same, of a workqueue */

/* Policies of sched.h. */
#define POLICY_OTHER "0"
#define POLICY_FIFO "1"
#define POLICY_DEADLINE "6"

/* THREAD_STAT(), THREAD_STATUS() - the two files of a thread; all arguments are string literals. */
#define THREAD_STAT(tid, name, flags, priority, policy) \
	tid " (" name ") S 1 1 1 0 -1 " flags " 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 18446744073709551615 0 0 0 0 0 0 " \
	    "0 0 0 0 0 0 17 0 " priority " " policy " 0 0 0 0 0 0 0 0 0 0 0"
#define THREAD_STATUS(name, cpus) "Name:\t" name "\nState:\tS (sleeping)\nCpus_allowed_list:\t" cpus "\nMems_allowed_list:\t0"

#define THREAD_PATH(pid, tid, file) "/proc/" pid "/task/" tid "/" file

/* THREAD_FACTS() - two initializers of struct doctor_fact. */
#define THREAD_FACTS(pid, tid, name, flags, priority, policy, cpus) \
	{THREAD_PATH(pid, tid, "stat"), THREAD_STAT(tid, name, flags, priority, policy)}, \
	{THREAD_PATH(pid, tid, "status"), THREAD_STATUS(name, cpus)}
