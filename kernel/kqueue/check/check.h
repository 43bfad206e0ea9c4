/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Shared by the programs that check the module. */
#ifndef CHECK_H
#define CHECK_H

#include "sys/event.h"

#include <stddef.h>
#include <stdint.h>

#define CHECK(condition) ((condition) ? (void)0 : failed(__FILE__, __LINE__, #condition))

/* Prints the failed condition and ends the process. */
void failed(const char *file, int line, const char *condition) __attribute__((noreturn));

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(name)                                                                                 \
	{                                                                                          \
#name, name                                                                        \
	}

/*
 * Runs each test in its own process group, after set_up; a test that takes longer than a minute
 * fails. Returns the exit status
 */
int run_tests(const struct test *tests, size_t count, void (*set_up)(void));

/* Sets a parameter of the module until the process ends */
void set_parameter(const char *name, const char *value);

void sleep_ms(int ms);
uint64_t now_ms(void);

/* A listener on a port of loopback, and a connection to it */
int listen_tcp(void);
int connect_tcp(int listener);
int accept_tcp(int listener);

void send_descriptor(int socket, int fd);
int receive_descriptor(int socket);

#endif
