// SPDX-License-Identifier: Apache-2.0
/* What run and latency have in common: which partition, from a file or from options, made ready. */
#pragma once

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/cli/command_line.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/config/partition.h"
#include "core/host/host.h"
#include "core/vmm/launch.h"
#include "core/vmm/launch_plan.h"

struct diag;

enum partition_option {
	OPTION_KERNEL = 1000,
	OPTION_INITRD,
	OPTION_CMDLINE,
	OPTION_MEMORY,
	OPTION_PAGES,
	OPTION_CPUS,
	OPTION_VCPUS,
	OPTION_POLICY,
	OPTION_REBOOT,
	OPTION_EXIT_PORT,
	OPTION_BEST_EFFORT,
	OPTION_PARTITION_END,
};

/* Rows for getopt_long(), the same for both commands. */
#define PARTITION_OPTIONS \
	{"memory", required_argument, NULL, OPTION_MEMORY}, \
	{"pages", required_argument, NULL, OPTION_PAGES}, \
	{"cpus", required_argument, NULL, OPTION_CPUS}, \
	{"vcpus", required_argument, NULL, OPTION_VCPUS}, \
	{"policy", required_argument, NULL, OPTION_POLICY}, \
	{"best-effort", no_argument, NULL, OPTION_BEST_EFFORT}

/** PARTITION_OPTIONS_HELP - their lines in --help. */
#define PARTITION_OPTIONS_HELP \
	"      --memory SIZE      guest memory, like 64M (the default) or 2G\n" \
	"      --pages SIZE       what backs it: 4K, 2M or 1G\n" \
	"      --cpus LIST        one vCPU on each of these host CPUs, like 2-3\n" \
	"      --vcpus N          N vCPUs, on CPUs that are free\n" \
	"      --policy POLICY    fifo:PRIORITY, deadline:RUNTIME/PERIOD or other\n" \
	"      --best-effort      note what cannot be had, and go on without it\n"

/**
 * struct partition_request - what the command line said.
 * @file, @name: of the command line. @text: a machine file in memory that @file only names; its
 * schedule counts as nobody's wish.
 * @oneoff: the partition made of options; @option_given: the first of them, for a message.
 * @source: the host to plan for.
 */
struct partition_request {
	const char *file;
	const char *name;
	const char *text;
	size_t text_length;
	struct partition_config oneoff;
	const char *option_given;
	bool policy_stated;
	bool best_effort;
	struct host_source source;
};

/**
 * struct partition_run - a partition ready to start.
 * @partition: in @machine, or the request's @oneoff.
 * @plan: of the whole machine; empty for a one-off run.
 */
struct partition_run {
	struct machine_config machine;
	const struct partition_config *partition;
	struct host_facts host;
	struct machine_plan plan;
	struct launch launch;
	struct launch_notes notes;
};

/** partition_request_init() - no file, a partition of defaults. Returns 0 or -ENOMEM. */
int partition_request_init(struct partition_request *request, struct diag *why);
void partition_request_done(struct partition_request *request);

/**
 * struct partition_command - a command that takes a partition.
 * @options: PARTITION_OPTIONS and its own, numbered from OPTION_PARTITION_END.
 * @own: takes one of its own. Returns 0 or -errno with @why.
 */
struct partition_command {
	const char *help;
	const struct option *options;
	int (*own)(void *request, int option, const char *value, struct diag *why);
};

/**
 * partition_command_parse() - read a whole command line: options, then [FILE [NAME]].
 * @own_request: for @command->own.
 *
 * Returns PARSE_DONE, or the exit status where there is nothing more to do: --help was printed, or
 * the refusal.
 */
int partition_command_parse(const struct partition_command *command, int argc, char **argv,
			    void *own_request, struct partition_request *request);

/**
 * partition_request_option() - take one option, as getopt_long() returned it with its @value.
 * @name: its name without the dashes, static storage.
 *
 * Returns 0, -EINVAL or -ERANGE with @why.
 */
int partition_request_option(struct partition_request *request, int option, const char *name,
			     const char *value, struct diag *why);

/**
 * partition_run_plan() - load, choose, read the host, plan. Prints each note on standard error, and as a
 * note what "bulkhead check" would refuse about this partition and can be run all the same.
 * @ret: zeroed; ended with partition_run_done(), also after a failure.
 *
 * Returns 0 or -errno with @why.
 */
int partition_run_plan(struct partition_request *request, struct partition_run *ret,
		       struct diag *why);
void partition_run_done(struct partition_run *run);
