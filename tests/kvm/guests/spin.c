// SPDX-License-Identifier: Apache-2.0
/* Prints "spinning" and never ends: with how=halt in HLT, else in a loop. */
#include "runtime.h"
#include "start_info.h"

void guest_main(const struct start_info *info)
{
	bool halt = option_is("how", "halt");

	(void)info;
	print("spinning\n");
	for (;;) {
		if (halt)
			__asm__ volatile("cli; hlt");
		else
			__asm__ volatile("pause");
	}
}
