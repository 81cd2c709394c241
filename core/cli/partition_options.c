// SPDX-License-Identifier: Apache-2.0
#include "core/cli/partition_options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/cli/commands.h"
#include "core/cli/refusal.h"
#include "core/cli/vmm_groups.h"

int partition_request_init(struct partition_request *request, struct diag *why)
{
	*request = (struct partition_request){0};
	if (partition_default(&request->oneoff) != 0)
		return diag_set(why, ENOMEM, "out of memory");
	snprintf(request->oneoff.name, sizeof(request->oneoff.name), "guest");
	request->oneoff.memory_bytes = UINT64_C(64) << 20;
	request->oneoff.vcpus = 1;
	request->oneoff.schedule.policy = VCPU_POLICY_FIFO;
	request->oneoff.schedule.priority = 1;
	return 0;
}

void partition_request_done(struct partition_request *request)
{
	partition_done(&request->oneoff);
}

static int set_text(char **text, const char *value, struct diag *why)
{
	free(*text);
	*text = strdup(value);
	return *text == NULL ? diag_set(why, ENOMEM, "out of memory") : 0;
}

static int refuse(const char *value, const char *allowed, struct diag *why)
{
	diag_set(why, EINVAL, "not a value of this option");
	diag_got(why, value, strlen(value));
	diag_allowed(why, "%s", allowed);
	return -EINVAL;
}

/* A whole number from @min to @max, and nothing behind it. */
static int parse_number(const char *value, unsigned min, unsigned max, unsigned *ret,
			struct diag *why)
{
	char allowed[48];
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	snprintf(allowed, sizeof(allowed), "%u to %u", min, max);
	if (*value < '0' || *value > '9' || *end != '\0' || number < min || number > max)
		return refuse(value, allowed, why);
	*ret = (unsigned)number;
	return 0;
}

/* RUNTIME/PERIOD, or RUNTIME/DEADLINE/PERIOD. */
static int parse_deadline(const char *value, struct vcpu_schedule *ret, struct diag *why)
{
	_cleanup_free_ char *text = strdup(value);
	uint64_t times[3];
	int count = 0;
	char *rest = text;

	for (char *item; (item = strsep(&rest, "/")) != NULL;) {
		if (count == 3 || duration_parse(item, &times[count++], why) != 0)
			return refuse(value, "deadline:RUNTIME/PERIOD, like deadline:2ms/10ms", why);
	}
	if (count < 2)
		return refuse(value, "deadline:RUNTIME/PERIOD, like deadline:2ms/10ms", why);
	*ret = (struct vcpu_schedule){
		.policy = VCPU_POLICY_DEADLINE, .runtime_ns = times[0], .deadline_ns = times[1],
		.period_ns = times[count - 1],
	};
	return 0;
}

static int parse_policy(const char *value, struct vcpu_schedule *ret, struct diag *why)
{
	struct vcpu_schedule fifo = {.policy = VCPU_POLICY_FIFO};

	if (strcmp(value, "other") == 0) {
		*ret = (struct vcpu_schedule){.policy = VCPU_POLICY_OTHER};
		return 0;
	}
	if (strncmp(value, "deadline:", 9) == 0)
		return parse_deadline(value + 9, ret, why);
	if (strncmp(value, "fifo:", 5) != 0)
		return refuse(value, "fifo:PRIORITY, deadline:RUNTIME/PERIOD or other", why);
	int error = parse_number(value + 5, 1, 98, &fifo.priority, why);
	if (error == 0)
		*ret = fifo;
	return error;
}

static int add_initrd(struct partition_config *partition, const char *value, struct diag *why)
{
	if (partition->initrd_count == PARTITION_INITRDS_MAX)
		return diag_set(why, E2BIG, "more than %d initrds", PARTITION_INITRDS_MAX);
	return set_text(&partition->initrd[partition->initrd_count++], value, why);
}

static int parse_cpus(struct partition_config *partition, const char *value, struct diag *why)
{
	int error = cpulist_parse(value, &partition->cpus, why);

	if (error != 0)
		return error;
	partition->vcpus = cpulist_count(&partition->cpus);
	if (partition->vcpus > PARTITION_VCPUS_MAX)
		return refuse(value, "up to 64 CPUs", why);
	return 0;
}

static int parse_reboot(const char *value, enum reboot_action *ret, struct diag *why)
{
	if (strcmp(value, "exit") != 0 && strcmp(value, "restart") != 0)
		return refuse(value, "exit or restart", why);
	*ret = *value == 'e' ? REBOOT_EXIT : REBOOT_RESTART;
	return 0;
}

int partition_request_option(struct partition_request *request, int option, const char *name,
			     const char *value, struct diag *why)
{
	struct partition_config *oneoff = &request->oneoff;

	if (option == OPTION_BEST_EFFORT) {
		request->best_effort = true;
		return 0;
	}
	request->option_given = name;
	switch ((enum partition_option)option) {
	case OPTION_KERNEL:
		return set_text(&oneoff->kernel, value, why);
	case OPTION_INITRD:
		return add_initrd(oneoff, value, why);
	case OPTION_CMDLINE:
		return set_text(&oneoff->cmdline, value, why);
	case OPTION_MEMORY:
		return size_parse(value, &oneoff->memory_bytes, why);
	case OPTION_PAGES:
		return size_parse(value, &oneoff->page_bytes, why);
	case OPTION_CPUS:
		return parse_cpus(oneoff, value, why);
	case OPTION_VCPUS:
		return parse_number(value, 1, PARTITION_VCPUS_MAX, &oneoff->vcpus, why);
	case OPTION_POLICY:
		request->policy_stated = true;
		return parse_policy(value, &oneoff->schedule, why);
	case OPTION_REBOOT:
		return parse_reboot(value, &oneoff->reboot, why);
	case OPTION_EXIT_PORT:
		oneoff->exit_port = true;
		return 0;
	case OPTION_BEST_EFFORT:
	case OPTION_PARTITION_END:
		break;
	}
	return -EINVAL;
}

int partition_command_parse(const struct partition_command *command, int argc, char **argv,
			    void *own_request, struct partition_request *request)
{
	struct diag why = {0};
	int index = 0;
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", command->options, &index)) != -1) {
		char spelled[32];
		int error;

		if (option == 'h') {
			fputs(command->help, stdout);
			return output_finish(COMMAND_HELD);
		}
		if (option == '?' || option == ':')
			return refusal_option(argv, option);
		snprintf(spelled, sizeof(spelled), "--%s", command->options[index].name);
		diag_key(&why, "%s", spelled);
		if (option >= OPTION_PARTITION_END)
			error = command->own(own_request, option, optarg, &why);
		else
			error = partition_request_option(request, option,
							 command->options[index].name, optarg, &why);
		if (error != 0)
			return refusal_print(&why);
	}
	if (argc - optind > 2)
		return refusal_usage(argv[0], "more than a file and a partition's name are given");
	request->file = argc > optind ? argv[optind] : NULL;
	request->name = argc > optind + 1 ? argv[optind + 1] : NULL;
	return PARSE_DONE;
}

static int choose_partition(const struct partition_request *request, struct partition_run *run,
			    struct diag *why)
{
	const struct machine_config *machine = &run->machine;

	if (request->name != NULL) {
		run->partition = machine_find(machine, request->name);
		if (run->partition != NULL)
			return 0;
		diag_at(why, request->file, 0, 0);
		diag_set(why, ENOENT, "no partition has this name");
		diag_got(why, request->name, strlen(request->name));
		return -ENOENT;
	}
	if (machine->partition_count == 1) {
		run->partition = &machine->partition[0];
		return 0;
	}
	diag_at(why, request->file, 0, 0);
	diag_set(why, EINVAL, "the machine has %zu partitions, and one is to be named",
		 machine->partition_count);
	diag_remedy(why, "name one behind the file, like %s", machine->partition[0].name);
	return -EINVAL;
}

static int load_file(const struct partition_request *request, struct partition_run *run,
		     struct launch_terms *terms, struct diag *why)
{
	int error;

	if (request->option_given != NULL) {
		diag_key(why, "--%s", request->option_given);
		diag_set(why, EINVAL, "an option of one-off runs, given together with a machine file");
		diag_remedy(why, "state it in %s, or leave the file out", request->file);
		return -EINVAL;
	}
	if (request->text == NULL)
		error = machine_load(request->file, &run->machine, why);
	else
		error = machine_load_text(request->text, request->text_length, request->file,
					  &run->machine, why);
	if (error == 0)
		error = choose_partition(request, run, why);
	if (error != 0)
		return error;
	terms->file = request->file;
	terms->housekeeping = run->machine.housekeeping;
	terms->policy_stated = request->text == NULL;
	return 0;
}

/* The neighbours' CPUs, and the siblings of those that share no core. */
static void take_neighbours(const struct partition_run *run, struct cpulist *taken)
{
	for (size_t i = 0; i < run->machine.partition_count; i++) {
		const struct partition_config *neighbour = &run->machine.partition[i];
		struct cpulist cpus = neighbour->cpus;

		if (neighbour == run->partition)
			continue;
		if (!neighbour->share_cores)
			topology_cores_of(&run->host.topology, &neighbour->cpus, &cpus);
		cpulist_or(taken, &cpus, taken);
	}
}

static int check_oneoff(struct partition_request *request, struct partition_run *run,
			struct diag *why)
{
	if (request->oneoff.kernel == NULL) {
		diag_set(why, EINVAL, "neither a machine file nor --kernel is given");
		diag_remedy(why, "add --kernel IMAGE, or name a FILE");
		return -EINVAL;
	}
	/* What costs privileges comes with what needs it: a guest without deadlines runs as anybody. */
	bool real_time = request->oneoff.schedule.policy != VCPU_POLICY_OTHER;
	request->oneoff.lock_memory = real_time;
	request->oneoff.hold_cpu_dma_latency = real_time;
	run->partition = &request->oneoff;
	return partition_check(&request->oneoff, why);
}

static bool is_underived(const struct vcpu_schedule *schedule)
{
	return schedule->policy == VCPU_POLICY_DEADLINE && schedule->runtime_ns == 0;
}

/* Without these the partition cannot be told what to run on: CPUs of its own, and a schedule. */
static bool is_binding(const struct finding *finding, const struct vcpu_schedule *schedule)
{
	return strcmp(finding->rule, "cpu-overlap") == 0 ||
	       (is_underived(schedule) && strncmp(finding->rule, "reservation-", 12) == 0);
}

/* What the machine's plan has to say about the one partition that runs. */
static int heed_findings(const struct findings *findings, int partition,
			 const struct vcpu_schedule *schedule, struct diag *why)
{
	char line[2048];

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->item[i];

		if (finding->partition != partition || finding->kind == FINDING_NOTE)
			continue;
		if (is_binding(finding, schedule)) {
			*why = finding->diag;
			return -finding->diag.error;
		}
		if (finding->kind == FINDING_REFUSED)
			fprintf(stderr, "bulkhead: note: check refuses this: %s\n",
				diag_format(&finding->diag, line, sizeof(line)));
	}
	return is_underived(schedule) ? diag_set(why, EDOM, "no reservation could be derived") : 0;
}

static int plan_machine(struct partition_run *run, struct launch_terms *terms, struct diag *why)
{
	_cleanup_(findings_done) struct findings findings = {0};
	size_t index = (size_t)(run->partition - run->machine.partition);

	if (flow_plan(&run->machine, &run->host, &run->plan, &findings) != 0)
		return diag_set(why, ENOMEM, "not enough memory to plan the machine");
	take_neighbours(run, &terms->taken);
	vmm_groups_granted(run, &terms->granted);
	terms->schedule = &run->plan.reservation.schedule[index];
	return heed_findings(&findings, (int)index, terms->schedule, why);
}

int partition_run_plan(struct partition_request *request, struct partition_run *ret,
		       struct diag *why)
{
	struct launch_terms terms = {
		.best_effort = request->best_effort, .policy_stated = request->policy_stated,
	};
	int error;

	why->key[0] = '\0';
	error = request->file != NULL ? load_file(request, ret, &terms, why)
				      : check_oneoff(request, ret, why);
	if (error == 0)
		error = host_facts_read(&request->source, HOST_PLAN, &ret->host, why);
	if (error == 0 && request->file != NULL)
		error = plan_machine(ret, &terms, why);
	if (error == 0)
		error = launch_plan(ret->partition, &terms, &ret->host, &ret->launch, &ret->notes, why);
	for (size_t i = 0; i < ret->notes.count && error == 0; i++)
		fprintf(stderr, "bulkhead: note: %s\n", ret->notes.text[i]);
	return error;
}

void partition_run_done(struct partition_run *run)
{
	launch_done(&run->launch);
	machine_plan_done(&run->plan);
	host_facts_done(&run->host);
	machine_done(&run->machine);
	*run = (struct partition_run){0};
}
