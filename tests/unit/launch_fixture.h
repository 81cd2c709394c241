// SPDX-License-Identifier: Apache-2.0
/* Launch records for tests: sound ones at random, and what is expected of broken ones. */
#pragma once

#include <jansson.h>

struct diag;
struct launch;

/** any_launch() - a sound launch, the same sequence in every run; ended with launch_done(). */
void any_launch(struct launch *ret);

/** decode_text() - launch_decode() of a terminated text. */
int decode_text(const char *text, struct launch *ret, struct diag *why);

/** sound_record() - a record as JSON, for a test to break. */
json_t *sound_record(void);

/** set_key() - takes over @value. */
void set_key(json_t *record, const char *key, json_t *value);

/** assert_record_refused() - with @error, and with @key named; takes over @record. */
void assert_record_refused(json_t *record, int error, const char *key);
