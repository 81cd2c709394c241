// SPDX-License-Identifier: Apache-2.0
/* Machines at random, on hosts of all shapes: what the planner accepts the oracle finds sound. */
#include <CUnit/CUnit.h>
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

void test_oracle_register(void);

enum { SKETCHES = 700, SKETCH_BYTES = 65536 };

/* struct tally - what became of the sketches. */
struct tally {
	unsigned held;
	unsigned refused;
	unsigned unknown;
};

static void try_sketch(const struct host_facts *host, const char *text, struct tally *tally)
{
	struct machine_config machine = {0};
	struct machine_plan plan = {0};
	struct findings findings = {0};
	struct diag why = {0};
	char offence[256] = "";
	char line[2048];

	if (machine_load_text(text, strlen(text), "sketch", &machine, &why) != 0) {
		printf("\n%s\n%s\n", diag_format(&why, line, sizeof(line)), text);
		CU_FAIL_FATAL("a sketch that does not load");
	}
	CU_ASSERT_EQUAL_FATAL(flow_plan(&machine, host, &plan, &findings), 0);
	switch (flow_verdict(&findings)) {
	case FLOW_HELD:
		tally->held++;
		if (oracle_judge(&machine, host, &plan, offence, sizeof(offence)) != 0) {
			printf("\n%s\n%s\n", offence, text);
			CU_FAIL("the planner accepted what is not sound");
		}
		break;
	case FLOW_NOT_HELD:
		tally->refused++;
		break;
	case FLOW_UNKNOWN:
		tally->unknown++;
		break;
	}
	findings_done(&findings);
	machine_plan_done(&plan);
	machine_done(&machine);
}

static void what_is_accepted_is_sound(void)
{
	char *text = malloc(SKETCH_BYTES);
	struct tally all = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (unsigned shape = 0; shape < ORACLE_HOSTS; shape++) {
		struct host_facts host;

		CU_ASSERT_EQUAL_FATAL(oracle_host_make(shape, &host), 0);
		for (uint64_t seed = 1; seed <= SKETCHES; seed++) {
			sketch_machine(&host, seed, text, SKETCH_BYTES);
			try_sketch(&host, text, &all);
		}
		host_facts_done(&host);
	}
	free(text);
	/* Neither answer is for the asking. */
	CU_ASSERT_TRUE(all.held > SKETCHES / 2);
	CU_ASSERT_TRUE(all.refused > SKETCHES / 2);
	CU_ASSERT_TRUE(all.unknown > 0);
	CU_ASSERT_EQUAL(all.held + all.refused + all.unknown, ORACLE_HOSTS * SKETCHES);
}

void test_oracle_register(void)
{
	CU_pSuite suite = CU_add_suite("oracle", NULL, NULL);

	CU_ADD_TEST(suite, what_is_accepted_is_sound);
}
