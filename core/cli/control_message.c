// SPDX-License-Identifier: Apache-2.0
#include "core/cli/control_message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/cli/json_text.h"

static const char *const names[] = {
	[CONTROL_STATUS] = "status", [CONTROL_STOP] = "stop", [CONTROL_PAUSE] = "pause",
	[CONTROL_RESUME] = "resume",
};

enum { COMMANDS = sizeof(names) / sizeof(names[0]) };

const char *control_command_name(enum control_command command)
{
	return names[command];
}

static void json_done(json_t **value)
{
	json_decref(*value);
}

static int check_version(const json_t *object, struct diag *why)
{
	const json_t *version = json_object_get(object, "version");

	diag_key(why, "version");
	if (!json_is_integer(version))
		return diag_set(why, EINVAL, "a message without the number of its version");
	if (json_integer_value(version) == CONTROL_VERSION)
		return 0;
	diag_set(why, ENOTSUP, "a message of another version");
	diag_allowed(why, "%d", CONTROL_VERSION);
	diag_remedy(why, "use the bulkhead that runs the partition");
	return -ENOTSUP;
}

static int check_keys(const json_t *object, struct diag *why)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (strcmp(key, "version") != 0 && strcmp(key, "command") != 0 &&
		    strcmp(key, "timeout") != 0) {
			diag_key(why, "%s", key);
			return diag_set(why, EINVAL, "a request of version %d has no such key",
					CONTROL_VERSION);
		}
	}
	return 0;
}

static int read_command(const json_t *object, enum control_command *ret, struct diag *why)
{
	const char *text = json_string_value(json_object_get(object, "command"));

	diag_key(why, "command");
	for (unsigned i = 0; text != NULL && i < COMMANDS; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum control_command)i;
			return 0;
		}
	}
	diag_set(why, EINVAL, text == NULL ? "a request without a command" : "no such command");
	if (text != NULL)
		diag_got(why, text, strlen(text));
	diag_allowed(why, "status, stop, pause or resume");
	return -EINVAL;
}

static int read_timeout(const json_t *object, struct control_request *request, struct diag *why)
{
	const json_t *value = json_object_get(object, "timeout");
	const char *text = json_string_value(value);

	if (value == NULL)
		return 0;
	diag_key(why, "timeout");
	if (request->command != CONTROL_STOP)
		return diag_set(why, EINVAL, "a key of stop alone");
	if (text == NULL)
		return diag_set(why, EINVAL, "a time is a text, like \"5s\"");
	return duration_parse(text, &request->timeout_ns, why);
}

int control_request_parse(const char *line, size_t length, struct control_request *ret,
			  struct diag *why)
{
	struct control_request request = {0};
	json_error_t where;
	int error;

	if (length >= CONTROL_REQUEST_MAX)
		return diag_set(why, E2BIG, "a request is at most %d bytes", CONTROL_REQUEST_MAX);
	_cleanup_(json_done) json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &where);
	if (object == NULL)
		return diag_set(why, EINVAL, "not JSON: %s", where.text);
	if (!json_is_object(object))
		return diag_set(why, EINVAL, "a request is a JSON object");
	error = check_version(object, why);
	if (error == 0)
		error = check_keys(object, why);
	if (error == 0)
		error = read_command(object, &request.command, why);
	if (error == 0)
		error = read_timeout(object, &request, why);
	if (error != 0)
		return error;
	if (why != NULL)
		why->key[0] = '\0';
	*ret = request;
	return 0;
}

/* Takes @object over. */
static char *one_line(json_t *object)
{
	_cleanup_free_ char *text = json_dumps(object, JSON_COMPACT);
	char *line = NULL;

	json_decref(object);
	if (text == NULL || asprintf(&line, "%s\n", text) < 0)
		return NULL;
	return line;
}

char *control_request_format(const struct control_request *request)
{
	json_t *object = json_pack("{s:i, s:s}", "version", CONTROL_VERSION, "command",
				   control_command_name(request->command));
	char timeout[32];

	if (request->timeout_ns != 0)
		json_object_set_new(object, "timeout", json_string(duration_format(
			request->timeout_ns, timeout, sizeof(timeout))));
	return one_line(object);
}

static json_t *error_json(const struct diag *why)
{
	json_t *error = json_pack("{s:i}", "errno", why->error);
	const struct {
		const char *key;
		const char *text;
	} fields[] = {
		{"key", why->key}, {"text", why->text}, {"got", why->got}, {"allowed", why->allowed},
		{"remedy", why->remedy},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].text[0] != '\0')
			json_object_set_new(error, fields[i].key, json_text(fields[i].text));
	}
	return error;
}

char *control_reply_format(json_t *body, const struct diag *why)
{
	json_t *object = json_pack("{s:i, s:b}", "version", CONTROL_VERSION, "ok", why == NULL);

	if (body != NULL)
		json_object_update(object, body);
	json_decref(body);
	if (why != NULL)
		json_object_set_new(object, "error", error_json(why));
	return one_line(object);
}

static const char *text_of(const json_t *error, const char *key)
{
	const char *text = json_string_value(json_object_get(error, key));

	return text == NULL ? "" : text;
}

static int read_error(const json_t *error, struct diag *why)
{
	json_int_t number = json_integer_value(json_object_get(error, "errno"));
	const char *got = text_of(error, "got");

	if (number <= 0 || number > 4095 || *text_of(error, "text") == '\0')
		return diag_set(why, EBADMSG, "the partition's supervisor said no, and not why");
	diag_key(why, "%s", text_of(error, "key"));
	diag_set(why, (int)number, "%s", text_of(error, "text"));
	if (*got != '\0')
		diag_got(why, got, strlen(got));
	if (*text_of(error, "allowed") != '\0')
		diag_allowed(why, "%s", text_of(error, "allowed"));
	if (*text_of(error, "remedy") != '\0')
		diag_remedy(why, "%s", text_of(error, "remedy"));
	return -(int)number;
}

int control_reply_parse(const char *line, size_t length, json_t **ret, struct diag *why)
{
	_cleanup_(json_done) json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	const json_t *ok = json_object_get(object, "ok");

	if (!json_is_object(object) || !json_is_boolean(ok) || check_version(object, NULL) != 0)
		return diag_set(why, EBADMSG, "what answers on the control socket is no supervisor of this "
				"release");
	if (!json_is_true(ok))
		return read_error(json_object_get(object, "error"), why);
	*ret = take_pointer(object);
	return 0;
}
