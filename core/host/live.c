// SPDX-License-Identifier: Apache-2.0
#include "core/host/live.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cpulist.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/host/files.h"
#include "core/host/live_config.h"
#include "core/host/live_cpuid.h"
#include "core/host/live_interrupts.h"
#include "core/host/live_kvm.h"
#include "core/host/live_log.h"

static int live_allowed(struct host_files *files)
{
	static const char path[] = "/bulkhead/allowed-cpus";
	char text[CPULIST_TEXT_MAX];
	struct cpulist cpus;
	int error = sys_affinity(&cpus);

	if (error != 0)
		return host_files_put_error(files, path, -error);
	return host_files_put(files, path, cpulist_format(&cpus, text, sizeof(text)));
}

/* Of the CPUs the thread may use those on which no partition can be. */
static int housekeeping(const struct host_files *files, const struct cpulist *allowed,
			struct cpulist *ret)
{
	static const char *const lists[] = {
		"/sys/devices/system/cpu/isolated",
		"/sys/devices/system/cpu/nohz_full",
	};

	*ret = *allowed;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct cpulist taken;
		int error = host_cpus(files, &taken, "%s", lists[i]);

		if (error == -ENOENT) /* a kernel built without it */
			continue;
		if (error != 0)
			return error;
		cpulist_minus(ret, &taken, ret);
	}
	return cpulist_empty(ret) ? -EBUSY : 0;
}

/* Goes to a CPU of @cpus, if it is not on one, and stays on that one. */
static int settle(const struct cpulist *cpus, unsigned *ret)
{
	struct cpulist one = {0};
	int cpu = sys_cpu();
	int error;

	if (cpu >= 0 && !cpulist_has(cpus, (unsigned)cpu)) {
		error = sys_set_affinity(cpus);
		if (error != 0)
			return error;
		cpu = sys_cpu();
	}
	if (cpu < 0)
		return cpu;
	if (!cpulist_has(cpus, (unsigned)cpu))
		return -EBUSY;
	*ret = (unsigned)cpu;
	cpulist_add(&one, *ret);
	return sys_set_affinity(&one);
}

static int read_msr(unsigned cpu, unsigned msr, uint64_t *ret)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/cpu/%u/msr", cpu);
	_cleanup_close_ int fd = sys_open(path, O_RDONLY);
	if (fd < 0) /* without the msr module there is no such file */
		return fd == -ENOENT || fd == -ENXIO ? -ENODEV : fd;
	ssize_t got = sys_read_at(fd, ret, sizeof(*ret), msr);
	if (got < 0)
		return (int)got;
	return got == sizeof(*ret) ? 0 : -EIO;
}

int live_msr(struct host_files *files, unsigned msr, const char *path)
{
	struct cpulist before;
	struct cpulist cpus;
	uint64_t value = 0;
	unsigned cpu = 0;
	char text[64];
	int error = sys_affinity(&before);

	if (error == 0)
		error = housekeeping(files, &before, &cpus);
	if (error == 0) {
		error = settle(&cpus, &cpu);
		if (error == 0)
			error = read_msr(cpu, msr, &value);
		int restored = sys_set_affinity(&before);
		error = error != 0 ? error : restored;
	}
	if (error != 0)
		return host_files_put_error(files, path, -error);
	snprintf(text, sizeof(text), "%u %" PRIu64, cpu, value);
	return host_files_put(files, path, text);
}

/* A descriptor's default request asks for nothing, so looking changes no latency. */
static int live_dma_latency(struct host_files *files)
{
	static const char path[] = "/bulkhead/cpu-dma-latency";
	_cleanup_close_ int fd = sys_open("/dev/cpu_dma_latency", O_RDONLY);
	int32_t value = 0;
	char text[16];

	if (fd < 0)
		return fd == -ENOENT ? 0 : host_files_put_error(files, path, -fd);
	ssize_t got = sys_read(fd, &value, sizeof(value));
	if (got != sizeof(value))
		return host_files_put_error(files, path, got < 0 ? (int)-got : EIO);
	snprintf(text, sizeof(text), "%" PRId32, value);
	return host_files_put(files, path, text);
}

int live_read(struct host_files *files, unsigned groups)
{
	static const struct {
		int (*read)(struct host_files *files);
		enum host_group group;
		bool fixed; /* as PATTERN_FIXED */
	} facts[] = {
		{live_allowed, HOST_TOPOLOGY, false}, {live_cpuid, HOST_KERNEL, true},
		{live_config, HOST_KERNEL, true}, {live_kvm, HOST_KVM, true},
		{live_interrupts, HOST_INTERRUPTS, false}, {live_dma_latency, HOST_IDLE, false},
		{live_log, HOST_LOG, false},
	};
	int error = 0;

	for (size_t i = 0; error == 0 && i < sizeof(facts) / sizeof(facts[0]); i++) {
		if ((groups & facts[i].group) != 0 && ((groups & HOST_AGAIN) == 0 || !facts[i].fixed))
			error = facts[i].read(files);
	}
	return error;
}

int live_mounts(struct host_files *files, unsigned groups)
{
	static const struct {
		unsigned groups;
		const char *path;
		uint64_t type;
	} mounts[] = {
		{HOST_KERNEL | HOST_INTERRUPTS, "/sys/kernel/debug", DEBUGFS_MAGIC},
		{HOST_KERNEL, "/sys/kernel/security", SECURITYFS_MAGIC},
	};
	int error = 0;

	for (size_t i = 0; error == 0 && i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		uint64_t type = 0;

		if ((groups & mounts[i].groups) != 0 &&
		    (sys_filesystem(mounts[i].path, &type) != 0 || type != mounts[i].type))
			error = host_files_put_error(files, mounts[i].path, ENODEV);
	}
	if (error == 0 && (groups & HOST_THREADS) != 0) {
		const char *text = NULL;

		/* Kernel threads descend from thread 2; in a PID namespace 2 is somebody else. */
		if (host_text(files, &text, "/proc/2/task/2/stat") != 0 ||
		    strncmp(text, "2 (kthreadd) ", 13) != 0)
			error = host_files_put_error(files, "/proc/2", EPERM);
	}
	return error;
}
