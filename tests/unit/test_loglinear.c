#include "harness/lib/loglinear.h"

#include "loglinear_cases.h"
