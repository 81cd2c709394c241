// SPDX-License-Identifier: Apache-2.0
#include "core/cli/run_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/cli/json_text.h"
#include "core/cli/run_folder.h"

static const char *const phase_names[] = {
	[RUN_STARTING] = "starting", [RUN_RUNNING] = "running", [RUN_PAUSED] = "paused",
	[RUN_STOPPING] = "stopping", [RUN_ENDED] = "ended", [RUN_CRASHED] = "crashed",
};

enum { PHASES = sizeof(phase_names) / sizeof(phase_names[0]) };

const char *run_phase_name(enum run_phase phase)
{
	return phase_names[phase];
}

char *run_state_format(const struct run_state *state)
{
	char cpus[CPULIST_TEXT_MAX];
	char *text = NULL;
	char *line = NULL;
	json_t *object = json_pack(
		"{s:i, s:s, s:i, s:i, s:s, s:I, s:o, s:s}", "version", RUN_STATE_VERSION, "name",
		state->name, "pid", (int)state->pid, "vmm", (int)state->vmm, "phase",
		run_phase_name(state->phase), "since", (json_int_t)state->since_s, "file",
		json_text(state->file), "cpus", cpulist_format(&state->cpus, cpus, sizeof(cpus)));

	text = json_dumps(object, JSON_INDENT(2));
	json_decref(object);
	if (text == NULL || asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

static int refuse(const char *key, struct diag *why)
{
	diag_key(why, "%s", key);
	return diag_set(why, EINVAL, "not what a state file holds here");
}

static int read_text(const json_t *object, const char *key, char *ret, size_t size, struct diag *why)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text == NULL || strlen(text) >= size)
		return refuse(key, why);
	memcpy(ret, text, strlen(text) + 1);
	return 0;
}

static int read_number(const json_t *object, const char *key, int64_t max, int64_t *ret, struct diag *why)
{
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 0 || number > max)
		return refuse(key, why);
	*ret = number;
	return 0;
}

static int read_phase(const json_t *object, enum run_phase *ret, struct diag *why)
{
	const char *text = json_string_value(json_object_get(object, "phase"));

	for (unsigned i = 0; text != NULL && i < PHASES; i++) {
		if (strcmp(text, phase_names[i]) == 0) {
			*ret = (enum run_phase)i;
			return 0;
		}
	}
	return refuse("phase", why);
}

static int read_object(const json_t *object, struct run_state *state, struct diag *why)
{
	char cpus[CPULIST_TEXT_MAX];
	int64_t version = 0;
	int64_t pid = 0;
	int64_t vmm = 0;
	int error = read_number(object, "version", INT64_MAX, &version, why);

	if (error == 0 && version != RUN_STATE_VERSION)
		return diag_set(why, ENOTSUP, "a state file of another version");
	if (error == 0)
		error = read_text(object, "name", state->name, sizeof(state->name), why);
	if (error == 0 && run_name_check(state->name, NULL) != 0)
		error = refuse("name", why);
	if (error == 0)
		error = read_number(object, "pid", INT32_MAX, &pid, why);
	if (error == 0)
		error = read_number(object, "vmm", INT32_MAX, &vmm, why);
	if (error == 0)
		error = read_phase(object, &state->phase, why);
	if (error == 0)
		error = read_number(object, "since", INT64_MAX, &state->since_s, why);
	if (error == 0)
		error = read_text(object, "file", state->file, sizeof(state->file), why);
	if (error == 0)
		error = read_text(object, "cpus", cpus, sizeof(cpus), why);
	if (error == 0 && cpulist_parse_kernel(cpus, &state->cpus) != 0)
		error = refuse("cpus", why);
	state->pid = (pid_t)pid;
	state->vmm = (pid_t)vmm;
	return error;
}

int run_state_parse(const char *text, size_t length, struct run_state *ret, struct diag *why)
{
	struct run_state state = {0};
	json_error_t where;
	json_t *object;
	int error;

	if (length > RUN_STATE_BYTES_MAX)
		return diag_set(why, E2BIG, "a state file is at most %d bytes", RUN_STATE_BYTES_MAX);
	object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	if (object == NULL)
		return diag_set(why, EINVAL, "not JSON: %s", where.text);
	error = json_is_object(object) ? read_object(object, &state, why) : refuse("", why);
	/* All eight are there: any other key is one more. */
	if (error == 0 && json_object_size(object) != 8)
		error = diag_set(why, EINVAL, "a state file with a key that version %d has not",
				 RUN_STATE_VERSION);
	json_decref(object);
	if (error == 0)
		*ret = state;
	return error;
}

int run_state_read(const char *name, struct run_state *ret, struct diag *why)
{
	_cleanup_free_ char *text = NULL;
	char path[RUN_PATH_MAX];
	_cleanup_close_ int fd = sys_open(run_path(name, "state", path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	ssize_t length;

	diag_at(why, path, 0, 0);
	if (fd < 0)
		return diag_set(why, -fd, "cannot be opened (%s)", strerror(-fd));
	text = malloc(RUN_STATE_BYTES_MAX + 1);
	if (text == NULL)
		return diag_set(why, ENOMEM, "out of memory");
	length = sys_read(fd, text, RUN_STATE_BYTES_MAX + 1);
	if (length < 0)
		return diag_set(why, (int)-length, "cannot be read (%s)", strerror((int)-length));
	return run_state_parse(text, (size_t)length, ret, why);
}
