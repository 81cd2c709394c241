// SPDX-License-Identifier: Apache-2.0
/*
 * What anybody may send to a control socket, or leave as a state file: it is refused with a reason, or what it
 * was taken for comes back the same from what that is written as.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/control_message.h"
#include "core/cli/run_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal says why, and can be printed and sent. */
static void check_refusal(int error, const struct diag *why)
{
	char line[2048];
	struct diag back = {0};
	json_t *reply = NULL;
	char *text;

	if (error >= 0 || why->error != -error || why->text[0] == '\0')
		abort();
	diag_format(why, line, sizeof(line));
	text = control_reply_format(NULL, why);
	if (text == NULL || control_reply_parse(text, strlen(text), &reply, &back) != error ||
	    strcmp(back.text, why->text) != 0)
		abort();
	free(text);
}

static void try_request(const char *text, size_t size)
{
	struct control_request request;
	struct control_request back;
	struct diag why = {0};
	char *line;
	int error = control_request_parse(text, size, &request, &why);

	if (error != 0) {
		check_refusal(error, &why);
		return;
	}
	line = control_request_format(&request);
	if (line == NULL || control_request_parse(line, strlen(line) - 1, &back, &why) != 0 ||
	    back.command != request.command || back.timeout_ns != request.timeout_ns)
		abort();
	free(line);
}

static void try_reply(const char *text, size_t size)
{
	json_t *reply = NULL;
	struct diag why = {0};
	int error = control_reply_parse(text, size, &reply, &why);

	if ((error == 0) != (reply != NULL) || (error != 0 && why.text[0] == '\0'))
		abort();
	json_decref(reply);
}

static void try_state(const char *text, size_t size)
{
	struct run_state state;
	struct run_state back;
	struct diag why = {0};
	char *again;
	int error = run_state_parse(text, size, &state, &why);

	if (error != 0) {
		check_refusal(error, &why);
		return;
	}
	again = run_state_format(&state);
	if (again == NULL || run_state_parse(again, strlen(again), &back, &why) != 0 ||
	    strcmp(back.file, state.file) != 0 || back.since_s != state.since_s ||
	    memcmp(&back.cpus, &state.cpus, sizeof(back.cpus)) != 0)
		abort();
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	try_request(text, size);
	try_reply(text, size);
	try_state(text, size);
	return 0;
}
