// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

/* What a sanitizer's own runtime calls, in its test builds alone: to report, it maps and reads. */
static const int sanitizer_calls[] = {
#ifdef SANITIZED
	SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(open),
	SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(futex),
	SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sched_yield),
	SCMP_SYS(write), SCMP_SYS(read), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(exit_group), SCMP_SYS(getrlimit), SCMP_SYS(prctl), SCMP_SYS(clock_gettime),
	SCMP_SYS(prlimit64), SCMP_SYS(brk), SCMP_SYS(getrandom), SCMP_SYS(process_vm_readv),
#endif
	__NR_SCMP_ERROR,
};

static const int vcpu_calls[] = {SCMP_SYS(ioctl), SCMP_SYS(exit), __NR_SCMP_ERROR};

static const int populate_calls[] = {SCMP_SYS(madvise), SCMP_SYS(exit), __NR_SCMP_ERROR};

static const int main_calls[] = {
	/* the event loop */
	SCMP_SYS(poll), SCMP_SYS(restart_syscall), SCMP_SYS(timerfd_settime),
	/* descriptors opened before; ioctl also for the terminal and an ended vCPU's registers */
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(ioctl), SCMP_SYS(close),
	/* where the vDSO cannot tell the time */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(exit_group),
	__NR_SCMP_ERROR,
};

static int allow(scmp_filter_ctx context, const int *calls)
{
	int error = 0;

	for (; *calls != __NR_SCMP_ERROR && error == 0; calls++)
		error = seccomp_rule_add(context, SCMP_ACT_ALLOW, *calls, 0);
	return error;
}

/* The compiled program is read back from a file, for libseccomp would allocate while installing. */
static int compile(scmp_filter_ctx context, struct filter *ret)
{
	_cleanup_close_ int fd = sys_memfd("filter", 0, 0);
	ssize_t bytes;
	int error = fd < 0 ? fd : seccomp_export_bpf(context, fd);

	if (error != 0)
		return error;
	bytes = pread(fd, ret->program, sizeof(ret->program), 0);
	if (bytes < 0)
		return -errno;
	if (bytes == 0 || bytes == sizeof(ret->program))
		return -EFBIG;
	ret->bytes = (uint32_t)bytes;
	return 0;
}

/* @doorbell_fd: the one descriptor that may be written besides what @calls allow, or -1. */
static int make_filter(const int *calls, int doorbell_fd, struct filter *ret, struct diag *why)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = context == NULL ? -ENOMEM : 0;

	/* A 32-bit or x32 call as well ends the process: by default it would end the thread, unseen. */
	if (error == 0)
		error = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (error == 0)
		error = allow(context, calls);

	if (error == 0 && doorbell_fd >= 0)
		error = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
					 SCMP_A0_64(SCMP_CMP_EQ, (scmp_datum_t)doorbell_fd, 0));
	if (error == 0)
		error = allow(context, sanitizer_calls);
	if (error == 0)
		error = compile(context, ret);
	seccomp_release(context);
	if (error != 0)
		diag_set(why, -error, "a system call filter cannot be made (%s)", strerror(-error));
	return error;
}

int filter_vcpu(int doorbell_fd, struct filter *ret, struct diag *why)
{
	return make_filter(vcpu_calls, doorbell_fd, ret, why);
}

int filter_populate(int doorbell_fd, struct filter *ret, struct diag *why)
{
	return make_filter(populate_calls, doorbell_fd, ret, why);
}

int filter_main(struct filter *ret, struct diag *why)
{
	return make_filter(main_calls, -1, ret, why);
}

int filter_install(const struct filter *filter)
{
	struct sock_fprog program = {
		.len = (unsigned short)(filter->bytes / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)(uintptr_t)filter->program,
	};

	/*
	 * SPEC_ALLOW: older kernels turn speculative store bypass off for a filtered thread, which
	 * would slow every exit; the administrator's own choice of mitigations stands.
	 */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0)
		return 0;
	return -errno;
}

int confine_no_new_privileges(struct diag *why)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		return 0;
	return diag_set(why, errno, "no_new_privs was refused (%s)", strerror(errno));
}

int confine_capabilities(enum kept_capabilities keep)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (keep == KEEP_SYS_NICE) {
		if (syscall(SYS_capget, &header, data) < 0)
			return -errno;
		for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
			data[i].permitted &= i == 0 ? 1U << CAP_SYS_NICE : 0;
			data[i].effective &= data[i].permitted;
			data[i].inheritable = 0;
		}
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}
