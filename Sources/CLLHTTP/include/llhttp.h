// llhttp's sources say `#include "llhttp.h"`; Debian keeps that header outside the compiler's path.
#ifndef LLHTTP_STRICT_MODE
#define LLHTTP_STRICT_MODE 1
#endif
#include "/usr/share/include/llhttp/llhttp.h"
