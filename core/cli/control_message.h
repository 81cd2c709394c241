// SPDX-License-Identifier: Apache-2.0
/*
 * What is said over a running partition's control socket: lines of JSON, one request and one reply each.
 *
 *   {"version": 1, "command": "stop", "timeout": "5s"}
 *   {"version": 1, "ok": true, ...}
 *   {"version": 1, "ok": false, "error": {"errno": 22, "key": ..., "text": ..., "got": ..., "allowed": ..., "remedy": ...}}
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct diag;

enum {
	CONTROL_VERSION = 1,
	CONTROL_REQUEST_MAX = 4096,   /* bytes of a request with its newline */
	CONTROL_REPLY_MAX = 4 << 20,  /* and of a reply */
};

enum control_command {
	CONTROL_STATUS,
	CONTROL_STOP,
	CONTROL_PAUSE,
	CONTROL_RESUME,
};

/** struct control_request - @timeout_ns: of a stop, how long the guest has before it is killed; 0: not stated. */
struct control_request {
	enum control_command command;
	uint64_t timeout_ns;
};

/** control_command_name() - "status" and so on; static. */
const char *control_command_name(enum control_command command);

/**
 * control_request_parse() - read a request: any bytes, of anyone. Unknown keys are refused.
 * @line: @length bytes, without the newline.
 * @ret: set on success only.
 *
 * Pure. Returns 0; -EINVAL, -ERANGE, -E2BIG, or -ENOTSUP for another version, with @why.
 */
int control_request_parse(const char *line, size_t length, struct control_request *ret,
			  struct diag *why);

/** control_request_format() - the same as one line with its newline; to be freed. NULL: no memory. */
char *control_request_format(const struct control_request *request);

/**
 * control_reply_format() - a reply as one line with its newline; to be freed. NULL: no memory.
 * @body: what else a yes says, an object or NULL; taken over.
 * @why: NULL, or the reason of a no.
 */
char *control_reply_format(json_t *body, const struct diag *why);

/**
 * control_reply_parse() - read a reply.
 * @ret: set on success only: the whole object, a new reference.
 *
 * Pure. Returns 0; -EBADMSG what is no reply; or the error of a no, with @why as it was sent.
 */
int control_reply_parse(const char *line, size_t length, json_t **ret, struct diag *why);
