# build: the program in bin/. check: under a minute, nothing to install. test: everything.

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Packages whose tests drive a browser or other people's programs; `make check` leaves
# them to `make test`.
WHOLE       := /cmd/watchbell$$|/adapters/webchat$$
TESTFLAGS   ?=
BENCH       ?= .

.PHONY: build check test bench lint tools

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/watchbell ./cmd/watchbell

check:
	WATCHBELL_TEST_DATABASES=sqlite $(GO) test $(TESTFLAGS) $$($(GO) list ./... | grep -Ev '$(WHOLE)')

test: tools
	$(GO) test $(TESTFLAGS) ./...

bench:
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

lint:
	@files=$$(gofmt -l .); test -z "$$files" || { echo "gofmt these: $$files" >&2; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

# PostgreSQL, Chromium and Alertmanager, which the tests run.
tools:
	@.ci/tools
