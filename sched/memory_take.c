// SPDX-License-Identifier: Apache-2.0
/* Holds what partitions take against what there is, and says who has the rest. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/findings.h"
#include "core/base/units.h"
#include "core/config/machine.h"
#include "sched/memory_sites.h"
#include "sched/phrase.h"

enum { TAKERS_NAMED = 3 };

/*
 * struct taking - one share, and all that a message about it needs.
 * @only: there is one node: memory of any node is its memory.
 */
struct taking {
	const struct memory_sites *sites;
	const struct machine_config *machine;
	const struct memory_plan *plan;
	const bool *fits; /* by share */
	const struct memory_site *site;
	const struct memory_share *share;
	size_t kind;
	bool only;
};

static void add(uint64_t *to, uint64_t bytes)
{
	if (__builtin_add_overflow(*to, bytes, to))
		*to = UINT64_MAX;
}

static uint64_t pages_of(uint64_t bytes, uint64_t page_bytes)
{
	return bytes / page_bytes + (bytes % page_bytes != 0);
}

static uint64_t left(const struct memory_stock *stock)
{
	return stock->bytes > stock->taken ? stock->bytes - stock->taken : 0;
}

static const char *place_phrase(const struct memory_site *site, char *buffer, size_t size)
{
	if (site->node < 0)
		return "the host";
	snprintf(buffer, size, "node %d", site->node);
	return buffer;
}

static struct diag *finding_begin(const struct taking *taking, enum finding_kind kind,
				  const char *rule, struct findings *findings)
{
	size_t index = taking->share->partition;
	const struct text_place *at = &taking->machine->partition[index].at.memory;
	struct diag *why = findings_add(findings, kind, rule, (int)index);

	diag_at(why, taking->machine->file, at->line, at->column);
	diag_key(why, "partitions[%zu].memory.size", index);
	return why;
}

/* The nth share, if it takes of the same pages of the same place. */
static const struct memory_share *taker(const struct taking *taking, size_t nth)
{
	const struct memory_share *share = &taking->plan->share[nth];

	if (!taking->fits[nth] || memory_kind(share->page_bytes) != taking->kind)
		return NULL;
	return taking->only || taking->site->node < 0 || share->node == taking->site->node ? share : NULL;
}

/* ", of which a (32G), b (8G) and 2 more take 56G", or ", of which a takes 32G"; "" where nobody does. */
static void takers_phrase(const struct taking *taking, char *buffer, size_t size)
{
	size_t used = 0;
	size_t takers = 0;
	size_t named = 0;
	char bytes[PHRASE_SIZE_MAX];

	buffer[0] = '\0';
	for (size_t i = 0; i < taking->plan->count; i++)
		takers += taker(taking, i) != NULL;
	if (takers == 0)
		return;
	for (size_t i = 0; i < taking->plan->count && named < TAKERS_NAMED; i++) {
		const struct memory_share *share = taker(taking, i);

		if (share == NULL)
			continue;
		used += (size_t)snprintf(buffer + used, size - used, "%s%s",
					 named++ == 0 ? ", of which " : ", ",
					 taking->machine->partition[share->partition].name);
		if (takers > 1)
			used += (size_t)snprintf(buffer + used, size - used, " (%s)",
						 phrase_size(share->bytes, bytes, sizeof(bytes)));
	}
	if (takers > named)
		used += (size_t)snprintf(buffer + used, size - used, " and %zu more", takers - named);
	snprintf(buffer + used, size - used, " %s %s", takers == 1 ? "takes" : "take",
		 phrase_size(taking->site->stock[taking->kind].taken, bytes, sizeof(bytes)));
}

/* One node's pool is the host's, also on a kernel without NUMA, where nodes have no folders. */
static void pool_path(const struct taking *taking, uint64_t page_bytes, char *buffer, size_t size)
{
	const struct memory_site *site = taking->site;

	if (taking->only || site->node < 0)
		snprintf(buffer, size, "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages",
			 page_bytes / 1024);
	else
		snprintf(buffer, size,
			 "/sys/devices/system/node/node%d/hugepages/hugepages-%" PRIu64
			 "kB/nr_hugepages", site->node, page_bytes / 1024);
}

/* How large a pool could be beside the rest, in whole pages, as far as is known. */
static uint64_t pool_most(const struct taking *taking)
{
	const struct memory_site *site = taking->site;
	uint64_t page_bytes = taking->share->page_bytes;
	uint64_t rest = site->reserve_bytes;

	if (site->memory_bytes == 0)
		return UINT64_MAX;
	for (size_t kind = 0; kind < STOCK_KINDS; kind++) {
		const struct memory_stock *stock = &site->stock[kind];

		if (kind != taking->kind)
			add(&rest, kind != STOCK_ORDINARY && stock->known ? stock->bytes : stock->asked);
	}
	return rest >= site->memory_bytes ? 0 : (site->memory_bytes - rest) / page_bytes * page_bytes;
}

/* What to do where a pool cannot be made large enough for all that ask for it. */
static void small_remedy(const struct taking *taking, uint64_t pool_bytes, struct diag *why)
{
	const struct memory_stock *stock = &taking->site->stock[taking->kind];
	uint64_t page_bytes = taking->share->page_bytes;
	uint64_t most = pool_bytes > stock->bytes ? pool_bytes : stock->bytes;
	const char *elsewhere = taking->only || taking->site->node < 0 ? "" :
				"; or take memory of another node";
	char size[PHRASE_SIZE_MAX];
	char path[112];

	if (most <= stock->taken) {
		diag_remedy(why, "make the partitions smaller: a larger pool would not leave room for the "
			    "rest%s", elsewhere);
		return;
	}
	size_format(most - stock->taken, size, sizeof(size));
	if (most == stock->bytes) {
		diag_remedy(why, "ask for at most %s: a larger pool would not leave room for the rest%s",
			    size, elsewhere);
		return;
	}
	pool_path(taking, page_bytes, path, sizeof(path));
	diag_remedy(why, "ask for at most %s, and echo %" PRIu64 " > %s%s", size, most / page_bytes, path,
		    elsewhere);
}

/* A pool that apply would make larger, if only it could. */
static void growth_remedy(const struct taking *taking, struct diag *why)
{
	const struct memory_stock *stock = &taking->site->stock[taking->kind];
	uint64_t lacks = stock->asked - stock->bytes;
	uint64_t now = memory_sites_room(taking->sites, taking->site, taking->kind, true);
	uint64_t most = stock->bytes + now;
	char more[PHRASE_SIZE_MAX];
	char free[PHRASE_SIZE_MAX];

	if (memory_sites_room(taking->sites, taking->site, taking->kind, false) >= lacks)
		diag_remedy(why, "free memory: the pool lacks %s, and of what nobody uses now and the host need "
			    "not keep it can have %s; or have bulkhead boot reserve the pages",
			    phrase_size(lacks, more, sizeof(more)), phrase_size(now, free, sizeof(free)));
	else if (most <= stock->taken)
		diag_remedy(why, "make the partitions smaller: a larger pool would not leave room for the rest%s",
			    taking->only || taking->site->node < 0 ? "" : "; or take memory of another node");
	else
		diag_remedy(why, "ask for at most %s: a larger pool would not leave room for the rest%s",
			    size_format(most - stock->taken, more, sizeof(more)),
			    taking->only || taking->site->node < 0 ? "" : "; or take memory of another node");
}

static void refuse_pool(const struct taking *taking, struct findings *findings)
{
	const struct memory_site *site = taking->site;
	const struct memory_stock *stock = &site->stock[taking->kind];
	uint64_t page_bytes = taking->share->page_bytes;
	char place[24];
	char asked[PHRASE_SIZE_MAX];
	char page[PHRASE_SIZE_MAX];
	char has[PHRASE_SIZE_MAX];
	char takers[256];
	char path[112];
	struct diag *why = finding_begin(taking, FINDING_REFUSED, "memory-pool", findings);

	size_format(taking->share->bytes, asked, sizeof(asked));
	size_format(page_bytes, page, sizeof(page));
	takers_phrase(taking, takers, sizeof(takers));
	const char *where = place_phrase(site, place, sizeof(place));

	if (stock->bytes == 0)
		diag_set(why, ENOMEM, "%s in %s pages of %s, whose pool of them is empty", asked, page,
			 where);
	else
		diag_set(why, ENOMEM, "%s in %s pages of %s, whose pool has %s (%" PRIu64 " pages)%s",
			 asked, page, where,
			 phrase_size(stock->bytes, has, sizeof(has)), stock->bytes / page_bytes, takers);
	if (stock->writable && stock->asked > stock->bytes) {
		growth_remedy(taking, why);
		return;
	}
	if (pool_most(taking) < stock->asked) {
		small_remedy(taking, pool_most(taking), why);
		return;
	}
	pool_path(taking, page_bytes, path, sizeof(path));
	diag_remedy(why, "echo %" PRIu64 " > %s%s", pages_of(stock->asked, page_bytes), path,
		    taking->kind == 0 ? "" : "  # early: 1G in one piece is soon gone");
}

/* The kind of hugepage of which the partitions leave most, or STOCK_KINDS where they leave none. */
static size_t idle_pool(const struct memory_site *site)
{
	size_t most = STOCK_KINDS;
	uint64_t bytes = 0;

	for (size_t kind = 0; kind < HOST_POOLS; kind++) {
		const struct memory_stock *stock = &site->stock[kind];

		if (stock->known && stock->bytes > stock->asked && stock->bytes - stock->asked > bytes) {
			bytes = stock->bytes - stock->asked;
			most = kind;
		}
	}
	return most;
}

static void ordinary_remedy(const struct taking *taking, struct diag *why)
{
	static const uint64_t page_bytes[] = {UINT64_C(2) << 20, UINT64_C(1) << 30};
	const struct memory_site *site = taking->site;
	uint64_t most = left(&site->stock[STOCK_ORDINARY]) >> 20 << 20;
	size_t idle = idle_pool(site);
	char size[PHRASE_SIZE_MAX];
	char path[112];
	char pool[192] = "";

	if (idle != STOCK_KINDS) {
		pool_path(taking, page_bytes[idle], path, sizeof(path));
		snprintf(pool, sizeof(pool), "; its idle hugepages are freed by echo %" PRIu64 " > %s",
			 pages_of(site->stock[idle].asked, page_bytes[idle]), path);
	}
	if (most == 0)
		diag_remedy(why, "%s%s", taking->only || site->node < 0 ? "make the partitions smaller" :
			    "take memory of another node, or make the partitions smaller", pool);
	else
		diag_remedy(why, "ask for at most %s%s%s", size_format(most, size, sizeof(size)),
			    taking->only || site->node < 0 ? "" : ", or take memory of another node", pool);
}

static void refuse_ordinary(const struct taking *taking, struct findings *findings)
{
	const struct memory_site *site = taking->site;
	char place[24];
	char asked[PHRASE_SIZE_MAX];
	char has[PHRASE_SIZE_MAX];
	char all[PHRASE_SIZE_MAX];
	char pools[PHRASE_SIZE_MAX + 32] = "";
	char reserve[PHRASE_SIZE_MAX];
	char takers[256];
	struct diag *why = finding_begin(taking, FINDING_REFUSED,
					 taking->share->node < 0 ? "memory-host" : "memory-node", findings);

	takers_phrase(taking, takers, sizeof(takers));
	if (site->pools_bytes != 0)
		snprintf(pools, sizeof(pools), " %s of hugepages and",
			 phrase_size(site->pools_bytes, has, sizeof(has)));
	diag_set(why, ENOMEM, "%s of %s, which has %s in ordinary pages (%s, less%s %s kept for the "
		 "host)%s",
		 size_format(taking->share->bytes, asked, sizeof(asked)),
		 place_phrase(site, place, sizeof(place)),
		 phrase_size(site->stock[STOCK_ORDINARY].bytes, has, sizeof(has)),
		 phrase_size(site->memory_bytes, all, sizeof(all)), pools,
		 phrase_size(site->reserve_bytes, reserve, sizeof(reserve)), takers);
	ordinary_remedy(taking, why);
}

static void say_unknown(const struct taking *taking, struct findings *findings)
{
	char place[24];
	char page[PHRASE_SIZE_MAX];
	struct diag *why = finding_begin(taking, FINDING_UNKNOWN, "memory-unknown", findings);

	size_format(taking->share->page_bytes, page, sizeof(page));
	diag_set(why, ENODATA, "how much memory %s has in %s pages is not told",
		 place_phrase(taking->site, place, sizeof(place)), page);
	diag_remedy(why, "take the host's facts again (bulkhead capture)");
}

static void take(struct memory_sites *sites, struct taking *taking, bool *fits,
		 struct findings *findings)
{
	struct memory_site *site = memory_site_of(sites, taking->share->node);
	struct memory_stock *stock = &site->stock[taking->kind];

	taking->site = site;
	if (taking->share->bytes > left(stock)) {
		if (taking->kind == STOCK_ORDINARY)
			refuse_ordinary(taking, findings);
		else
			refuse_pool(taking, findings);
		return;
	}
	add(&stock->taken, taking->share->bytes);
	if (!stock->known && stock->taken > stock->sure_bytes)
		say_unknown(taking, findings);
	if (site != &sites->host)
		add(&sites->host.stock[taking->kind].taken, taking->share->bytes);
	*fits = true;
}

/* One note for each pool that grows, at the first share that it did not hold. */
static void say_growth(struct memory_sites *sites, struct taking *taking, struct findings *findings)
{
	const struct memory_stock *stock = &taking->site->stock[taking->kind];
	uint64_t page_bytes = memory_page_bytes(taking->kind);
	uint64_t old_bytes = stock->bytes - stock->grown_bytes;
	uint64_t bytes = 0;
	char page[PHRASE_SIZE_MAX];
	char place[24];

	taking->share = NULL;
	for (size_t i = 0; i < taking->plan->count; i++) {
		const struct memory_share *share = &taking->plan->share[i];

		if (memory_kind(share->page_bytes) != taking->kind ||
		    (share->node >= 0 && memory_site_of(sites, share->node) != taking->site))
			continue;
		taking->share = share;
		add(&bytes, share->bytes);
		if (bytes > old_bytes)
			break;
	}
	if (taking->share == NULL)
		return;
	struct diag *why = finding_begin(taking, FINDING_NOTE, "pool-grows", findings);

	diag_set(why, ENOMEM, "apply grows the pool of %s from %" PRIu64 " to %" PRIu64 " pages of %s",
		 place_phrase(taking->site, place, sizeof(place)), old_bytes / page_bytes,
		 stock->bytes / page_bytes, phrase_size(page_bytes, page, sizeof(page)));
	if (taking->kind != 0)
		diag_remedy(why, "have bulkhead boot reserve them: 1G in one piece is promised at boot alone");
}

void memory_sites_take(struct memory_sites *sites, const struct machine_config *machine,
		       const struct memory_plan *plan, bool *fits, struct findings *findings)
{
	struct taking taking = {
		.sites = sites,
		.machine = machine,
		.plan = plan,
		.fits = fits,
		.only = sites->count == 1,
	};

	for (size_t i = 0; i < sites->count; i++) {
		for (size_t kind = 0; kind < HOST_POOLS; kind++) {
			taking.site = &sites->node[i];
			taking.kind = kind;
			if (taking.site->stock[kind].grown_bytes != 0)
				say_growth(sites, &taking, findings);
		}
	}
	for (unsigned floats = 0; floats < 2; floats++) {
		for (size_t i = 0; i < plan->count; i++) {
			taking.share = &plan->share[i];
			taking.kind = memory_kind(taking.share->page_bytes);
			if ((taking.share->node < 0) == (floats != 0))
				take(sites, &taking, &fits[i], findings);
		}
	}
}
