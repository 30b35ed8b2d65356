// libssh2 spells several calls as macros, which Swift does not import; callers use the `_ex` forms instead.
#pragma once
#include <libssh2.h>

// Swift's Glibc module leaves these out, and the SSH module's event loop needs them.
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
void *memmem(const void *haystack, size_t length, const void *needle, size_t needle_length);
