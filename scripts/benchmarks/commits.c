/*
 * The commits of nf_tables in this network namespace, for `scripts/bench agent`: a line each, the
 * milliseconds of the monotonic clock at which the kernel told of its new generation.
 *
 * A tool ends later than its commit: closing its socket waits until the kernel has freed what was
 * replaced.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { NEW_GENERATION = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN, ROOM = 64 << 20 };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

int main(void)
{
	static char buffer[1 << 20];
	int room = ROOM, group = NFNLGRP_NFTABLES;
	struct sockaddr_nl local = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);

	if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof(local)))
		fail("netlink");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		fail("setsockopt");
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		ssize_t size = recv(fd, buffer, sizeof(buffer), 0);
		struct timespec t;
		int left = size;

		/* What did not fit is lost, and the next commit is told of again. */
		if (size < 0 && errno == ENOBUFS)
			continue;
		if (size <= 0)
			fail("recv");
		clock_gettime(CLOCK_MONOTONIC, &t);
		for (struct nlmsghdr *m = (void *)buffer; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left))
			if (m->nlmsg_type == NEW_GENERATION)
				printf("%.3f\n", t.tv_sec * 1e3 + t.tv_nsec / 1e6);
		fflush(stdout);
	}
}
