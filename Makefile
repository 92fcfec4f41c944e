# Every target sets up what it needs first, and does nothing where all is there. See CONTRIBUTING.md.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo setup build test simulate torture bench asan tsan fuzz tidy format clean

# A clone at another path finds what this one compiled.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export JOBS ?= $(shell nproc)

help:  ## what there is to make
	@awk -F ':.*## ' '/^[a-z ]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' Makefile

demo:  ## install, build, and show the first minutes with Treering
	@tools/setup demo
	@tools/install
	@tools/demo

setup:  ## install what building and testing need (Debian packages, .venv)
	@tools/setup

build: setup  ## build the library, the binary and the unit tests into build/release
	@cmake --preset release
	@cmake --build --preset release -j $(JOBS)

test:  ## set up, build, and run every test and check
	@tools/setup test
	@tools/test

SEEDS ?= 100000
simulate: setup  ## runners, server and failures in one process, from SEEDS seeds (FIRST: the first of them)
	@cmake --preset release
	@cmake --build --preset release -j $(JOBS) --target simulate
	@build/release/tests/simulation/simulate --seeds $(SEEDS) --first $(or $(FIRST),1) --processes $(JOBS)

torture: setup  ## kill, stop and cut off runners and servers, a thousand times (hours)
	@tools/setup test
	@tools/install
	@tools/torture --figures torture/figures.md

bench: setup  ## compare with the peers, side by side
	@bench/run

asan tsan: setup  ## the C++ tests under a sanitizer
	@cmake --preset $@
	@cmake --build --preset $@ -j $(JOBS)
	@tools/setup test
	@TREERING_PRINT_HEADER=$(CURDIR)/build/$@/tests/print_header tools/with-test-server ctest --preset $@ -j $(JOBS)

fuzz:  ## what reads anybody's bytes, under libFuzzer (FUZZ_SECONDS a target)
	@tools/setup test
	@tools/fuzz

tidy:  ## clang-tidy over every source
	@tools/setup tidy
	@cmake --preset debug
	@run-clang-tidy-19 -quiet -p build/debug -j $(JOBS) '$(CURDIR)/src/treering/.*(?<!_test)\.cc$$'

format:  ## format C++ and Python
	@tools/setup
	@tools/format

clean:  ## remove what was built, not what was installed
	@rm -rf build .venv/.installed-treering
