// libssh2 spells several calls as macros, which Swift does not import; callers use the `_ex` forms instead.
#pragma once
#include <libssh2.h>
#include <libssh2_sftp.h>
