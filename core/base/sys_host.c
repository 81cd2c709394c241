// SPDX-License-Identifier: Apache-2.0
#include "core/base/sys_host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cpulist.h"

int sys_open_at(int folder, const char *path, int flags)
{
	int fd = openat(folder, path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sys_open_within(int folder, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC), .resolve = resolve};
	long fd = -1;

	/* EAGAIN: something was renamed meanwhile, so that the kernel could not tell. */
	for (unsigned tries = 0; tries < 16; tries++) {
		fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

int sys_create_at(int folder, const char *name)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : fd;
}

int sys_make_folder_at(int folder, const char *name)
{
	return mkdirat(folder, name, 0777) < 0 ? -errno : 0;
}

int sys_remove_at(int folder, const char *path, bool is_folder)
{
	return unlinkat(folder, path, is_folder ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;
}

int sys_file_type_at(int folder, const char *path, unsigned *ret_type, uint64_t *ret_bytes)
{
	struct stat status;

	if (fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return -errno;
	*ret_type = status.st_mode & S_IFMT;
	*ret_bytes = status.st_size > 0 ? (uint64_t)status.st_size : 0;
	return 0;
}

int sys_file_type(int fd, unsigned *ret_type, uint64_t *ret_bytes)
{
	return sys_file_type_at(fd, "", ret_type, ret_bytes);
}

int sys_filesystem(const char *path, uint64_t *ret_type)
{
	struct statfs status;

	if (statfs(path, &status) < 0)
		return -errno;
	*ret_type = (uint64_t)status.f_type;
	return 0;
}

ssize_t sys_read_link_at(int folder, const char *path, char *buffer, size_t size)
{
	ssize_t length = readlinkat(folder, path, buffer, size);

	if (length < 0)
		return -errno;
	if ((size_t)length >= size)
		return -ENAMETOOLONG;
	buffer[length] = '\0';
	return length;
}

ssize_t sys_read(int fd, void *buffer, size_t size)
{
	ssize_t got;

	do
		got = read(fd, buffer, size);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

ssize_t sys_read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
	ssize_t got;

	do
		got = pread(fd, buffer, size, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

int sys_list(int fd, int (*visit)(void *context, const struct sys_entry *entry), void *context)
{
	DIR *stream = fdopendir(fd);
	int result = 0;

	if (stream == NULL) {
		result = -errno;
		close(fd);
		return result;
	}
	while (result == 0) {
		errno = 0;
		const struct dirent *found = readdir(stream);
		if (found == NULL) {
			result = -errno;
			break;
		}
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		result = visit(context, &(struct sys_entry){.name = found->d_name, .type = found->d_type});
	}
	closedir(stream);
	return result;
}

int sys_lock(int fd, bool exclusive)
{
	return flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0 ? -errno : 0;
}

uint64_t sys_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void sys_sleep_until(uint64_t when_ns)
{
	const struct timespec when = {
		.tv_sec = (time_t)(when_ns / UINT64_C(1000000000)),
		.tv_nsec = (long)(when_ns % UINT64_C(1000000000)),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

int sys_thread_affinity(pid_t tid, struct cpulist *ret)
{
	cpu_set_t set[CPULIST_MAX / CPU_SETSIZE] = {0};

	if (sched_getaffinity(tid, sizeof(set), set) < 0)
		return -errno;
	*ret = (struct cpulist){0};
	for (unsigned cpu = 0; cpu < CPULIST_MAX; cpu++) {
		if (CPU_ISSET_S(cpu, sizeof(set), set))
			cpulist_add(ret, cpu);
	}
	return 0;
}

int sys_thread_set_affinity(pid_t tid, const struct cpulist *cpus)
{
	cpu_set_t set[CPULIST_MAX / CPU_SETSIZE] = {0};

	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX; cpu = cpulist_next(cpus, cpu + 1))
		CPU_SET_S(cpu, sizeof(set), set);
	return sched_setaffinity(tid, sizeof(set), set) < 0 ? -errno : 0;
}

int sys_affinity(struct cpulist *ret)
{
	return sys_thread_affinity(0, ret);
}

int sys_set_affinity(const struct cpulist *cpus)
{
	return sys_thread_set_affinity(0, cpus);
}

int sys_cpu(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? -errno : cpu;
}

int sys_kernel_log(int action, char *buffer, int size)
{
	int result = klogctl(action, buffer, size);

	return result < 0 ? -errno : result;
}
