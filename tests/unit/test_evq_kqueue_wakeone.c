#include "evq_kqueue_cases.h"
