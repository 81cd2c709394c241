// SPDX-License-Identifier: Apache-2.0
/*
 * hold_vm: keep a virtual machine without vCPUs until ended. The first VM of a host and the last make its
 * kernel patch its scheduler (KVM's preempt_notifier_key), and QEMU's multi-threaded emulation can miss such
 * a write: all CPUs then run, for ever, a breakpoint that memory no longer holds. Ends with 1 where there is
 * no KVM.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0 || ioctl(kvm, KVM_CREATE_VM, 0) < 0) {
		perror("hold_vm: no virtual machine can be had");
		return 1;
	}
	pause();
	return 0;
}
