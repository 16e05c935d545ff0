// llhttp as the distribution ships it (package node-llhttp); nothing of it is kept here.
// Strict mode leaves out the tolerance for bare LF and for loose URLs; this file is read before the
// header that would set its default.
#define LLHTTP_STRICT_MODE 1
#include "/usr/share/llhttp/llhttp.c"
