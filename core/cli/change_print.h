// SPDX-License-Identifier: Apache-2.0
/* Changes of a host, for people and for programs. */
#pragma once

#include <jansson.h>
#include <stdio.h>

struct borrow_result;
struct change;
struct changes;
struct findings;

/**
 * changes_print() - those of a list that are not held, by domain: "PATH: OLD -> NEW", with the reason behind
 * each run of those that share it.
 *
 * Nothing is written where there are none. What is no printable ASCII is written as '?', a line's end as "\n".
 */
void changes_print(const struct changes *changes, FILE *stream);

/**
 * changes_to_json() - add those that are not held to a list, as {domain, kind, path, thread, old, new, check,
 * reason}; null for nothing there, and what does not apply is left out.
 *
 * Returns 0 or -ENOMEM.
 */
int changes_to_json(const struct changes *changes, json_t *list);

/** borrow_result_print() - "12 changes made, 1 put back", and what else there is to say, without a line's end. */
void borrow_result_print(const struct borrow_result *result, FILE *stream);

/** borrow_result_to_json() - set written, restored, gone and foreign of @object. Returns 0 or -ENOMEM. */
int borrow_result_to_json(const struct borrow_result *result, json_t *object);

/**
 * change_report_to_json() - what the reports of plan, apply and revert have in common: format, file, verdict and
 * findings.
 * @file: NULL for none.
 *
 * Returns a new reference, NULL without memory. change_report_print() prints one and ends it; returns 0 or -ENOMEM,
 * also where it is NULL.
 */
json_t *change_report_to_json(const char *file, const struct findings *findings);
int change_report_print(json_t *report);
