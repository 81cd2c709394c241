// SPDX-License-Identifier: Apache-2.0
/* How the probe ends the machine. */
#pragma once

struct options;

enum finish {
	FINISH_DONE,
	FINISH_FAILED,
};

/** finish_setup() - remember how the command line wants it; @options must stay. */
void finish_setup(const struct options *options);

/** finish() - end the machine; never returns. */
_Noreturn void finish(enum finish how);
