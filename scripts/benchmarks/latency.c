/*
 * Client and server of `scripts/bench latency` in one thread on one processor, so that no scheduler
 * is measured.
 *
 *   latency time SAMPLES SOURCE PORT TARGET...   round trips of first packets, one JSON object
 *   latency count SAMPLES SOURCE PORT TARGET     the address of each connection, one JSON object
 *
 * TARGET is IPV4:PORT. The server takes UDP on PORT of every address. Each sample has a socket of
 * its own with another source port, and so a new connection, for which the kernel goes through the
 * nat rules.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Ports of clients are above that of the server. */
enum { WARM_UP = 100, FIRST_PORT = 10000, PORTS = 55000, SIZE = 32, SOURCES = 200 };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double microseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void stay_on_this_processor(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof set, &set);
}

static int udp_socket(struct sockaddr_in *address)
{
	struct timeval patience = { .tv_sec = 2 };
	int on = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)address, sizeof *address) < 0)
		fail("bind");
	return fd;
}

/* Takes one packet and, with `answer`, sends it back; the address that it came to, or 0. */
static uint32_t serve(int server, int answer)
{
	char bytes[SIZE], control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct sockaddr_in peer;
	struct iovec part = { .iov_base = bytes, .iov_len = sizeof bytes };
	struct msghdr message = { .msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &part,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	if (recvmsg(server, &message, 0) != SIZE)
		return 0;
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	if (head == NULL || head->cmsg_type != IP_PKTINFO)
		return 0;
	struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(head);
	uint32_t came_to = info->ipi_addr.s_addr;
	info->ipi_spec_dst = info->ipi_addr;
	info->ipi_ifindex = 0;
	if (answer && sendmsg(server, &message, 0) != SIZE)
		return 0;
	return came_to;
}

static struct sockaddr_in parse(const char *text)
{
	char host[INET_ADDRSTRLEN] = "";
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strchr(text, ':');
	if (colon == NULL || colon - text >= (int)sizeof host)
		fail(text);
	memcpy(host, text, colon - text);
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		fail(text);
	address.sin_port = htons(atoi(colon + 1));
	return address;
}

/* The socket of connection number `n`; source addresses count up where the ports are used up. */
static int client(struct sockaddr_in source, long n, struct sockaddr_in *target)
{
	source.sin_addr.s_addr = htonl(ntohl(source.sin_addr.s_addr) + n / PORTS % SOURCES);
	source.sin_port = htons(FIRST_PORT + n % PORTS);
	int fd = udp_socket(&source);
	if (connect(fd, (struct sockaddr *)target, sizeof *target) < 0)
		fail("connect");
	return fd;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static double round_trip(int server, int fd)
{
	char bytes[SIZE] = "";
	double start = microseconds();
	if (send(fd, bytes, SIZE, 0) != SIZE || serve(server, 1) == 0 || recv(fd, bytes, SIZE, 0) != SIZE)
		return -1;
	return microseconds() - start;
}

static void time_targets(int server, long samples, struct sockaddr_in source, int count, char **names)
{
	double *times = malloc(sizeof *times * samples * count);
	if (times == NULL)
		fail("malloc");
	long n = 0;
	for (long k = -WARM_UP; k < samples; k++)
		for (int i = 0; i < count; i++) {
			struct sockaddr_in target = parse(names[i]);
			int fd = client(source, n++, &target);
			double took = round_trip(server, fd);
			close(fd);
			if (took < 0)
				fail(names[i]);
			if (k >= 0)
				times[i * samples + k] = took;
		}
	printf("{");
	for (int i = 0; i < count; i++) {
		double *own = times + i * samples;
		qsort(own, samples, sizeof *own, by_size);
		printf("%s\"%s\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"least\":%.3f}", i ? "," : "",
			names[i], own[samples / 2], own[samples * 9 / 10], own[samples * 99 / 100], own[0]);
	}
	printf("}\n");
}

static void count_endpoints(int server, long samples, struct sockaddr_in source, char *name)
{
	struct sockaddr_in target = parse(name);
	uint32_t *came_to = malloc(sizeof *came_to * samples);
	if (came_to == NULL)
		fail("malloc");
	for (long n = 0; n < samples; n++) {
		char bytes[SIZE] = "";
		int fd = client(source, n, &target);
		if (send(fd, bytes, SIZE, 0) != SIZE || (came_to[n] = serve(server, 0)) == 0)
			fail(name);
		close(fd);
	}
	qsort(came_to, samples, sizeof *came_to, by_number);
	printf("{\"counts\":[");
	for (long start = 0, end; start < samples; start = end) {
		for (end = start; end < samples && came_to[end] == came_to[start]; end++)
			;
		printf("%s%ld", start ? "," : "", end - start);
	}
	printf("]}\n");
}

int main(int count, char **words)
{
	if (count < 6 || atol(words[2]) < 1) {
		fprintf(stderr, "usage: latency time|count SAMPLES SOURCE PORT TARGET...\n");
		return 2;
	}
	stay_on_this_processor();
	struct sockaddr_in source = { .sin_family = AF_INET };
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(atoi(words[4])) };
	if (inet_pton(AF_INET, words[3], &source.sin_addr) != 1)
		fail(words[3]);
	int server = udp_socket(&any);
	if (strcmp(words[1], "count") == 0)
		count_endpoints(server, atol(words[2]), source, words[5]);
	else
		time_targets(server, atol(words[2]), source, count - 5, words + 5);
	return 0;
}
