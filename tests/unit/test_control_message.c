// SPDX-License-Identifier: Apache-2.0
/* What is said over a control socket: what is written is read back, and all else is refused with a reason. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/control_message.h"

void test_control_message_register(void);

static int parse(const char *text, struct control_request *ret, struct diag *why)
{
	*why = (struct diag){0};
	return control_request_parse(text, strlen(text), ret, why);
}

static void requests_come_back(void)
{
	static const struct control_request requests[] = {
		{CONTROL_STATUS, 0}, {CONTROL_STOP, 0}, {CONTROL_STOP, 1}, {CONTROL_STOP, UINT64_C(2500000000)},
		{CONTROL_STOP, INT64_MAX}, {CONTROL_PAUSE, 0}, {CONTROL_RESUME, 0},
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		char *line = control_request_format(&requests[i]);
		struct control_request back = {CONTROL_PAUSE, 42};
		struct diag why = {0};

		CU_ASSERT_PTR_NOT_NULL_FATAL(line);
		CU_ASSERT_PTR_EQUAL(strchr(line, '\n'), line + strlen(line) - 1);
		CU_ASSERT_EQUAL(control_request_parse(line, strlen(line) - 1, &back, &why), 0);
		CU_ASSERT_EQUAL(back.command, requests[i].command);
		CU_ASSERT_EQUAL(back.timeout_ns, requests[i].timeout_ns);
		CU_ASSERT_EQUAL(why.error, 0);
		CU_ASSERT_EQUAL(why.key[0], '\0');
		free(line);
	}
}

static void bad_requests_are_refused(void)
{
	static const struct {
		const char *text;
		int error;
		const char *key;
	} cases[] = {
		{"", EINVAL, ""}, {"{", EINVAL, ""}, {"[]", EINVAL, ""}, {"null", EINVAL, ""}, {"7", EINVAL, ""},
		{"{}", EINVAL, "version"}, {"{\"command\": \"stop\"}", EINVAL, "version"},
		{"{\"version\": \"1\", \"command\": \"stop\"}", EINVAL, "version"},
		{"{\"version\": 1.0, \"command\": \"stop\"}", EINVAL, "version"},
		{"{\"version\": 0, \"command\": \"stop\"}", ENOTSUP, "version"},
		{"{\"version\": 2, \"command\": \"stop\", \"new\": 1}", ENOTSUP, "version"},
		{"{\"version\": 1}", EINVAL, "command"},
		{"{\"version\": 1, \"command\": 3}", EINVAL, "command"},
		{"{\"version\": 1, \"command\": \"Stop\"}", EINVAL, "command"},
		{"{\"version\": 1, \"command\": \"stop \"}", EINVAL, "command"},
		{"{\"version\": 1, \"command\": \"stop\", \"colour\": 1}", EINVAL, "colour"},
		{"{\"version\": 1, \"command\": \"stop\", \"timeout\": 5}", EINVAL, "timeout"},
		{"{\"version\": 1, \"command\": \"stop\", \"timeout\": null}", EINVAL, "timeout"},
		{"{\"version\": 1, \"command\": \"stop\", \"timeout\": \"5\"}", EINVAL, "timeout"},
		{"{\"version\": 1, \"command\": \"stop\", \"timeout\": \"9999999999999h\"}", ERANGE, "timeout"},
		{"{\"version\": 1, \"command\": \"pause\", \"timeout\": \"5s\"}", EINVAL, "timeout"},
		{"{\"version\": 1, \"command\": \"stop\", \"command\": \"stop\"}", EINVAL, ""},
		{"{\"version\": 1, \"command\": \"stop\"} {}", EINVAL, ""},
		{"{\"version\": 1, \"command\": \"\xff\"}", EINVAL, ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct control_request request = {CONTROL_PAUSE, 42};
		struct diag why;

		CU_ASSERT_EQUAL(parse(cases[i].text, &request, &why), -cases[i].error);
		CU_ASSERT_EQUAL(why.error, cases[i].error);
		CU_ASSERT_STRING_EQUAL(why.key, cases[i].key);
		CU_ASSERT_NOT_EQUAL(why.text[0], '\0');
		CU_ASSERT_EQUAL(request.command, CONTROL_PAUSE);
		CU_ASSERT_EQUAL(request.timeout_ns, 42);
	}
}

/* The longest request that is one, and one byte more. */
static void requests_have_a_size(void)
{
	static const char request_text[] = "{\"version\": 1, \"command\": \"status\"}";
	char line[CONTROL_REQUEST_MAX];
	struct control_request request;
	struct diag why = {0};

	memset(line, ' ', sizeof(line));
	memcpy(line, request_text, strlen(request_text));
	CU_ASSERT_EQUAL(control_request_parse(line, sizeof(line) - 1, &request, &why), 0);
	CU_ASSERT_EQUAL(control_request_parse(line, sizeof(line), &request, &why), -E2BIG);
	for (size_t i = 0; i < strlen(request_text); i++) {
		char *part = malloc(i == 0 ? 1 : i);

		CU_ASSERT_PTR_NOT_NULL_FATAL(part);
		memcpy(part, request_text, i);
		CU_ASSERT_EQUAL(control_request_parse(part, i, &request, &why), -EINVAL);
		free(part);
	}
}

static void a_yes_comes_back(void)
{
	char *line = control_reply_format(json_pack("{s:i}", "answer", 42), NULL);
	json_t *reply = NULL;
	struct diag why = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	CU_ASSERT_EQUAL_FATAL(control_reply_parse(line, strlen(line), &reply, &why), 0);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(reply, "answer")), 42);
	json_decref(reply);
	free(line);
	line = control_reply_format(NULL, NULL);
	CU_ASSERT_STRING_EQUAL(line, "{\"version\":1,\"ok\":true}\n");
	free(line);
}

static void a_no_comes_back_with_its_reason(void)
{
	struct diag no = {0};
	struct diag why = {0};
	json_t *reply = NULL;
	char *line;

	diag_key(&no, "timeout");
	diag_set(&no, ERANGE, "too long");
	diag_got(&no, "\"9h\"\n", 5);
	diag_allowed(&no, "up to %d", 5);
	diag_remedy(&no, "say less");
	line = control_reply_format(NULL, &no);
	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	CU_ASSERT_EQUAL(control_reply_parse(line, strlen(line), &reply, &why), -ERANGE);
	CU_ASSERT_PTR_NULL(reply);
	CU_ASSERT_EQUAL(memcmp(&why, &no, sizeof(no)), 0);
	free(line);
}

static void what_is_no_reply_is_refused(void)
{
	static const char *const texts[] = {
		"", "{", "[]", "{}", "{\"ok\":true}", "{\"version\":2,\"ok\":true}", "{\"version\":1,\"ok\":1}",
		"{\"version\":1,\"ok\":false}", "{\"version\":1,\"ok\":false,\"error\":{}}",
		"{\"version\":1,\"ok\":false,\"error\":{\"errno\":0,\"text\":\"x\"}}",
		"{\"version\":1,\"ok\":false,\"error\":{\"errno\":99999999999,\"text\":\"x\"}}",
		"{\"version\":1,\"ok\":false,\"error\":{\"errno\":-1,\"text\":\"x\"}}",
		"{\"version\":1,\"ok\":false,\"error\":{\"errno\":5}}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *reply = NULL;
		struct diag why = {0};

		CU_ASSERT_EQUAL(control_reply_parse(texts[i], strlen(texts[i]), &reply, &why), -EBADMSG);
		CU_ASSERT_EQUAL(why.error, EBADMSG);
		CU_ASSERT_PTR_NULL(reply);
	}
}

void test_control_message_register(void)
{
	CU_pSuite suite = CU_add_suite("control messages", NULL, NULL);

	CU_ADD_TEST(suite, requests_come_back);
	CU_ADD_TEST(suite, bad_requests_are_refused);
	CU_ADD_TEST(suite, requests_have_a_size);
	CU_ADD_TEST(suite, a_yes_comes_back);
	CU_ADD_TEST(suite, a_no_comes_back_with_its_reason);
	CU_ADD_TEST(suite, what_is_no_reply_is_refused);
}
