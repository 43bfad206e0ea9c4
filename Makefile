# wakeone: see README.md. `make help` lists the targets.
#
#   make                 build everything into build/
#   make bench           ./run.sh bench: install what is missing, build, measure, draw
#   make headline        ./run.sh headline: the experiment of 2010
#   make scale           ./run.sh scale: throughput by CPUs
#   make peers           ./run.sh peers: nginx, lighttpd, apache, h2o and haproxy beside the strategies
#   make claims          ./run.sh claims: published figures measured again: reproduced, or not
#   make kernels [KERNELS="cloud sid:cloud"]   ./run.sh kernels: kernels side by side, in guests of 2 to 16 CPUs
#   make module          ./run.sh module: kernel/kqueue checked in a guest; make lint-module SOURCE=DIR: its style
#   make prices          ./run.sh prices: what an instruction and a cache line cost here
#   make static         wakeups as one file without libraries, for another server
#   make mpi            build/bin/load-mpi: a load that processes on many hosts make together
#   make doctor          ./run.sh doctor: is this machine fit to measure on?
#   make compare A=DIR B=DIR   ./run.sh compare: two runs side by side
#   make reproduce RUN=DIR     ./run.sh reproduce: measure a run's plan again, and compare
#   make selftest        ./run.sh selftest: known answers: who is woken, counted exactly
#   make herd            ./run.sh herd: a picture of what one connection does to sleeping workers
#   make faults          ./run.sh faults: what becomes of connections when a worker is stopped or killed
#   make plots [RUN=DIR] draw the figures of a run again; without RUN of results/reference/*, and docs/herd.svg
#   make report RUN=DIR  ./run.sh report: a page about a run; make report A=DIR B=DIR: two side by side
#   make test            install what tests need, build, and pass them: as an ordinary user, anywhere
#   make test-root       what takes root: BPF, packet capture, namespaces
#   make test-slow       a browser, faults, kill -9, all reference runs, a minute of soak
#   make test-all        the three of them, and which tests ran in none
#   make sanitize        make test and test-root with AddressSanitizer and UndefinedBehaviorSanitizer
#   make fuzz            libFuzzer on the parsers, 10 minutes in all; what it finds is kept in tests/data
#   make lint            two compilers, clang-tidy, cppcheck, shellcheck, format, paths, .editorconfig, spelling: no warning
#   make lint-words      terms to avoid in texts, with file and line, and what to write instead (tests/cli/words.tsv)
#   make format          format the C files
#   make soak            every strategy at full load for 10 minutes, twice: with sanitizers, and watching
#                        descriptors and memory; hours: harness/validate/soak.sh has options
#   make bench-server    our servers against nginx; make bench-load: load against a floor,
#                        wrk and ab; its pace, its truth, its size
#   make bench-counter   what counting wakeups costs, and tracing; make bench-instruments: what it agrees with;
#                        make bench-herd: the wakeups of nginx, lighttpd and apache;
#                        make bench-wire: the wire against the load generator
#   make bench-engine    a strategy against itself 200 and 10,000 times, the smallest difference found,
#                        what the engine takes: an hour
#   make bench-plot      what it takes to draw a run of 10,000 rows, and to report of it
#   make install [PREFIX=/usr/local] [DESTDIR=]   the command wakeone, and the tools wakeups, load and wire;
#                        make uninstall: removes what was installed
#   make man             manual pages, into build/man; make completion: for bash, zsh and fish
#   make dist            wakeone-VERSION.tar.xz of the last commit, which builds without git
#   make clean           remove build/
#
# NO_INSTALL=1 only says which packages are missing.

BUILD    ?= build
CC        = gcc
CFLAGS   ?= -O2 -g
CPPFLAGS += -I. -D_GNU_SOURCE
WARNINGS := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wformat=2 -Wvla -Wundef -Wwrite-strings -Wno-missing-field-initializers

INSTALL  := harness/lib/install.sh $(if $(NO_INSTALL),--no-install)

# ---- what is built from what ----

# A strategy is a file that defines one: nothing else has to be told about it.
STRATEGIES := $(basename $(notdir $(shell grep -l '^const struct strategy strategy' servers/*.c)))
# "strategy/variant": a variant is its strategy's binary under a name of its own.
VARIANTS   := $(filter-out $(foreach s,$(STRATEGIES),$(s)/$(s)), \
                  $(shell awk -f harness/lib/variants.awk servers/*.c))
BACKENDS   := epoll kqueue
# kqueue takes a module here (kernel/kqueue): the two modes of 2010 are built on it, and what its policies add to them.
KQUEUE     := racing wakeone
KQUEUE_VARIANTS := $(filter-out $(foreach s,$(KQUEUE),$(s)/$(s)), \
                  $(shell awk -f harness/lib/variants.awk -v backend=kqueue $(KQUEUE:%=servers/%.c)))
SHARED     := $(addprefix servers/,server.c worker.c connection.c http.c lock.c channel.c)
# A port to another system is one more os_*.c, named here.
LIB        := $(filter-out harness/lib/os_%,$(wildcard harness/lib/*.c)) harness/lib/os_linux.c
# Only `load` speaks TLS; what is linked with tls_none loads the suite's own servers, in guests too, without OpenSSL.
LOAD_WITHOUT_TLS := $(filter-out %/main.c %/tls.c %/tls_none.c %/ranks_mpi.c %/ranks_none.c,$(wildcard harness/load/*.c))
LIB_LOAD   := $(LOAD_WITHOUT_TLS) harness/load/tls_none.c harness/load/ranks_none.c
LIB_WAKEUPS := $(filter-out %/main.c %.bpf.c,$(wildcard harness/wakeups/*.c)) harness/stats/sampled.c
# Without libpcap (CAPTURE=capture_none) all is the same but that no packet can be had.
CAPTURE    ?= capture
LIB_WIRE   := $(filter-out %/main.c,$(filter-out %/capture.c %/capture_none.c,$(wildcard harness/wire/*.c)) harness/wire/$(CAPTURE).c)
LIB_TRIAL  := $(filter-out %/main.c,$(wildcard harness/trial/*.c)) $(LIB_LOAD) $(LIB_WAKEUPS) $(LIB_WIRE) $(LIB)
LIB_STATS  := $(filter-out %/main.c,$(wildcard harness/stats/*.c))
LIB_RUNS   := $(filter-out %/main.c,$(wildcard harness/runs/*.c)) $(LIB_STATS)
LIB_PLACEMENT := $(filter-out %/main.c,$(wildcard harness/placement/*.c))
LIB_PRICES := harness/lab/prices/batches.c harness/stats/sample.c
LIB_PAGES  := $(filter-out %/main.c,$(wildcard harness/pages/*.c)) harness/runs/text.c harness/stats/lines.c

SERVERS    := $(addprefix $(BUILD)/epoll/,$(STRATEGIES) $(notdir $(VARIANTS))) \
              $(addprefix $(BUILD)/kqueue/,$(KQUEUE) $(notdir $(KQUEUE_VARIANTS)))
TOOLS      := $(addprefix $(BUILD)/bin/,load trial selftest faults stats runs wakeups wire placement peer path pingpong)
# A peer is the tool `peer` under its own name, and beside it the script that configures it.
PEERS      := $(addprefix $(BUILD)/peer/,$(shell sed -n 's/^\([a-z][a-z0-9-]*\)\t.*/\1/p' harness/peers/peers.tsv))

# What checks the module of kernel/kqueue, in guests.
KQUEUE_CHECKS := $(addprefix $(BUILD)/kqueue-check/,suite cases strand storm fuzz)

# What is preloaded into QEMU, and its plugin, for guests in virtual time.
VIRTUAL    := $(BUILD)/lib/virtual.so

object      = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
link        = @mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -lm -o $@

.PHONY: all
all: $(SERVERS) $(TOOLS) $(PEERS) $(KQUEUE_CHECKS) $(VIRTUAL)

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

EVQ_kqueue := kernel/kqueue/libkqueue.c
$(call object,servers/evq_kqueue.c $(EVQ_kqueue)): CPPFLAGS += -Ikernel/kqueue/include

define server_rule
$(BUILD)/$(1)/%: $(BUILD)/obj/servers/%.o $(BUILD)/obj/describe/%.o \
                 $(call object,servers/evq_$(1).c $(EVQ_$(1)) $(SHARED) $(LIB))
	$$(link)
endef
$(foreach backend,$(BACKENDS),$(eval $(call server_rule,$(backend))))

define variant_rule
$(BUILD)/$(1)/$(notdir $(2)): $(BUILD)/$(1)/$(patsubst %/,%,$(dir $(2)))
	@ln -sf $$(<F) $$@
endef
$(foreach variant,$(VARIANTS),$(eval $(call variant_rule,epoll,$(variant))))
$(foreach variant,$(KQUEUE_VARIANTS),$(eval $(call variant_rule,kqueue,$(variant))))

# Only the strategies that need a library are linked with it.
$(BUILD)/epoll/uring: LDLIBS = -luring
$(BUILD)/epoll/reuseport: LDLIBS = $(BPF)

# ---- programs for the kernel ----

# A folder's NAME.bpf.c becomes NAME.skel.h, which NAME's loader includes.
BPF_SOURCES := $(wildcard servers/*.bpf.c harness/*/*.bpf.c)
BPF_ARCH    := $(subst x86_64,x86,$(subst aarch64,arm64,$(shell uname -m)))
SKELETONS   := $(patsubst %.bpf.c,$(BUILD)/bpf/%.skel.h,$(notdir $(BPF_SOURCES)))
vpath %.bpf.c $(sort $(dir $(BPF_SOURCES)))
$(BUILD)/bpf/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	clang -O2 -g -Wall -Werror -ffreestanding -target bpf -D__TARGET_ARCH_$(BPF_ARCH) -I. \
	    -I/usr/include/$(shell $(CC) -print-multiarch) -MMD -MP -c $< -o $@
$(BUILD)/bpf/%.skel.h: $(BUILD)/bpf/%.bpf.o
	PATH="$$PATH:/usr/sbin" bpftool gen skeleton $< name $*_bpf > $@.new
	@{ echo '/* NOLINTBEGIN: not ours */'; cat $@.new; echo '/* NOLINTEND */'; } > $@ && rm $@.new
$(BUILD)/obj/servers/reuseport.o: $(BUILD)/bpf/reuseport.skel.h
$(BUILD)/obj/harness/wakeups/counter.o: $(BUILD)/bpf/wakeups.skel.h
$(BUILD)/obj/servers/reuseport.o $(BUILD)/obj/harness/wakeups/counter.o: CPPFLAGS += -isystem $(BUILD)/bpf

# What libbpf needs itself has to be said where there is no library to ask.
BPF = -lbpf $(if $(findstring -static,$(LDFLAGS)),-lelf -lz)
PCAP = $(if $(filter capture,$(CAPTURE)),-lpcap)
GSL = $(shell pkg-config --libs gsl)
HWLOC = $(shell pkg-config --libs hwloc)
JANSSON = $(shell pkg-config --libs jansson)
OPENSSL = $(shell pkg-config --libs openssl)
$(BUILD)/bin/load: LDLIBS = $(GSL) $(OPENSSL)
$(BUILD)/bin/load: $(call object,harness/load/main.c harness/load/tls.c harness/load/ranks_none.c $(LOAD_WITHOUT_TLS) $(LIB))
	$(link)
# The same program, but joined by MPI (`make mpi`, packages of the stage mpi): nothing else needs it.
MPI_LIBS = $(shell pkg-config --libs mpi-c)
$(BUILD)/obj/harness/load/ranks_mpi.o: CPPFLAGS += $(patsubst -I%,-isystem%,$(shell pkg-config --cflags-only-I mpi-c))
$(BUILD)/bin/load-mpi: LDLIBS = $(GSL) $(OPENSSL) $(MPI_LIBS)
$(BUILD)/bin/load-mpi: $(call object,harness/load/main.c harness/load/tls.c harness/load/ranks_mpi.c $(LOAD_WITHOUT_TLS) $(LIB))
	$(link)
.PHONY: mpi
mpi:
	@$(INSTALL) run mpi
	@$(MAKE) --no-print-directory $(BUILD)/bin/load-mpi
$(BUILD)/bin/wakeups: LDLIBS = $(BPF) $(GSL)
$(BUILD)/bin/trial $(BUILD)/bin/selftest $(BUILD)/bin/faults: LDLIBS = $(BPF) $(PCAP) $(GSL)
$(BUILD)/bin/trial: $(call object,harness/trial/main.c $(LIB_TRIAL))
	$(link)
$(BUILD)/bin/selftest: $(call object,harness/selftest/main.c harness/selftest/check.c harness/stats/lines.c $(LIB_TRIAL))
	$(link)
$(BUILD)/bin/faults: $(call object,harness/faults/main.c harness/faults/fault.c harness/faults/check.c harness/stats/lines.c $(LIB_TRIAL))
	$(link)
$(BUILD)/bin/wakeups: $(call object,harness/wakeups/main.c $(LIB_WAKEUPS) $(LIB))
	$(link)
$(BUILD)/bin/wire: LDLIBS = -lpcap
$(BUILD)/bin/wire: $(call object,harness/wire/main.c $(LIB_WIRE) $(LIB))
	$(link)
$(BUILD)/bin/placement: LDLIBS = $(HWLOC)
$(BUILD)/bin/placement: $(call object,harness/placement/main.c $(LIB_PLACEMENT) $(LIB))
	$(link)
$(BUILD)/bin/path: $(call object,harness/lab/prices/path.c $(LIB_PRICES) servers/worker.c servers/connection.c servers/http.c \
                   servers/evq_epoll.c harness/load/request.c harness/load/response.c harness/load/expect.c $(LIB))
	$(link)
$(BUILD)/bin/pingpong: LDLIBS = $(HWLOC) -lpthread
$(BUILD)/bin/pingpong: $(call object,harness/lab/prices/pingpong.c $(LIB_PRICES) $(LIB_PLACEMENT) $(LIB))
	$(link)
$(BUILD)/bin/stats: $(call object,harness/stats/main.c $(LIB_STATS) $(LIB))
$(BUILD)/bin/stats: LDLIBS = $(GSL)
$(BUILD)/bin/stats:
	$(link)

# Which strategies there are is known when it is built.
$(BUILD)/describe/strategy_table.h: $(sort $(wildcard servers/*.c)) harness/runs/strategy_table.sh
	@mkdir -p $(@D)
	harness/runs/strategy_table.sh "$(KQUEUE)" $(sort $(wildcard servers/*.c)) > $@
$(BUILD)/obj/harness/runs/strategies.o: $(BUILD)/describe/strategy_table.h
$(BUILD)/obj/harness/runs/strategies.o: CPPFLAGS += -isystem $(BUILD)/describe
$(BUILD)/bin/runs: LDLIBS = $(GSL) $(JANSSON)
$(BUILD)/bin/runs: $(call object,harness/runs/main.c $(LIB_RUNS) $(LIB))
	$(link)

$(BUILD)/bin/peer: $(call object,harness/peers/main.c harness/peers/session.c harness/wakeups/processes.c $(LIB))
	$(link)
$(PEERS): $(BUILD)/peer/%: $(BUILD)/bin/peer harness/peers/peers.tsv
	@mkdir -p $(@D)
	@ln -sf ../bin/peer $@
	@ln -sf "$(CURDIR)/harness/peers/$$(awk -F '\t' -v name=$* '$$1 == name { print $$2 }' harness/peers/peers.tsv).sh" $@.sh

# ---- the module of kernel/kqueue ----

$(BUILD)/obj/kernel/kqueue/check/%.o: CPPFLAGS += -Ikernel/kqueue/include
$(KQUEUE_CHECKS): LDLIBS = -lpthread
$(KQUEUE_CHECKS): $(BUILD)/kqueue-check/%: $(BUILD)/obj/kernel/kqueue/check/%.o \
                  $(call object,kernel/kqueue/check/check.c kernel/kqueue/libkqueue.c)
	$(link)

# ---- what runs in guests: the same programs, with all libraries in them ----

# The linker warns of looking up names, which a guest does not.
.PHONY: guest guest-programs static bpf
static:
	@$(MAKE) --no-print-directory $(BUILD)/static/bin/wakeups BUILD=$(BUILD)/static LDFLAGS="-static -Wl,--no-warnings"
bpf: $(SKELETONS)
guest:
	@$(MAKE) --no-print-directory guest-programs BUILD=$(BUILD)/static CAPTURE=capture_none LDFLAGS="-static -Wl,--no-warnings"
guest-programs: $(SERVERS) $(BUILD)/bin/trial $(BUILD)/bin/selftest $(BUILD)/bin/path $(BUILD)/bin/wakeups $(KQUEUE_CHECKS)

# ---- the virtual-time machine: a plugin of QEMU's, also preloaded into it ----

LIB_VIRTUAL := $(addprefix harness/lab/virtual/,sched.c lines.c profile.c)
$(VIRTUAL): $(addprefix harness/lab/virtual/,plugin.c machine.c) $(LIB_VIRTUAL) $(wildcard harness/lab/virtual/*.h)
	@mkdir -p $(@D)
	$(CC) -I. -D_GNU_SOURCE -O2 -g $(WARNINGS) -fPIC -shared -fvisibility=hidden $(filter %.c,$^) -o $@

# What benchmarks are held against.
BENCH_HELPERS := $(patsubst harness/validate/%.c,$(BUILD)/validate/%,$(wildcard harness/validate/*.c))
$(BUILD)/validate/wire_captures: $(call object,harness/runs/text.c harness/stats/names.c)
$(BENCH_HELPERS): $(BUILD)/validate/%: $(BUILD)/obj/harness/validate/%.o $(call object,$(LIB))
	$(link)

# ---- manual pages and completion ----

# Both are made of descriptions: the opening comments of the commands, and what --options of a tool prints.
# The tool that writes them is for the build only: it is not in build/bin, which is installed.
PEOPLES := wakeups load wire
COMMANDS := $(addprefix wakeone-,$(basename $(notdir $(wildcard harness/commands/*.sh))))
LISTS   := $(patsubst %,$(BUILD)/pages/%.list,wakeone $(COMMANDS) $(PEOPLES))
PAGES   := $(patsubst $(BUILD)/pages/%.list,$(BUILD)/man/%.1,$(LISTS)) $(BUILD)/man/wakeone.7
COMPLETED := $(foreach p,wakeone $(PEOPLES),$(addprefix $(BUILD)/completion/,$(p).bash _$(p) $(p).fish))
of_version = $(shell sed -n 's/^\#define WAKEONE_$(1)  *"\(.*\)"$$/\1/p' harness/lib/version.h)
VERSION  = $(call of_version,VERSION)

MAKE_PAGES := $(BUILD)/tools/pages

.PHONY: man completion
man: $(PAGES)
completion: $(COMPLETED)
all: man completion
$(PAGES) $(COMPLETED) $(LISTS): | $(BUILD)/pages $(BUILD)/man $(BUILD)/completion
$(BUILD)/pages $(BUILD)/man $(BUILD)/completion:
	@mkdir -p $@
$(MAKE_PAGES): $(call object,harness/pages/main.c $(LIB_PAGES) $(LIB))
	$(link)
$(BUILD)/pages/wakeone.list: run.sh $(MAKE_PAGES)
	@$(MAKE_PAGES) comment $< > $@
$(COMMANDS:%=$(BUILD)/pages/%.list): $(BUILD)/pages/wakeone-%.list: harness/commands/%.sh $(MAKE_PAGES)
	@$(MAKE_PAGES) comment $< > $@
$(PEOPLES:%=$(BUILD)/pages/%.list): $(BUILD)/pages/%.list: $(BUILD)/bin/%
	@$< --options > $@
$(filter %.1,$(PAGES)): $(BUILD)/man/%.1: $(BUILD)/pages/%.list $(MAKE_PAGES)
	@$(MAKE_PAGES) page $* $< > $@
$(BUILD)/man/wakeone.7: harness/pages/wakeone.7 harness/lib/version.h
	@sed 's/@VERSION@/$(VERSION)/; s/@DATE@/$(call of_version,DATE)/' $< > $@
lists_of = $(filter $(BUILD)/pages/$(1).list $(if $(filter wakeone,$(1)),$(COMMANDS:%=$(BUILD)/pages/%.list)),$(LISTS))
define completion_rule
$(BUILD)/completion/$(1).bash: SHELL_OF = bash
$(BUILD)/completion/_$(1): SHELL_OF = zsh
$(BUILD)/completion/$(1).fish: SHELL_OF = fish
$(addprefix $(BUILD)/completion/,$(1).bash _$(1) $(1).fish): $(MAKE_PAGES) $(call lists_of,$(1))
	@$(MAKE_PAGES) completion $$(SHELL_OF) $(call lists_of,$(1)) > $$@
endef
$(foreach p,wakeone $(PEOPLES),$(eval $(call completion_rule,$(p))))

# ---- installing ----

PREFIX ?= /usr/local
.PHONY: install uninstall
install: all
install uninstall:
	@BUILD=$(BUILD) PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" sh harness/lib/install_files.sh $@

# The last commit as an archive that builds without git: the same bytes whenever and wherever it is made.
DIST    = $(BUILD)/wakeone-$(VERSION).tar.xz
.PHONY: dist
dist:
	@mkdir -p $(BUILD)
	@git -c tar.umask=0022 archive --format=tar --prefix=wakeone-$(VERSION)/ -o $(DIST:.xz=) HEAD || \
	    { echo "make dist: takes a git checkout: its last commit is what is archived" >&2; exit 1; }
	@xz -f -T1 $(DIST:.xz=)
	@echo $(DIST)

# ---- tests ----

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

# The tests of the queue backends include the backend itself.
$(BUILD)/obj/tests/unit/test_evq_kqueue%.o: CPPFLAGS += -Itests/unit/fake

$(BUILD)/tests/%: LDLIBS = -lcmocka -lbpf -lpcap $(GSL) $(HWLOC) $(JANSSON)
$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(call object,tests/unit/support.c servers/http.c \
                  $(LIB_TRIAL) $(LIB_RUNS) $(LIB_PLACEMENT) $(LIB_PRICES) $(LIB_PAGES) $(LIB_VIRTUAL))
	$(link)

# What the command line tests run beside the suite's own programs. Never with a sanitizer, which starts slowly, and
# the made-up trial static: it is started by the thousand.
TEST_HELPERS := $(patsubst tests/cli/%.c,$(BUILD)/tests/%,$(wildcard tests/cli/*.c))
$(TEST_HELPERS): override CFLAGS := $(filter-out -fsanitize=% -fno-sanitize-recover=%,$(CFLAGS))
# Fused operations would round mock values otherwise on some machines.
$(BUILD)/tests/make_run: override CFLAGS += -ffp-contract=off
$(TEST_HELPERS): LDLIBS =
$(BUILD)/tests/fake_trial: LDFLAGS = -static
$(TEST_HELPERS): $(BUILD)/tests/%: $(BUILD)/obj/tests/cli/%.o
	$(link)

# What the packages of a tier are called in deps.txt, and which unit tests are run in it.
STAGES_test  := run test
STAGES_root  := run test root
STAGES_slow  := run test slow
# Real-time threads take root, and a CPU that no other test runs on.
UNITS_root   := $(BUILD)/tests/test_hiccups
UNITS_test   := $(filter-out $(UNITS_root),$(UNIT_TESTS))

.PHONY: test test-root test-slow test-all run-tests sanitize
test test-root test-slow: TIER = $(or $(@:test-%=%),test)
test test-root test-slow:
	@$(INSTALL) $(STAGES_$(TIER))
	@$(MAKE) --no-print-directory run-tests TIER=$(TIER)

# Each tier is run whatever became of the one before.
test-all:
	@status=0; \
	for tier in test test-root test-slow; do $(MAKE) --no-print-directory $$tier || status=1; done; \
	tests/nowhere.sh $(BUILD)/ran/* || :; exit $$status

run-tests: all $(UNIT_TESTS) $(TEST_HELPERS) $(BUILD)/validate/wire_captures $(if $(filter root,$(TIER)),$(BUILD)/bin/load-mpi)
	@BUILD=$(BUILD) tests/run.sh $(TIER) $(UNITS_$(TIER))

# make fuzz [SECONDS=600]: looks for inputs that break a parser, and keeps those that reach new code. Two fuzzers run at a
# time, each for its share of SECONDS; make fuzz_plan SECONDS=3600 runs one of them for an hour.
FUZZERS := $(basename $(notdir $(wildcard tests/fuzz/fuzz_*.c)))
FUZZED_http      := servers/http.c
FUZZED_response  := harness/load/response.c harness/load/expect.c
FUZZED_packet    := harness/wire/packet.c harness/wire/flows.c
# The others are of runs. These of them replace fail(), and free what was allocated by then: see tests/fuzz/refuse.h.
FUZZED_plan      := $(LIB_RUNS) $(filter-out %/message.c,$(LIB))
FUZZED_settings  := $(FUZZED_plan)
FUZZ_LINK_plan   := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
FUZZ_LINK_settings := $(FUZZ_LINK_plan)
FUZZED_urls      := harness/load/urls.c harness/lib/histogram.c
SECONDS ?= 600
SHARE = $(shell echo $$(($(SECONDS) * 2 / $(words $(FUZZERS)))))
FUZZ_FLAGS := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
fuzzed      = $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(1))
$(BUILD)/fuzz/obj/%.o: %.c $(BUILD)/describe/strategy_table.h
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -isystem $(BUILD)/describe $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@
.PHONY: fuzz $(FUZZERS)
fuzz:
	@$(INSTALL) run fuzz
	@$(MAKE) --no-print-directory -j2 $(FUZZERS) SECONDS=$(SHARE)
.SECONDEXPANSION:
$(FUZZERS): fuzz_%: $$(call fuzzed,tests/fuzz/fuzz_$$*.c $$(or $$(FUZZED_$$*),$(LIB_RUNS) $(LIB)))
	@mkdir -p $(BUILD)/fuzz/$* $(BUILD)/fuzz/found
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer $(FUZZ_LINK_$*) $^ $(GSL) $(JANSSON) -lm -o $(BUILD)/fuzz/fuzz_$*
	@FUZZ_DIR=$$(mktemp -d /dev/shm/fuzz.XXXXXX); export FUZZ_DIR; trap 'rm -rf "$$FUZZ_DIR"' EXIT; set -ex; \
	$(BUILD)/fuzz/fuzz_$* -max_total_time=$(SECONDS) -max_len=8192 -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=$(BUILD)/fuzz/found/ $(BUILD)/fuzz/$* tests/data/$*; \
	$(BUILD)/fuzz/fuzz_$* -merge=1 -verbosity=0 tests/data/$* $(BUILD)/fuzz/$*

SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
sanitize:
	@$(INSTALL) run test root
	@for tier in test root; do \
	    $(MAKE) --no-print-directory run-tests TIER=$$tier BUILD=build/sanitize CFLAGS="$(SANITIZE)" || exit; done

# ---- lint ----

# What is in kernel/kqueue is written, and looked at, as the kernel's own: make lint-module.
C_FILES    = $(filter-out kernel/kqueue/%,$(shell git ls-files -c -o --exclude-standard '*.c' '*.h'))
C_SOURCES  = $(filter %.c,$(filter-out servers/evq_kqueue.c %.bpf.c tests/unit/%,$(C_FILES)))
SH_FILES   = run.sh .ci/run .ci/roots .ci/package $(shell git ls-files -c -o --exclude-standard '*.sh')
AWK_FILES  = $(shell git ls-files -c -o --exclude-standard 'harness/*.awk')

LINTERS := lint-gcc lint-clang lint-tidy lint-cppcheck lint-shell lint-paths lint-format lint-editorconfig lint-spelling
.PHONY: lint $(LINTERS)
lint:
	@$(INSTALL) run test lint
	@$(MAKE) --no-print-directory -j2 $(LINTERS)
	@echo "lint: no warning"

lint-gcc lint-clang: lint-%:
	@$(MAKE) --no-print-directory -s all build/lint-$*/bin/load-mpi $(patsubst build/%,build/lint-$*/%,$(UNIT_TESTS) $(TEST_HELPERS) \
	    $(BENCH_HELPERS)) \
	    BUILD=build/lint-$* CC=$* CFLAGS="-O2 -Werror"
lint-tidy: $(SKELETONS) $(BUILD)/describe/strategy_table.h
	@clang-tidy --quiet --warnings-as-errors='*' $(C_SOURCES) -- $(CPPFLAGS) -isystem $(BUILD)/bpf -isystem $(BUILD)/describe \
	    $(shell pkg-config --cflags-only-I mpi-c) -std=gnu11 2>/dev/null
lint-cppcheck:
	@cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --suppress=missingIncludeSystem \
	    --enable=warning,portability,performance -I. -D_GNU_SOURCE $(C_SOURCES)
# Words split on purpose, commands quoted for eval, variables that bats or support.bash sets.
BATS_IDIOMS := SC2012,SC2013,SC2016,SC2030,SC2031,SC2034,SC2086,SC2154
lint-shell:
	@shellcheck --shell=sh $(SH_FILES)
	@shellcheck --shell=bats --exclude=$(BATS_IDIOMS) tests/cli/*.bats
	@shellcheck --shell=bash --exclude=$(BATS_IDIOMS) tests/cli/*.bash
	@awk -f tests/cli/assertions.awk tests/cli/*.bats tests/cli/*.bash
	@awk -f tests/cli/awk_length.awk $(filter harness/%,$(SH_FILES)) run.sh harness/lab/init $(AWK_FILES)
# CHANGELOG.md also names files of before.
lint-paths:
	@mkdir -p $(BUILD) && git ls-files -c -o --exclude-standard >$(BUILD)/paths
	@awk -f tests/cli/paths.awk $(BUILD)/paths $(filter-out CHANGELOG.md,$(filter %.c %.h %.sh %.awk %.tsv %.md %.gp %.bats %.bash Makefile,$(shell git ls-files)))
lint-format:
	@clang-format --dry-run --Werror $(C_FILES)
lint-editorconfig:
	@tests/cli/editorconfig.sh
# Of results/ and tests/data only the documents are text for people.
TEXT_FILES = $(filter-out results/reference/% tests/data/% docs/%.svg docs/%.tsv LICENSE debian/copyright,$(shell git ls-files -c -o --exclude-standard))
lint-spelling:
	@codespell --ignore-words=tests/cli/spelling.txt $(TEXT_FILES)
# Not a part of lint before all texts pass.
.PHONY: lint-words
lint-words:
	@awk -f tests/cli/words.awk tests/cli/words.tsv $(TEXT_FILES)

# The kernel's own: SOURCE is a Debian linux-source, unpacked, and built as far as modules_prepare. That there are versions to tell
# apart is so outside of the kernel.
MODULE_C := $(wildcard kernel/kqueue/*.c)
.PHONY: lint-module
lint-module:
	@$(SOURCE)/scripts/checkpatch.pl --no-tree --strict --quiet --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON,PREFER_KERNEL_TYPES \
	    -f $(filter-out %/libkqueue.c,$(MODULE_C)) kernel/kqueue/kqueue.h kernel/kqueue/include/sys/event.h
	@rm -rf $(BUILD)/module && cp -R kernel/kqueue $(BUILD)/module
	@$(MAKE) -s -C $(SOURCE) M=$(CURDIR)/$(BUILD)/module C=2 CF=-Wno-context modules

.PHONY: format
format:
	clang-format -i $(C_FILES)

# ---- the commands, for people who think in make ----

.PHONY: bench headline scale peers claims kernels module prices doctor selftest faults herd compare reproduce plots report bench-server bench-load \
        bench-counter bench-instruments bench-herd bench-wire bench-engine bench-plot soak help clean
bench headline scale peers claims module prices doctor selftest faults herd:
	@./run.sh $(if $(NO_INSTALL),--no-install) $@
kernels: # those that Debian has now
	@./run.sh $(if $(NO_INSTALL),--no-install) kernels $(or $(KERNELS),cloud rt)
compare:
	@./run.sh $(if $(NO_INSTALL),--no-install) compare "$(A)" "$(B)"
reproduce:
	@./run.sh $(if $(NO_INSTALL),--no-install) reproduce "$(RUN)"
plots:
	@./run.sh $(if $(NO_INSTALL),--no-install) plot $(RUN)
	@[ -n "$(RUN)" ] || ./run.sh $(if $(NO_INSTALL),--no-install) herd --draw docs/herd.tsv
report:
	@./run.sh $(if $(NO_INSTALL),--no-install) report $(if $(RUN),"$(RUN)","$(A)" "$(B)")
bench-server:
	@$(INSTALL) run peers
	@harness/validate/server_cost.sh
soak: all
	@$(MAKE) --no-print-directory all BUILD=build/sanitize CFLAGS="$(SANITIZE)"
	@harness/validate/soak.sh --build build/sanitize
	@harness/validate/soak.sh
bench-load:
	@$(INSTALL) run test
	@harness/validate/load_cost.sh
	@harness/validate/load_pace.sh
	@harness/validate/load_truth.sh
	@harness/validate/load_size.sh
bench-counter:
	@$(INSTALL) run
	@harness/validate/counter_cost.sh
	@harness/validate/counter_cost.sh --trace
	@harness/validate/sample_cost.sh
bench-instruments:
	@$(INSTALL) run peers
	@harness/validate/instruments_agree.sh
bench-wire:
	@$(INSTALL) run
	@harness/validate/wire_agree.sh
bench-engine:
	@$(INSTALL) run
	@harness/validate/aa.sh
	@harness/validate/power.sh
	@harness/validate/engine_cost.sh
bench-plot:
	@$(INSTALL) run
	@harness/validate/plot_cost.sh
bench-herd:
	@$(INSTALL) run peers
	@harness/validate/peers_herd.sh
help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile
clean:
	rm -rf build

# The output of a failed command is incomplete: the next make must not take it as up to date.
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(BUILD)/obj $(BUILD)/fuzz/obj $(BUILD)/bpf -name '*.d' 2>/dev/null)
