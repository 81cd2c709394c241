// SPDX-License-Identifier: Apache-2.0
/*
 * What is left to a thread once guests run: no privilege to gain, no capability, and the few system
 * calls its work needs. A call outside its list ends the process.
 */
#pragma once

#include <stdint.h>

struct diag;

enum { FILTER_BYTES_MAX = 4096 };

/**
 * struct filter - a compiled seccomp program; fixed size, so that installing it allocates nothing.
 * @bytes: of @program, struct sock_filter each.
 */
struct filter {
	_Alignas(8) uint8_t program[FILTER_BYTES_MAX];
	uint32_t bytes;
};

/**
 * filter_vcpu() - the list of a vCPU thread: ioctl, write to @doorbell_fd alone, exit.
 *
 * By system call number where the run path goes, so that the kernel answers ioctl from its bitmap of
 * constant actions (Linux 5.11) and runs no program for it. libseccomp compiles it.
 * Returns 0 or -errno with @why.
 */
int filter_vcpu(int doorbell_fd, struct filter *ret, struct diag *why);

/** filter_populate() - the list of the thread that populates memory: madvise, the doorbell, exit. */
int filter_populate(int doorbell_fd, struct filter *ret, struct diag *why);

/** filter_main() - the list of the main thread: its event loop, its descriptors, its end. */
int filter_main(struct filter *ret, struct diag *why);

/** filter_install() - bind the calling thread, for good. No allocation. Returns 0 or -errno. */
int filter_install(const struct filter *filter);

/** confine_no_new_privileges() - for the calling thread and all it will create. */
int confine_no_new_privileges(struct diag *why);

/** enum kept_capabilities - what the calling thread keeps. */
enum kept_capabilities {
	KEEP_NOTHING,
	KEEP_SYS_NICE, /* what promotion needs, if the thread has it */
};

/** confine_capabilities() - drop the calling thread's capabilities; capset(2). Returns 0 or -errno. */
int confine_capabilities(enum kept_capabilities keep);
