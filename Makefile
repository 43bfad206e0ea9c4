# wakeone: see README.md. `make help` lists the targets.

BUILD    ?= build
CC       ?= gcc
CFLAGS   ?= -O2 -g
WARNINGS  = -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wformat=2 -Wno-override-init
CPPFLAGS += -I. -D_GNU_SOURCE

# ---- what is built from what ----

LIB        := $(wildcard harness/lib/*.c)
SHARED     := servers/server.c servers/worker.c servers/connection.c servers/http.c servers/os_linux.c
BACKENDS   := epoll
STRATEGIES := $(basename $(notdir $(shell grep -l '^const struct strategy strategy' servers/*.c)))

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

SERVERS := $(foreach b,$(BACKENDS),$(STRATEGIES:%=$(BUILD)/$(b)/%))

.PHONY: all
all: $(SERVERS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP -c $< -o $@

# What --describe prints is the opening comment of the strategy's file.
$(BUILD)/describe/%.c: servers/%.c harness/lib/describe.awk
	@mkdir -p $(@D)
	awk -f harness/lib/describe.awk $< > $@

$(BUILD)/obj/describe/%.o: $(BUILD)/describe/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

define server_rule
$(BUILD)/$(1)/%: $(BUILD)/obj/servers/%.o $(BUILD)/obj/describe/%.o $(call object,servers/evq_$(1).c $(SHARED) $(LIB))
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ -lm -o $$@
endef
$(foreach b,$(BACKENDS),$(eval $(call server_rule,$(b))))

.PRECIOUS: $(BUILD)/obj/%.o $(BUILD)/describe/%.c $(BUILD)/obj/describe/%.o

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)


LIB_LOAD  := $(filter-out %/main.c,$(wildcard harness/load/*.c))
LIB_TRIAL := $(filter-out %/main.c,$(wildcard harness/trial/*.c))

$(BUILD)/bin/load: $(call object,harness/load/main.c $(LIB_LOAD) $(LIB))
$(BUILD)/bin/trial: $(call object,harness/trial/main.c $(LIB_TRIAL) $(LIB_LOAD) $(LIB))
$(BUILD)/bin/%:
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -lm -o $@
