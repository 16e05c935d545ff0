#include "CSimdJSON.h"
int csimdjson_placeholder(void) { return 0; }
