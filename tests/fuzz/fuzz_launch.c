// SPDX-License-Identifier: Apache-2.0
/*
 * The launch record: any bytes either decode or are refused with a reason, and what decodes comes back
 * the same from what it encodes to.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/vmm/launch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode_again(const struct launch *launch)
{
	struct launch back;
	struct diag why = {0};
	char *first = launch_encode(launch);
	char *second;

	if (first == NULL)
		abort();
	/* Indentation makes a record larger than it came: only what fits is promised to come back. */
	if (strlen(first) > LAUNCH_BYTES_MAX) {
		free(first);
		return;
	}
	if (launch_decode(first, strlen(first), &back, &why) != 0) {
		fprintf(stderr, "%s: %s\n%s", why.key, why.text, first);
		abort();
	}
	second = launch_encode(&back);
	if (second == NULL || strcmp(first, second) != 0 || back.vcpus != launch->vcpus ||
	    memcmp(back.vcpu_cpu, launch->vcpu_cpu, sizeof(back.vcpu_cpu)) != 0 ||
	    memcmp(&back.other_cpus, &launch->other_cpus, sizeof(back.other_cpus)) != 0)
		abort();
	launch_done(&back);
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct launch launch;
	struct diag why = {0};
	char line[2048];
	int error = launch_decode((const char *)data, size, &launch, &why);

	if (error != 0) {
		if (why.error != -error || why.text[0] == '\0')
			abort();
		diag_format(&why, line, sizeof(line));
		return 0;
	}
	encode_again(&launch);
	launch_done(&launch);
	return 0;
}
