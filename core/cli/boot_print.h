// SPDX-License-Identifier: Apache-2.0
/* A boot's plan and how it is kept, for people and for programs. */
#pragma once

#include <jansson.h>
#include <stdio.h>

struct boot_items;
struct boot_machine;

/** boot_print() - each parameter with its reason, how to give them to the boot loader, and each file. */
void boot_print(const struct boot_machine *boot, FILE *stream);

/** boot_print_advice() - what a person has to do for the boot loader; nothing where GRUB's folder does it. */
void boot_print_advice(const struct boot_machine *boot, FILE *stream);

/** boot_to_json() - set parameters, options, files and advice of @report. Returns 0 or -ENOMEM. */
int boot_to_json(const struct boot_machine *boot, json_t *report);

/** boot_items_print() - one line each: ok, bad or unknown, what, and what was found. */
void boot_items_print(const struct boot_items *items, FILE *stream);

/** boot_items_to_json() - set items of @report: [{kind, item, state, found}]. Returns 0 or -ENOMEM. */
int boot_items_to_json(const struct boot_items *items, json_t *report);
