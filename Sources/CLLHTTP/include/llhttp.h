// llhttp's sources say `#include "llhttp.h"`; Debian keeps that header outside the compiler's path.
#include "/usr/share/include/llhttp/llhttp.h"
