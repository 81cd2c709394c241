// SPDX-License-Identifier: Apache-2.0
#include "core/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"

int sys_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sys_ioctl(int fd, unsigned long request, void *argument)
{
	int result = ioctl(fd, request, argument);

	return result < 0 ? -errno : result;
}

int sys_ioctl_value(int fd, unsigned long request, unsigned long argument)
{
	int result = ioctl(fd, request, argument);

	return result < 0 ? -errno : result;
}

int sys_memfd(const char *name, uint64_t bytes, unsigned flags)
{
	_cleanup_close_ int fd = memfd_create(name, flags | MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)bytes) < 0)
		return -errno;
	return take_fd(&fd);
}

int sys_map(int fd, uint64_t offset, size_t bytes, int protection, int flags, void **ret)
{
	void *address = mmap(NULL, bytes, protection, flags, fd, (off_t)offset);

	if (address == MAP_FAILED)
		return -errno;
	*ret = address;
	return 0;
}

ssize_t sys_read_file(const char *path, char *buffer, size_t size)
{
	_cleanup_close_ int fd = sys_open(path, O_RDONLY);
	size_t used = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t got = read(fd, buffer + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		used += (size_t)got;
		if (used == size) {
			buffer[size - 1] = '\0';
			return -EFBIG;
		}
	}
	if (used > 0 && buffer[used - 1] == '\n')
		used--;
	buffer[used] = '\0';
	return (ssize_t)used;
}

int sys_write_all(int fd, const void *bytes, size_t count)
{
	const uint8_t *next = bytes;

	while (count > 0) {
		ssize_t written = write(fd, next, count);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		next += written;
		count -= (size_t)written;
	}
	return 0;
}

bool sys_is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

void sys_standard_streams(void)
{
	/* open(2) gives the lowest free number, and these are asked for in ascending order. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (!sys_is_open(fd) && open("/dev/null", O_RDWR) != fd)
			_exit(2);
	}
}

pid_t sys_gettid(void)
{
	return (pid_t)syscall(SYS_gettid);
}
