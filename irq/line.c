// SPDX-License-Identifier: Apache-2.0
#include "irq/line.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/kvm/vm.h"

int irq_line_open(const struct vm *vm, unsigned gsi, struct irq_line *ret, struct diag *why)
{
	_cleanup_close_ int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct kvm_irqfd irqfd = {.fd = (uint32_t)fd, .gsi = gsi};
	int error = fd < 0 ? -errno : sys_ioctl(vm->fd, KVM_IRQFD, &irqfd);

	if (error < 0)
		return diag_set(why, -error, "interrupt line %u cannot be bound (%s)", gsi,
				strerror(-error));
	*ret = (struct irq_line){.eventfd = take_fd(&fd), .gsi = gsi};
	return 0;
}

void irq_line_pulse(const struct irq_line *line)
{
	/* Adding 1 to a counter that KVM empties at once cannot fail but by a bug. */
	const uint64_t one = 1;
	ssize_t written = write(line->eventfd, &one, sizeof(one));

	(void)written;
}
