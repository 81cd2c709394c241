// SPDX-License-Identifier: Apache-2.0
/*
 * Prints "crash" and jumps to where no memory is, which KVM cannot run: KVM_EXIT_INTERNAL_ERROR (or a
 * triple fault, where it turns it into one). Option: at=ADDRESS below 4 GiB.
 */
#include "runtime.h"
#include "start_info.h"

void guest_main(const struct start_info *info)
{
	uint64_t target = option_number("at", 0xd0000000);

	(void)info;
	print("crash\n");
	__asm__ volatile("jmp *%0" : : "r"(target));
}
