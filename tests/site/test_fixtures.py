"""The fixtures keep what they promise."""

import subprocess
import urllib.request

import psutil
import pytest
import redis
from django.contrib.auth import get_user_model
from django.db import connection
from playwright.sync_api import Page

from tests.servers import Cluster, Site, child_environment, free_port, manage, wait_until
from tests.settings import CHOSEN


def test_the_database_is_the_one_that_was_chosen(db):
    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[CHOSEN]


def test_another_process_sees_what_a_transactional_test_commits(transactional_db):
    get_user_model().objects.create_user("maya")
    names = "print(list(User.objects.values_list('username', flat=True)))"
    answer = subprocess.run(
        manage("shell", "-v0", "-c", names),
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "['maya']" in answer.stdout, answer.stderr


def test_the_live_site_reads_the_test_database(live_site: Site):
    with urllib.request.urlopen(f"{live_site.url}/healthz", timeout=5) as response:
        assert response.read() == b'{"ok": true}'


def test_the_live_site_serves_static_files(live_site: Site):
    with urllib.request.urlopen(f"{live_site.url}/static/css/base.css", timeout=5) as response:
        assert response.headers["Content-Type"].startswith("text/css")
        assert len(response.read()) > 100


def test_the_cluster_is_real_and_leaves_nothing_behind(cluster: Cluster):
    supervisor = psutil.Process(cluster.processes[0].pid)
    wait_until(lambda: len(supervisor.children(recursive=True)) > 2, what="workers below the supervisor")
    family = [supervisor, *supervisor.children(recursive=True)]
    cluster.stop()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


@pytest.mark.journey
def test_the_browser_opens_the_live_site_without_breaking_its_policy(live_site: Site, page: Page):
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_site.url}/sign-in/")
    assert page.get_by_label("Username").is_visible()
    assert complaints == []


def test_redis_answers(redis_url: str):
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


def test_a_free_port_is_held_while_the_block_lasts():
    with free_port() as first, free_port() as second:
        assert first != second
