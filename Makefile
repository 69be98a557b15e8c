# Everything a newcomer needs is `make run` and `make test`.
GO      ?= go
TAGS    := nomsgpack
VERSION := $(shell git describe --tags --always 2>/dev/null || echo dev)
BUILD   := CGO_ENABLED=0 $(GO) build -tags $(TAGS) -ldflags "-s -w -X main.version=$(VERSION)"
DATA    ?= data

.PHONY: run build test lint bench fuzz fault release tools clean help

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## the whole tip line on this machine: site :8080, desk :8081, mail :2525, health :8082
	@test -e $(DATA)/keys/receipt.pepper || ./tipline init --data $(DATA) --member handler:handler --member custodian:custodian
	./tipline up --data $(DATA)

build: ## the binary, ./tipline
	$(BUILD) -o tipline ./cmd/tipline

test: tools lint ## every test, with a real Redis, PostgreSQL and browser (installed when missing)
	$(GO) test -tags $(TAGS) -timeout 20m ./...

lint: ## gofmt, vet, staticcheck, go mod tidy
	@test -z "$$(gofmt -l cmd intake crypto web configs)" || { gofmt -l cmd intake crypto web configs; echo "run gofmt -w on these"; exit 1; }
	$(GO) vet -tags $(TAGS) ./...
	$(GO) tool staticcheck -tags $(TAGS) ./...
	$(GO) mod tidy -diff

BENCH ?=
bench: build ## figures against bare handlers in the same run; a part or a short run: BENCH="-only inbox -short"
	$(GO) run -tags $(TAGS) ./cmd/bench -tipline ./tipline $(BENCH)

N ?= 300
fault: tools ## N faults under load: processes and servers killed and paused, Redis flushed, disks full
	$(GO) test -tags $(TAGS) -timeout 0 -count 1 -v -run '^(TestFaults|TestDiskFull)$$' ./cmd/tipline -args -points=$(N)

FUZZTIME ?= 60s
fuzz: ## every fuzz target for FUZZTIME each
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -tags $(TAGS) -list '^Fuzz' $$p | grep ^Fuzz); do \
	    echo "== $$p $$f"; $(GO) test -tags $(TAGS) -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$p || exit 1; done; done

release: ## the archives of a version, in build/release: make release VERSION=v1.2.0
	@test -z "$$(git status --porcelain)" || { echo "there are uncommitted changes: a release is made from a commit"; exit 1; }
	GOPROXY=off $(GO) run ./cmd/release -version $(VERSION)

tools: ## what the tests need beside Go: Redis, PostgreSQL and Chromium from the system's packages, axe-core from npm
	@.ci/tools

clean: ## what was built; never the data folder
	rm -rf tipline build
	$(GO) clean -testcache
