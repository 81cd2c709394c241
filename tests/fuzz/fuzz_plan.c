// SPDX-License-Identifier: Apache-2.0
/*
 * Any machine file against hosts of all shapes: planning neither crashes nor hangs, and what it accepts the
 * oracle finds sound. The first byte chooses the host; where the second is a NUL the rest is the seed of a
 * random machine, else it is the file.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "tests/oracle/hosts.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/sketch.h"

enum { SKETCH_BYTES = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct host_facts *hosts(void)
{
	static struct host_facts host[ORACLE_HOSTS];

	for (unsigned i = 0; i < ORACLE_HOSTS && host[i].topology.cpu == NULL; i++) {
		if (oracle_host_make(i, &host[i]) != 0)
			abort();
	}
	return host;
}

static void plan(const struct machine_config *machine, const struct host_facts *host)
{
	struct machine_plan made = {0};
	struct findings findings = {0};
	char offence[256];

	if (flow_plan(machine, host, &made, &findings) == 0 && flow_verdict(&findings) == FLOW_HELD &&
	    oracle_judge(machine, host, &made, offence, sizeof(offence)) != 0) {
		fprintf(stderr, "accepted and not sound: %s\n", offence);
		abort();
	}
	findings_done(&findings);
	machine_plan_done(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[SKETCH_BYTES];
	struct machine_config machine;
	struct diag why = {0};
	uint64_t seed = 0;

	if (size < 2)
		return 0;
	const struct host_facts *host = &hosts()[data[0] % ORACLE_HOSTS];
	if (data[1] == 0) {
		memcpy(&seed, data + 2, size - 2 < sizeof(seed) ? size - 2 : sizeof(seed));
		sketch_machine(host, seed, text, sizeof(text));
		if (machine_load_text(text, strlen(text), "sketch", &machine, &why) != 0)
			abort();
	} else if (machine_load_text((const char *)data + 1, size - 1, "fuzz", &machine, &why) != 0) {
		return 0;
	}
	plan(&machine, host);
	machine_done(&machine);
	return 0;
}
