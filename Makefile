# pamlab: `make lab` and `make check` are the two commands; `make help` lists the rest.
# Everything that gets built goes below $(B).

B ?= build
V ?= 0
Q  = $(if $(filter 1,$(V)),,@)
say = @printf '  %-7s %s\n' $(1) $(2)

MAKEFLAGS += --no-builtin-rules -j$(shell nproc)
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all lab check unit e2e bench bench-docs bench-lab bench-gate mutants mutants-docs no-false-alarm lint format \
	clean help

all: $(B)/pamlab $(B)/preload.so guest modules

# What the machine lacks is installed before anything is compiled, and the libraries' flags are
# written down once. make reads the file again when ci/bootstrap has made it anew.
NO_SETUP := clean help format
ifneq ($(filter-out $(NO_SETUP),$(or $(MAKECMDGOALS),all)),)
include $(B)/config.mk
endif
$(B)/config.mk: ci/bootstrap ci/packages
	@mkdir -p $(@D)
	@ci/bootstrap $@

CC       = gcc
WARN     = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CFLAGS   = -std=gnu17 -O2 -g $(WARN)
CPPFLAGS = -D_GNU_SOURCE -Iharness
DEPS     = -MMD -MP

# --- the program -------------------------------------------------------------------------------
LIB_SRC := $(filter-out harness/main.c,$(wildcard harness/*.c reports/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
# Style and script of the HTML report, as symbols _binary_reports_html_NAME_start and _end.
ASSET_OBJ := $(patsubst %,$(B)/%.o,$(wildcard reports/html/*))

$(B)/pamlab: $(B)/harness/main.o $(LIB_OBJ) $(ASSET_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LAB_LIBS) -lm

$(B)/harness/%.o: harness/%.c $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(LAB_CFLAGS) $(CFLAGS) $(DEPS) -c -o $@ $<

$(B)/reports/%.o: reports/%.c $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(LAB_CFLAGS) $(CFLAGS) $(DEPS) -c -o $@ $<

$(B)/reports/html/%.o: reports/html/%
	@mkdir -p $(@D)
	$(call say,EMBED,$<)
	$(Q)ld -r -b binary -z noexecstack -o $@ $<

# --- what QEMU loads (harness/preload/preload.h) -----------------------------------------------
$(B)/preload.so: $(wildcard harness/preload/*.[ch]) harness/vm_copy.h harness/vm_fds.h $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,SO,$@)
	$(Q)$(CC) $(CPPFLAGS) -U_FORTIFY_SOURCE -Iharness $(CFLAGS) -fPIC -fvisibility=hidden -shared -Wl,-z,now -o $@ $(filter %.c,$^)

# --- what runs in the guest: static, so that it runs on any image ------------------------------
GUEST_FLAGS = -Iharness/guest -ffile-prefix-map=$(CURDIR)=. -fno-pie
GUEST_PROGS = $(B)/guest/agent $(B)/guest/probe $(B)/guest/caller $(B)/guest/pam_mark.so
COMMON_SRC := $(wildcard harness/guest/common/*.c)
guest_obj   = $(patsubst %.c,$(B)/%.o,$(wildcard harness/guest/$(1)/*.c) $(COMMON_SRC))
.PHONY: guest
guest: $(GUEST_PROGS)

$(B)/harness/guest/%.o: harness/guest/%.c $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(GUEST_FLAGS) $(CFLAGS) $(DEPS) -c -o $@ $<

$(B)/guest/agent: $(call guest_obj,agent)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -static -no-pie -o $@ $^ -ljansson

# The probe's own entry point runs before libc does: it is the session's first instruction.
$(B)/guest/probe: $(call guest_obj,probe)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -static -no-pie -Wl,-e,pamlab_first_instruction -o $@ $^ -ljansson

# The one that is not static: it calls libpam, which loads modules. own_calls.h says what is wrapped.
OWN_CALLS = openat read readlink readlinkat stat fcntl prctl kill waitid waitpid
$(B)/guest/caller: $(call guest_obj,caller)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -no-pie $(foreach f,$(OWN_CALLS),-Wl,--wrap=$(f)) -o $@ $^ -l:libjansson.a -lpam

# A module like any other, but the lab's own: it takes times in the stacks of `pamlab bench`.
$(B)/guest/pam_mark.so: harness/guest/mark/pam_mark.c harness/guest/common/marks.c \
		harness/guest/common/marks.h harness/guest/common/case_files.h $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,SO,$@)
	$(Q)$(CC) $(CPPFLAGS) $(GUEST_FLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -shared -Wl,-z,now \
		-o $@ $(filter %.c,$^) -lpam

# --- the bundled modules ------------------------------------------------------------------------
MODULE_NAMES := $(filter-out fixtures,$(notdir $(patsubst %/,%,$(dir $(wildcard modules/*/*.c)))))
MODULE_SOS   := $(foreach m,$(sort $(MODULE_NAMES)),$(B)/modules/$(m).so)
# One source, compiled once for each NAME.yaml, with the enumerator NAME as the thing that is wrong.
FIXTURE_SRC  := $(wildcard modules/fixtures/*.c)
FIXTURE_SOS  := $(patsubst %.yaml,$(B)/%.so,$(wildcard modules/fixtures/*.yaml))
.PHONY: modules
modules: $(MODULE_SOS) $(FIXTURE_SOS)

.SECONDEXPANSION:
$(B)/modules/%.so: $$(wildcard modules/$$*/*.c modules/$$*/*.h modules/$$*/*.map) $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,SO,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -ffile-prefix-map=$(CURDIR)=. -shared \
		$(foreach map,$(filter %.map,$^),-Wl,--version-script=$(map)) \
		-Wl,-z,defs -Wl,-z,now -o $@ $(filter %.c,$^) -lpam

$(B)/modules/fixtures/%.so: $(FIXTURE_SRC) $(wildcard modules/fixtures/*.h) $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,SO,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -ffile-prefix-map=$(CURDIR)=. -shared \
		-DFIXTURE=$$(echo $* | tr a-z- A-Z_) -Wl,-z,defs -Wl,-z,now -o $@ $(FIXTURE_SRC) -lpam

# --- tests --------------------------------------------------------------------------------------
SAN      = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
UNIT_SRC := $(wildcard tests/unit/*.c)
SAN_OBJ  := $(patsubst %.c,$(B)/san/%.o,$(UNIT_SRC) $(LIB_SRC))

$(B)/san/%.o: %.c $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,CC,'$< (sanitized)')
	$(Q)$(CC) $(CPPFLAGS) -Ireports $(LAB_CFLAGS) $(CFLAGS) -O1 $(SAN) $(DEPS) -c -o $@ $<

$(B)/unit-tests: $(SAN_OBJ) $(ASSET_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(SAN) -o $@ $^ $(LAB_LIBS) -lm $(CHECK_LIBS)

unit: $(B)/unit-tests
	$(B)/unit-tests

e2e: all
	tests/e2e/run

# In this order and not at once: the end-to-end tests want the processors.
check: all $(B)/unit-tests
	$(B)/unit-tests
	tests/e2e/run

# Opens reports in a browser; takes what it needs from Debian and npm. tests/browser/run says what.
browser-check: $(B)/pamlab
	tests/browser/run

# --- fuzzing: tests/fuzz/fuzz_NAME.c is build/fuzz/NAME, its seeds are tests/fuzz/corpus/NAME ------
FUZZ_RUNS  = 1000000
FUZZ_LEN   = 1024
FUZZ_CC    = clang
FUZZ_SAN   = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_OBJ  := $(LIB_SRC:%.c=$(B)/fuzz/obj/%.o)
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

$(B)/fuzz/obj/%.o: %.c $(B)/config.mk
	@mkdir -p $(@D)
	@command -v $(FUZZ_CC) >/dev/null || { \
		echo 'fuzz: missing packages; run as root: apt-get install clang libclang-rt-14-dev' >&2; exit 3; }
	$(call say,CC,'$< (fuzzed)')
	$(Q)$(FUZZ_CC) $(CPPFLAGS) -Ireports $(LAB_CFLAGS) $(CFLAGS) -O1 -fsanitize=fuzzer-no-link $(FUZZ_SAN) \
		$(DEPS) -c -o $@ $<

$(FUZZ_NAMES:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(FUZZ_OBJ) tests/fuzz/assets.S
	$(call say,LD,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer $(FUZZ_SAN) -o $@ $^ $(LAB_LIBS)

# What is found stays in build/fuzz: new inputs in corpus/NAME, a crash as NAME-crash-...
FUZZ_TARGETS := $(FUZZ_NAMES:%=fuzz-%)
.PHONY: fuzz fuzz-writers browser-check $(FUZZ_TARGETS)
fuzz: $(FUZZ_TARGETS)
fuzz-writers: fuzz-reports
$(FUZZ_TARGETS): fuzz-%: $(B)/fuzz/%
	@mkdir -p $(B)/fuzz/corpus/$* tests/fuzz/corpus/$*
	ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=1:max_malloc_fill_size=0 $(B)/fuzz/$* -runs=$(FUZZ_RUNS) -max_len=$(FUZZ_LEN) -timeout=10 -print_final_stats=1 \
		-artifact_prefix=$(B)/fuzz/$*- $(B)/fuzz/corpus/$* tests/fuzz/corpus/$*

lab: all
	$(B)/pamlab audit

# Are the scenarios worth anything? Fixtures against scenarios: some 19 minutes on two processors.
mutants: all
	$(B)/pamlab mutants

# The table of docs/mutants.md, which ends with it.
mutants-docs: all
	@$(B)/pamlab list fixtures --format json >$(B)/fixtures.json
	@{ sed '/^<!-- table -->$$/q' docs/mutants.md; echo; \
	   echo '| fixture | what is wrong | caught by |'; echo '|---|---|---|'; \
	   jq -r '(.about | split("; caught by ")) as $$a | "| `\(.name)` | \($$a[0]) | \($$a[1] // "-") |"' $(B)/fixtures.json; \
	 } >$(B)/mutants.md
	cp $(B)/mutants.md docs/mutants.md

# Do they cry wolf? The reference through everything, under RUNS schedules: hours, for a night. With
# PARTS=K each schedule runs another K-th of the cases.
RUNS ?= 200
no-false-alarm: all
	tests/no-false-alarm $(RUNS)

# What a login costs: about half an hour of an idle machine without KVM, see docs/costs.md. With
# BENCH='--quick -m pam_pidns -e su' it is a minute.
bench: all $(B)/bench.packages
	$(B)/pamlab bench $(BENCH)

# The results that docs/costs.md shows: those of a bench in RESULTS=DIR.
bench-docs: all $(B)/bench.packages
	$(B)/pamlab bench --from $(RESULTS) -o $(B)/bench-docs >/dev/null
	cp $(B)/bench-docs/bench.txt $(B)/bench-docs/plots/*.svg docs/costs/

$(B)/bench.packages: ci/bootstrap ci/packages.bench
	@ci/bootstrap $@ ci/packages.bench

bench-lab: all
	$(B)/pamlab bench-lab

# About a quarter of an hour; BOOTS, OFFSETS, ENTRIES and LIMIT change it.
bench-gate: all
	tests/bench/gate

lint: $(B)/config.mk
	ci/lint $(LAB_CFLAGS)

format:
	clang-format -i $(shell find harness reports modules tests -name '*.[ch]')

clean:
	rm -rf $(B)

help:
	@echo 'make                all: the program, the guest programs, the bundled modules'
	@echo 'make lab            builds everything, audits the bundled modules through every entry'
	@echo 'make check          unit tests and end-to-end tests of the lab on itself'
	@echo 'make unit, e2e      the two halves of make check'
	@echo 'make guest, modules what runs in the guests only'
	@echo 'make fuzz           parsers and reports under libFuzzer, FUZZ_RUNS=1000000 inputs each;'
	@echo '                    fuzz-NAME one of tests/fuzz/fuzz_NAME.c, fuzz-writers the reports'
	@echo 'make browser-check  HTML reports in Chromium, SARIF against its schema'
	@echo 'make bench          what a login costs with each bundled module; BENCH=... for options'
	@echo 'make bench-docs     puts the results of a bench, RESULTS=DIR, into docs/costs/'
	@echo 'make bench-lab      what the lab itself costs: clones a second, memory, determinism'
	@echo 'make mutants        is each broken fixture caught, does each scenario bite? (19 minutes)'
	@echo 'make mutants-docs   puts the list of fixtures into docs/mutants.md'
	@echo 'make no-false-alarm the reference through everything, RUNS=200 times (hours)'
	@echo 'make bench-gate     how often the gate raises a false alarm, and misses 0.5 % more instructions'
	@echo 'make lint           clang-format, clang-tidy, cppcheck, mandoc, shellcheck, actionlint,'
	@echo '                    the schema of .gitlab-ci.yml; changes nothing'
	@echo 'make format         clang-format on all files'
	@echo 'make clean          removes $(B) (images and templates stay: pamlab image rm)'
	@echo
	@echo 'V=1 shows the commands. There is nothing to install: $(B)/pamlab runs from here and finds'
	@echo 'scenarios/, modules/ and images/ beside its folder.'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
