# `make run` starts Choreo, `make test` runs every test. Both need python3 (3.12 or newer) and make, nothing else.

.PHONY: help run test check fix everywhere bench fanout clicks pages watching shots chaos crashes outages sockets endurance recovery verifying hosts histories graphs fuzz races oracle setup lock

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 8

run: ## start Choreo: web server and workers, until Ctrl-C
	@.ci/setup
	@exec .venv/bin/python manage.py up

test: setup ## run every test, on SQLite and on PostgreSQL (ARGS="-k word", BROWSER=no)
	@BROWSER=$(BROWSER) .ci/test $(ARGS)

check: setup ## style, types, the laws of the house
	@.ci/check

fix: setup ## put the style right
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --fix --quiet .
	@.venv/bin/djade --target-version 6.0 $$(git ls-files 'templates/*.html' '*/templates/*.html')

everywhere: setup ## every test on both databases, also those that CI runs on SQLite alone
	@CHOREO_TEST_EVERYWHERE=1 .ci/test $(ARGS)

bench: setup ## measure how fast it is on both databases, into docs/benchmarks.md (ARGS=small: a quick look)
	@CHROMIUM_PATH=$$(.ci/browser) .venv/bin/python -W ignore -m tests.bench $(ARGS)

fanout: setup ## measure what an item of a map costs as maps grow, and how late timers are
	@.venv/bin/python -m tests.bench.fanout

clicks: setup ## measure from the click on Start to what the browser shows
	@CHROMIUM_PATH=$$(.ci/browser) .venv/bin/python -W ignore -m tests.bench.clicks

pages: setup ## measure each page's server time with 100,000 runs on both databases
	@.venv/bin/python -m tests.bench.pages $(ARGS)

watching: setup ## measure a run's page: its weight, when it is ready, how soon ten readers see a commit
	@CHROMIUM_PATH=$$(.ci/browser) .venv/bin/python -W ignore -m tests.bench.watching

shots: setup ## take pictures of every page, in both themes and sizes, into shots/
	@CHROMIUM_PATH=$$(.ci/browser) .venv/bin/python -W ignore -m tests.shots $(ARGS)

chaos: setup ## 150 runs with a process killed every two seconds, on both databases
	@CHOREO_TEST_CHAOS_RUNS=150 .ci/test -m chaos -s $(ARGS)

crashes: setup ## die at every moment that has a name, in twelve workflows, on both databases
	@CHOREO_TEST_CRASHES=every CHOREO_TEST_EVERYWHERE=1 BROWSER=no .ci/test tests/reliability/test_crash_points.py \
		tests/reliability/test_real_deaths.py tests/reliability/test_lost_answers.py -s $(ARGS)

outages: setup ## 100 runs while the database, the disk, Redis or the workers fail, each in turn, and poisonous steps
	@CHOREO_TEST_OUTAGE_RUNS=100 BROWSER=no .ci/test tests/reliability/test_outages.py \
		tests/reliability/test_poison.py tests/reliability/test_backup.py tests/reliability/test_load.py \
		tests/reliability/test_redis.py -s $(ARGS)

sockets: setup ## 50 readers who are cut off again and again, and 20 whose Redis is emptied and killed, on both databases
	@CHOREO_TEST_SOCKETS=long CHOREO_TEST_EVERYWHERE=1 BROWSER=no .ci/test tests/live/test_storms.py -s $(ARGS)

endurance: setup ## workers at a steady load for ten minutes on each database (ARGS="240 postgres": four hours)
	@.venv/bin/python -W ignore -m tests.reliability.endurance $(ARGS)

recovery: setup ## lose a host under load, restore a gigabyte from its backup, and measure how soon runs go on
	@.venv/bin/python -W ignore -m tests.reliability.recovery $(ARGS)

verifying: setup ## measure how long choreo_verify takes for 100,000 runs on both databases
	@.venv/bin/python -W ignore -m tests.reliability.verifying $(ARGS)

hosts: setup ## worker hosts and web hosts in networks of their own, measured, and cut off (root; ARGS="cut off")
	@.venv/bin/python -W ignore -m tests.scale $(ARGS)

histories: setup ## keep a database of this version, for later versions to go on with
	@.venv/bin/python -W ignore -m tests.histories.record

graphs: setup ## run 10,000 generated graphs, and read 20,000 damaged definitions
	@CHOREO_TEST_GRAPHS=10000 CHOREO_TEST_DOCUMENTS=20000 CHOREO_TEST_PROFILE=deep BROWSER=no .ci/test \
		tests/engine/test_every_graph.py tests/graph/test_any_document.py $(ARGS)

fuzz: setup ## 1,500 new requests to the API, on both databases
	@CHOREO_TEST_API_REQUESTS=1500 BROWSER=no .ci/test tests/api/test_any_request.py $(ARGS)

oracle: setup ## say how much of the corpus of state machines and sagas comes out as it was recorded
	@.venv/bin/python -m tests.oracle $(ARGS)

races: setup ## 500 rounds of eight people who reach for one review, on both databases
	@CHOREO_TEST_RACES=500 BROWSER=no .ci/test tests/security/test_races.py $(ARGS)

setup: ## install what tests and checks need
	@.ci/setup dev

lock: setup ## pin the dependencies of pyproject.toml anew
	@.ci/lock
