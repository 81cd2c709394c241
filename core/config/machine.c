// SPDX-License-Identifier: Apache-2.0
#include "core/config/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/config/draft.h"
#include "core/config/machine_rules.h"
#include "core/config/rules.h"
#include "core/config/value.h"

/* Completes a broken rule's message with its place, and with where the other value came from when
 * that is a profile, which the user does not have before his eyes. */
static int rule_refuse(const struct violation *violation, const struct value_place *given,
		       const struct value_place *self, const char *prefix, int error,
		       struct diag *why)
{
	const struct value_place *key = &given[violation->key];
	const struct value_place *other = &given[violation->other];
	char text[sizeof(why->text)];

	if (key->file == NULL)
		key = other->file != NULL ? other : self;
	diag_at(why, key->file, key->line, key->column);
	if (violation->item != NULL)
		diag_at(why, key->file, violation->item->line, violation->item->column);
	diag_key(why, "%s%s%s", prefix, partition_schema.keys[violation->key].path,
		 violation->item_path);
	if (why == NULL || other == key || other->file == NULL || other->file == self->file)
		return error;
	size_t length = strlen(why->text);
	snprintf(text, sizeof(text), " (%s is from %s:%u)", partition_schema.keys[violation->other].path,
		 other->file, other->line);
	snprintf(why->text + length, sizeof(why->text) - length, "%s", text);
	return error;
}

/* Lays fallbacks, the profile and the partition's own keys over each other, in this order. */
static int partition_lay(const struct node *node, const struct mapping_reader *reader,
			 struct profile_store *store)
{
	struct partition_draft *draft = reader->target;
	const struct value_place *named = &reader->given[PARTITION_PROFILE];
	const struct profile *profile = NULL;
	int error = mapping_read(reader, node);

	if (error != 0 || draft->config.profile == NULL)
		return error;
	diag_key(reader->why, "%sprofile", reader->prefix);
	error = profile_find(store, draft->config.profile, reader->file, named, &profile,
			     reader->why);
	if (error != 0)
		return error;
	/* The profile was only known after a first reading; now again, from the bottom up. */
	draft_done(draft);
	memset(reader->given, 0, PARTITION_KEYS * sizeof(*reader->given));
	error = draft_start(draft);
	if (error == 0) {
		diag_key(reader->why, "%s", "");
		error = profile_apply(profile, draft, reader->given, reader->why);
	}
	return error == 0 ? mapping_read(reader, node) : error;
}

static int partition_load(const struct node *node, const char *file, size_t index,
			  struct profile_store *store, struct partition_config *ret,
			  struct diag *why)
{
	struct partition_draft draft = {0};
	struct value_place given[PARTITION_KEYS] = {0};
	struct value_place self = {file, node->line, node->column};
	struct violation violation;
	char prefix[32];
	struct mapping_reader reader = {
		.schema = &partition_schema,
		.refused = KEY_ONLY_IN_PROFILE,
		.file = file,
		.prefix = prefix,
		.target = &draft,
		.given = given,
		.why = why,
	};

	snprintf(prefix, sizeof(prefix), "partitions[%zu].", index);
	int error = draft_start(&draft);
	if (error != 0)
		return diag_set(why, ENOMEM, "not enough memory");
	error = partition_lay(node, &reader, store);
	if (error == 0)
		error = draft_check_given(&draft, given, prefix, why);
	if (error == 0) {
		draft_finish(&draft, ret);
		error = rules_check(ret, &violation, why);
		if (error != 0)
			rule_refuse(&violation, given, &self, prefix, error, why);
		draft_keep_places(given, ret);
	}
	draft_done(&draft);
	return error;
}

static int partitions_load(const struct node *list, struct machine_config *machine,
			   struct diag *why)
{
	struct profile_store store = {0};
	size_t count = 0;
	int error = 0;

	for (const struct node *node = list->child; node != NULL; node = node->next)
		count++;
	machine->partition = calloc(count, sizeof(*machine->partition));
	if (machine->partition == NULL)
		return diag_set(why, ENOMEM, "not enough memory for %zu partitions", count);
	for (const struct node *node = list->child; node != NULL && error == 0; node = node->next) {
		size_t index = machine->partition_count++;

		error = partition_load(node, machine->file, index, &store,
				       &machine->partition[index], why);
	}
	profile_store_done(&store);
	return error;
}

static int missing_refuse(const struct document *document, const char *path, const char *example,
			  struct diag *why)
{
	diag_at(why, document->name, document->root->line, document->root->column);
	diag_key(why, "%s", path);
	diag_set(why, EINVAL, "missing");
	diag_remedy(why, "add it, like %s", example);
	return -EINVAL;
}

static int machine_fill(const struct document *document, struct machine_config *machine,
			struct diag *why)
{
	struct machine_draft draft = {0};
	struct value_place given[MACHINE_KEYS] = {0};
	struct mapping_reader reader = {
		.schema = &machine_schema,
		.file = document->name,
		.prefix = "",
		.target = &draft,
		.given = given,
		.why = why,
	};
	int error = mapping_read(&reader, document->root);

	if (error != 0)
		return error;
	if (given[MACHINE_NAME].file == NULL)
		return missing_refuse(document, "machine", "machine: press-line-3", why);
	if (given[MACHINE_PARTITIONS].file == NULL)
		return missing_refuse(document, "partitions", "partitions: [{name: plc, ...}]",
				      why);
	machine->name = strdup(draft.name);
	machine->file = strdup(document->name);
	if (machine->name == NULL || machine->file == NULL)
		return diag_set(why, ENOMEM, "not enough memory");
	machine->housekeeping = draft.housekeeping;
	machine->housekeeping_at = (struct text_place){given[MACHINE_HOUSEKEEPING].line,
						       given[MACHINE_HOUSEKEEPING].column};
	machine->require_preempt_rt = draft.require_preempt_rt;
	machine->repair_drift = draft.repair_drift;
	machine->kernel_at = (struct text_place){given[MACHINE_KERNEL].line,
						 given[MACHINE_KERNEL].column};
	error = partitions_load(draft.partitions, machine, why);
	if (error == 0)
		error = machine_rules_check(machine, why);
	for (size_t i = 0; i < machine->partition_count && error == 0; i++) {
		struct partition_config *partition = &machine->partition[i];

		partition->require_preempt_rt = machine->require_preempt_rt &&
						partition->schedule.policy != VCPU_POLICY_OTHER;
	}
	return error;
}

static int machine_from(struct document *document, struct machine_config *ret, struct diag *why)
{
	struct machine_config machine = {0};
	int error = machine_fill(document, &machine, why);

	document_done(document);
	if (error != 0) {
		machine_done(&machine);
		return error;
	}
	/* What was being read last is no place of what is refused next. */
	if (why != NULL)
		*why = (struct diag){0};
	*ret = machine;
	return 0;
}

int machine_load(const char *path, struct machine_config *ret, struct diag *why)
{
	struct document document;
	int error = document_read(path, &document, why);

	return error == 0 ? machine_from(&document, ret, why) : error;
}

int machine_load_text(const char *text, size_t length, const char *name, struct machine_config *ret,
		      struct diag *why)
{
	struct document document;
	int error = document_parse(text, length, name, &document, why);

	return error == 0 ? machine_from(&document, ret, why) : error;
}

const struct partition_config *machine_find(const struct machine_config *machine, const char *name)
{
	for (size_t i = 0; i < machine->partition_count; i++) {
		if (strcmp(machine->partition[i].name, name) == 0)
			return &machine->partition[i];
	}
	return NULL;
}

void machine_done(struct machine_config *machine)
{
	for (size_t i = 0; i < machine->partition_count; i++)
		partition_done(&machine->partition[i]);
	free(machine->partition);
	free(machine->name);
	free(machine->file);
	*machine = (struct machine_config){0};
}
