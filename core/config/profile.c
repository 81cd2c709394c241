// SPDX-License-Identifier: Apache-2.0
#include "core/config/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/config/embedded.h"
#include "core/config/value.h"

static const struct built_in {
	const char *name;
	const char *path;
	const char *text;
	const char *end;
} built_ins[] = {
	{"industrial", "configs/profiles/industrial.yaml", profile_industrial_yaml,
	 profile_industrial_yaml_end},
	{"nfv", "configs/profiles/nfv.yaml", profile_nfv_yaml, profile_nfv_yaml_end},
	{"best-effort", "configs/profiles/best-effort.yaml", profile_best_effort_yaml,
	 profile_best_effort_yaml_end},
};

/* struct chain - the profiles under way, from the newest back to the one the partition named. */
struct chain {
	const struct chain *below;
	const char *name;
	unsigned length;
};

static const struct built_in *built_in_find(const char *name)
{
	for (size_t i = 0; i < sizeof(built_ins) / sizeof(built_ins[0]); i++) {
		if (strcmp(built_ins[i].name, name) == 0)
			return &built_ins[i];
	}
	return NULL;
}

static int name_refuse(struct diag *why, const struct value_place *at, int error, const char *name,
		       const char *text)
{
	diag_at(why, at->file, at->line, at->column);
	diag_set(why, error, "%s", text);
	diag_got(why, name, strlen(name));
	return -error;
}

static int length_refuse(struct diag *why, const struct value_place *at, const char *name)
{
	name_refuse(why, at, E2BIG, name, "too many profiles inherit each other");
	diag_allowed(why, "a chain of %d", PROFILE_CHAIN_MAX);
	return -E2BIG;
}

/* The path of a profile file: absolute as it is, else relative to the folder of the file naming it.
 * Always with a slash, so that it is no built-in's name, and one way to write it, so that a circle
 * is seen as one. */
static char *path_resolve(const char *name, const char *from)
{
	const char *slash = strrchr(from, '/');
	char *path = NULL;

	if (name[0] == '/')
		return strdup(name);
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	if (asprintf(&path, "%.*s/%s", slash != NULL ? (int)(slash - from) : 1,
		     slash != NULL ? from : ".", name) < 0)
		return NULL;
	return path;
}

static int profile_open(const char *name, struct document *ret, struct diag *why)
{
	const struct built_in *built_in = built_in_find(name);
	struct stat status;

	/* A machine file may be piped in, but what it names must not wait for somebody to write. */
	if (built_in == NULL && stat(name, &status) == 0 && !S_ISREG(status.st_mode)) {
		diag_at(why, name, 0, 0);
		diag_set(why, EINVAL, "a profile must be a regular file");
		diag_remedy(why, "save it as one");
		return -EINVAL;
	}
	if (built_in == NULL)
		return document_read(name, ret, why);
	return document_parse(built_in->text, (size_t)(built_in->end - built_in->text),
			      built_in->path, ret, why);
}

static int find(struct profile_store *store, const char *name, const char *from,
		const struct value_place *at, const struct chain *below,
		const struct profile **ret, struct diag *why);

static void profile_free(struct profile *profile)
{
	document_done(&profile->document);
	free(profile->name);
	free(profile);
}

/* Checks a profile on its own, so that its faults are its own, and finds what it inherits. */
static int profile_link(struct profile_store *store, struct profile *profile,
			const struct chain *chain, struct diag *why)
{
	struct partition_draft draft = {0};
	struct value_place given[PARTITION_KEYS] = {0};

	profile->length = 1;
	int error = profile_apply(profile, &draft, given, why);

	if (error == 0 && draft.inherits != NULL) {
		diag_key(why, "inherits");
		error = find(store, draft.inherits, profile->document.name,
			     &given[PARTITION_INHERITS], chain, &profile->parent, why);
		profile->length = error == 0 ? profile->parent->length + 1 : 1;
		if (profile->length > PROFILE_CHAIN_MAX)
			error = length_refuse(why, &given[PARTITION_INHERITS], draft.inherits);
	}
	for (size_t i = 0; i < partition_schema.key_count; i++)
		value_done(&partition_schema.keys[i], &draft);
	return error;
}

static int profile_load(struct profile_store *store, const struct chain *chain,
			const struct value_place *at, const struct profile **ret, struct diag *why)
{
	struct profile *profile = calloc(1, sizeof(*profile));

	if (profile == NULL)
		return diag_set(why, ENOMEM, "not enough memory");
	profile->name = strdup(chain->name);
	int error = profile->name != NULL ? profile_open(profile->name, &profile->document, why)
					  : diag_set(why, ENOMEM, "not enough memory");
	/* A file that cannot be had is the fault of the line that asks for it. */
	if (error == -ENOENT) {
		name_refuse(why, at, ENOENT, chain->name, "no such profile file");
		diag_remedy(why, "check the path; it counts from the folder of the file that names it");
	} else if (error != 0) {
		diag_key(why, "%s", "");
	}
	if (error == 0)
		error = profile_link(store, profile, chain, why);
	if (error != 0) {
		profile_free(profile);
		return error;
	}
	profile->next = store->first;
	store->first = profile;
	*ret = profile;
	return 0;
}

static int find(struct profile_store *store, const char *name, const char *from,
		const struct value_place *at, const struct chain *below,
		const struct profile **ret, struct diag *why)
{
	_cleanup_free_ char *path = NULL;

	if (strchr(name, '/') == NULL && built_in_find(name) == NULL) {
		name_refuse(why, at, ENOENT, name, "unknown profile");
		diag_allowed(why, "industrial, nfv, best-effort, or a path with a / in it");
		return -ENOENT;
	}
	path = built_in_find(name) != NULL ? strdup(name) : path_resolve(name, from);
	if (path == NULL)
		return diag_set(why, ENOMEM, "not enough memory");

	for (const struct chain *link = below; link != NULL; link = link->below) {
		if (strcmp(link->name, path) == 0) {
			name_refuse(why, at, ELOOP, name, "the profile inherits itself");
			diag_remedy(why, "remove one inherits of the circle");
			return -ELOOP;
		}
	}
	for (const struct profile *known = store->first; known != NULL; known = known->next) {
		if (strcmp(known->name, path) == 0) {
			*ret = known;
			return 0;
		}
	}
	struct chain chain = {below, path, below != NULL ? below->length + 1 : 1};
	if (chain.length > PROFILE_CHAIN_MAX)
		return length_refuse(why, at, name);
	return profile_load(store, &chain, at, ret, why);
}

int profile_find(struct profile_store *store, const char *name, const char *from,
		 const struct value_place *at, const struct profile **ret, struct diag *why)
{
	return find(store, name, from, at, NULL, ret, why);
}

int profile_apply(const struct profile *profile, struct partition_draft *draft,
		  struct value_place *given, struct diag *why)
{
	const struct profile *chain[PROFILE_CHAIN_MAX];
	size_t length = 0;
	int error = 0;

	for (; profile != NULL && length < PROFILE_CHAIN_MAX; profile = profile->parent)
		chain[length++] = profile;
	while (length-- > 0 && error == 0) {
		struct mapping_reader reader = {
			.schema = &partition_schema,
			.refused = KEY_NOT_IN_PROFILE,
			.file = chain[length]->document.name,
			.prefix = "",
			.target = draft,
			.given = given,
			.why = why,
		};

		error = mapping_read(&reader, chain[length]->document.root);
	}
	return error;
}

void profile_store_done(struct profile_store *store)
{
	while (store->first != NULL) {
		struct profile *profile = store->first;

		store->first = profile->next;
		profile_free(profile);
	}
}
